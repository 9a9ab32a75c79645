"""A picture as a tree for the terminal, with the result at the top and its operands below it.

A vertex that is used more than once has a number; its operands are shown only the first time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gradcli.draw.picture import Arrow, Picture, Vertex
from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = ["Line", "tree"]


class Line(NamedTuple):
    """A line of the tree: one use of a vertex, or the note that operands are not shown.

    Attributes:
        branch: the branches of the tree to the left of the text.
        text: the name of the vertex, with ``#1`` and so on if it is used more than once; or the note.
        vertex: the vertex; None for operands that are not shown.
        partial: the derivative of the operation one level up with respect to the vertex; None if no derivative exists.
    """

    branch: str
    text: str
    vertex: Vertex | None = None
    partial: float | None = None


def tree(picture: Picture, *, ascii_only: bool = False) -> Iterator[Line]:
    """Iterate over the lines of the tree from top to bottom.

    Args:
        picture: the picture to show.
        ascii_only: whether the branches are drawn with ``|`` and ``-``.

    >>> from gradcli.draw.picture import picture_of
    >>> from gradcli.evaluate.expression import parse
    >>> for line in tree(picture_of(parse("x*sin(x)"))):
    ...     print(line.branch + line.text)
    *
    ├─ x #1
    └─ sin
       └─ x #1
    """
    inner, last, bar = ("|- ", "`- ", "|  ") if ascii_only else ("├─ ", "└─ ", "│  ")
    below: list[list[Arrow]] = [[] for _ in picture.vertices]
    for each in picture.arrows:
        below[each.operation].append(each)
    uses = Counter(each.operand for each in picture.arrows)
    marks: dict[int, str] = {}
    seen: set[int] = set()
    # The lines that are still to be printed; the next one is the last entry.  An entry has the branches of the line and
    # of its operands, the position of the vertex (or minus the number of operands that are not shown), and the arrow to
    # the operation above.
    stack: list[tuple[str, str, int, Arrow | None]] = [("", "", len(picture.vertices) - 1, None)]
    while stack:
        branch, inside, place, arrow = stack.pop()
        if place < 0:
            yield Line(branch, f"... {counted(-place, 'operand')} not shown")
            continue
        vertex = picture.vertices[place]
        if uses[place] > 1:
            marks.setdefault(place, f"#{len(marks) + 1}")
        again = place in seen
        label = "" if vertex.label == vertex.name else vertex.label
        text = " ".join(filter(None, (vertex.name, label, marks.get(place)))) or "input"
        if again and vertex.kind == "operation":
            text += ", as above"
        yield Line(branch, text, vertex, arrow.partial if arrow else None)
        if again:
            continue
        seen.add(place)
        following: list[tuple[int, Arrow | None]] = [(each.operand, each) for each in below[place]]
        if vertex.hidden:
            following.append((-vertex.hidden, None))
        for i, (operand, use) in reversed(list(enumerate(following))):
            final = i == len(following) - 1
            stack.append((inside + (last if final else inner), inside + ("   " if final else bar), operand, use))
