"""The texts and numbers of vertices and arrows in each of the three styles, from which DOT and SVG are written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from gradcli.draw.palette import CONSTANT, INPUT, NET, OPERATION, VARIABLE, Colours, gradient_colour
from gradcli.draw.picture import Arrow, Picture, Vertex
from gradcli.errors import choice
from gradcli.printing.text import number_text
from gradcli.records import NamedTuple

__all__ = [
    "LEGEND", "RANKDIRS", "STYLES", "Card", "Row", "arrow_text", "cards_of", "fixed", "full_text", "short",
    "title_text",
]  # fmt: skip

STYLES: Final = ("full", "micrograd", "minigrad")
RANKDIRS: Final = ("LR", "TB", "BT", "RL")

#: The second line of the title of a drawing with numbers at its arrows.
LEGEND: Final = "on the edges: local derivatives"

#: The printed signs of operators that are typed with other characters.
_PRINTED: Final = {"*": "×", "-": "−"}

Role: TypeAlias = Literal["value", "gradient"]


class Row(NamedTuple):
    """A number of a vertex, the word for it, and the colour of its background; the colour may be empty."""

    word: str
    text: str
    role: Role
    fill: str = ""


class Card(NamedTuple):
    """The content of a vertex.

    Attributes:
        name: its name or sign; may be empty.
        label: the user's name for an operation; may be empty.
        rows: its numbers.
        colours: the colours of the vertex, or of the cell with its name.
        is_result: whether it is the result of the picture.
    """

    name: str
    label: str
    rows: list[Row]
    colours: Colours
    is_result: bool = False


def cards_of(picture: Picture, style: str) -> list[Card]:
    """Return a card for each vertex of a picture.

    Raises:
        UsageError: the style is unknown.

    >>> from gradcli.draw.picture import picture_of
    >>> from gradcli.evaluate.expression import parse
    >>> for card in cards_of(picture_of(parse("a+a"), {"a": 3}), "full"):
    ...     print(card.name, [f"{row.word} {row.text}" for row in card.rows])
    a ['value 3', 'gradient 2']
    + ['value 6', 'gradient 1']
    """
    make = _MAKERS[choice(style, STYLES, "style")]
    sizes = (abs(one.gradient) for one in picture.vertices if one.gradient and math.isfinite(one.gradient))
    largest = max(sizes, default=0.0)
    cards = [make(vertex, largest) for vertex in picture.vertices]
    return [*cards[:-1], cards[-1]._replace(is_result=True)]


def _full(vertex: Vertex, largest: float) -> Card:
    """Return the name of a vertex, its value, and its gradient on a background that shows its size."""
    colours: Colours = {"variable": VARIABLE, "constant": CONSTANT, "operation": OPERATION}[vertex.kind]
    is_operation = vertex.kind == "operation"
    rows = []
    if vertex.value is not None and (vertex.kind != "constant" or _unless_number(vertex)):
        rows.append(Row("value", short(vertex.value), "value"))
    if vertex.shape and vertex.kind != "constant":
        rows.append(Row("shape", vertex.shape, "value"))
    if vertex.gradient is not None:
        fill = gradient_colour(vertex.gradient, largest)
        rows.append(Row("|gradient|" if vertex.shape else "gradient", short(vertex.gradient), "gradient", fill))
    name = _PRINTED.get(vertex.name, vertex.name) if is_operation else vertex.name
    return Card(name, vertex.label if is_operation else "", rows, colours)


def _micrograd(vertex: Vertex, _largest: float) -> Card:
    rows = _numbers(vertex, "data")
    name = vertex.label or ("" if vertex.kind == "operation" else _unless_number(vertex))
    return Card(name if name or rows else vertex.expression or vertex.name, "", rows, OPERATION)


def _minigrad(vertex: Vertex, _largest: float) -> Card:
    rows = _numbers(vertex, "value")
    if vertex.kind == "operation":
        return Card(vertex.name, vertex.label, rows, NET)
    return Card(vertex.label or _unless_number(vertex) or "input", "", rows, INPUT)


_MAKERS: Final[dict[str, Callable[[Vertex, float], Card]]] = {
    "full": _full, "micrograd": _micrograd, "minigrad": _minigrad,
}  # fmt: skip


def _numbers(vertex: Vertex, word: str) -> list[Row]:
    """Return the value of a vertex, called ``word``, and its gradient, as the styles of other projects write them."""
    gradient = fixed(vertex.gradient or 0.0)
    if vertex.value is not None:
        return [Row(word, fixed(vertex.value), "value"), Row("grad", gradient, "gradient")]
    is_array = vertex.shape and vertex.kind != "constant"
    return [Row("shape", vertex.shape, "value"), Row("|grad|", gradient, "gradient")] if is_array else []


def _unless_number(vertex: Vertex) -> str:
    """Return the name of a variable or constant, or an empty text if the name is only its value."""
    return "" if vertex.value is not None and vertex.name == number_text(vertex.value) else vertex.name


def short(value: float) -> str:
    """Return a number with five digits.

    >>> short(6.909297426825682), short(2.0), short(645577.0), short(1.5e-9)
    ('6.9093', '2', '645577', '1.5e-09')
    """
    value += 0.0  # -0.0 becomes 0.0
    return f"{value:.0f}" if abs(value) < 1e7 and value == math.trunc(value) else f"{value:.5g}"


def fixed(value: float) -> str:
    """Return a number with four decimals, as in micrograd and MiniGrad, or with an exponent if it is small or large.

    >>> fixed(2.0), fixed(1e-9), fixed(float("nan"))
    ('2.0000', '1.0000e-09', 'nan')
    """
    return f"{value:.4f}" if not value or 1e-4 <= abs(value) < 1e9 else f"{value:.4e}"


def full_text(vertex: Vertex) -> str:
    """Return the tooltip of a vertex: everything that is known about it, with all digits."""
    text = vertex.expression or vertex.label or vertex.name or "input"
    if vertex.value is not None and (vertex.kind != "constant" or vertex.name != short(vertex.value)):
        text += f" = {vertex.value!r}"
    if vertex.shape:
        text += f", an array of {vertex.shape}"
    if vertex.gradient is not None:
        text += f", {'norm of the gradient' if vertex.shape else 'gradient'} {vertex.gradient!r}"
    return text


def arrow_text(arrow: Arrow, picture: Picture) -> str:
    """Return the tooltip of an arrow: the local derivative as an equation, with all digits."""
    operand, operation = picture.vertices[arrow.operand], picture.vertices[arrow.operation]
    if arrow.partial is None:
        return "no derivative passes through this edge" if arrow.is_passive else operand.expression or operand.name
    above, below = operation.expression or operation.name, operand.expression or operand.name
    formula = f"{arrow.formula} = " if arrow.formula and arrow.formula != short(arrow.partial) else ""
    above = above if above.isalnum() else f"({above})"
    below = below if below.isalnum() else f"({below})"
    return f"∂{above}/∂{below} = {formula}{arrow.partial!r}"


def title_text(picture: Picture) -> str:
    """Return the first line of the title: the formula of the result, and its value."""
    value = picture.vertices[-1].value
    is_news = value is not None and picture.title != short(value)
    return f"{picture.title} = {short(value)}" if is_news and value is not None else picture.title
