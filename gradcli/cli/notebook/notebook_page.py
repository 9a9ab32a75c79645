"""The results of a command in a notebook: tables and formulas as HTML, pictures as SVG, each with a plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.draw.svg import on_paper
from gradcli.markup import Html, escaped, table

if TYPE_CHECKING:
    from gradcli.printing.displayed import Displayed

    #: What `gradcli.cli.showing.output.Cell` is, too.
    Cell = str | Sequence[tuple[str, str]]

__all__ = ["NotebookPage"]

_EMPHASIS = {"bold": "font-weight:bold", "dim": "opacity:0.65"}


class NotebookPage:
    """The output of a cell.

    Args:
        display: IPython's ``display``.
    """

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display

    def show(self, bundle: dict[str, str], *, is_updated: bool = False) -> Any:
        """Show a result in several formats, from which the notebook chooses one.

        Args:
            bundle: a dictionary from MIME types to contents.
            is_updated: whether the result is going to be replaced, by ``update`` of the handle that is returned.
        """
        return self._display(bundle, raw=True, display_id=True if is_updated else None)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[Cell]], styles: Sequence[str]) -> None:
        """Show a table; texts in bold stay bold."""

        def cell(content: Cell, style: str) -> str:
            if isinstance(content, Html):
                return content
            if "\n" in _plain(content):
                return _plain(content)
            parts = [(content, "")] if isinstance(content, str) else content
            return Html("".join([_emphasised(text, f"{style} {own}") for text, own in parts]))

        filled = [*styles, *[""] * len(headings)]
        made = [[cell(content, style) for content, style in zip(row, filled, strict=False)] for row in rows]
        plain = [[_plain(content) for content in row] for row in rows]
        text = "\n".join(["\t".join(row) for row in [*([headings] if any(headings) else []), *plain]])
        self.show({"text/html": table(headings, made), "text/plain": text})

    def formula(self, formula: Displayed, text: str) -> None:
        """Show a formula."""
        html = {} if formula.html is None else {"text/html": str(formula.html)}
        self.show({**html, "text/latex": formula.math, "text/plain": text})

    def picture(self, svg: bytes, text: str) -> None:
        """Show a picture."""
        self.show({"image/svg+xml": on_paper(svg.decode(), text), "text/plain": text})


def _plain(content: Cell) -> str:
    if isinstance(content, str):
        return content.plain if isinstance(content, Html) else content
    return "".join([text for text, _ in content])


def _emphasised(text: str, style: str) -> str:
    look = ";".join([rule for name, rule in _EMPHASIS.items() if name in style.split()])
    content = escaped(text).replace("$", "<span>$</span>")
    return f'<span style="{look}">{content}</span>' if look and text else content
