"""A program: a tape, and the meaning of its variables when a kernel runs it on many rows."""

from __future__ import annotations

from collections.abc import Hashable

from gradcli.execute.tape import Tape
from gradcli.records import NamedTuple

__all__ = ["Program"]


class Program(NamedTuple):
    """A tape with two kinds of variables, whose outputs are numbers for each row.

    The first variables are the columns, which have a number for each row.  The others are the uniforms, which have the
    same number for all rows.

    Attributes:
        tape: the instructions; functions of arrays do not occur.
        columns: the number of variables that differ from row to row.
        dtype: the type of columns, uniforms and outputs: ``"float64"`` or ``"float32"``.

    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x, a = graph.variable("x"), graph.variable("a")
    >>> Program(Tape([a * x, x * x], [x, a]), columns=1).uniforms
    1
    """

    tape: Tape
    columns: int
    dtype: str = "float64"

    @property
    def uniforms(self) -> int:
        """The number of variables that all rows share."""
        return len(self.tape.variables) - self.columns

    @property
    def varying(self) -> list[bool]:
        """For each slot, whether its value may differ from row to row.

        A value that depends only on uniforms does not.
        """
        tape = self.tape
        found = [slot < self.columns for slot in range(tape.first)]
        for _, operands in tape.instructions:
            found.append(any(found[i] for i in operands))
        return found

    @property
    def key(self) -> Hashable:
        """A key that is the same for equal programs: the tape without its graph, and the kinds of its variables."""
        tape = self.tape
        constants = tuple([number.hex() for number in tape.constants])
        instructions = tuple([(primitive.name, slots) for primitive, slots in tape.instructions])
        signature = (len(tape.variables), self.columns, self.dtype)
        return (signature, constants, instructions, tuple(tape.outputs))
