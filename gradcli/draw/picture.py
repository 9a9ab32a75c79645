"""What a drawing shows, before anyone decides how it looks: vertices, edges, and what was left out.

A picture is made from an expression (with or without a point), or from a recorded `Value` or `Tensor`.  It is a part of
the graph that a person can take in: the vertices nearest to the result.  A constant is drawn once for each of its uses;
all else is one vertex, however often it is used.  Nothing here recurses, so the graph may be as deep as it likes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from gradcli.errors import UsageError
from gradcli.graph import Node, toposort
from gradcli.primitives.registry import ArrayFunction, functions
from gradcli.printing.text import index_text, operation_text, to_text

if TYPE_CHECKING:
    from gradcli.eager import Tensor, Value
    from gradcli.evaluate.expression import Expression

__all__ = [
    "MOST_VERTICES",
    "USEFUL_VERTICES",
    "Edge",
    "Kind",
    "Picture",
    "Vertex",
    "of_expression",
    "of_tensor",
    "of_value",
]

Kind = Literal["variable", "constant", "operation"]

#: Above this many vertices a picture is more ink than insight, and only the part nearest to the result is drawn.
USEFUL_VERTICES: Final = 120
#: What a depth that is asked for may bring in: Graphviz needs up to 6 s for this many and a minute for twice as many.
MOST_VERTICES: Final = 300

_LONGEST_TEXT: Final = 100
_LONGEST_FORMULA: Final = 40
#: A formula of so many names, numbers and signs is not written out.
_LARGE: Final = 60


class Vertex(NamedTuple):
    """A variable, a constant or an operation.

    Attributes:
        name: the name of a variable or constant, the digits of a number, or the sign or name of an operation.
        kind: which of the three it is.
        value: its value, if the point is known.
        gradient: the derivative of the result toward it, if the point is known and no constant is concerned.
        expression: the formula that it stands for, shortened; may be empty.
        label: what the user calls it; may be empty.
        hidden: how many of its operands were left out of the picture.
        shape: of an array, ``100 × 16``; empty for a number.  An array has no ``value``, and its ``gradient`` is the
            Euclidean norm of the array of derivatives.
    """

    name: str
    kind: Kind
    value: float | None
    gradient: float | None
    expression: str
    label: str = ""
    hidden: int = 0
    shape: str = ""


class Edge(NamedTuple):
    """One use of an operand by an operation.

    Attributes:
        operand, operation: positions in `Picture.vertices`.
        partial: the local derivative of the operation toward the operand, if it is one number.
        formula: the local derivative as a formula; may be empty.
        is_passive: whether it is known that no derivative passes here.
    """

    operand: int
    operation: int
    partial: float | None
    formula: str = ""
    is_passive: bool = False


class Picture(NamedTuple):
    """The part of a graph that is drawn.

    Attributes:
        vertices: operands first; the last one is the result.
        edges: by operation, in the order of its operands; an operand that is used twice has two edges.
        title: the formula of the result, shortened; may be empty.
        total: the number of vertices of the whole graph.
        depth: how many steps from the result the picture goes, if anything was left out.
    """

    vertices: list[Vertex]
    edges: list[Edge]
    title: str
    total: int
    depth: int | None = None

    @property
    def has_values(self) -> bool:
        """Whether values and gradients are known."""
        return self.vertices[-1].value is not None or self.vertices[-1].shape != ""


class _Use(NamedTuple):
    """A constant in its place: the operation that uses it and the position among the operands."""

    operation: Hashable
    position: int
    constant: Node


_Uses = Node | _Use
_Key = TypeVar("_Key", bound=Hashable)


class _Part(Generic[_Key]):
    """What is kept of a graph: its vertices, operands first, and how deep it goes if something was left out."""

    __slots__ = ("depth", "order", "total")

    def __init__(self, order: list[_Key], total: int, depth: int | None) -> None:
        self.order = order
        self.total = total
        self.depth = depth


def _postorder(root: _Key, operands: Callable[[_Key], Sequence[_Key]]) -> list[_Key]:
    """Everything that the root depends on, operands first and from left to right."""
    seen = {root}
    order: list[_Key] = []
    stack = [(root, iter(operands(root)))]
    while stack:
        vertex, rest = stack[-1]
        for operand in rest:
            if operand not in seen:
                seen.add(operand)
                stack.append((operand, iter(operands(operand))))
                break
        else:
            stack.pop()
            order.append(vertex)
    return order


def _nearest(root: _Key, operands: Callable[[_Key], Sequence[_Key]], depth: int | None, most: int) -> _Part[_Key]:
    """The part of a graph within ``depth`` steps from the root, with at most ``most`` vertices.

    Whole levels are kept, as many as fit; of a first level that does not fit by itself, its beginning.
    """
    order = _postorder(root, operands)
    kept = {root}
    level, reached = [root], 0
    while level and (depth is None or reached < depth):
        following: dict[_Key, None] = {}
        for vertex in level:
            following.update((operand, None) for operand in operands(vertex) if operand not in kept)
        below = list(following)
        if len(kept) + len(below) > most:
            if reached:
                break
            below = below[: most - 1]
        kept.update(below)
        level = below
        reached += bool(below)
        if len(kept) >= most:
            break
    whole = len(kept) == len(order)
    return _Part([vertex for vertex in order if vertex in kept], len(order), None if whole else reached)


def _limits(depth: int | None, most: int | None) -> int:
    if depth is not None and depth < 0:
        raise UsageError("the depth of a drawing is at least 0", kind="bad_value")
    return most if most is not None else USEFUL_VERTICES if depth is None else MOST_VERTICES


def _assemble(
    part: _Part[_Key],
    operands: Callable[[_Key], Sequence[_Key]],
    vertex: Callable[[_Key], Vertex],
    local: Callable[[_Key], Sequence[tuple[float | None, str, bool]]],
) -> Picture:
    """The picture of a part of a graph; ``local`` gives what edges say of the derivatives toward all operands."""
    position = {key: i for i, key in enumerate(part.order)}
    vertices, edges = [], []
    for key in part.order:
        uses = operands(key)
        shown = [i for i, operand in enumerate(uses) if operand in position]
        vertices.append(vertex(key)._replace(hidden=len(uses) - len(shown)))
        if shown:
            partials = local(key)
            edges += [Edge(position[uses[i]], position[key], *partials[i]) for i in shown]
    return Picture(vertices, edges, vertices[-1].expression, part.total, part.depth)


def of_expression(
    expression: Expression,
    at: Mapping[str, Any] | None = None,
    *,
    depth: int | None = None,
    most: int | None = None,
) -> Picture:
    """The picture of a parsed expression; arrays are drawn as by `of_tensor`.

    Args:
        expression: what to draw.
        at: a number or an array for each variable; without it the picture has neither values nor gradients.
        depth: draw only what is at most this many steps from the result.
        most: draw at most this many vertices; by default `USEFUL_VERTICES`, and `MOST_VERTICES` if a depth is given.

    Raises:
        UsageError: a variable has no value, or the depth is negative.

    >>> from gradcli.evaluate.expression import parse
    >>> picture = of_expression(parse("a + a"), {"a": 3})
    >>> [(vertex.name, vertex.value, vertex.gradient) for vertex in picture.vertices]
    [('a', 3.0, 2.0), ('+', 6.0, 1.0)]
    >>> [(edge.operand, edge.operation, edge.partial) for edge in picture.edges]
    [(0, 1, 1.0), (0, 1, 1.0)]
    """
    known: dict[Node, tuple[_Uses, ...]] = {}

    def operands(key: _Uses) -> tuple[_Uses, ...]:
        if not isinstance(key, Node):
            return ()
        found = known.get(key)
        if found is None:
            found = known[key] = tuple(
                [
                    _Use(key, i, operand) if operand.constant is not None else operand
                    for i, operand in enumerate(key.operands)
                ]
            )
        return found

    root: _Uses = expression.root
    part = _nearest(root, operands, depth, _limits(depth, most))
    numbers = _numbers(expression, at) if at is not None else _NO_NUMBERS
    sizes = _sizes(expression.root)
    texts = {key: _text(key, sizes) for key in part.order if isinstance(key, Node)}

    def vertex(key: _Uses) -> Vertex:
        if isinstance(key, _Use):
            text = to_text(key.constant)
            return Vertex(text, "constant", key.constant.constant if numbers.known else None, None, text)
        if key.constant is not None:
            return Vertex(texts[key], "constant", key.constant if numbers.known else None, None, texts[key])
        kind: Kind = "variable" if key.is_variable else "operation"
        name = key.name or _sign(key)
        shape = numbers.shapes.get(key, "")
        value = None if shape else numbers.values.get(key)
        return Vertex(name, kind, value, numbers.gradients.get(key), texts[key], key.name or "", shape=shape)

    def local(key: _Uses) -> Sequence[tuple[float | None, str, bool]]:
        assert isinstance(key, Node)
        partials = numbers.partials.get(key, [None] * len(key.operands))
        if numbers.on_arrays:
            passive = [bool(numbers.gradients) and operand not in numbers.gradients for operand in key.operands]
        else:
            passive = [numbers.known and partial is None for partial in partials]
        return list(zip(partials, _formulas(key, sizes), passive, strict=True))

    return _assemble(part, operands, vertex, local)._replace(title=_shortened(to_text(expression.root)))


class _Numbers(NamedTuple):
    """Values, gradients and local derivatives at a point."""

    known: bool
    values: Mapping[Node, float]
    gradients: Mapping[Node, float]
    partials: Mapping[Node, list[float | None]]
    shapes: Mapping[Node, str] = MappingProxyType({})
    on_arrays: bool = False


_NO_NUMBERS: Final = _Numbers(False, {}, {}, {})


def _array_numbers(expression: Expression, at: Mapping[str, Any]) -> _Numbers:
    """The same for arrays: shapes, and norms of gradients if the result is one number."""
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
            values[node] = float(value)
        gradient = getattr(value, "grad", None)
        if gradient is not None:
            size = functions.norm(gradient) if shape else gradient
            gradients[node] = math.nan if undefined else size.item()
    return _Numbers(True, values, gradients, {}, shapes, on_arrays=True)


def _shape_text(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _numbers(expression: Expression, at: Mapping[str, Any]) -> _Numbers:
    """Both sweeps over the whole graph, however much of it is drawn."""
    from gradcli.evaluate.point import Sweep
    from gradcli.execute.tape import Tape

    missing = [name for name in expression.variables if name not in at]
    if missing:
        raise UsageError(f"no value for {', '.join(f'`{name}`' for name in missing)}", kind="missing_variable")
    if expression.is_on_arrays(at):
        return _array_numbers(expression, at)
    graph = expression.root.graph
    tape = Tape([expression.root], [graph.variable(name) for name in expression.variables])
    sweep = Sweep(tape, [float(at[name]) for name in expression.variables], range(len(tape.variables)), {})
    undefined = sweep.values[tape.outputs[0]] != sweep.values[tape.outputs[0]]
    gradients: dict[Node, float] = {expression.root: math.nan if undefined else 1.0}
    partials: dict[Node, list[float | None]] = {}
    for slot, node in enumerate(tape.nodes):
        if not sweep.dependent[slot]:
            continue
        adjoint = sweep.adjoints[slot]
        gradients[node] = math.nan if undefined else 0.0 if adjoint is None else adjoint
        steps = sweep.partials(slot)
        if steps:
            operands = tape.instructions[slot - len(tape.nodes) + len(tape.instructions)].operands
            # A formula may have a number where the function has none, such as 1/x for log(x) at -1.
            exists = sweep.values[slot] == sweep.values[slot]
            partials[node] = [
                None if partial is None or not sweep.dependent[i] else partial if exists else math.nan
                for partial, i in zip(steps, operands, strict=True)
            ]
    return _Numbers(True, dict(zip(tape.nodes, sweep.values, strict=True)), gradients, partials)


def _sign(node: Node) -> str:
    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayFunction) and primitive.name == "index":
        return f"[{index_text(dict(node.options)['key'])}]"
    return primitive.infix.symbol if primitive.infix is not None else primitive.name


def _sizes(root: Node) -> dict[Node, int]:
    """How many names, numbers and signs the formula of each node has, up to `_LARGE`."""
    size: dict[Node, int] = {}
    for node in toposort([root]):
        size[node] = min(1 + sum([size[operand] for operand in node.operands]), _LARGE)
    return size


def _text(node: Node, sizes: Mapping[Node, int]) -> str:
    """The formula of a node, shortened; of a large one only its last operation, so that the cost does not grow."""
    if sizes[node] < _LARGE:
        text = to_text(node)
    else:
        text = operation_text(node, {operand: "..." for operand in node.operands if sizes[operand] > 4})
    return _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _formulas(node: Node, sizes: Mapping[Node, int]) -> list[str]:
    """The local derivatives of an operation as formulas in its operands, where they are short."""
    from gradcli.graph.rule import local_partials

    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayFunction) or primitive.is_locally_constant or sizes[node] >= _LARGE:
        return [""] * len(node.operands)
    partials, _ = local_partials(node, guarded=False)
    formulas = []
    for i, partial in enumerate(partials):
        passive = i < len(primitive.static) or node.operands[i].constant is not None
        text = "" if passive else to_text(partial)
        formulas.append(text if len(text) <= _LONGEST_FORMULA else "")
    return formulas


def of_value(root: Value, *, depth: int | None = None, most: int | None = None) -> Picture:
    """The picture of a recorded `Value` with the gradients that it holds now.

    Args:
        root: the result.
        depth: draw only what is at most this many steps from the result.
        most: draw at most this many vertices; by default `USEFUL_VERTICES`, and `MOST_VERTICES` if a depth is given.

    Raises:
        UsageError: the depth is negative.

    >>> from gradcli import Value
    >>> a = Value(3.0)
    >>> a.label = "a"
    >>> b = a * 2
    >>> b.backward()
    >>> [(vertex.name, vertex.kind, vertex.gradient) for vertex in of_value(b).vertices]
    [('a', 'variable', 2.0), ('2', 'constant', None), ('*', 'operation', 1.0)]
    """
    from gradcli.eager.value import operation_order
    from gradcli.execute.float_rules import float_rule
    from gradcli.primitives import Primitive
    from gradcli.printing.text import number_text

    # What `operation_order` passes over are the plain numbers that the operations met.
    recorded = set(operation_order(root)) | {root}
    part = _nearest(root, lambda value: value._prev, depth, _limits(depth, most))

    def vertex(value: Value) -> Vertex:
        if value not in recorded:
            text = number_text(value.data)
            return Vertex(text, "constant", value.data, None, text)
        if not value._op:
            return Vertex(value.label, "variable", value.data, value.grad, value.label, value.label)
        return Vertex(value._op, "operation", value.data, value.grad, value.label, value.label)

    def local(value: Value) -> Sequence[tuple[float | None, str, bool]]:
        operands = value._prev
        if not isinstance(value.primitive, Primitive):
            return [(None, "", True)] * len(operands)
        partials = float_rule(value.primitive, len(operands)).partials([o.data for o in operands], value.data)
        exists = value.data == value.data
        shown = [
            None if partial is None or operand not in recorded else partial if exists else math.nan
            for partial, operand in zip(partials, operands, strict=True)
        ]
        return [(partial, "", partial is None) for partial in shown]

    return _assemble(part, lambda value: value._prev, vertex, local)


class _Plain(NamedTuple):
    """A plain number or array in its place: the operation that uses it and the position among the operands."""

    operation: Hashable
    position: int
    content: Any

    def __hash__(self) -> int:
        return hash((self.operation, self.position))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Plain) and self[:2] == other[:2]


_Array: TypeAlias = "Tensor | _Plain"


def of_tensor(root: Tensor, *, depth: int | None = None, most: int | None = None) -> Picture:
    """The picture of a recorded `Tensor`: shapes of arrays, values of numbers, and the gradients that are there now.

    Args:
        root: the result.
        depth: draw only what is at most this many steps from the result.
        most: draw at most this many vertices; by default `USEFUL_VERTICES`, and `MOST_VERTICES` if a depth is given.

    Raises:
        UsageError: the depth is negative.

    >>> from gradcli import tensor
    >>> x = tensor([3.0, 4.0], requires_grad=True)
    >>> y = (2.0 * x).sum()
    >>> y.backward()
    >>> [(vertex.name, vertex.shape, vertex.value, vertex.gradient) for vertex in of_tensor(y).vertices]
    [('2', '', 2.0, None), ('', '2', None, 2.8284271247461903), ('*', '2', None, None), ('sum', '', 14.0, None)]
    """
    import numpy as np

    from gradcli.eager.tensor import Tensor
    from gradcli.printing.text import number_text

    # A plain number or array is a vertex of its own wherever an operation met it.
    known: dict[_Array, tuple[_Array, ...]] = {}

    def operands(key: _Array) -> tuple[_Array, ...]:
        operation = key.grad_fn if isinstance(key, Tensor) else None
        if operation is None:
            return ()
        if key not in known:
            uses = zip(operation.operands, operation.inputs, strict=True)
            known[key] = tuple([_Plain(key, i, y) if x is None else x for i, (x, y) in enumerate(uses)])
        return known[key]

    def vertex(key: _Array) -> Vertex:
        array = key.numpy() if isinstance(key, Tensor) else np.asarray(key.content)
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

    def local(key: _Array) -> Sequence[tuple[float | None, str, bool]]:
        return [(None, "", not (isinstance(one, Tensor) and one.requires_grad)) for one in operands(key)]

    start: _Array = root
    return _assemble(_nearest(start, operands, depth, _limits(depth, most)), operands, vertex, local)
