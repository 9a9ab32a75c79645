"""The graph: immutable vertices, each a primitive and its operands, interned so that equal expressions are one node.

A graph only grows.  A node's index is greater than those of its operands, so the order of indices is a topological
order, and no walk needs recursion.  There are two ways in: `Graph.add` enters exactly what is given (the parser's way),
`Graph.apply` first applies the identities that the primitive declares exact (the way of derivatives, and of Python's
operators on nodes).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gradcli.primitives import Operand, Primitive
from gradcli.primitives.array_functions import ArrayFunction

__all__ = ["Graph", "Node", "Options", "Slice", "array_node", "substitute", "toposort"]

#: The options of a function of arrays that are not the default ones, in the order of their declaration.
Options = tuple[tuple[str, Any], ...]


class Slice(NamedTuple):
    """A part of an axis as Python's slice has it, but with a hash in every version of Python."""

    start: int | None
    stop: int | None
    step: int | None


class Node(Operand):
    """A vertex: a variable (`name`), a constant (`constant`, perhaps with a `name` such as pi), or an operation.

    Nodes are made by a `Graph`.  Operators and functions applied to a node give a node of the same graph.  Whether a
    variable is a number or an array is not known to a graph; an operation may be one on arrays (`options`).
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
        """A node of this graph for the primitive applied to nodes and numbers."""
        return self.graph.apply(primitive, operands)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        """The node itself: it never changes."""
        return self

    def __bool__(self) -> bool:
        raise TypeError("a node has no truth value: what it is depends on the variables; choose with where(...)")

    def __repr__(self) -> str:
        if self.primitive is not None:
            return f"<node {self.index}: {self.primitive.name}({', '.join(str(o.index) for o in self.operands)})>"
        return f"<node {self.index}: {self.name or self.constant!r}>"


class Graph:
    """A growing set of interned nodes.

    >>> graph = Graph()
    >>> x = graph.variable("x")
    >>> (x + x) is (x + x), (x * 1) is x
    (True, True)
    """

    __slots__ = ("_interned", "nodes", "origins")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        #: A node that was made to differentiate another -> that other one.
        self.origins: dict[Node, Node] = {}
        self._interned: dict[Any, Node] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Graph:
        """The graph itself: what it holds never changes, and what it gains is equal for all who share it."""
        return self

    def _intern(
        self,
        key: Any,
        primitive: Primitive | ArrayFunction | None = None,
        operands: tuple[Node, ...] = (),
        constant: float | None = None,
        name: str | None = None,
        options: Options = (),
    ) -> Node:
        node = self._interned.get(key)
        if node is None:
            node = Node()
            node.graph = self
            node.index = len(self.nodes)
            node.primitive = primitive
            node.operands = operands
            node.options = options
            node.constant = constant
            node.name = name
            self.nodes.append(node)
            self._interned[key] = node
        return node

    def trace_back(self, first: int, origin: Node) -> None:
        """Remember that the nodes from index ``first`` on were made for the sake of ``origin``."""
        for node in self.nodes[first:]:
            self.origins[node] = origin

    def variable(self, name: str) -> Node:
        """The variable of this name."""
        return self._intern(("variable", name), name=name)

    def fresh_variable(self, name: str) -> Node:
        """A variable that is equal to no other, whatever its name."""
        return self._intern(("fresh", len(self.nodes)), name=name)

    def constant(self, value: float, name: str | None = None) -> Node:
        """The constant with these bits: 0.0 and -0.0 differ, and nan is equal to itself."""
        value = float(value)
        return self._intern((struct.pack("<d", value), name), constant=value, name=name)

    def lift(self, operand: Any) -> Node:
        """A node for an operand: a node of this graph stays, a number becomes a constant.

        Raises:
            ValueError: the node belongs to another graph.
        """
        if isinstance(operand, Node):
            if operand.graph is not self:
                raise ValueError("nodes of two graphs can't be combined")
            return operand
        return self.constant(operand)

    def add(
        self, primitive: Primitive | ArrayFunction, operands: Sequence[Node], options: Options | None = None
    ) -> Node:
        """The node of exactly this operation; only a function of arrays has options."""
        operands = tuple(operands)
        key = (primitive.name, *[operand.index for operand in operands])
        if options is None:
            return self._intern(key, primitive, operands)
        return self._intern((*key, options), primitive, operands, options=options)

    def apply(self, primitive: Primitive, operands: Iterable[Any]) -> Node:
        """The node of this operation after identities that are exact in IEEE arithmetic, up to the sign of zero."""
        nodes = tuple([self.lift(operand) for operand in operands])
        known = self._interned.get((primitive.name, *[node.index for node in nodes]))
        if known is not None:
            return known
        if all(node.constant is not None and node.name is None for node in nodes):
            return self.constant(primitive.value(*[node.constant for node in nodes]))
        if primitive.rewrite is not None:
            replacement = primitive.rewrite(*nodes)
            if replacement is not None:
                return self.lift(replacement)
        return self.add(primitive, nodes)


def array_node(root: Node) -> Node | None:
    """The first operation on arrays that a node depends on, if there is one."""
    return next((node for node in toposort([root]) if isinstance(node.primitive, ArrayFunction)), None)


def toposort(roots: Iterable[Node], into: Callable[[Node], Iterable[Node]] | None = None) -> list[Node]:
    """All nodes that the roots depend on, operands first.

    Args:
        roots: nodes of one graph.
        into: which operands of a node to follow; all of them by default.
    """
    seen = set(roots)
    stack = list(seen)
    while stack:
        node = stack.pop()
        for operand in node.operands if into is None else into(node):
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return sorted(seen, key=_index)


def _index(node: Node) -> int:
    return node.index


def substitute(root: Node, replacements: Mapping[Node, Node], *, exactly: bool = False) -> Node:
    """The graph of ``root`` with some of its nodes replaced.

    Args:
        root: what to rebuild.
        replacements: node -> node of the same graph.
        exactly: rebuild operations as they are, without identities.
    """
    graph = root.graph
    build = graph.add if exactly else graph.apply
    image: dict[Node, Node] = dict(replacements)
    for node in toposort([root], lambda node: () if node in replacements else node.operands):
        if node in image:
            continue
        operands = [image[operand] for operand in node.operands]
        changed = any(new is not old for new, old in zip(operands, node.operands, strict=True))
        first = len(graph.nodes)
        if not changed or node.primitive is None:
            image[node] = node
        elif isinstance(node.primitive, ArrayFunction):
            image[node] = graph.add(node.primitive, operands, node.options)
        else:
            image[node] = build(node.primitive, operands)
        graph.trace_back(first, node)
    return image[root]
