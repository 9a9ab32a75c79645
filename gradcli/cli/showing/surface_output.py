"""The picture, the table or the document of a function of two variables, as ``gradcli plot`` prints it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gradcli.cli.context import is_unicode, screen_size
from gradcli.cli.showing.output import notes_of, number
from gradcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.cli.command import Session
    from gradcli.cli.reading.ranges import Range
    from gradcli.evaluate.expression import Expression
    from gradcli.evaluate.surface import CriticalPoint, Surface

__all__ = ["picture_size", "point_text", "show_surface"]

_HIGHEST, _WIDEST, _LOWEST = 22, 100, 8
#: The points of a figure along each variable.
_FINE = 241
_MANY = "the gradient is 0 on a curve, or at more points than are listed"


def picture_size(session: Session) -> tuple[int, int]:
    """Return the columns and rows of the largest picture that fits on the screen with some lines below it."""
    terminal = session.terminal
    rows = screen_size(terminal.stdout, terminal.environment)[1] - 4
    return min(terminal.width, _WIDEST), max(_LOWEST, min(_HIGHEST, rows))


def point_text(point: CriticalPoint, names: tuple[str, str]) -> str:
    """Return a critical point as a clause with all its digits.

    >>> from gradcli.evaluate.surface import CriticalPoint
    >>> point_text(CriticalPoint("minimum", 1.0, 0.0, -2.0, (2.0, 6.0)), ("x", "y"))
    'minimum at x = 1.0, y = 0.0, value -2.0'
    """
    kind = "degenerate critical point" if point.kind == "degenerate" else point.kind
    return f"{kind} at {names[0]} = {number(point.x)}, {names[1]} = {number(point.y)}, value {number(point.value)}"


def show_surface(
    session: Session,
    expression: Expression,
    scopes: Sequence[Range],
    at: Mapping[str, float],
    points: int,
    output: str | None,
    file_format: str | None,
) -> None:
    """Draw or print a function of two variables.

    Args:
        session: the running command.
        expression: the function.
        scopes: the ranges of the two variables.
        at: the values of the other variables.
        points: the points of a table along each variable.
        output: the file of a figure or a page, or None.
        file_format: its format: ``"svg"``, ``"png"``, ``"pdf"`` or ``"html"``.

    Raises:
        UsageError: the function has no value in the rectangle.
    """
    import numpy as np

    from gradcli.draw.canvas import Painter
    from gradcli.draw.surface_plot import surface_figure, surface_legend, surface_lines, surface_plot
    from gradcli.evaluate.surface import critical_points, surface_of

    names = (scopes[0].name, scopes[1].name)
    ranges = ((scopes[0].low, scopes[0].high), (scopes[1].low, scopes[1].high))

    def surface(count: int) -> Surface:
        return surface_of(expression, names, _grid(scopes[0], count), _grid(scopes[1], count), at)

    fine = surface(_FINE)
    if not np.isfinite(fine.values).any():
        ends = " and ".join(f"{one.name} = {number(one.low)} to {number(one.high)}" for one in scopes)
        raise UsageError(f"`{expression}` has no value for {ends}", kind="undefined", hint="try other ranges")
    found, is_complete = critical_points(expression, names, ranges, at)
    texts = [*[point_text(point, names) for point in found], *([] if is_complete else [_MANY])]
    form, terminal = session.output.form, session.terminal
    plot = surface_plot(names, ranges, fine.values, found)
    if output is not None and file_format == "html":
        from gradcli.cli.showing.page_output import write_page
        from gradcli.pages.surface_page import surface_page

        write_page(session, output, surface_page(expression, plot, fine, at, texts))
    elif output is not None and file_format is not None:
        from gradcli.files import write_atomically

        write_atomically(output, surface_figure(plot, fine, str(expression), file_format))
        session.output.message(f"wrote {output}")
    if form == "json":
        session.output.json(_document(expression, scopes, at, surface(points), found, output, is_complete=is_complete))
    elif form == "table":
        if output is None and session.output.shows_pictures and find_spec("matplotlib") is not None:
            session.output.picture(surface_figure(plot, fine, str(expression), "svg"), f"the plot of {expression}")
        elif output is None:
            painter = Painter.of(terminal.environment, colour=terminal.colour)
            width, height = picture_size(session)
            kinds: dict[str, Any] = {"colours": painter.depth >= 256, "ascii_only": not is_unicode(terminal.stdout)}
            session.output.line(str(expression))
            for line in [surface_legend(plot, **kinds), *surface_lines(plot, fine, width, height, **kinds)]:
                terminal.stdout.write(painter.text(line, width) + "\n")
        session.output.line()
        for text in texts:
            session.output.line(text)
    else:
        if output is None:
            _print_table(session, names, surface(points))
        for text in texts:
            session.output.message(f"note: {text}")
    session.output.notes(expression.notes, expression.source)


def _grid(scope: Range, points: int) -> Any:
    import numpy as np

    from gradcli.tables.grid import Axis

    return Axis(scope.name, scope.low, scope.high, points).values(np.arange(points))


def _rows(surface: Surface) -> list[tuple[float, ...]]:
    """Return x, y, the value and the two derivatives of each point; y changes fastest, as in a grid of ``map``."""
    import numpy as np

    across, up = np.meshgrid(surface.x, surface.y)
    columns = [one.T.ravel().tolist() for one in (across, up, surface.values, *surface.slopes)]
    return [*zip(*columns, strict=True)]


def _print_table(session: Session, names: tuple[str, str], surface: Surface) -> None:
    headings = [*names, "value", *[f"d_{name}" for name in names]]
    session.output.table(headings, [[*map(number, row)] for row in _rows(surface)], plain_headings=True)


def _document(
    expression: Expression,
    scopes: Sequence[Range],
    at: Mapping[str, float],
    surface: Surface,
    found: Sequence[CriticalPoint],
    output: str | None,
    *,
    is_complete: bool,
) -> dict[str, Any]:
    first, second = (scope.name for scope in scopes)
    return {
        "expressions": [str(expression)],
        "variables": [first, second],
        "ranges": [[scope.low, scope.high] for scope in scopes],
        "at": at,
        "points": [
            {first: x, second: y, "value": value, "gradient": {first: d_x, second: d_y}}
            for x, y, value, d_x, d_y in _rows(surface)
        ],
        "features": [
            {"kind": one.kind, first: one.x, second: one.y, "value": one.value, "eigenvalues": [*one.eigenvalues]}
            for one in found
        ],
        "complete": is_complete,
        "file": output,
        **notes_of(expression.notes),
    }
