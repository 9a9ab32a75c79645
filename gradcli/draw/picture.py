"""The content of a drawing, without colours and shapes: vertices, and the arrows between them.

A picture is made from an expression (with or without a point), or from a recorded `Value` or `Tensor`.  It shows a part
of the graph that is small enough to be understood: the vertices nearest to the result.  A constant is drawn once for
each of its uses; a variable or an operation is one vertex, however often it is used.  No function in this file is
recursive, so the graph may be arbitrarily deep.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.graph import Node, readable, toposort
from gradcli.primitives import ArrayFunction, Operand, Primitive, functions
from gradcli.printing.text import index_text, number_text, operation_text, to_text
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.eager.tensor import Tensor
    from gradcli.eager.value import Value
    from gradcli.evaluate.expression import Expression

__all__ = ["Arrow", "Picture", "Vertex", "VertexKind", "picture_of"]

VertexKind = Literal["variable", "constant", "operation"]

_LONGEST_TEXT: Final = 100
_LONGEST_FORMULA: Final = 40
#: A formula with at least this many names, numbers and signs is not written in full.
_LARGE: Final = 60


class Vertex(NamedTuple):
    """A variable, a constant or an operation.

    Attributes:
        name: the name of a variable or constant, the digits of a number, or the sign or name of an operation.
        kind: ``"variable"``, ``"constant"`` or ``"operation"``.
        value: its value, if the point is known.
        gradient: the derivative of the result with respect to it, if the point is known; None for a constant.
        expression: its formula, shortened; may be empty.
        label: the user's name for it; may be empty.
        hidden: how many of its operands were left out of the picture.
        shape: the shape of an array, ``100 × 16``; empty for a number.  An array has no ``value``, and its ``gradient``
            is the Euclidean norm of the array of derivatives.
    """

    name: str
    kind: VertexKind
    value: float | None
    gradient: float | None
    expression: str
    label: str = ""
    hidden: int = 0
    shape: str = ""


class Arrow(NamedTuple):
    """One use of an operand by an operation.

    Attributes:
        operand, operation: positions in `Picture.vertices`.
        partial: the derivative of the operation with respect to the operand, if it is one number.
        formula: the local derivative ``partial`` as a formula; may be empty.
        is_passive: true if it is certain that no derivative passes through this use.
    """

    operand: int
    operation: int
    partial: float | None
    formula: str = ""
    is_passive: bool = False


class Picture(NamedTuple):
    """The part of a graph that is drawn.

    Attributes:
        vertices: the vertices, operands before their operations; the last vertex is the result.
        arrows: the arrows, sorted by operation, then by the position of the operand; an operand that is used twice has
            two arrows.
        title: the formula of the result, shortened; may be empty.
        total: the number of vertices of the whole graph.
        depth: how many steps from the result the picture reaches; None if nothing was left out.
        nodes: the node of the graph, or the recorded value, for each vertex.
    """

    vertices: list[Vertex]
    arrows: list[Arrow]
    title: str
    total: int
    depth: int | None = None
    nodes: Sequence[Any] = ()

    @property
    def has_values(self) -> bool:
        """Whether values and gradients are known."""
        return self.vertices[-1].value is not None or self.vertices[-1].shape != ""


def picture_of(
    source: Expression | Value | Tensor,
    at: Mapping[str, Any] | None = None,
    *,
    depth: int | None = None,
    most: int | None = None,
) -> Picture:
    """Return the picture of an expression, or of a recorded value or tensor with its current gradients.

    Args:
        source: the expression or the result of recorded operations.
        at: for an expression, a number or an array for each variable; if it is None, the picture has no numbers.
        depth: the largest number of steps from the result; vertices that are farther away are left out.
        most: the largest number of vertices to draw; by default `limits.USEFUL_VERTICES`, or `limits.DRAWN_VERTICES` if
            a depth is given.

    Raises:
        UsageError: a variable has no value, or the depth is negative.

    >>> from gradcli import Value
    >>> from gradcli.evaluate.expression import parse
    >>> picture = picture_of(parse("a + a"), {"a": 3})
    >>> [(vertex.name, vertex.value, vertex.gradient) for vertex in picture.vertices]
    [('a', 3.0, 2.0), ('+', 6.0, 1.0)]
    >>> [(arrow.operand, arrow.operation, arrow.partial) for arrow in picture.arrows]
    [(0, 1, 1.0), (0, 1, 1.0)]
    >>> a = Value(3.0)
    >>> b = a * 2
    >>> b.backward()
    >>> [(vertex.name, vertex.kind, vertex.gradient) for vertex in picture_of(b).vertices]
    [('', 'variable', 2.0), ('2', 'constant', None), ('*', 'operation', 1.0)]
    """
    if depth is not None and depth < 0:
        raise UsageError("the depth of a drawing is at least 0")
    if most is None:
        most = limits.USEFUL_VERTICES if depth is None else limits.DRAWN_VERTICES
    given: Any = source
    if not isinstance(source, Operand) and not hasattr(source, "root"):
        raise UsageError(f"a drawing shows an expression, a Value or a Tensor, not {type(source).__name__}")
    if not isinstance(source, Operand):
        view = _expression_view(given, at)
    else:
        view = _tensor_view(given) if hasattr(source, "shape") else _value_view(given)
    order, total, reached = _nearest(view, depth, most)
    position = {key: i for i, key in enumerate(order)}
    vertices, arrows = [], []
    for key in order:
        uses = view.operands(key)
        shown = [i for i, operand in enumerate(uses) if operand in position]
        vertices.append(view.vertex(key)._replace(hidden=len(uses) - len(shown)))
        if shown:
            partials = view.partials(key)
            arrows += [Arrow(position[uses[i]], position[key], *partials[i]) for i in shown]
    title = vertices[-1].expression if view.title is None else view.title
    nodes = [key.content if isinstance(key, _ConstantUse) else key for key in order]
    return Picture(vertices, arrows, title, total, reached, nodes)


#: A local derivative: its number, its formula, and whether no derivative passes.
_Local: TypeAlias = "tuple[float | None, str, bool]"


class _View(NamedTuple):
    """A graph of any kind, as the source of a picture; each vertex has a key.

    Attributes:
        root: the key of the result.
        operands: a function from a key to the keys of its operands.
        vertex: a function from a key to its vertex, without ``hidden``.
        partials: a function from the key of an operation to the local derivative with respect to each operand.
        title: the title of the picture; if it is None, the title is the expression of the result.
    """

    root: Any
    operands: Callable[[Any], Sequence[Any]]
    vertex: Callable[[Any], Vertex]
    partials: Callable[[Any], Sequence[_Local]]
    title: str | None = None


class _ConstantUse:
    """The key of one use of a constant, which is drawn next to the operation that uses it.

    Args:
        content: the node of the constant, or a plain number or array.
    """

    def __init__(self, content: Any) -> None:
        self.content = content


def _postorder(view: _View) -> list[Any]:
    """Return the keys of everything that the root depends on, operands first and from left to right."""
    seen = set()
    order = []
    stack = [(view.root, False)]
    while stack:
        key, is_done = stack.pop()
        if is_done:
            order.append(key)
        elif key not in seen:
            seen.add(key)
            stack.append((key, True))
            stack += [(operand, False) for operand in reversed(view.operands(key))]
    return order


def _nearest(view: _View, depth: int | None, most: int) -> tuple[list[Any], int, int | None]:
    """Find the part of a graph within ``depth`` steps from the root, with at most ``most`` vertices.

    Only whole levels are kept, as many as possible; if even the first level is too large, a part of it is kept.

    Returns:
        The keys of the kept vertices, operands first; the number of all vertices; and the number of levels that are
        kept, None if all are.
    """
    order = _postorder(view)
    kept = {view.root}
    level, reached = [view.root], 0
    while level and (depth is None or reached < depth):
        below = list(dict.fromkeys(o for key in level for o in view.operands(key) if o not in kept))
        if len(kept) + len(below) > most:
            if reached:
                break
            below = below[: most - 1]
        kept.update(below)
        level = below
        reached += bool(below)
    return [key for key in order if key in kept], len(order), None if len(kept) == len(order) else reached


def _expression_view(expression: Expression, at: Mapping[str, Any] | None) -> _View:
    numbers = _numbers(expression, at) if at is not None else _Numbers({}, {}, {})
    sizes = _sizes(expression.root)

    @cache
    def operands(key: Any) -> Sequence[Any]:
        if not isinstance(key, Node):
            return ()
        return [_ConstantUse(one) if one.constant is not None else one for one in key.operands]

    def vertex(key: Any) -> Vertex:
        node: Node = key.content if isinstance(key, _ConstantUse) else key
        text = _text(node, sizes)
        if node.constant is not None:
            return Vertex(text, "constant", numbers.values.get(node), None, text)
        kind: VertexKind = "variable" if node.is_variable else "operation"
        shape = numbers.shapes.get(node, "")
        value = None if shape else numbers.values.get(node)
        name = node.name or _sign(node)
        return Vertex(name, kind, value, numbers.gradients.get(node), text, node.name or "", shape=shape)

    def partials(node: Node) -> list[_Local]:
        # Without a point nothing is known; at a point, no derivative passes an operation that depends on no variable.
        found = numbers.partials.get(node, [(None, node in numbers.values)] * len(node.operands))
        formulas = _formulas(node, sizes, numbers.values)
        return [(partial, text, passive) for (partial, passive), text in zip(found, formulas, strict=True)]

    return _View(expression.root, operands, vertex, partials, _shortened(to_text(expression.root)))


class _Numbers(NamedTuple):
    """The values, gradients and local derivatives of an expression; without a point they are empty.

    Attributes:
        values: the values of nodes, except arrays.
        gradients: the derivatives of the result with respect to nodes; for arrays, their norms.
        partials: for each operand of a node, the local derivative if it is one number, and whether it is certain that
            no derivative passes.
        shapes: the shapes of arrays.
    """

    values: Mapping[Node, float]
    gradients: Mapping[Node, float]
    partials: Mapping[Node, list[tuple[float | None, bool]]]
    shapes: Mapping[Node, str] = MappingProxyType({})


def _array_numbers(expression: Expression, at: Mapping[str, Any]) -> _Numbers:
    """Return the values and gradients at a point with arrays. Gradients exist only if the result is one number."""
    from gradcli.evaluate.array_point import Replay

    replay = Replay(expression, at, [expression.root.graph.variable(name) for name in expression.variables])
    is_one_number = getattr(replay.result, "shape", ()) == ()
    undefined = is_one_number and replay.is_undefined
    if is_one_number:
        replay.pullback()
    shapes, values, gradients = {}, {}, {}
    for node, value in zip(replay.tape.nodes, replay.values, strict=True):
        shape = getattr(value, "shape", ())
        if shape:
            shapes[node] = _shape_text(shape)
        else:
            values[node] = value if isinstance(value, float) else value.item()
        gradient = getattr(value, "grad", None)
        if gradient is not None:
            size = functions.norm(gradient) if shape else gradient
            gradients[node] = math.nan if undefined else size.item()
    partials: dict[Node, list[tuple[float | None, bool]]] = {
        node: [(None, bool(gradients) and operand not in gradients) for operand in node.operands]
        for node in replay.tape.nodes
    }
    return _Numbers(values, gradients, partials, shapes)


def _shape_text(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _numbers(expression: Expression, at: Mapping[str, Any]) -> _Numbers:
    """Return the values and gradients of the whole graph at a point, even if only a part of the graph is drawn."""
    from gradcli.evaluate.point import Sweep

    if expression.is_on_arrays(at):
        return _array_numbers(expression, at)
    sweep = Sweep(expression, at)
    tape = sweep.tape
    undefined = sweep.values[tape.outputs[0]] != sweep.values[tape.outputs[0]]
    gradients: dict[Node, float] = {expression.root: math.nan if undefined else 1.0}
    partials: dict[Node, list[tuple[float | None, bool]]] = {}
    for slot, node in enumerate(tape.nodes):
        if not sweep.dependent[slot]:
            continue
        adjoint = sweep.adjoints[slot]
        gradients[node] = math.nan if undefined else 0.0 if adjoint is None else adjoint
        steps = sweep.partials(slot)
        if steps:
            operands = tape.instructions[slot - tape.first].operands
            # The formula of a derivative may have a value where the function has none, such as 1/x for log(x) at -1.
            exists = sweep.values[slot] == sweep.values[slot]
            partials[node] = [
                (None, True) if partial is None or not sweep.dependent[i] else (partial if exists else math.nan, False)
                for partial, i in zip(steps, operands, strict=True)
            ]
    return _Numbers(dict(zip(tape.nodes, sweep.values, strict=True)), gradients, partials)


def _sign(node: Node) -> str:
    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayFunction) and primitive.name == "index":
        return f"[{index_text(dict(node.options)['key'])}]"
    return primitive.infix.symbol if primitive.infix is not None else primitive.name


def _sizes(root: Node) -> dict[Node, int]:
    """Count the names, numbers and signs in the formula of each node, up to `_LARGE`."""
    size: dict[Node, int] = {}
    for node in toposort([root]):
        size[node] = min(1 + sum([size[operand] for operand in node.operands]), _LARGE)
    return size


def _text(node: Node, sizes: Mapping[Node, int]) -> str:
    """Return the formula of a node, shortened. To save time, a large formula is shown by its last operation only."""
    if sizes[node] < _LARGE:
        text = to_text(node)
    else:
        text = operation_text(node, {operand: "..." for operand in node.operands if sizes[operand] > 4})
    return _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _formula(partial: Node, condition: Node | None, values: Mapping[Node, float]) -> Node:
    """Return a partial derivative in the form that applies at a point. Conditions that the point doesn't decide remain.

    Args:
        partial: the partial derivative.
        condition: the condition under which the partial derivative counts; None means always.
        values: the values of nodes at the point.
    """
    from gradcli.graph.conditions import decided

    formula = decided(readable(partial), values)
    if not any(isinstance(node.primitive, Primitive) and node.primitive.is_truth for node in toposort([formula])):
        return formula
    from gradcli.graph.simplify import simplify_derivative

    return simplify_derivative(partial if condition is None else functions.where(condition, partial, 0.0)).root


def _formulas(node: Node, sizes: Mapping[Node, int], values: Mapping[Node, float]) -> list[str]:
    """Return the local derivatives of an operation as formulas in its operands.

    A long formula is replaced by an empty text.

    Args:
        node: the operation.
        sizes: the sizes of the formulas of nodes.
        values: the values of nodes, which decide the conditions in a formula; empty without a point.
    """
    from gradcli.graph.rule import local_partials

    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayFunction) or primitive.is_locally_constant or sizes[node] >= _LARGE:
        return [""] * len(node.operands)
    partials, conditions = local_partials(node, guarded=True)
    formulas = []
    for i, (partial, condition) in enumerate(zip(partials, conditions, strict=True)):
        passive = i < len(primitive.static) or node.operands[i].constant is not None
        text = "" if passive else to_text(_formula(partial, condition, values))
        formulas.append(text if len(text) <= _LONGEST_FORMULA else "")
    return formulas


def _value_view(root: Value) -> _View:
    from gradcli.eager.value import operation_order
    from gradcli.execute.float_rules import float_rule

    # `operation_order` leaves out the plain numbers among the operands.
    recorded = {*operation_order(root), root}

    def vertex(value: Value) -> Vertex:
        if value not in recorded:
            text = number_text(value.data)
            return Vertex(text, "constant", value.data, None, text)
        kind: VertexKind = "operation" if value._op else "variable"
        return Vertex(value._op or value.label, kind, value.data, value.grad, value.label, value.label)

    def partials(value: Value) -> list[_Local]:
        operands = value._prev
        if not isinstance(value.primitive, Primitive):
            return [(None, "", True)] * len(operands)
        found = float_rule(value.primitive, len(operands)).partials([o.data for o in operands], value.data)
        exists = value.data == value.data
        shown = [
            None if partial is None or operand not in recorded else partial if exists else math.nan
            for partial, operand in zip(found, operands, strict=True)
        ]
        return [(partial, "", partial is None) for partial in shown]

    return _View(root, lambda value: value._prev, vertex, partials)


def _tensor_view(root: Tensor) -> _View:
    import numpy as np

    from gradcli.eager.tensor import Tensor

    @cache
    def operands(key: Any) -> Sequence[Any]:
        operation = key.grad_fn if isinstance(key, Tensor) else None
        if operation is None:
            return ()
        uses = zip(operation.operands, operation.inputs, strict=True)
        return [_ConstantUse(plain) if one is None else one for one, plain in uses]

    def vertex(key: Any) -> Vertex:
        array = key.detach().numpy() if isinstance(key, Tensor) else np.asarray(key.content)
        shape = _shape_text(array.shape)
        value = float(array) if array.ndim == 0 else None
        if not isinstance(key, Tensor):
            text = f"array {shape}" if value is None else number_text(value)
            return Vertex(text, "constant", value, None, text, shape=shape)
        gradient = None if key.grad is None else float(functions.norm(key.grad).item())
        label = getattr(key, "label", "")
        if key.grad_fn is None:
            return Vertex(label, "variable", value, gradient, label, label, shape=shape)
        primitive = key.grad_fn.primitive
        name = primitive.infix.symbol if primitive.infix is not None else primitive.name
        return Vertex(name, "operation", value, gradient, label, label, shape=shape)

    def partials(key: Any) -> list[_Local]:
        return [(None, "", not (isinstance(one, Tensor) and one.requires_grad)) for one in operands(key)]

    return _View(root, operands, vertex, partials)
