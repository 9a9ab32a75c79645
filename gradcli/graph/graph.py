"""The graph: immutable nodes, each a primitive with its operands, interned so that equal expressions are one node.

A graph only grows.  The index of a node is greater than the indices of its operands, so the order of indices is a
topological order, and no walk needs recursion.  There are two ways to add an operation.  `Graph.add` adds exactly this
operation; the parser uses it.  `Graph.apply` first applies the exact identities that the primitive declares;
derivatives and Python's operators on nodes use it.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import compress
from types import MappingProxyType
from typing import Any

from gradcli.errors import CallError
from gradcli.primitives import ArrayFunction, Operand, Primitive, functions
from gradcli.records import NamedTuple

__all__ = [
    "Graph",
    "Node",
    "Options",
    "Slice",
    "array_node",
    "has_kink",
    "on_graph",
    "paused_collector",
    "readable",
    "rebuilt",
    "substitute",
    "toposort",
    "unfolded",
    "values_at",
]

#: Floats up to this size hold every integer.
_WHOLE = 2.0**53
#: The names and values of the options of a function of arrays, without defaults, in the order of their declaration.
Options = tuple[tuple[str, Any], ...]


class Slice(NamedTuple):
    """A slice of an axis; Python's own slice has no hash before Python 3.12."""

    start: int | None
    stop: int | None
    step: int | None


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause Python's cyclic garbage collector, in code that builds many objects and frees none.

    A collection would find nothing to free, and for a large graph it would take more time than the code itself.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Node(Operand):
    """A node of a graph: a variable, a constant or an operation.

    Nodes are made by a `Graph`.  Operators and functions applied to a node give a node of the same graph.  The graph
    doesn't know whether a variable is a number or an array.

    Attributes:
        graph: the graph that it belongs to.
        index: its position in ``graph.nodes``.
        primitive: the function of an operation; None for a variable or a constant.
        operands: the operands of an operation.
        options: the options of an operation on arrays.
        constant: the number of a constant, else None.
        name: the name of a variable, or of a constant such as pi, else None.
    """

    __slots__ = ("constant", "graph", "index", "name", "operands", "options", "primitive")
    operand_rank = 2

    graph: Graph
    index: int
    primitive: Primitive | ArrayFunction | None
    operands: tuple[Node, ...]
    options: Options
    constant: float | None
    name: str | None

    @property
    def is_variable(self) -> bool:
        """Whether this is a variable, which gets its value at evaluation."""
        return self.primitive is None and self.constant is None

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Node:
        """Return the node of a primitive applied to nodes and numbers."""
        return self.graph.apply(primitive, operands)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        """Return the node itself, since it never changes."""
        return self

    def __bool__(self) -> bool:
        message = "a node has no truth value, because its value depends on the variables; choose with where(...)"
        raise CallError(message, kind="symbol_as_truth")

    def _refuse(self, *_: Any) -> Any:
        raise CallError("a node is a symbol, not an array, so it has no elements", kind="symbol_as_array")

    __getitem__ = __len__ = __matmul__ = __rmatmul__ = apply_array = _refuse

    def __repr__(self) -> str:
        if self.primitive is not None:
            return f"<node {self.index}: {self.primitive.name}({', '.join(str(o.index) for o in self.operands)})>"
        return f"<node {self.index}: {self.name or self.constant!r}>"


class Graph:
    """A growing set of interned nodes.

    Args:
        folds: whether `apply` computes all operations on numbers.  Without this, log(2) and 2/3 stay as they are; an
            operator is computed only if its operands and its result are integers.

    >>> graph = Graph()
    >>> x = graph.variable("x")
    >>> (x + x) is (x + x), (x * 1) is x
    (True, True)
    """

    __slots__ = ("_constants", "_firsts", "_operations", "_origins", "_variables", "folds", "nodes")

    def __init__(self, folds: bool = True) -> None:
        self.folds = folds
        self.nodes: list[Node] = []
        self._variables: dict[str, Node] = {}
        self._constants: dict[Any, Node] = {}
        #: Primitive -> operands (with options, if there are any) -> node.
        self._operations: defaultdict[Primitive | ArrayFunction, dict[Any, Node]] = defaultdict(dict)
        # The nodes from index _firsts[i] up to _firsts[i + 1] were made to differentiate _origins[i].
        self._firsts: list[int] = []
        self._origins: list[Node | None] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Graph:
        """Return the graph itself: its nodes never change, and new nodes don't affect other users of the graph."""
        return self

    @property
    def operations(self) -> Mapping[Primitive | ArrayFunction, Mapping[Any, Node]]:
        """A dictionary from primitives to dictionaries, which lead from operands (with options, if any) to nodes."""
        return self._operations

    def _enter(
        self,
        primitive: Primitive | ArrayFunction | None = None,
        operands: tuple[Node, ...] = (),
        constant: float | None = None,
        name: str | None = None,
        options: Options = (),
    ) -> Node:
        node = Node()
        node.graph = self
        node.index = len(self.nodes)
        node.primitive = primitive
        node.operands = operands
        node.options = options
        node.constant = constant
        node.name = name
        self.nodes.append(node)
        return node

    def trace_back(self, first: int, origin: Node) -> None:
        """Record that the nodes from index ``first`` on were made from ``origin``."""
        count = len(self.nodes)
        if first < count:
            while self._firsts and self._firsts[-1] >= first:
                self._firsts.pop()
                self._origins.pop()
            self._firsts += (first, count)
            self._origins += (origin, None)

    def origin(self, node: Node) -> Node | None:
        """Return the node that was differentiated when this node was made; None for a node of a user's formula."""
        from bisect import bisect_right

        place = bisect_right(self._firsts, node.index) - 1
        return self._origins[place] if place >= 0 else None

    def variable(self, name: str) -> Node:
        """Return the variable with this name; every call returns the same node."""
        node = self._variables.get(name)
        if node is None:
            node = self._variables[name] = self._enter(name=name)
        return node

    def fresh_variable(self, name: str) -> Node:
        """Return a new variable, even if another one has the same name."""
        return self._enter(name=name)

    def constant(self, value: float, name: str | None = None) -> Node:
        """Return the node of a constant.  0.0 and -0.0 are two different constants, all nans are the same constant."""
        value = float(value)
        key: Any = value if value and value == value else repr(value)
        if name is not None:
            key = (key, name)
        node = self._constants.get(key)
        if node is None:
            node = self._constants[key] = self._enter(constant=value, name=name)
        return node

    def lift(self, operand: Any) -> Node:
        """Return an operand as a node; a number becomes a constant.

        Raises:
            ValueError: the operand is a node of another graph.
        """
        if isinstance(operand, Node):
            if operand.graph is not self:
                raise ValueError("nodes of two graphs can't be combined")
            return operand
        return self.constant(operand)

    def add(
        self, primitive: Primitive | ArrayFunction, operands: Sequence[Node], options: Options | None = None
    ) -> Node:
        """Return the node of exactly this operation; only functions of arrays have options."""
        operands = tuple(operands)
        known = self._operations[primitive]
        key: Any = (operands, options) if options else operands
        node = known.get(key)
        if node is None:
            node = known[key] = self._enter(primitive, operands, options=options or ())
        return node

    def apply(self, primitive: Primitive, operands: Iterable[Any]) -> Node:
        """Return the node of an operation, simplified by identities that hold for all floats, up to the sign of 0."""
        nodes = tuple([one if one.__class__ is Node and one.graph is self else self.lift(one) for one in operands])
        table = self._operations[primitive]
        known = table.get(nodes)
        # The same operation on constants may have been typed; then it is computed nevertheless.
        if known is not None and (nodes[0].constant is None or nodes[-1].constant is None):
            return known
        for node in nodes:
            if node.constant is None or node.name is not None:
                break
        else:
            value = primitive.value(*[node.constant for node in nodes])
            if self.folds or primitive.is_truth or _is_whole(primitive, value, nodes):
                return self.constant(value)
        if known is not None:
            return known
        if primitive.rewrite is not None:
            replacement = primitive.rewrite(*nodes)
            if replacement is not None:
                return self.lift(replacement)
        found = table[nodes] = self._enter(primitive, nodes)
        return found


def _is_whole(primitive: Primitive, value: float, operands: tuple[Node, ...]) -> bool:
    """Whether an operation is an operator on integers with an integer as its result, none of them rounded."""
    numbers = [value, *[operand.constant or 0.0 for operand in operands]]
    return primitive.infix is not None and all(one.is_integer() and abs(one) <= _WHOLE for one in numbers)


def has_kink(primitive: Primitive | ArrayFunction | None) -> bool:
    """Whether a function has a kink or an infinite slope at a point where a power of the function may be smooth."""
    if isinstance(primitive, ArrayFunction) and any(edge.kind == "kink" for edge in primitive.edges):
        return True
    return getattr(primitive, "smooth_power", None) is not None


def array_node(root: Node) -> Node | None:
    """Return the first operation on arrays that a node depends on, or None."""
    return next((node for node in toposort([root]) if isinstance(node.primitive, ArrayFunction)), None)


def is_number(root: Node) -> bool:
    """Whether a formula is certainly one number, because it has neither variables nor operations on arrays."""
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        if node.is_variable or isinstance(node.primitive, ArrayFunction):
            return False
        for operand in node.operands:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return True


def toposort(roots: Iterable[Node], into: Callable[[Node], Iterable[Node]] | None = None) -> list[Node]:
    """Return all nodes that the roots depend on, operands before their operations.

    Args:
        roots: nodes of one graph.
        into: a function from a node to those of its operands that are followed; by default all operands are.
    """
    stack = list(roots)
    if not stack:
        return []
    nodes = stack[0].graph.nodes
    seen = bytearray(1 + max([root.index for root in stack]))
    while stack:
        node = stack.pop()
        seen[node.index] = True
        for operand in node.operands if into is None else into(node):
            if not seen[operand.index]:
                seen[operand.index] = True
                stack.append(operand)
    return list(compress(nodes, seen))


def values_at(order: Iterable[Node], given: Mapping[Node, float]) -> dict[Node, float]:
    """Return the values of nodes on numbers; a node whose value does not follow from the given ones is left out.

    Args:
        order: the nodes, operands before their operations.
        given: the values of variables, or of other nodes.

    >>> graph = Graph()
    >>> x, y = graph.variable("x"), graph.variable("y")
    >>> values = values_at(toposort([x * 2 + y]), {x: 3.0})
    >>> values[x * 2], x * 2 + y in values
    (6.0, False)
    """
    values = dict(given)
    for node in order:
        if node.constant is not None:
            values[node] = node.constant
        elif isinstance(node.primitive, Primitive) and node not in values:
            operands = [values[operand] for operand in node.operands if operand in values]
            if len(operands) == len(node.operands):
                values[node] = node.primitive.value(*operands)
    return values


def substitute(root: Node, replacements: Mapping[Node, Node], *, exactly: bool = False) -> Node:
    """Return ``root`` with some of the nodes on which it depends replaced by other nodes.

    Args:
        root: the node to rebuild.
        replacements: a dictionary from nodes to the nodes of the same graph that replace them.
        exactly: whether operations are rebuilt as they are, without applying identities.
    """
    graph = root.graph
    image: dict[Node, Node] = dict(replacements)
    for node in toposort([root], lambda node: () if node in replacements else node.operands):
        if node in image:
            continue
        first = len(graph.nodes)
        image[node] = rebuilt(node, tuple([image[operand] for operand in node.operands]), exactly)
        graph.trace_back(first, node)
    return image[root]


def rebuilt(node: Node, operands: tuple[Node, ...], exactly: bool = False) -> Node:
    """Return the node of the same operation on other operands."""
    primitive = node.primitive
    if primitive is None or operands == node.operands:
        return node
    if isinstance(primitive, ArrayFunction):
        return node.graph.add(primitive, operands, node.options)
    return node.graph.add(primitive, operands) if exactly else node.graph.apply(primitive, operands)


def unfolded(order: Iterable[Node]) -> dict[Node, Node]:
    """Return a dictionary from nodes to their copies on a graph that keeps log(2) and 2/3 as they are.

    ``order`` has operands before their operations.
    """
    return on_graph(order, Graph(folds=False))


def on_graph(
    order: Iterable[Node], graph: Graph, replacements: Mapping[Node, Node] = MappingProxyType({})
) -> dict[Node, Node]:
    """Return a dictionary from nodes to their copies on another graph.

    Args:
        order: the nodes, operands before operations.
        graph: the other graph.
        replacements: a dictionary from nodes to nodes of the other graph that replace them.
    """
    image: dict[Node, Node] = {}
    for node in order:
        if node in replacements:
            image[node] = replacements[node]
        elif node.primitive is not None:
            image[node] = graph.add(node.primitive, [image[operand] for operand in node.operands], node.options)
        elif node.constant is None:
            image[node] = graph.variable(node.name or "")
        else:
            image[node] = graph.constant(node.constant, node.name)
    return image


@paused_collector()
def readable(root: Node, *, with_guards: bool = False) -> Node:
    """Return a formula without internal primitives, which make derivatives accurate but mean nothing to a person.

    Args:
        root: the formula.
        with_guards: whether the edge points of a derivative stay guarded; by default a guard becomes a choice.
    """

    def stays(node: Node) -> bool:
        if not isinstance(node.primitive, Primitive) or not node.primitive.internal:
            return True
        return with_guards and node.primitive is functions.guard and not _is_nan(node.operands[2])

    while True:
        order = toposort([root])
        if all(map(stays, order)):
            return root
        image: dict[Node, Node] = {}
        for node in order:
            primitive = node.primitive
            operands = tuple([image[operand] for operand in node.operands])
            if stays(node) or not isinstance(primitive, Primitive):
                image[node] = rebuilt(node, operands)
            elif primitive.expands is not None:
                image[node] = node.graph.lift(primitive.expands(*operands))
            elif primitive.transparent:
                image[node] = operands[0]
            else:
                image[node] = rebuilt(node, operands)
        root = image[root]


def _is_nan(node: Node) -> bool:
    return node.constant is not None and node.constant != node.constant
