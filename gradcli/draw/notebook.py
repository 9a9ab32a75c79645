"""Drawings for notebooks: a `Digraph` of the package graphviz that is SVG without any Graphviz."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from gradcli.draw.dot import to_dot
from gradcli.draw.picture import picture_of
from gradcli.draw.render import PICTURE_FORMATS, can_render, dot_bytes, graph_bytes

if TYPE_CHECKING:
    from gradcli.eager.tensor import Tensor
    from gradcli.eager.value import Value

__all__ = ["Drawing", "drawing"]


def drawing(root: Value | Tensor, style: str, form: str, rankdir: str) -> Drawing:
    """Return the drawing of the whole graph behind a value or a tensor.

    Users may change the drawing before they show it.
    """
    picture = picture_of(root, most=sys.maxsize)
    dot = to_dot(picture, style=style, rankdir=rankdir)
    made = Drawing(
        name="gradcli",
        filename="Digraph.gv",
        format=form,
        graph_attr=dot.graph,
        node_attr=dot.node,
        edge_attr=dot.edge,
        body=[f"\t{statement}\n" for statement in dot.body],
    )
    made.original = made.source, partial(graph_bytes, picture, "svg", style=style, rankdir=rankdir)
    return made


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is drawn without Graphviz as SVG, and by pygraphviz if that is installed.

    For a drawing that was changed, Graphviz makes the SVG, too.  For formats that gradcli doesn't know, and for options
    of the package graphviz, the program ``dot`` is run.

    Attributes:
        original: the text of the drawing before any change, and what makes its SVG.
    """

    original: tuple[str, Callable[[], bytes]] | None = None

    def __repr__(self) -> str:
        return f"<drawing of {len(self.body)} statements in DOT>"

    def _content(self, form: str) -> bytes | None:
        """Return the bytes of a picture; None if the package graphviz has to make it."""
        if form == "svg" and self.original is not None and self.source == self.original[0]:
            return self.original[1]()
        return dot_bytes(self.source, form) if form in PICTURE_FORMATS and can_render() else None

    def pipe(self, format: str | None = None, *given: Any, encoding: str | None = None, **options: Any) -> Any:  # noqa: A002
        """Return the picture as bytes, or as text if an encoding is given."""
        content = None if given or options else self._content((format or self.format).lower())
        if content is None:
            return super().pipe(format, *given, encoding=encoding, **options)
        return content if encoding is None else content.decode(encoding)

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,  # noqa: A002
        **options: Any,
    ) -> str:
        """Write a file with the DOT text and one with the picture, and return the name of the picture's file."""
        form = (format or self.format).lower()
        content = None if options else self._content(form)
        if content is None:
            done: str = super().render(filename, directory, view, cleanup, format, **options)
            return done
        source = Path(self.save(filename, directory=directory))
        target = source.with_name(f"{source.name}.{form}")
        target.write_bytes(content)
        if cleanup:
            source.unlink()
        if view:
            graphviz.view(str(target))
        return str(target)
