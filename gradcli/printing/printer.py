"""The walk over a graph that all printers of formulas share.

For one node, a printer returns the level at which its text binds, and the pieces of the text.  A piece is a string, or
an operand with the lowest level at which it needs no parentheses.  The walk uses a stack of pieces and doesn't recurse.
If nodes are used so often that the text would be much larger than the graph, these nodes become definitions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, TypeAlias

from gradcli.graph import Node, paused_collector, toposort

__all__ = ["ATOM", "LOOSEST", "Piece", "Printer"]

Piece: TypeAlias = str | tuple[Node, int]

#: The level of names, numbers and calls, which never need parentheses; and the level for a place that needs none.
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
        """Return the level of a node and the pieces of its text."""

    def name_text(self, name: str) -> str:
        """Return the name of a variable or a definition in this notation."""
        return name

    def write(self, root: Node, *, names: dict[Node, str] | None = None) -> str:
        """Return the text of a formula.

        Args:
            root: the formula.
            names: nodes that are written as a name -> their names.
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
                done.append(self.opening)
                stack.append(self.closing)
            stack.extend(reversed(parts))
        return "".join(done)

    @paused_collector()
    def write_all(self, root: Node) -> str:
        """Return the text of a formula; if it is much larger than its graph, definitions come first."""
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
