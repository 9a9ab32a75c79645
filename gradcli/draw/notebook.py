"""What a notebook is given: graphviz's own `Digraph`, which then needs no Graphviz on the system."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from gradcli.draw.dot import to_dot
from gradcli.draw.picture import of_tensor, of_value
from gradcli.draw.render import FORMATS, can_render, picture_bytes
from gradcli.eager import Value

if TYPE_CHECKING:
    from gradcli.eager import Tensor

__all__ = ["Drawing", "drawing"]


def drawing(root: Value | Tensor, style: str, form: str, rankdir: str) -> Drawing:
    """The whole graph behind a value or a tensor, ready to be shown or to be changed."""
    picture_of: Any = of_value if isinstance(root, Value) else of_tensor
    dot = to_dot(picture_of(root, most=_NO_LIMIT), style=style, rankdir=rankdir)
    return Drawing(
        name="gradcli",
        filename="Digraph.gv",
        format=form,
        graph_attr=dot.graph,
        node_attr=dot.node,
        edge_attr=dot.edge,
        body=[f"\t{statement}\n" for statement in dot.body],
    )


_NO_LIMIT = 1 << 60


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` whose pictures come from pygraphviz if that is installed.

    Formats that gradcli does not write itself, and graphviz's own options, go to the program ``dot``.
    """

    def pipe(self, format: str | None = None, *given: Any, encoding: str | None = None, **options: Any) -> Any:  # noqa: A002
        """The picture as bytes, or as text if an encoding is given."""
        form = (format or self.format).lower()
        if given or options or form not in FORMATS or not can_render():
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
        """Write the DOT text and the picture beside it; the result is the name of the picture."""
        form = (format or self.format).lower()
        if options or form not in FORMATS or not can_render():
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
