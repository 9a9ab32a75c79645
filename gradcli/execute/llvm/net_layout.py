"""Where the numbers of a net of stages are in memory, while the compiled loop of training runs.

All distances are in numbers.  The rows of a batch are in the lanes of vectors: a *vector of rows* has, for each
feature, one vector of numbers, and the features are filled up to whole vectors, with room for one more.  A row of
weights is filled up to whole vectors, too; the biases follow behind the last row.  A batch goes through the net in
pieces of `PIECE` vectors of rows, so that all features of a piece stay in the caches.
"""

from __future__ import annotations

from typing import Final

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.staged import Link, StagedNet

__all__ = ["PIECE", "Layout", "padded", "row_length"]

#: The most vectors of rows that go through all stages at once.
PIECE: Final = 16
#: The most numbers of a row of inputs that isn't copied.
_NARROW: Final = 128


def padded(count: int, lanes: int) -> int:
    """Return the least multiple of the lanes that leaves room for one more number.

    >>> padded(15, 8), padded(16, 8)
    (16, 24)
    """
    return -(-(count + 1) // lanes) * lanes


def row_length(count: int, lanes: int) -> int:
    """Return the length of a row of a matrix with this many columns: whole vectors.

    Rows of 16 vectors, or of a multiple, get one more vector, because caches hold only a few lines of memory whose
    distances are large powers of two.

    >>> row_length(15, 8), row_length(16, 8), row_length(128, 8)
    (16, 16, 136)
    """
    vectors = -(-count // lanes)
    return (vectors + (vectors % 16 == 0)) * lanes


class Layout:
    """The places of parameters, batches and buffers.

    Args:
        module: the module that reads them.
        net: the net.

    Attributes:
        lanes: how many numbers a vector has.
        parameters: the length of the array of parameters.
        width: the length of a row of the table of inputs: the inputs, and zeros that fill up the row.
        block: how many numbers a packed vector of rows has: first where each of its rows begins in the table of inputs,
            as integers of the width of a number, then a vector for each column: the target, the weight of the row if
            rows have weights, the factors of random layers, and the share.
        share: the position in the block of the share of a row in the mean.
        kept: how many numbers the buffers have.
    """

    def __init__(self, module: LLVMModule, net: StagedNet) -> None:
        self.net = net
        self.lanes = module.lanes
        self.parameters = 0
        #: The first parameter of a stage in the flat vector -> where its weights begin in the array of parameters.
        self._starts: dict[int, int] = {}
        for link in net.links:
            self._starts[link.start] = self.parameters
            rows = link.outputs * row_length(link.weights, self.lanes)
            self.parameters += rows + -(-link.outputs // self.lanes) * self.lanes
        self.width = row_length(net.inputs, self.lanes)
        self.block = (3 + net.is_weighted + net.factors) * self.lanes
        self.share = self.block - self.lanes
        self._buffers: dict[tuple[str, int], int] = {}
        self.kept = 0
        for number in range(-1, len(net.stages)):
            for kind in self._kinds(number):
                self._buffers[kind, number] = self.kept
                self.kept += self.wide(self.features(number)) * PIECE

    def _kinds(self, number: int) -> list[str]:
        """Return the kinds of buffers of a stage.

        These are the features; the slopes of the function of the stage, whose places the cotangents take on the way
        back; and the features row by row, where the gradient of a dense layer needs them.  Short rows of inputs are
        read in their table, which is quicker than a copy; long ones aren't, because each has pages of its own.
        """
        stages = self.net.stages
        following = stages[number + 1].source if number + 1 < len(stages) else None
        is_before_dense = isinstance(following, Link) and following.is_dense
        return (
            ["features"]
            + ["slopes"] * (number >= 0)
            + ["rows"] * (is_before_dense and (number >= 0 or self.width > _NARROW))
        )

    def features(self, number: int) -> int:
        """Return the number of features of a stage; -1 means the inputs."""
        return self.net.inputs if number < 0 else self.net.stages[number].features

    def wide(self, features: int) -> int:
        """Return how many numbers one vector of rows has in a buffer."""
        return padded(features, self.lanes) * self.lanes

    def has(self, kind: str, number: int) -> bool:
        """Whether there is such a buffer."""
        return (kind, number) in self._buffers

    def buffer(self, kind: str, number: int) -> int:
        """Return where a buffer begins; its kind is ``"features"``, ``"slopes"`` or ``"rows"``."""
        return self._buffers[kind, number]

    def weights(self, link: Link) -> int:
        """Return where the weights of a stage begin in the array of parameters."""
        return self._starts[link.start]

    def factor(self, number: int) -> int:
        """Return which vector of a block a factor is in."""
        return 2 + self.net.is_weighted + number

    def blocks(self) -> list[tuple[int, int, int, int, int]]:
        """Return where the parameters of each link are, as rows of a matrix.

        These are the first parameter in the flat vector, the number of rows, the number of weights of a row, the first
        place in the array of parameters, and the length of a row there.  In the flat vector the bias of a row follows
        its weights; in the array of parameters all biases follow the last row.
        """
        return [
            (link.start, link.outputs, link.weights, self.weights(link), row_length(link.weights, self.lanes))
            for link in self.net.links
        ]
