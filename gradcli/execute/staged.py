"""A net as stages that a compiler turns into loops: sums of products, windows, and functions of single numbers.

All numbers of a stage are the *features* of a row.  A picture's features are numbered channel by channel, place by
place.  A stage first combines features of the stage before it, by a `Link` or a `Window`, and then applies a function
to each number.  No derivative of a stage is stored: a `Link` is linear in the features and in its weights, so its
`pairs` say everything about both derivatives, and the slopes of functions come from the registry's rules.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.records import NamedTuple

__all__ = ["Link", "Pair", "Stage", "StagedNet", "Window", "grouped"]


class Pair(NamedTuple):
    """A place of the outputs of a `Link`, the tap of its weights, and the place of the inputs that they multiply."""

    place: int
    tap: int
    site: int


class Link(NamedTuple):
    """Sums of products: dense layers and convolutions.

    The feature ``m*places + place`` of the outputs is ``bias[m]`` plus the sum over all channels c of the inputs and
    all `pairs` (place, tap, site) of this place of ``weight[m, c*taps + tap] * x[c*sites + site]``.

    Attributes:
        outputs, places: the channels of the outputs, and the places in each.
        inputs, sites: the channels of the inputs, and the places in each.
        taps: the number of weights between two channels.
        pairs: which weights and inputs the sums have.
        start: the position of the first parameter in the flat vector: for each channel of the outputs its weights, and
            then its bias.

    >>> dense = Link(outputs=3, places=1, inputs=4, sites=1, taps=1, pairs=(Pair(0, 0, 0),), start=0)
    >>> dense.weights, dense.features, dense.is_dense
    (4, 3, True)
    """

    outputs: int
    places: int
    inputs: int
    sites: int
    taps: int
    pairs: tuple[Pair, ...]
    start: int

    @property
    def weights(self) -> int:
        """The number of weights of one channel of the outputs."""
        return self.inputs * self.taps

    @property
    def features(self) -> int:
        """The number of features of the outputs."""
        return self.outputs * self.places

    @property
    def is_dense(self) -> bool:
        """Whether every output is a sum over all inputs, each with a weight of its own."""
        return self.places == self.sites == self.taps == 1

    @property
    def products(self) -> int:
        """The number of multiplications in one row."""
        return self.outputs * self.inputs * len(self.pairs)


class Window(NamedTuple):
    """A function of several features, such as the largest of a window; no feature is in two windows.

    Attributes:
        members: for each output, the features that it is a function of; all have the same number of members.
        value: the tape that computes an output from its members.
        slopes: the tape that computes the derivatives of the output with respect to its members.
    """

    members: tuple[tuple[int, ...], ...]
    value: Tape
    slopes: Tape

    @property
    def features(self) -> int:
        """The number of outputs."""
        return len(self.members)


class Stage(NamedTuple):
    """A step of the computation of a row.

    Attributes:
        source: how the features come from those of the stage before; None if they are the same features.
        features: the number of features.
        value: the tape that computes an output and its derivative with respect to the number before, from this number
            and the factors of random layers; None if the number is the output.
        factors: for each random layer in ``value``, the position of the first of its factors among all factors.
        unmoved: the tape as in use, without random layers; ``value`` if there are none.
    """

    source: Link | Window | None
    features: int
    value: Tape | None
    factors: tuple[int, ...] = ()
    unmoved: Tape | None = None


class StagedNet(NamedTuple):
    """A net, its loss, and the derivatives of the loss.

    Attributes:
        inputs: the number of features of a row of inputs.
        stages: the steps, in order.
        parameters: the length of the flat vector of parameters.
        factors: how many factors of random layers a row has.
        scores: the program of the loss of a row. Its columns are the outputs of the last stage, the target, the weight
            of the row if ``is_weighted``, and the share of the row in the mean, which is 0 for a row that only fills up
            a vector.  Its outputs, which are summed over rows, are the loss, a measure, and the derivatives of the mean
            loss with respect to the outputs of the last stage.
        is_weighted: whether rows have weights.
        evaluation: the program of the loss of a held-out row, which has no weight; the outputs are the loss and the
            measure.
    """

    inputs: int
    stages: tuple[Stage, ...]
    parameters: int
    factors: int
    scores: Program
    is_weighted: bool
    evaluation: Program

    @property
    def links(self) -> list[Link]:
        """The stages with parameters."""
        return [stage.source for stage in self.stages if isinstance(stage.source, Link)]

    @property
    def tapes(self) -> list[Tape]:
        """All tapes of the net."""
        found = [self.scores.tape, self.evaluation.tape]
        for stage in self.stages:
            found += [tape for tape in (stage.value, stage.unmoved) if tape is not None]
            if isinstance(stage.source, Window):
                found += [stage.source.value, stage.source.slopes]
        return found


def grouped(pairs: Sequence[Pair], count: int, by: str) -> list[list[Pair]]:
    """Return the pairs with each number of a field: for each number below ``count``, a list.

    >>> grouped([Pair(0, 0, 1), Pair(1, 0, 0)], 2, "site")
    [[Pair(place=1, tap=0, site=0)], [Pair(place=0, tap=0, site=1)]]
    """
    ordered = sorted(pairs, key=lambda one: (getattr(one, by), *one))
    found: list[list[Pair]] = [[] for _ in range(count)]
    for number, group in itertools.groupby(ordered, key=lambda one: int(getattr(one, by))):
        found[number] = list(group)
    return found
