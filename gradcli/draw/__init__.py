"""Drawings of graphs, with values, gradients and local derivatives.

An expression, or a recorded `Value` or `Tensor`, becomes a `Picture` (picture.py), which has no colours or shapes yet.
What its vertices say in each of three styles (cards.py) is laid out in layers (layered.py) and written as SVG
(graph_svg.py); or it is written as DOT (dot.py), of which Graphviz makes PNG and PDF (render.py).  A picture is also
a tree for the terminal (tree.py).  The layers of a net are drawn by net.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import graphviz

    from gradcli.eager.tensor import Tensor
    from gradcli.eager.value import Value
    from gradcli.train.run import Run

__all__ = ["draw_dot", "draw_graph", "svg_of_run", "svg_of_value"]


def draw_dot(root: Value | Tensor, format: str = "svg", rankdir: str = "LR") -> graphviz.Digraph:  # noqa: A002 - micrograd's
    """Draw the graph behind a value as micrograd does: a record ``label | data | grad`` for each value.

    For an array, the record has its shape and the norm of its gradient.

    A notebook shows the drawing; ``draw_dot(root).render("graph")`` writes it to a file.  SVG needs nothing installed;
    PNG, PDF and a drawing that was changed need Graphviz: the one in the package pygraphviz, or another.  The whole
    graph is drawn, however large it is.

    Args:
        root: the result, usually after ``root.backward()``.
        format: ``svg``, ``png`` or ``pdf``, for ``render``.
        rankdir: the side of the root: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    Raises:
        UsageError: the direction is unknown.

    >>> from gradcli import Value
    >>> a = Value(2.0)
    >>> print(draw_dot(a + a).source.count("->"))
    3
    """
    from gradcli.draw.notebook import drawing

    return drawing(root, "micrograd", format, rankdir)


def draw_graph(node: Value | Tensor) -> graphviz.Digraph:
    """Draw the graph behind a value as MiniGrad does: a table of value, gradient and operation for each value.

    The whole graph is drawn, however large it is.

    Args:
        node: the result, usually after ``node.backward()``.

    >>> from gradcli import Value
    >>> a = Value(2.0)
    >>> "value = 4.0000" in draw_graph(a + a).source
    True
    """
    from gradcli.draw.notebook import drawing

    return drawing(node, "minigrad", "svg", "TB")


def svg_of_value(value: Value) -> str:
    """Return a drawing of the graph behind a value as SVG for a notebook.

    If the graph is large, only the part nearest to the value is drawn.
    """
    from gradcli.draw.graph_svg import graph_to_svg
    from gradcli.draw.picture import picture_of
    from gradcli.draw.svg import on_paper

    return on_paper(graph_to_svg(picture_of(value)))


def svg_of_run(run: Run) -> str:
    """Return a picture of a run in its present state as SVG for a notebook: the net's output, and the loss so far."""
    from gradcli.draw.animation import still
    from gradcli.draw.film import Film

    return still(Film(run))[0]
