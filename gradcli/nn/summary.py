"""The table of the modules of a net, with the shapes of their outputs and the numbers of their parameters."""

from __future__ import annotations

from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = ["Summary", "SummaryRow"]

#: The most modules in the table of a notebook.
_MOST_SHOWN = 24


class SummaryRow(NamedTuple):
    """A module as one row of the table.

    Attributes:
        name: the path to the module; empty for the net itself.
        kind: the name of its class.
        output_shape: the shape of its last output; None if it was not called or returned several arrays.
        parameters: the number of its own parameters; parameters of its parts, and parameters that a row above has
            counted, are left out.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int


class Summary(NamedTuple):
    """The table of the modules of a net, which ``str`` writes as text.

    Attributes:
        rows: the modules that have parameters of their own, and the modules that have no parts.
        total: the number of all parameters.
        trainable: the number of parameters that receive a gradient.
        output_shape: the shape of the output of the net, if it was called.
    """

    rows: tuple[SummaryRow, ...]
    total: int
    trainable: int
    output_shape: tuple[int, ...] | None

    def _cells(self) -> list[tuple[str, str, str]]:
        """Return the cells of the table: its head, the modules and the total."""
        cells = [("module", "output shape", "parameters")]
        for row in self.rows:
            name = f"{row.name} ({row.kind})" if row.name else row.kind
            cells.append((name, "-" if row.output_shape is None else str(row.output_shape), f"{row.parameters:,}"))
        return [*cells, ("total", "-" if self.output_shape is None else str(self.output_shape), f"{self.total:,}")]

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        has_shapes = self.output_shape is not None or any(row.output_shape is not None for row in self.rows)
        head, *rows, total = [cells if has_shapes else cells[::2] for cells in self._cells()]
        left_out = len(rows) - _MOST_SHOWN
        if left_out > 0:
            rest = [f"... and {counted(left_out, 'module')}", *[""] * (len(head) - 1)]
            return table(head, [*rows[:_MOST_SHOWN], rest, total])
        return table(head, [*rows, total])

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        cells = self._cells()
        first, second, third = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [f"{a:{first}}  {b:{second}}  {c:>{third}}" for a, b, c in cells]
        rule = "-" * len(lines[0])
        frozen = [] if self.trainable == self.total else [f"{self.trainable:,} of these are trained"]
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], *frozen])
