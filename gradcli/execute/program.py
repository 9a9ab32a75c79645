"""A program: a tape, and what its slots mean to a kernel that runs it on many rows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from gradcli.execute.tape import Tape

__all__ = ["Program"]


class Program(NamedTuple):
    """A tape with two kinds of variables and two kinds of outputs.

    The variables are first ``columns``, which have a number for each row, then uniforms, which have one for all rows.
    The outputs are first results, which have a number for each row, then ``sums`` over the rows.

    Attributes:
        tape: the instructions; functions of arrays do not occur.
        columns: the number of variables that differ from row to row.
        sums: the number of outputs that are added up.
        dtype: the type of columns, uniforms, results and sums: ``"float64"`` or ``"float32"``.

    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x, a = graph.variable("x"), graph.variable("a")
    >>> program = Program(Tape([a * x, x * x], [x, a]), columns=1, sums=1)
    >>> program.uniforms, program.results
    (1, 1)
    """

    tape: Tape
    columns: int
    sums: int = 0
    dtype: str = "float64"

    @property
    def uniforms(self) -> int:
        """The number of variables that all rows share."""
        return len(self.tape.variables) - self.columns

    @property
    def results(self) -> int:
        """The number of outputs for each row."""
        return len(self.tape.outputs) - self.sums

    @property
    def varying(self) -> list[bool]:
        """For each slot, whether its value may differ from row to row; it doesn't if it depends on uniforms alone."""
        tape = self.tape
        found = [slot < self.columns for slot in range(tape.first)]
        for _, operands in tape.instructions:
            found.append(any(found[i] for i in operands))
        return found

    @property
    def key(self) -> Hashable:
        """A key that equal programs share: the tape without its graph, and the kinds of its variables and outputs."""
        tape = self.tape
        constants = tuple([number.hex() for number in tape.constants])
        instructions = tuple([(primitive.name, slots) for primitive, slots in tape.instructions])
        signature = (len(tape.variables), self.columns, self.sums, self.dtype)
        return (signature, constants, instructions, tuple(tape.outputs))
