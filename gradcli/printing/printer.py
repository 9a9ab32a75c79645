"""The walk over a graph that all printers of formulas share.

For one node, a printer returns the level of precedence of its text, and the pieces of the text.  A piece is a string,
or an operand with the lowest level at which it needs no parentheses.  The walk uses a stack of pieces and doesn't
recurse. If some nodes are used so often that the text would be much larger than the graph, they are written as
definitions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Final, TypeAlias

from gradcli.graph import Node, paused_collector, toposort

__all__ = ["ATOM", "LOOSEST", "Piece", "Printer", "filled"]

Piece: TypeAlias = str | tuple[Node, int]

#: The level of names, numbers and calls, which never need parentheses; and the level for a place that needs none.
ATOM: Final = 10
LOOSEST: Final = 0

_LARGE: Final = 2000


def filled(template: str, operands: Mapping[str, Node], levels: Mapping[str, int]) -> list[Piece]:
    """Return the pieces of a template with operands in it.

    Args:
        template: a text with fields such as ``{x}``, or ``{x:9}`` for an operand in parentheses, unless its level of
            precedence is 9 or higher; a literal brace is doubled.
        operands: the operands by their names.
        levels: the levels of fields without a level in the template; an operand without a level needs no parentheses.
    """
    from string import Formatter

    parts: list[Piece] = []
    for text, name, level, _ in Formatter().parse(template):
        parts.append(text)
        if name is not None:
            parts.append((operands[name], int(level or levels.get(name, LOOSEST))))
    return parts


class Printer(ABC):
    """The base class of all printers: a printer writes formulas in one notation."""

    opening = "("
    closing = ")"
    definition = "{name} = {text}; "

    @abstractmethod
    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        """Return the level of precedence of a node's text, and its pieces."""

    def name_text(self, name: str) -> str:
        """Return the name of a variable or a definition in this notation."""
        return name

    def brackets(self, operands: Sequence[Node]) -> tuple[str, str]:  # noqa: ARG002 - some notations have several
        """Return the parentheses around some operands."""
        return self.opening, self.closing

    def write(self, root: Node, *, names: Mapping[Node, str] | None = None) -> str:
        """Return the text of a formula.

        Args:
            root: the formula.
            names: the names of the nodes that are written as a name.
        """
        known = names or {}
        done: list[str] = []
        stack: list[Piece] = [(root, LOOSEST)]
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                done.append(piece)
                continue
            node, lowest = piece
            if node in known and node is not root:
                done.append(self.name_text(known[node]))
                continue
            level, parts = self.pieces(node)
            if level < lowest:
                opening, closing = self.brackets((node,))
                done.append(opening)
                stack.append(closing)
            stack.extend(reversed(parts))
        return "".join(done)

    @paused_collector()
    def write_all(self, root: Node) -> str:
        """Return the text of a formula, with definitions before it if it is otherwise much larger than the graph."""
        order = toposort([root])
        size: dict[Node, int] = {}
        for node in order:
            size[node] = min(1 + sum(map(size.__getitem__, node.operands)), 1 << 60)
        if size[root] <= max(_LARGE, 2 * len(order)):
            return self.write(root)
        uses = Counter(operand for node in order for operand in node.operands)
        taken = {node.name for node in order}
        unused = (name for name in map("t{}".format, count(1)) if name not in taken)
        names: dict[Node, str] = {}
        text: list[str] = []
        for node in order:
            if node is not root and node.primitive is not None and uses[node] > 1:
                names[node] = next(unused)
                name = self.name_text(names[node])
                text.append(self.definition.format(name=name, text=self.write(node, names=names)))
        return "".join(text) + self.write(root, names=names)
