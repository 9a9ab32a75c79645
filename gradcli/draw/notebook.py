"""Drawings for notebooks: a `Digraph` of the package graphviz that needs no Graphviz on the system."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from gradcli.draw.dot import to_dot
from gradcli.draw.picture import picture_of
from gradcli.draw.render import PICTURE_FORMATS, can_render, picture_bytes

if TYPE_CHECKING:
    from gradcli.eager.tensor import Tensor
    from gradcli.eager.value import Value

__all__ = ["Drawing", "drawing"]


def drawing(root: Value | Tensor, style: str, form: str, rankdir: str) -> Drawing:
    """Return the drawing of the whole graph behind a value or a tensor.

    Users may change the drawing before they show it.
    """
    dot = to_dot(picture_of(root, most=sys.maxsize), style=style, rankdir=rankdir)
    return Drawing(
        name="gradcli",
        filename="Digraph.gv",
        format=form,
        graph_attr=dot.graph,
        node_attr=dot.node,
        edge_attr=dot.edge,
        body=[f"\t{statement}\n" for statement in dot.body],
    )


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is drawn by pygraphviz if that is installed.

    For formats that gradcli doesn't know, and for options of the package graphviz, the program ``dot`` is run.
    """

    def pipe(self, format: str | None = None, *given: Any, encoding: str | None = None, **options: Any) -> Any:  # noqa: A002
        """Return the picture as bytes, or as text if an encoding is given."""
        form = (format or self.format).lower()
        if given or options or form not in PICTURE_FORMATS or not can_render():
            return super().pipe(format, *given, encoding=encoding, **options)
        content = picture_bytes(self.source, form)
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
        if options or form not in PICTURE_FORMATS or not can_render():
            done: str = super().render(filename, directory, view, cleanup, format, **options)
            return done
        source = Path(self.save(filename, directory=directory))
        target = source.with_name(f"{source.name}.{form}")
        target.write_bytes(picture_bytes(self.source, form))
        if cleanup:
            source.unlink()
        if view:
            graphviz.view(str(target))
        return str(target)
