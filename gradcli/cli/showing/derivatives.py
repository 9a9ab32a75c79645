"""The names of derivatives in results, and tables of second derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradcli.cli.showing.output import Output

__all__ = ["derivative_name", "derivatives_by_name", "mixed_name", "second_name", "show_matrix"]


def derivative_name(variable: str, order: int = 1, function: str = "") -> str:
    """Return the name of a derivative with respect to one variable.

    >>> derivative_name("x"), derivative_name("x", 2), derivative_name("t", 1, "f1")
    ('d/dx', 'd2/dx^2', 'df1/dt')
    """
    power, exponent = ("", "") if order == 1 else (str(order), f"^{order}")
    return f"d{power}{function}/d{variable}{exponent}"


def second_name(first: str, second: str) -> str:
    """Return the name of an entry of a Hessian.

    >>> second_name("x", "x"), second_name("x", "y")
    ('d2/dx^2', 'd2/dxdy')
    """
    return derivative_name(first, 2) if first == second else f"d2/d{first}d{second}"


def mixed_name(orders: Mapping[str, int]) -> str:
    """Return the name of a mixed derivative.

    >>> mixed_name({"x": 2, "y": 1}), mixed_name({"x": 1})
    ('d3/dx^2dy', 'd/dx')
    """
    total = sum(orders.values())
    below = "".join(f"d{name}" if order == 1 else f"d{name}^{order}" for name, order in orders.items())
    return f"d{'' if total == 1 else total}/{below}"


def derivatives_by_name(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return every derivative of a result of `gradcli grad`, by the name under which it is printed.

    >>> derivatives_by_name({"gradient": {"x": 4.0}, "hessian": {"x": {"x": 2.0}}})
    {'d/dx': 4.0, 'd2/dx^2': 2.0}
    """
    numbers = {derivative_name(name): partial for name, partial in document["gradient"].items()}
    for name, partials in document.get("derivatives", {}).items():
        for order, partial in enumerate(partials, 1):
            numbers[derivative_name(name, order)] = partial
    for first, row in document.get("hessian", {}).items():
        for second, partial in row.items():
            numbers[second_name(first, second)] = partial
    if "partial" in document:
        numbers[mixed_name(document["partial"]["orders"])] = document["partial"]["value"]
    if "jvp" in document:
        numbers["jvp"] = document["jvp"]
    return numbers


def show_matrix(
    output: Output,
    corner: str,
    rows: Mapping[str, Mapping[str, str]],
    entry_name: Callable[[str, str], str],
    *,
    symmetric: bool = False,
) -> None:
    """Print a matrix of texts if it fits on the screen; else print a row for each entry.

    Args:
        output: the output of the command.
        corner: the heading of the first column.
        rows: a dictionary from the names of rows to dictionaries, which lead from the names of columns to the texts of
            the entries.
        entry_name: a function of both names that returns the name of the entry.
        symmetric: whether the entries below the diagonal are left out where each entry has a row of its own.
    """
    names = list(next(iter(rows.values()), {}))
    table = [[name, *row.values()] for name, row in rows.items()]
    columns = zip([corner, *names], *table, strict=True)
    widths = [max(len(line) for cell in column for line in cell.split("\n")) + 3 for column in columns]
    if output.shows_pictures or sum(widths) <= output.terminal.width:
        output.table([corner, *names], table, styles=["cyan"])
        return
    entries = [
        [entry_name(first, second), rows[first][second]]
        for place, first in enumerate(rows)
        for second in (names[place:] if symmetric else names)
    ]
    output.table([corner, ""], entries, styles=["cyan"])
