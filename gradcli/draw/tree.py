"""A picture as a tree of lines for the terminal, the result on top and operands below it.

A vertex that is used more than once has a number; where it comes again, its operands are not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gradcli.draw.picture import Edge, Picture, Vertex

__all__ = ["Line", "tree"]


class Line(NamedTuple):
    """One use of a vertex.

    Attributes:
        branch: the lines of the tree in front of it.
        vertex: what stands there; None for operands that are not shown.
        partial: the local derivative of the operation above toward it; None at the result and where there is none.
        mark: ``#1`` and so on for a vertex that is used more than once, else empty.
        again: whether it stood further up already, so that its operands are not repeated.
        hidden: how many operands are not shown, on the line that stands for them.
    """

    branch: str
    vertex: Vertex | None
    partial: float | None = None
    mark: str = ""
    again: bool = False
    hidden: int = 0

    @property
    def text(self) -> str:
        """What stands behind the branch.

        >>> Line("", None, hidden=2).text
        '... 2 operands not shown'
        """
        if self.vertex is None:
            return f"... {self.hidden} operand{'s' if self.hidden > 1 else ''} not shown"
        name = " ".join(word for word in (self.vertex.name, self.label, self.mark) if word) or "input"
        return f"{name}, as above" if self.again and self.vertex.kind == "operation" else name

    @property
    def label(self) -> str:
        """What the user calls it, unless that is its name."""
        assert self.vertex is not None
        return "" if self.vertex.label == self.vertex.name else self.vertex.label


def tree(picture: Picture, *, ascii_only: bool = False) -> Iterator[Line]:
    """The lines from top to bottom.

    Args:
        picture: what to show.
        ascii_only: draw the branches with ``|`` and ``-``.

    >>> from gradcli.draw.picture import of_expression
    >>> from gradcli.evaluate.expression import parse
    >>> for line in tree(of_expression(parse("x*sin(x)"))):
    ...     print(line.branch + line.text)
    *
    ├─ x #1
    └─ sin
       └─ x #1
    """
    inner, last, bar = ("|- ", "`- ", "|  ") if ascii_only else ("├─ ", "└─ ", "│  ")
    below: list[list[Edge]] = [[] for _ in picture.vertices]
    uses = [0] * len(picture.vertices)
    for use in picture.edges:
        below[use.operation].append(use)
        uses[use.operand] += 1
    marks: dict[int, str] = {}
    seen: set[int] = set()
    # What is still to be printed, next one on top: the branch to it, the branch to its operands, the vertex, the edge.
    stack: list[tuple[str, str, int, Edge | None]] = [("", "", len(picture.vertices) - 1, None)]
    while stack:
        branch, inside, place, edge = stack.pop()
        if place < 0:
            yield Line(branch, None, hidden=-place)
            continue
        vertex = picture.vertices[place]
        if uses[place] > 1:
            marks.setdefault(place, f"#{len(marks) + 1}")
        again = place in seen
        yield Line(branch, vertex, edge.partial if edge else None, marks.get(place, ""), again)
        if again:
            continue
        seen.add(place)
        following: list[tuple[int, Edge | None]] = [(use.operand, use) for use in below[place]]
        if vertex.hidden:
            following.append((-vertex.hidden, None))
        for i, (operand, step) in reversed(list(enumerate(following))):
            final = i == len(following) - 1
            stack.append((inside + (last if final else inner), inside + ("   " if final else bar), operand, step))
