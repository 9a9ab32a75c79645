"""The walk that all printers of formulas share.

A printer says for one node at what level its text binds and of which pieces it consists; a piece is a string, or an
operand with the lowest level at which it needs no parentheses.  The walk is a stack of pieces, so depth costs nothing.
Where a graph would print much larger than it is, because nodes are shared, the shared nodes become definitions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, TypeAlias

from gradcli.graph import Node, paused_collector, toposort

__all__ = ["ATOM", "LOOSEST", "Piece", "Printer"]

Piece: TypeAlias = str | tuple[Node, int]

#: The level of names, numbers and calls, which never need parentheses, and the one at which nothing needs any.
ATOM: Final = 10
LOOSEST: Final = 0

_LARGE: Final = 2000


class Printer(ABC):
    """A notation for formulas."""

    opening = "("
    closing = ")"
    definition = "{name} = {text}; "

    @abstractmethod
    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        """The level of a node and the pieces of its text."""

    def name_text(self, name: str) -> str:
        """A variable or a definition in this notation."""
        return name

    def write(self, root: Node, *, names: dict[Node, str] | None = None) -> str:
        """The text of one formula; nodes with a name are written as their name."""
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
                done.append(self.opening)
                stack.append(self.closing)
            stack.extend(reversed(parts))
        return "".join(done)

    @paused_collector()
    def write_all(self, root: Node) -> str:
        """The text of a formula, with definitions in front where it would otherwise be much larger than its graph."""
        order = toposort([root])
        size: dict[Node, int] = {}
        for node in order:
            total = 1
            for operand in node.operands:
                total += size[operand]
            size[node] = min(total, 1 << 60)
        if size[root] <= max(_LARGE, 2 * len(order)):
            return self.write(root)
        uses: dict[Node, int] = {}
        for node in order:
            for operand in node.operands:
                uses[operand] = uses.get(operand, 0) + 1
        taken = {node.name for node in order}
        names: dict[Node, str] = {}
        text: list[str] = []
        for node in order:
            if node is root or node.primitive is None or uses[node] < 2:
                continue
            number = len(names) + 1
            while f"t{number}" in taken:
                number += 1
            taken.add(f"t{number}")
            names[node] = f"t{number}"
            text.append(self.definition.format(name=self.name_text(names[node]), text=self.write(node, names=names)))
        return "".join(text) + self.write(root, names=names)
