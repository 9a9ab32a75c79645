"""Results: a table on a terminal, tab-separated text in a pipe, one object under ``--json``.

A command gives its result in each of the three forms.  Numbers are printed with all
their digits; on a terminal a large array is shortened.  The user's text is never read as Rich markup: it reaches Rich
only inside `rich.text.Text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from gradcli.cli.context import is_unicode, painted
from gradcli.errors import NotFiniteError
from gradcli.source import columns, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.cli.context import Form, Terminal
    from gradcli.graph import Node
    from gradcli.printing.displayed import Displayed
    from gradcli.source import Note, Source

__all__ = [
    "MOST_ROWS",
    "Cell",
    "Output",
    "not_finite",
    "notes_of",
    "number",
    "shape_text",
    "strict",
    "value_block",
    "value_text",
]


#: A text, or its parts, each with a style of Rich's.
Cell = str | Sequence[tuple[str, str]]
#: Python's names of the numbers that JSON lacks, each with the string that takes its place.
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
#: A table of more rows is printed as tab-separated text on a terminal, too: laying it out would take seconds.
MOST_ROWS = 2000
_LONGEST_ECHO = 1000
#: An array of more numbers is shortened on a terminal to the first and last of each axis.
_MOST_NUMBERS = 60
_MOST_AT_AN_END = 3
_NARROWEST = 24
_WITHOUT_LIMIT = 1_000_000


def number(value: float) -> str:
    """Return a number with all its digits.

    >>> number(0.1 + 0.2), number(float("inf"))
    ('0.30000000000000004', 'inf')
    """
    return repr(float(value))


def value_text(value: Any) -> str:
    """Return a number or an array on one line, written as in an expression; a text is a number with proved digits.

    >>> import numpy
    >>> value_text(0.5), value_text(numpy.array([[1.0, 2.0], [3.0, float("nan")]]))
    ('0.5', '[[1.0, 2.0], [3.0, nan]]')
    """
    if isinstance(value, str):
        return value
    return number(value) if isinstance(value, (int, float)) else str(value.tolist())


def value_block(value: Any, width: int) -> str:
    """Return a number, or an array in lines: one line for each row, with aligned columns; a large array is shortened.

    >>> import numpy
    >>> print(value_block(numpy.array([[1.0, -0.25], [10.0, 3.0]]), 80))
    [[  1.0, -0.25],
     [ 10.0,   3.0]]
    """
    if isinstance(value, (int, float, str)):
        return value_text(value)
    import numpy as np

    ends = [*range(_MOST_AT_AN_END), *range(-_MOST_AT_AN_END, 0)]
    shown = value
    for axis, length in enumerate(value.shape if value.size > _MOST_NUMBERS else ()):
        if length > len(ends):
            shown = shown.take(ends, axis=axis)
    digits = max(map(len, map(number, shown.ravel().tolist())), default=0)
    form: Any = {"float_kind": lambda one: number(one).rjust(digits if value.size > 1 else 0)}
    return np.array2string(
        value,
        max_line_width=max(_NARROWEST, width),
        separator=", ",
        threshold=_MOST_NUMBERS,
        edgeitems=_MOST_AT_AN_END,
        formatter=form,
    )


def shape_text(value: Any) -> str:
    """Return the shape of an array that is too large to be shown, in words.

    >>> import numpy
    >>> shape_text(numpy.zeros((3, 4)))
    'shape 3 × 4'
    """
    return f"shape {' × '.join(map(str, value.shape))}"


def not_finite(numbers: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers that are not finite, by name; for an array, only the first one, with its indices in the name.

    >>> import numpy
    >>> not_finite({"d/dx": 1.0, "d/dy": numpy.array([0.0, float("inf")])})
    {'d/dy[1]': inf}
    """
    found: dict[str, float] = {}
    for name, value in numbers.items():
        if isinstance(value, (int, float)):
            if not isfinite(value):
                found[name] = value
            continue
        import numpy as np

        wrong = ~np.isfinite(value)
        if wrong.any():
            place = np.unravel_index(int(wrong.argmax()), value.shape)
            found[f"{name}[{', '.join(map(str, place))}]"] = float(value[place])
    return found


def strict(value: Any) -> Any:
    """Return a document in which strings replace the numbers that JSON lacks, such as nan.

    >>> strict({"value": float("nan"), "gradient": [1.0, float("-inf")]})
    {'value': 'NaN', 'gradient': [1.0, '-Infinity']}
    """
    if isinstance(value, float):
        return value if isfinite(value) else _NOT_FINITE[str(value)]
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    return strict(value.tolist()) if hasattr(value, "tolist") else value


def notes_of(notes: Sequence[Note]) -> dict[str, Any]:
    """Return the entry of a document with the notes, or no entry if there are no notes."""
    listed = [{"kind": note.kind, "message": note.message, "span": note.span, **(note.details or {})} for note in notes]
    return {"notes": listed} if listed else {}


class Output:
    """The output of one command: results on standard output, notes and messages on standard error."""

    __slots__ = ("terminal",)

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    @property
    def form(self) -> Form:
        """The form of results: ``"table"``, ``"plain"`` or ``"json"``."""
        return self.terminal.form

    @property
    def shows_pictures(self) -> bool:
        """Whether a notebook shows the results, and no other form is asked for."""
        return self.terminal.page is not None and self.form == "table"

    def json(self, document: Mapping[str, Any]) -> None:
        """Print one object of strict JSON: indented on a terminal, on one line in a pipe."""
        import json

        text = json.dumps(
            strict(document),
            allow_nan=False,
            ensure_ascii=not is_unicode(self.terminal.stdout),
            indent=2 if self.terminal.stdout_is_terminal else None,
        )
        self.terminal.stdout.write(text + "\n")
        self.terminal.answered = True

    def line(self, text: str = "", style: str | None = None) -> None:
        """Print one line of the result; in a notebook, results are apart without empty lines."""
        if self.shows_pictures and not text:
            return
        text = visible(text)
        self.terminal.stdout.write((painted(text, style, colour=self.terminal.colour) if style else text) + "\n")

    def paragraph(self, text: str, style: str | None = None) -> None:
        """Print sentences, broken into lines for the screen."""
        from textwrap import wrap

        for line in wrap(visible(text), min(self.terminal.width, 100)):
            self.line(line, style)

    def formula(self, text: str, display: Callable[[], Displayed]) -> None:
        """Print the formula of a result.

        Args:
            text: the formula on one line.
            display: a function that returns the formula as a notebook shows it.
        """
        if self.shows_pictures and self.terminal.page is not None and len(text) <= _LONGEST_ECHO:
            self.terminal.page.formula(display(), text)
        else:
            self.line(text, style="bold")

    def formula_cell(self, text: str, root: Node) -> str:
        """Return a formula as a cell of a table: as text, or as a notebook shows it."""
        if not self.shows_pictures or len(text) > _LONGEST_ECHO:
            return text
        from gradcli.markup import Html
        from gradcli.printing.displayed import displayed

        html = displayed(root).html
        return text if html is None else Html(html, text)

    def picture(self, svg: bytes, text: str) -> None:
        """Show a picture in a notebook.

        Args:
            svg: the picture.
            text: a description of it, where pictures can't be shown.
        """
        assert self.terminal.page is not None
        self.terminal.page.picture(svg, text)

    def equation(self, expression: str, value: Any, root: Node | None = None) -> None:
        """Print the expression as it was read, and its value.  On a terminal, a very long expression is shortened.

        A notebook shows the formula if its ``root`` is given and the value is a number.
        """
        if self.shows_pictures and root is not None and isinstance(value, float) and len(expression) < _LONGEST_ECHO:
            from gradcli.graph import Graph
            from gradcli.printing.displayed import displayed

            number_node = Graph().constant(value)
            text = f"{expression} = {number(value)}"[:_LONGEST_ECHO]
            self.formula(text, lambda: displayed(root).equals(displayed(number_node)))
            return
        if len(expression) > _LONGEST_ECHO:
            expression = f"{expression[:_LONGEST_ECHO]} ..."
        text = self.block(value)
        result = painted(text, "bold", colour=self.terminal.colour)
        is_tall = "\n" in text or len(expression) + len(text) + 3 > self.terminal.width
        gap = "\n" if is_tall and not isinstance(value, (float, str)) else " "
        self.terminal.stdout.write(f"{visible(expression)} ={gap}{result}\n")

    def block(self, value: Any, taken: int = 0) -> str:
        """Return a number or an array as a cell of a table whose other cells take ``taken`` columns of the screen."""
        return value_block(value, self.terminal.width - taken) if self.form == "table" else value_text(value)

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        styles: Sequence[str] = (),
        plain_headings: bool = False,
        wrap: bool = False,
    ) -> None:
        """Print rows of text.

        Args:
            headings: a text for each column.
            rows: a text for each column, which may consist of parts with styles of their own; on a terminal a text
                may have several lines.
            styles: Rich styles of the columns, from the left.
            plain_headings: whether the headings are printed in a pipe, too.
            wrap: the last column holds sentences and may be broken into lines; numbers never are.
        """
        rows = list(rows)
        texts = [[cell if isinstance(cell, str) else "".join(part for part, _ in cell) for cell in row] for row in rows]
        if self.shows_pictures and self.terminal.page is not None and len(rows) <= MOST_ROWS:
            self.terminal.page.table(headings, rows, styles)
            return
        if self.form != "table" or len(rows) > MOST_ROWS:
            for row in [headings, *texts] if plain_headings else texts:
                self.terminal.stdout.write("\t".join(visible(cell) for cell in row) + "\n")
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(
            box=box.SIMPLE_HEAD if is_unicode(self.terminal.stdout) else box.ASCII2,
            header_style="dim",
            show_header=any(headings),
            show_edge=False,
            padding=(0, 1),
        )
        for place, heading in enumerate(headings):
            style = styles[place] if place < len(styles) else ""
            broken = wrap and place == len(headings) - 1
            # A cell is never cut, so a row may be wider than the screen; a heading may be cut.
            lines = [line for row in texts for line in row[place].split("\n")]
            width = 0 if broken else max((columns(visible(line)) for line in lines), default=0)
            table.add_column(heading, style=style, no_wrap=not broken, overflow="fold", min_width=width)
        for cells in rows:
            parts = [[(cell, "")] if isinstance(cell, str) else cell for cell in cells]
            table.add_row(*(Text.assemble(*((_printable(text), style) for text, style in cell)) for cell in parts))
        self.rich(table)

    def rich(self, renderable: Any) -> None:
        """Print an object of Rich.  A row that is wider than the screen is printed whole, so that no digit is lost."""
        from rich.console import Console
        from rich.measure import Measurement

        terminal = self.terminal
        console = Console(
            file=terminal.stdout,
            force_terminal=terminal.colour,
            no_color=not terminal.colour,
            color_system="standard" if terminal.colour else None,
            width=terminal.width,
            markup=False,
            emoji=False,
            highlight=False,
            _environ=dict(terminal.environment),
        )
        needed = Measurement.get(console, console.options.update(width=_WITHOUT_LIMIT), renderable).minimum
        console.width = max(terminal.width, needed)
        console.print(renderable, soft_wrap=needed > terminal.width)

    def notes(self, notes: Sequence[Note], source: Source | None, *, after_result: bool = True) -> None:
        """Print notes on standard error.

        Args:
            notes: the notes.
            source: the text that their spans refer to.
            after_result: whether a result was printed before the notes.
        """
        if not notes:
            return
        from gradcli.cli.showing.error_text import render_note

        terminal = self.terminal
        if self.form == "table" and after_result:
            self.line()
        terminal.stdout.flush()
        for note in notes:
            terminal.stderr.write(
                render_note(note, source, colour=terminal.message_colour, width=terminal.message_width)
            )

    def refuse_not_finite(
        self, numbers: Mapping[str, Any], notes: Sequence[Note] = (), source: Source | None = None
    ) -> None:
        """Print the notes and raise if a number, or one in an array, is not finite: the check of ``--strict``."""
        found = [f"{name} is {number(value)}" for name, value in not_finite(numbers).items()]
        if found:
            self.notes(notes, source)
            shown = ", ".join(found[:5]) + (f" and {len(found) - 5} more are not finite" if len(found) > 5 else "")
            raise NotFiniteError(shown, hint="without --strict the result is printed as it is")

    def message(self, text: str) -> None:
        """Print one line on standard error; the line is not a result."""
        self.terminal.stdout.flush()
        self.terminal.stderr.write(visible(text) + "\n")


def _printable(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
