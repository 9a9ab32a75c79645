"""HTML of results, for pages and notebooks: escaped texts, and tables."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["Html", "escaped", "table"]

# A notebook has a style sheet of its own, which would align cells on the right.
_LEFT = "text-align:left"
# Blanks and ends of lines count.
_CELL = f"{_LEFT};white-space:pre-wrap"
_BLOCK = f"{_LEFT};white-space:pre;font-family:monospace"


class Html(str):
    """A text that is HTML already, such as a formula in a cell of a table.

    Attributes:
        plain: the same without markup, for displays without HTML.
    """

    plain: str

    def __new__(cls, markup: str, plain: str = "") -> Html:
        made = super().__new__(cls, markup)
        made.plain = plain
        return made


def escaped(text: str) -> str:
    """Return a text as HTML, for the content of elements and for attributes between double quotes.

    Control characters, which HTML doesn't allow, become blanks.

    >>> escaped('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return html.escape("".join([sign if sign.isprintable() or sign in "\n\t" else " " for sign in text]))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> Html:
    """Return a table.  A text keeps its lines, an array its columns, and `Html` stays as it is.

    Args:
        headings: a text for each column; without any text there is no head.
        rows: a text for each column.
        caption: a text above the table.

    >>> table([], [["a < b"]])
    '<table><tbody><tr><td style="text-align:left;white-space:pre-wrap">a &lt; b</td></tr></tbody></table>'
    """
    head = f"<thead>{_row(headings, 'th')}</thead>" if any(headings) else ""
    name = (
        f'<caption style="{_LEFT};caption-side:top;white-space:nowrap">{_content(caption)}</caption>' if caption else ""
    )
    return Html(f"<table>{name}{head}<tbody>{''.join(_row(cells, 'td') for cells in rows)}</tbody></table>")


def _row(cells: Sequence[str], kind: str) -> str:
    made = [f'<{kind} style="{_BLOCK if _is_array(cell) else _CELL}">{_content(cell)}</{kind}>' for cell in cells]
    return f"<tr>{''.join(made)}</tr>"


def _is_array(text: str) -> bool:
    """Whether a text is an array in lines, whose columns have to stay columns."""
    return "\n" in text and text.startswith("[") and not isinstance(text, Html)


def _content(text: str) -> str:
    """Return the content of an element; in a notebook, a bare dollar sign would begin a formula in LaTeX."""
    return text if isinstance(text, Html) else escaped(text).replace("$", "<span>$</span>")
