r"""The last step of printing LaTeX: brackets get the height of their content, and rows with fractions more room.

A printer writes every bracket as ``\left(`` and every fraction as ``\frac``, because it doesn't know what is inside or
around them.  On paper, ``\left(x\right)`` has too much space around it, and a fraction in a matrix is small and touches
the row below.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["typeset"]

_TOKEN: Final = re.compile(r"\\left\(|\\right\)|\\(?:begin|end)\{\w+\}|\\[A-Za-z]+|\\.|[{}]|[^\\{}]+", re.DOTALL)
#: A thin space before the name of a function, which brings a space of its own.
_SPACE_BEFORE_NAME: Final = re.compile(
    r" \\, (?=\\(?:(?:arc)?(?:sin|cos|tan)|sec|csc|cot|sinh|cosh|tanh|coth|exp|log|max|min|operatorname)(?![A-Za-z]))"
)
_ROOM: Final = r"\\[10pt]"


class _Group:
    """Brackets or an environment that are open.

    Attributes:
        start: the place of its first part.
        depth: the number of open braces around it.
        is_tall: whether it holds a fraction, an environment or tall brackets, so that its rows need room.
        is_high: whether it holds something that is higher than plain brackets, such as a fraction or a root.
        rows: the places of the ends of its rows.
        fractions: the places of the fractions that are not in braces.
    """

    def __init__(self, start: int, depth: int) -> None:
        self.start = start
        self.depth = depth
        self.is_tall = self.is_high = False
        self.rows: list[int] = []
        self.fractions: list[int] = []


def typeset(text: str) -> str:
    r"""Return the LaTeX of a printer with brackets as high as their content, and with room for fractions.

    >>> print(typeset(r"x \, \cos\left(x\right) + \left(\frac{x}{2}\right)^{2}"))
    x \cos(x) + \left(\frac{x}{2}\right)^{2}
    >>> print(typeset(r"\begin{bmatrix} \frac{x}{2} \\ y \end{bmatrix}"))
    \begin{bmatrix} \dfrac{x}{2} \\[10pt] y \end{bmatrix}
    """
    parts = _TOKEN.findall(_SPACE_BEFORE_NAME.sub(" ", text))
    open_groups = [_Group(0, 0)]
    depth = 0
    for place, part in enumerate(parts):
        group = open_groups[-1]
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
        elif part == r"\frac":
            group.is_tall = True
            if depth == group.depth:
                group.fractions.append(place)
        elif part == r"\sqrt":
            group.is_high = True
        elif part == r"\\":
            group.rows.append(place)
        elif part == r"\left(" or part.startswith(r"\begin"):
            open_groups.append(_Group(place, depth))
        elif part == r"\right)":
            open_groups.pop()
            if not (group.is_tall or group.is_high):
                parts[group.start], parts[place] = "(", ")"
            elif group.depth == open_groups[-1].depth:
                open_groups[-1].fractions += group.fractions
            open_groups[-1].is_tall |= group.is_tall
            open_groups[-1].is_high |= group.is_high
        elif part.startswith(r"\end"):
            open_groups.pop()
            open_groups[-1].is_tall = True
            for fraction in group.fractions:
                parts[fraction] = r"\dfrac"
            for row in group.rows if group.is_tall else ():
                parts[row] = _ROOM
    return "".join(parts)
