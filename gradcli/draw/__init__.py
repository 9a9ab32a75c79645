"""Drawings of graphs: values, gradients and local derivatives to look at.

An expression, or a recorded `Value` or `Tensor`, becomes a `Picture` (picture.py), which knows nothing of looks; a
picture becomes DOT in one of three styles (dot.py) or a tree for the terminal (tree.py); DOT becomes SVG, PNG or PDF
(render.py).  The structure of a net is drawn by net.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import graphviz

    from gradcli.eager import Tensor, Value

__all__ = ["draw_dot", "draw_graph", "svg_of_value"]


def draw_dot(root: Value | Tensor, format: str = "svg", rankdir: str = "LR") -> graphviz.Digraph:  # noqa: A002 - micrograd's
    """The graph behind a value as micrograd draws it: a record ``label | data | grad`` for each value.

    Of a tensor, the record of an array has its shape and the norm of its gradient.

    A notebook shows the result; ``draw_dot(root).render("graph")`` writes a file.  Neither needs a Graphviz on the
    system if pygraphviz is installed.  The whole graph is drawn, however large.

    Args:
        root: the result, usually after ``root.backward()``.
        format: ``svg``, ``png`` or ``pdf``, for `render`.
        rankdir: where the root is: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    Raises:
        UsageError: an unknown direction.

    >>> from gradcli import Value
    >>> a = Value(2.0)
    >>> print(draw_dot(a + a).source.count("->"))
    3
    """
    from gradcli.draw.notebook import drawing

    return drawing(root, "micrograd", format, rankdir)


def draw_graph(node: Value | Tensor) -> graphviz.Digraph:
    """The graph behind a value as MiniGrad draws it: a table of value, gradient and operation for each value.

    The whole graph is drawn, however large.

    Args:
        node: the result, usually after ``node.backward()``.

    >>> from gradcli import Value
    >>> a = Value(2.0)
    >>> "value = 4.0000" in draw_graph(a + a).source
    True
    """
    from gradcli.draw.notebook import drawing

    return drawing(node, "minigrad", "svg", "TB")


def svg_of_value(value: Value) -> str | None:
    """The graph behind a value as SVG to stand in a page, or None where there is no Graphviz.

    Of a large graph the part nearest to the value is drawn.
    """
    from gradcli.draw.dot import to_dot
    from gradcli.draw.picture import of_value
    from gradcli.draw.render import can_render, svg_text

    return svg_text(to_dot(of_value(value)).source, declaration=False) if can_render() else None
