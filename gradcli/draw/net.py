"""The drawing of a neuron, a layer or a net of fully connected layers.

A single neuron is drawn as in a first lecture on nets: inputs, weights on the edges, the bias, the sum and the
activation.  A net is drawn layer by layer, with an edge for each weight.  If a layer is wide, only its first and last
neurons are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from gradcli.draw import palette
from gradcli.draw.cards import RANKDIRS
from gradcli.draw.dot import Dot, attributes, html, sheet, title
from gradcli.draw.palette import LINE, Colours
from gradcli.draw.svg import arrow_line, group, page, text, text_width
from gradcli.errors import UsageError, choice
from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = ["DrawnLayer", "drawn_weights", "layers", "net_to_dot", "net_to_svg", "sizes_of", "title_of"]

#: A layer with more neurons is drawn with a gap; the eye can't follow the edges of more.
_MOST_NEURONS: Final = 8
_MOST_LAYERS: Final = 12


class DrawnLayer(NamedTuple):
    """A layer, which is one column of the drawing.

    Attributes:
        name: ``input``, ``hidden 1``, ..., ``output``.
        size: the number of inputs or neurons.
        weights: the number of weights between the layer before and this one.
        biases: the number of biases, one for each neuron.
        units: the names of the inputs or neurons that are drawn; None is a gap.
    """

    name: str
    size: int
    weights: int
    biases: int
    units: list[str | None]

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.weights + self.biases


def sizes_of(text: str) -> list[int]:
    """Return the sizes in a text such as ``2,3,1``: the number of inputs, then the neurons of each layer.

    Raises:
        UsageError: the text isn't a list of two or more natural numbers.

    >>> sizes_of("2, 3, 1")
    [2, 3, 1]
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() and len(part) < 7 and int(part) for part in parts):
        raise UsageError(
            f"`{text}` does not describe a net",
            hint="give inputs and neurons of each layer: 2,1 is a neuron, 2,3 a layer, 2,3,1 a net with a hidden layer",
        )
    if len(parts) > _MOST_LAYERS:
        raise UsageError(f"a net of more than {_MOST_LAYERS - 1} layers is too large to be drawn")
    return [int(part) for part in parts]


def layers(sizes: Sequence[int]) -> list[DrawnLayer]:
    """Return the layers of a net; the first layer is the inputs.

    >>> [(layer.name, layer.units, layer.parameters) for layer in layers([2, 1])]
    [('input', ['x1', 'x2'], 0), ('output', ['y'], 3)]
    """
    result = []
    for i, size in enumerate(sizes):
        name = "input" if i == 0 else "output" if i == len(sizes) - 1 else f"hidden {i}" if len(sizes) > 3 else "hidden"
        letter = "x" if i == 0 else "y" if i == len(sizes) - 1 else "h"
        names: list[str | None] = [f"{letter}{k}" for k in range(1, size + 1)] if size > 1 or not i else [letter]
        if size > _MOST_NEURONS:
            names = [*names[: _MOST_NEURONS - 3], None, *names[-2:]]
        before = sizes[i - 1] if i else 0
        result.append(DrawnLayer(name, size, size * before, size if i else 0, names))
    return result


def drawn_weights(columns: Sequence[DrawnLayer]) -> Iterator[tuple[int, int, int]]:
    """Yield (layer, unit, unit of the next layer) for each weight that is drawn; all are counted from 0.

    >>> list(drawn_weights(layers([2, 1])))
    [(0, 0, 0), (0, 1, 0)]
    """
    drawn = [[k for k, unit in enumerate(layer.units) if unit is not None] for layer in columns]
    for i, (before, after) in enumerate(pairwise(drawn)):
        yield from ((i, j, k) for j in before for k in after)


def title_of(sizes: Sequence[int]) -> str:
    """Return the title of the drawing, in one line.

    >>> title_of([2, 16, 16, 1]), title_of([3, 1])
    ('net 2 → 16 → 16 → 1: 337 parameters', 'neuron of 3 inputs: 4 parameters')
    """
    count = sum(layer.parameters for layer in layers(sizes))
    if len(sizes) == 2:
        inputs = counted(sizes[0], "input")
        what = f"neuron of {inputs}" if sizes[1] == 1 else f"layer of {sizes[1]} neurons, {inputs}"
    else:
        what = f"net {' → '.join(map(str, sizes))}"
    return f"{what}: {count} parameters"


def net_to_dot(sizes: Sequence[int], *, rankdir: str = "LR") -> Dot:
    """Return the drawing of a net in DOT.

    Args:
        sizes: the number of inputs, then the neurons of each layer.
        rankdir: the side of the output: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    >>> net_to_dot([2, 3, 1]).source.count("weight from")
    9
    """
    rankdir = choice(rankdir, RANKDIRS, "direction")
    is_neuron = len(sizes) == 2 and sizes[1] == 1
    drawn = layers(sizes)
    return sheet(
        rankdir,
        _neuron(drawn[0]) if is_neuron else _net(drawn),
        arrowsize="0.6",
        label=title(title_of(sizes)),
        labelloc="t",
        nodesep="0.18",
        ranksep="0.6" if is_neuron else "1.3",
        splines="line",
    )


_CIRCLE: Final[dict[str, str]] = {"shape": "circle", "fixedsize": "true", "width": "0.5", "style": "filled"}


def _circle(label: str, colours: Colours, tooltip: str) -> str:
    look = {"fillcolor": colours.fill, "color": colours.border, "fontcolor": colours.name}
    return attributes(label=label, **_CIRCLE, **look, tooltip=tooltip)


def _column(names: Sequence[str]) -> list[str]:
    """Return statements that keep vertices in one column and in this order."""
    chain = [f"{first} -> {second} {attributes(style='invis')}" for first, second in pairwise(names)]
    return [f"{{ rank=same; {'; '.join([*names, *chain])} }}"]


def _unit(name: str, unit: str | None, layer: DrawnLayer, colours: Colours, meaning: str) -> str:
    """Return the statement for an input or a neuron, or for the gap in a wide layer."""
    if unit is not None:
        return f"{name} " + _circle(unit, colours, meaning)
    return f"{name} " + attributes(
        label="⋮", shape="plain", fontcolor=LINE, fontsize=20, tooltip=_left_out(layer), margin=0, height=0.3
    )


_SUM: Final = "z = w1*x1 + w2*x2 + ... + b"
#: The parts of a neuron after its inputs: label, colours, meaning.
_PARTS: Final[dict[str, tuple[str, Colours, str]]] = {
    "one": ("1", palette.CONSTANT, "the bias is a weight whose input is always 1"),
    "sum": ("Σ", palette.NET, "the sum of the weighted inputs and the bias"),
    "activation": ("f", palette.NET, "the activation, such as relu or tanh"),
    "y": ("y", palette.OPERATION, "the output: y = f(w1*x1 + w2*x2 + ... + b)"),
}


def _neuron(inputs: DrawnLayer) -> list[str]:
    """Return the statements for the parts of a neuron: inputs, weights, bias, sum and activation."""
    units = {f"x{i}": unit for i, unit in enumerate(inputs.units)}
    body = [_unit(name, unit, inputs, palette.VARIABLE, f"input {unit}") for name, unit in units.items()]
    body += [f"{name} " + _circle(*part) for name, part in _PARTS.items()]
    body += _column([*units, "one"])
    for name, unit in units.items():
        if unit is not None:
            weight = f"w{unit[1:]}"
            body.append(f"{name} -> sum " + attributes(label=f" {weight} ", tooltip=f"weight {weight}"))
    body.append("one -> sum " + attributes(label=" b ", tooltip="bias", style="dashed"))
    body.append("sum -> activation " + attributes(label=" z ", tooltip=_SUM))
    body.append("activation -> y " + attributes(tooltip="y = f(z)"))
    return body


def _net(columns: Sequence[DrawnLayer]) -> list[str]:
    """Return the statements for layers side by side, with an edge for each weight."""
    body = []
    last = len(columns) - 1
    for i, layer in enumerate(columns):
        names = [f"l{i}n{k}" for k in range(len(layer.units))]
        caption = "".join(f'<br/><font point-size="10">{line}</font>' for line in _caption(layer))
        body.append(f"l{i} " + attributes(label=html(f"<b>{layer.name}</b>{caption}"), shape="plain", fontcolor=LINE))
        for name, unit in zip(names, layer.units, strict=True):
            body.append(_unit(name, unit, layer, _colours(layer), _meaning(unit, layer)))
        body += _column([f"l{i}", *names])
    # Graphviz keeps edges of a large weight straight; these keep all captions in one row.
    body += [f"l{i} -> l{i + 1} {attributes(style='invis', weight=100)}" for i in range(last)]
    thin = {"arrowhead": "none", "penwidth": "0.7"} if _is_wide(columns) else {}
    for i, j, k in drawn_weights(columns):
        tooltip = f"weight from {columns[i].units[j]} to {columns[i + 1].units[k]}"
        body.append(f"l{i}n{j} -> l{i + 1}n{k} " + attributes(tooltip=tooltip, **thin))
    return body


def _caption(layer: DrawnLayer) -> list[str]:
    """Return what stands under the name of a layer; all captions have as many lines."""
    if layer.name == "input":
        return [counted(layer.size, "input"), " "]
    biases = f"{layer.biases} bias{'es' * (layer.biases > 1)}"
    return [counted(layer.size, "neuron"), f"{counted(layer.weights, 'weight')}, {biases}"]


def _colours(layer: DrawnLayer) -> Colours:
    return {"input": palette.VARIABLE, "output": palette.OPERATION}.get(layer.name, palette.NET)


def _meaning(unit: str | None, layer: DrawnLayer) -> str:
    return f"input {unit}" if layer.name == "input" else f"{unit} = f(weighted sum of the layer before + bias)"


def _left_out(layer: DrawnLayer) -> str:
    """Return the title of the gap in a wide layer."""
    return f"{layer.size - len(layer.units) + 1} more"


def _is_wide(columns: Sequence[DrawnLayer]) -> bool:
    """Whether there are so many weights that they are thin lines without heads."""
    return max(len(layer.units) for layer in columns) > 4


# SVG

#: The radius of a neuron, and the distances of centres along a layer and between layers, in points.
_RADIUS: Final = 18.0
_STEP: Final = 50.0
_BETWEEN: Final = 132.0
_NEURON_STEP: Final = 64.0
_CAPTION: Final = 46.0
_HEAD: Final = 7.0


class _Units(NamedTuple):
    """The circles and gaps of a drawing while it is made: for each name its place, along and across the flow."""

    parts: list[str]
    places: dict[str, tuple[float, float]]
    rankdir: str

    def at(self, name: str) -> tuple[float, float]:
        """Return (x, y)."""
        along, across = self.places[name]
        along *= -1 if self.rankdir in ("RL", "BT") else 1
        return (across, along) if self.rankdir in ("TB", "BT") else (along, across)

    def circle(self, name: str, label: str, colours: Colours, title: str) -> None:
        """Add an input or a neuron."""
        x, y = self.at(name)
        look = f'cx="{x:g}" cy="{y:g}" r="{_RADIUS:g}" fill="{colours.fill}" stroke="{colours.border}"'
        self.parts.append(group(title, [f"<circle {look}/>", text(label, x, y, 12, colours.name)], id=name))

    def unit(self, name: str, unit: str | None, layer: DrawnLayer, colours: Colours, meaning: str) -> None:
        """Add an input, a neuron, or the gap in a wide layer."""
        if unit is not None:
            self.circle(name, unit, colours, meaning)
        else:
            x, y = self.at(name)
            sign = "⋯" if self.rankdir in ("TB", "BT") else "⋮"
            self.parts.append(group(_left_out(layer), [text(sign, x, y, 20, LINE)]))

    def line(self, first: str, second: str, title: str, label: str = "", head: float = _HEAD, **look: str) -> None:
        """Add an arrow between two circles."""
        (x, y), (end_x, end_y) = self.at(first), self.at(second)
        whole = math.hypot(end_x - x, end_y - y)
        dx, dy = (end_x - x) / whole, (end_y - y) / whole
        start, end = (x + _RADIUS * dx, y + _RADIUS * dy), (end_x - _RADIUS * dx, end_y - _RADIUS * dy)
        made = arrow_line(start, end, head, **look)
        if label:
            # Nearer to the start, where lines to one circle are further apart; above the line, or right of a steep one.
            side = math.copysign(1.0, dx if abs(dx) > abs(dy) else dy)
            right, up = dy * side, dx * side
            apart = 6 + abs(up) * 2 + abs(right) * text_width(label, 11) / 2
            place = start[0] + 0.4 * (end[0] - start[0]), start[1] + 0.4 * (end[1] - start[1])
            made.append(text(label, place[0] + apart * right, place[1] - apart * up, 11, LINE))
        self.parts.append(group(title, made))


def net_to_svg(sizes: Sequence[int], *, rankdir: str = "LR") -> str:
    """Return the drawing of a net as SVG, without an XML declaration; it needs nothing installed.

    Args:
        sizes: the number of inputs, then the neurons of each layer.
        rankdir: the side of the output: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    >>> net_to_svg([2, 3, 1]).count("weight from")
    9
    """
    rankdir = choice(rankdir, RANKDIRS, "direction")
    drawn = layers(sizes)
    units = _Units([], {}, rankdir)
    is_neuron = len(sizes) == 2 and sizes[1] == 1
    (_draw_neuron if is_neuron else _draw_net)(drawn, units)
    points = [units.at(name) for name in units.places]
    room = _RADIUS + 1
    left, top = min(x for x, _ in points) - room, min(y for _, y in points) - room
    right, bottom = max(x for x, _ in points) + room, max(y for _, y in points) + room
    if not is_neuron:
        # Captions are above a column or left of a row.
        wide = _CAPTION + 10
        left, right = (
            (left - 2 * wide, right)
            if rankdir in ("TB", "BT")
            else (min(left, left - wide + room), max(right, right + wide - room))
        )
        top -= 0 if rankdir in ("TB", "BT") else _CAPTION
    return page([title_of(sizes)], units.parts, (left, top), (right - left, bottom - top))


def _spread(names: Sequence[str], along: float, units: _Units, step: float) -> None:
    """Place circles in a column whose middle is at 0."""
    for k, name in enumerate(names):
        units.places[name] = along, (k - (len(names) - 1) / 2) * step


def _draw_net(columns: Sequence[DrawnLayer], units: _Units) -> None:
    names = [[f"l{i}n{k}" for k in range(len(layer.units))] for i, layer in enumerate(columns)]
    for i, column in enumerate(names):
        _spread(column, i * _BETWEEN, units, _STEP)
    look: dict[str, float | str] = {"head": 0.0, "stroke_width": "0.7"} if _is_wide(columns) else {}
    for i, j, k in drawn_weights(columns):
        title = f"weight from {columns[i].units[j]} to {columns[i + 1].units[k]}"
        units.line(names[i][j], names[i + 1][k], title, **look)  # type: ignore[arg-type]
    first = min(across for _, across in units.places.values()) - _RADIUS
    is_upright = units.rankdir in ("TB", "BT")
    for layer, column in zip(columns, names, strict=True):
        for name, unit in zip(column, layer.units, strict=True):
            units.unit(name, unit, layer, _colours(layer), _meaning(unit, layer))
        x, y = units.at(column[0])
        x, y = (first - 56, y) if is_upright else (x, first - 32)
        units.parts.append(text(layer.name, x, y - 11, 12, LINE, font_weight="bold"))
        lines = enumerate(_caption(layer))
        units.parts.extend(text(line, x, y + 2 + 11 * k, 10, LINE) for k, line in lines if line.strip())


def _draw_neuron(columns: Sequence[DrawnLayer], units: _Units) -> None:
    inputs = columns[0]
    named = {f"x{i}": unit for i, unit in enumerate(inputs.units)}
    _spread([*named, "one"], 0.0, units, _NEURON_STEP)
    for i, name in enumerate(("sum", "activation", "y")):
        units.places[name] = 98.0 + 80 * i, 0.0
    for name, unit in named.items():
        if unit is not None:
            weight = f"w{unit[1:]}"
            units.line(name, "sum", f"weight {weight}", weight)
    units.line("one", "sum", "bias", "b", stroke_dasharray="5,2")
    units.line("sum", "activation", _SUM, "z")
    units.line("activation", "y", "y = f(z)")
    for name, unit in named.items():
        units.unit(name, unit, inputs, palette.VARIABLE, f"input {unit}")
    for name, (label, colours, meaning) in _PARTS.items():
        units.circle(name, label, colours, meaning)
