"""A picture as a graph in Graphviz's DOT language, in one of three styles.

``full`` is gradcli's own style; ``micrograd`` and ``minigrad`` look like the drawings of these two projects.  The text
depends on the picture alone: vertices are numbered in the order of the picture, so equal input gives equal bytes.
Every text from a user is escaped by `quoted` or `markup`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from gradcli.draw.cards import LEGEND, RANKDIRS, STYLES, Card, Row, arrow_text, cards_of, full_text, short, title_text
from gradcli.draw.palette import CONSTANT, LINE, MUTED, OPERATION, PAPER, STRONG, TEXT
from gradcli.draw.picture import Picture
from gradcli.draw.svg import FONT
from gradcli.errors import choice
from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = ["Dot", "Written", "attributes", "html", "markup", "quoted", "record", "sheet", "title", "to_dot"]

#: If there are more vertices than this, Graphviz spends less time on the layout, which would take a hundred times as
#: long for a deep graph.
_LARGE: Final = 40
#: If the arrows pass more columns than this in total, the layout leaves no room for their labels; see `_spans_much`.
_LONG: Final = 1000

#: The least width of a cell with a number, in points.  Five digits fit in, so that most cards have the same width.
_NUMBER_WIDTH: Final = 44


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
        v0 [label="{ a | data 3.0000 | grad 2.0000 }" ...]
        v1 [label="{ data 6.0000 | grad 1.0000 }" ...]
        v1op [label="+" ...]
        v1op -> v1 [...]
        v0 -> v1op [...]
        v0 -> v1op [...]
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
            has_partials = any(arrow.partial is not None for arrow in picture.arrows)
            graph |= {"label": title(title_text(picture), LEGEND if has_partials else ""), "labelloc": "t"}
    return sheet(rankdir, _statements(picture, style), **graph)


def _statements(picture: Picture, style: str) -> Iterator[str]:
    """Yield the statements for the vertices and the arrows of a picture."""
    is_full, is_micrograd = style == "full", style == "micrograd"
    for i, (vertex, card) in enumerate(zip(picture.vertices, cards_of(picture, style), strict=True)):
        name = target = f"v{i}"
        identity = {"id": name, "class": f"vertex {vertex.kind}"}
        yield f"{name} " + attributes(**_LOOKS[style](card), tooltip=full_text(vertex), **identity)
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
    for i, arrow in enumerate(picture.arrows):
        text = arrow_text(arrow, picture)
        more = {}
        if is_full:
            more = {} if arrow.partial is None else {attribute: f" {short(arrow.partial)} "}
            more |= {"style": "dashed"} if arrow.is_passive else {}
            more["labeltooltip"] = text
        target = f"v{arrow.operation}{'op' if is_micrograd else ''}"
        yield f"v{arrow.operand} -> {target} " + attributes(**more, id=f"e{i}", tooltip=text)


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


def _card(card: Card) -> dict[str, str]:
    """Return a table: the name of a vertex, and its numbers."""
    colours = card.colours
    is_operation, is_constant = colours is OPERATION, colours is CONSTANT
    heading = (
        f'<font color="{colours.name}" point-size="{15 if is_operation else 13}"><b>{markup(card.name)}</b></font>'
    )
    if card.label:
        heading += f' <font color="{MUTED}" point-size="11">{markup(card.label)}</font>'
    least = ' width="26" height="20"' if all(row.role != "gradient" for row in card.rows) else ""
    rows = [f'<tr><td colspan="2"{least}>{heading}</td></tr>'] if card.name else []
    rows += [_row(row) for row in card.rows]
    border = STRONG if card.is_result else colours.border
    label = html(
        f'<table border="{2 if card.is_result else 1}" cellborder="0" cellspacing="2" cellpadding="2" '
        f'style="{"rounded,dashed" if is_constant else "rounded"}" '
        f'color="{border}" bgcolor="{colours.fill}">{"".join(rows)}</table>'
    )
    return {"shape": "plain", "label": label}


def _row(row: Row) -> str:
    cell = f' bgcolor="{row.fill}" style="rounded"' if row.fill else ""
    return (
        f'<tr><td align="right"><font color="{MUTED}" point-size="10">{markup(row.word)}</font></td>'
        f'<td width="{_NUMBER_WIDTH}"{cell}><font color="{TEXT}" point-size="12">{markup(row.text)}</font></td></tr>'
    )


# The style `micrograd`


_MICROGRAD: Final = {"style": "filled", "fillcolor": PAPER, "color": OPERATION.border}


def _micrograd_look(card: Card) -> dict[str, str]:
    fields = [*([card.name] if card.name else []), *(f"{row.word} {row.text}" for row in card.rows)]
    return {"label": record(fields), "shape": "record", **_MICROGRAD}


# The style `minigrad`


def _minigrad_look(card: Card) -> dict[str, str]:
    rows = [*([card.label] if card.label else []), *(f"{row.word} = {row.text}" for row in card.rows)]
    cells = "".join(f'<tr><td bgcolor="{PAPER}"><font color="{TEXT}">{markup(row)}</font></td></tr>' for row in rows)
    label = html(
        f'<table border="0" cellborder="1" cellspacing="0" cellpadding="5" color="{OPERATION.border}">{cells}'
        f'<tr><td bgcolor="{card.colours.fill}"><font color="{card.colours.name}" face="Courier" point-size="12">'
        f"{markup(card.name)}</font></td></tr></table>"
    )
    return {"shape": "plain", "label": label}


_LOOKS: Final[dict[str, Callable[[Card], dict[str, str]]]] = {
    "full": _card, "micrograd": _micrograd_look, "minigrad": _minigrad_look,
}  # fmt: skip
