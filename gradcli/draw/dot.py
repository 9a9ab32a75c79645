"""A picture as a graph in Graphviz's DOT language, in one of three styles.

``full`` is gradcli's own style; ``micrograd`` and ``minigrad`` look like the drawings of these two projects.  The text
depends on the picture alone: vertices are numbered in the order of the picture, so equal input gives equal bytes.
Every text from a user is escaped by `quoted` or `markup`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from gradcli.draw import palette
from gradcli.draw.palette import CONSTANT, INPUT, LINE, MUTED, NET, OPERATION, PAPER, STRONG, TEXT, VARIABLE, Colours
from gradcli.draw.picture import Arrow, Picture, Vertex
from gradcli.errors import choice
from gradcli.printing.text import number_text
from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = [
    "RANKDIRS", "STYLES", "Dot", "Written", "attributes", "fixed", "html", "markup", "quoted", "record", "sheet",
    "short", "title", "to_dot",
]  # fmt: skip

STYLES: Final = ("full", "micrograd", "minigrad")
RANKDIRS: Final = ("LR", "TB", "BT", "RL")

FONT: Final = "Helvetica,Arial,sans-serif"

#: If there are more vertices than this, Graphviz spends less time on the layout, which would take a hundred times as
#: long for a deep graph.
_LARGE: Final = 40
#: If the arrows pass more columns than this in total, the layout leaves no room for their labels; see `_spans_much`.
_LONG: Final = 1000

#: The least width of a cell with a number, in points.  Five digits fit in, so that most cards have the same width.
_NUMBER_WIDTH: Final = 44

#: The printed signs of operators that are typed with other characters.
_PRINTED: Final = {"*": "×", "-": "−"}


class Written(str):
    """The value of an attribute in the syntax of DOT: a label in HTML, or the fields of a record."""

    __slots__ = ()


class Dot(NamedTuple):
    """A graph in DOT, split into the parts that `graphviz.Digraph` takes.

    Attributes:
        graph, node, edge: attributes of the graph, and defaults for vertices and edges.
        body: the statements, one per line.
    """

    graph: Mapping[str, str]
    node: Mapping[str, str]
    edge: Mapping[str, str]
    body: list[str]

    @property
    def source(self) -> str:
        """The whole text of the graph."""
        defaults = (("graph", self.graph), ("node", self.node), ("edge", self.edge))
        lines = [f"\t{kind} {attributes(**given)}" for kind, given in defaults]
        return "\n".join(["digraph gradcli {", *lines, *(f"\t{statement}" for statement in self.body), "}", ""])


def attributes(**values: str | float) -> str:
    """Return the attributes of a statement, in brackets.

    >>> attributes(label="a & b", fontsize=18)
    '[label="a &amp; b" fontsize="18"]'
    """
    texts = {name: value if isinstance(value, Written) else quoted(str(value)) for name, value in values.items()}
    return f"[{' '.join(f'{name}={text}' for name, text in texts.items())}]"


def html(text: str) -> Written:
    """Return a label in Graphviz's HTML; its texts are escaped by `markup`."""
    return Written(f"<{text}>")


def record(fields: Iterable[str]) -> Written:
    r"""Return the label of a vertex of the shape ``record``.

    >>> print(record(["a|b", "data 2"]))
    "{ a\|b | data 2 }"
    """
    escaped = (re.sub(r"([{}|<>])", r"\\\1", quoted(field)[1:-1]) for field in fields)
    return Written(f'"{{ {" | ".join(escaped)} }}"')


def _clean(text: str) -> str:
    """Replace the characters that DOT and XML don't allow: control characters and halves of surrogate pairs."""
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd" for character in text
    )


def quoted(text: str) -> str:
    r"""Return a string of DOT that shows exactly this text.

    Graphviz reads a backslash and an ampersand in a label as the start of an escape, so both are escaped.

    >>> print(quoted('say "a<b" & \\n'))
    "say \"a<b\" &amp; \\n"
    """
    escaped = _clean(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def markup(text: str) -> str:
    """Return a text escaped for a label in HTML.

    >>> markup('<b>&"')
    '&lt;b&gt;&amp;&quot;'
    """
    escaped = _clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped or " "


def sheet(rankdir: str, body: Iterable[str], *, arrowsize: str = "0.7", **look: str) -> Dot:
    """Return a drawing with the attributes that all drawings share; ``look`` are further attributes of the graph."""
    font = {"fontname": FONT, "fontsize": "12"}
    page = {"class": "gradcli", "rankdir": rankdir, "bgcolor": "transparent", "pad": "0.15"}
    return Dot(
        page | font | {"fontcolor": LINE} | look,
        font | {"fontcolor": TEXT},
        {"color": LINE, "fontcolor": LINE, "fontname": FONT, "fontsize": "11", "arrowsize": arrowsize},
        list(body),
    )


def to_dot(picture: Picture, *, style: str = "full", rankdir: str = "LR") -> Dot:
    """Return a picture in DOT.

    Args:
        picture: the picture to draw.
        style: ``full``, ``micrograd`` or ``minigrad``.
        rankdir: the side of the result: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    Raises:
        UsageError: the style or the direction is unknown.

    >>> from gradcli.draw.picture import picture_of
    >>> from gradcli.evaluate.expression import parse
    >>> print(to_dot(picture_of(parse("a+a"), {"a": 3}), style="micrograd").source)
    digraph gradcli {
    ...
        v1 [label="{ a | data 3.0000 | grad 2.0000 }" ...]
        v2 [label="{ data 6.0000 | grad 1.0000 }" ...]
        v2op [label="+" ...]
        v2op -> v2 [...]
        v1 -> v2op [...]
        v1 -> v2op [...]
    }
    """
    rankdir, style = choice(rankdir, RANKDIRS, "direction"), choice(style, STYLES, "style")
    graph: dict[str, str] = {}
    if len(picture.vertices) > _LARGE:
        graph |= {"nslimit": "1", "nslimit1": "1"}
    if style == "full":
        # If the layout leaves no room for labels, they need more space between the columns.
        apart = 0.45 + 0.1 * (rankdir in ("LR", "RL")) + 0.35 * (picture.has_values and _spans_much(picture))
        graph |= {"nodesep": "0.3", "ranksep": f"{apart:.2f}"}
        if picture.title:
            graph |= {"label": _title_of(picture), "labelloc": "t"}
    return sheet(rankdir, _statements(picture, style), **graph)


def _statements(picture: Picture, style: str) -> Iterator[str]:
    """Yield the statements for the vertices and the arrows of a picture."""
    is_full, is_micrograd = style == "full", style == "micrograd"
    look: Callable[[Vertex], dict[str, str]] = _micrograd_look if is_micrograd else _minigrad_look
    if is_full:
        sizes = (abs(one.gradient) for one in picture.vertices if one.gradient and math.isfinite(one.gradient))
        look = partial(_card, largest=max(sizes, default=0.0), result=picture.vertices[-1])
    for i, vertex in enumerate(picture.vertices):
        name = target = f"v{i + 1}"
        yield f"{name} " + attributes(**look(vertex), tooltip=full_text(vertex))
        if is_micrograd and vertex.kind == "operation":
            # The sign of an operation is a vertex of its own.
            target = f"{name}op"
            yield f"{target} " + attributes(label=vertex.name, **_MICROGRAD, tooltip=full_text(vertex))
            yield f"{target} -> {name} " + attributes(tooltip=vertex.expression)
        if vertex.hidden:
            text = f"{counted(vertex.hidden, 'operand')} not drawn"
            yield f"{name}more " + attributes(shape="plain", label="···", fontcolor=LINE, fontsize=18, tooltip=text)
            yield f"{name}more -> {target} " + attributes(style="dashed", tooltip=text)
    attribute = "xlabel" if _spans_much(picture) else "label"
    for arrow in picture.arrows:
        text = _arrow_text(arrow, picture)
        more = {}
        if is_full:
            more = {} if arrow.partial is None else {attribute: f" {short(arrow.partial)} "}
            more |= {"style": "dashed"} if arrow.is_passive else {}
            more["labeltooltip"] = text
        target = f"v{arrow.operation + 1}{'op' if is_micrograd else ''}"
        yield f"v{arrow.operand + 1} -> {target} " + attributes(**more, tooltip=text)


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


def _arrow_text(arrow: Arrow, picture: Picture) -> str:
    """Return the tooltip of an arrow: the local derivative as an equation, with all digits."""
    operand, operation = picture.vertices[arrow.operand], picture.vertices[arrow.operation]
    if arrow.partial is None:
        return "no derivative passes through this edge" if arrow.is_passive else operand.expression or operand.name
    above, below = operation.expression or operation.name, operand.expression or operand.name
    formula = f"{arrow.formula} = " if arrow.formula and arrow.formula != short(arrow.partial) else ""
    above = above if above.isalnum() else f"({above})"
    below = below if below.isalnum() else f"({below})"
    return f"∂{above}/∂{below} = {formula}{arrow.partial!r}"


def title(text: str, legend: str = "") -> Written:
    """Return the title above a drawing.

    Args:
        text: the first line.
        legend: a second line in smaller letters; may be empty.
    """
    rows = [f'<tr><td><font color="{LINE}">{markup(text)}</font></td></tr>']
    if legend:
        rows.append(f'<tr><td><font color="{LINE}" point-size="10">{markup(legend)}</font></td></tr>')
    rows.append('<tr><td height="4"></td></tr>')
    return html(f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{"".join(rows)}</table>')


def _title_of(picture: Picture) -> Written:
    value = picture.vertices[-1].value
    text = picture.title
    if value is not None and text != short(value):
        text += f" = {short(value)}"
    has_partials = any(arrow.partial is not None for arrow in picture.arrows)
    return title(text, "on the edges: local derivatives" if has_partials else "")


# The style `full`


def _spans_much(picture: Picture) -> bool:
    """Whether many arrows span many columns of the layout.

    Graphviz reserves space for a label in each column that the label's arrow spans, and the time for this grows with
    the cube of the number of columns: ``x^x^...^x`` with 120 vertices takes 25 s.  Labels that are placed after the
    layout take no time, but they may overlap other parts of the drawing.
    """
    column = [0] * len(picture.vertices)
    for arrow in picture.arrows:
        column[arrow.operation] = max(column[arrow.operation], column[arrow.operand] + 1)
    return sum(column[arrow.operation] - column[arrow.operand] for arrow in picture.arrows) > _LONG


def _card(vertex: Vertex, largest: float, result: Vertex) -> dict[str, str]:
    """Return a table: the name of a vertex, its value, and its gradient on a background that shows its size."""
    colours: Colours = {"variable": VARIABLE, "constant": CONSTANT, "operation": OPERATION}[vertex.kind]
    operation = vertex.kind == "operation"
    name = _PRINTED.get(vertex.name, vertex.name) if operation else vertex.name
    heading = f'<font color="{colours.name}" point-size="{15 if operation else 13}"><b>{markup(name)}</b></font>'
    if operation and vertex.label:
        heading += f' <font color="{MUTED}" point-size="11">{markup(vertex.label)}</font>'
    least = ' width="26" height="20"' if vertex.gradient is None else ""
    rows = [f'<tr><td colspan="2"{least}>{heading}</td></tr>'] if name else []
    if vertex.value is not None and (vertex.kind != "constant" or _unless_number(vertex)):
        rows.append(_row("value", short(vertex.value), ""))
    if vertex.shape and vertex.kind != "constant":
        rows.append(_row("shape", vertex.shape, ""))
    if vertex.gradient is not None:
        cell = f' bgcolor="{palette.gradient_colour(vertex.gradient, largest)}" style="rounded"'
        rows.append(_row("|gradient|" if vertex.shape else "gradient", short(vertex.gradient), cell))
    is_result = vertex is result
    border = STRONG if is_result else colours.border
    style = "rounded,dashed" if vertex.kind == "constant" else "rounded"
    label = html(
        f'<table border="{2 if is_result else 1}" cellborder="0" cellspacing="2" cellpadding="2" style="{style}" '
        f'color="{border}" bgcolor="{colours.fill}">{"".join(rows)}</table>'
    )
    return {"shape": "plain", "label": label}


def _row(word: str, number: str, cell: str) -> str:
    return (
        f'<tr><td align="right"><font color="{MUTED}" point-size="10">{word}</font></td>'
        f'<td width="{_NUMBER_WIDTH}"{cell}><font color="{TEXT}" point-size="12">{markup(number)}</font></td></tr>'
    )


# The style `micrograd`


_MICROGRAD: Final = {"style": "filled", "fillcolor": PAPER, "color": OPERATION.border}


def _micrograd_look(vertex: Vertex) -> dict[str, str]:
    label = vertex.label or ("" if vertex.kind == "operation" else _unless_number(vertex))
    fields = [*([label] if label else []), *_numbers(vertex, "data", " ")] or [vertex.expression or vertex.name]
    return {"label": record(fields), "shape": "record", **_MICROGRAD}


def _numbers(vertex: Vertex, word: str, sign: str) -> list[str]:
    """Return a pair (word, number) for the value of a vertex, and one for its gradient; the style chooses the words."""
    gradient = fixed(vertex.gradient or 0.0)
    if vertex.value is not None:
        return [f"{word}{sign}{fixed(vertex.value)}", f"grad{sign}{gradient}"]
    is_array = vertex.shape and vertex.kind != "constant"
    return [f"shape{sign}{vertex.shape}", f"|grad|{sign}{gradient}"] if is_array else []


def _unless_number(vertex: Vertex) -> str:
    """Return the name of a variable or constant, or an empty text if the name is only its value."""
    return "" if vertex.value is not None and vertex.name == number_text(vertex.value) else vertex.name


# The style `minigrad`


def _minigrad_look(vertex: Vertex) -> dict[str, str]:
    is_operation = vertex.kind == "operation"
    below = vertex.name if is_operation else vertex.label or _unless_number(vertex) or "input"
    rows = [*([vertex.label] if is_operation and vertex.label else []), *_numbers(vertex, "value", " = ")]
    colours = NET if is_operation else INPUT
    cells = "".join(f'<tr><td bgcolor="{PAPER}"><font color="{TEXT}">{markup(row)}</font></td></tr>' for row in rows)
    label = html(
        f'<table border="0" cellborder="1" cellspacing="0" cellpadding="5" color="{OPERATION.border}">{cells}'
        f'<tr><td bgcolor="{colours.fill}"><font color="{colours.name}" face="Courier" point-size="12">'
        f"{markup(below)}</font></td></tr></table>"
    )
    return {"shape": "plain", "label": label}
