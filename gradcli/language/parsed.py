"""The result of reading a text: its constants, its graph, and the places of its nodes in the text."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from types import MappingProxyType
from typing import Final

from gradcli.graph import Node, toposort
from gradcli.primitives import ArrayFunction
from gradcli.source import Note, Source, Span

__all__ = ["CONSTANTS", "ParsedExpression", "Spans", "doubtful_constants", "looks_variable", "operation_name"]

#: The names that are constants unless they have a value: their usual names, and their values.
CONSTANTS: Final[Mapping[str, tuple[str, float]]] = {
    "pi": ("pi", math.pi),
    "π": ("pi", math.pi),
    "e": ("e", math.e),
    "tau": ("tau", math.tau),
    "τ": ("tau", math.tau),
    "phi": ("phi", (1.0 + math.sqrt(5.0)) / 2.0),
    "φ": ("phi", (1.0 + math.sqrt(5.0)) / 2.0),
    "inf": ("inf", math.inf),
    "∞": ("inf", math.inf),
    "nan": ("nan", math.nan),
}


class ParsedExpression:
    """A text as a graph.

    Attributes:
        source: the text.
        graph: the graph that its nodes belong to.
        root: the node of its result.
        variables: the names of its variables, in the order in which they first appear.
        spans: the places of nodes in the text.
        has_arrays: whether the result depends on an operation on arrays.  All other operations are applied to arrays
            element by element.
        notes: remarks on words that some people would read in another way.
        definitions: a dictionary from the names that the text defines to the nodes that they stand for.
    """

    __slots__ = ("definitions", "graph", "has_arrays", "notes", "root", "source", "spans", "variables")

    def __init__(
        self,
        source: Source,
        root: Node,
        variables: Sequence[str],
        spans: Mapping[Node, list[Span]],
        has_arrays: bool = False,
        notes: Sequence[Note] = (),
        definitions: Mapping[str, Node] = MappingProxyType({}),
    ) -> None:
        self.source = source
        self.root = root
        self.graph = root.graph
        self.variables = tuple(variables)
        self.spans = spans
        self.has_arrays = has_arrays
        self.notes = tuple(notes)
        self.definitions = definitions

    @property
    def components(self) -> list[Node] | None:
        """The elements of a vector ``[f, g]`` of numbers; None for any other expression."""
        root = self.root
        if not isinstance(root.primitive, ArrayFunction) or root.primitive.name != "stack" or root.options:
            return None
        nodes = [*root.operands]
        return nodes if all(not isinstance(one.primitive, ArrayFunction) for one in toposort(nodes)) else None


#: The constants whose names are mostly those of variables; the others are constants unless a formula shows otherwise.
_SELDOM_CONSTANT: Final = frozenset({"tau", "τ", "phi", "φ"})


def doubtful_constants(words: Set[str], root: Node, *, has_variables: bool) -> set[str]:
    """Return the words that are read as constants, but may be meant as variables.

    Args:
        words: the constants of a text, as they are written there.
        root: its result.
        has_variables: whether the text has variables.
    """
    found = {word for word in words if word in _SELDOM_CONSTANT}
    if has_variables and (others := words - found):
        values = {CONSTANTS[word][0] for word in others}
        doubtful = {name for name in values if any(looks_variable(node, name) for node in toposort([root]))}
        found |= {word for word in others if CONSTANTS[word][0] in doubtful}
    return found


def looks_variable(node: Node, constant: str) -> bool:
    """Whether a constant is used as people use a variable: e in e*x and e^2, but not in e^x; pi in 1 - pi and pi^y."""
    if not any(operand.name == constant for operand in node.operands):
        return False
    name = node.primitive.name if node.primitive is not None else ""
    first, *others = node.operands
    is_base = name == "pow" and first.name == constant and others[0].constant is None
    if constant == "e":
        return not is_base
    return constant == "pi" and (is_base or (name == "sub" and first.constant == 1.0))


def operation_name(node: Node) -> str:
    """Return the name of an operation on arrays in messages: its name or sign, or brackets."""
    primitive = node.primitive
    assert isinstance(primitive, ArrayFunction)
    brackets = {"stack": "[...]", "index": "x[...]"}
    return primitive.infix.symbol if primitive.infix is not None else brackets.get(primitive.name, primitive.name)


class Spans(Mapping[Node, "list[Span]"]):
    """The places of nodes in a text. They are collected as plain numbers, and turned into spans at the first use."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._places = array("q")

    def add(self, node: Node, start: int, end: int) -> None:
        """Record a place of a node."""
        self._nodes.append(node)
        self._places.append(start)
        self._places.append(end)

    @cached_property
    def _found(self) -> dict[Node, list[Span]]:
        found: dict[Node, list[Span]] = {}
        places = iter(self._places)
        for node in self._nodes:
            found.setdefault(node, []).append(Span(next(places), next(places)))
        return found

    def __getitem__(self, node: Node) -> list[Span]:
        return self._found[node]

    def __iter__(self) -> Iterator[Node]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
