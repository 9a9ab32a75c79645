"""The drawing of a neuron, a layer or a net of fully connected layers.

A single neuron is drawn as in a first lecture on nets: inputs, weights on the edges, the bias, the sum and the
activation.  A net is drawn layer by layer, with an edge for each weight.  If a layer is wide, only its first and last
neurons are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from gradcli.draw import palette
from gradcli.draw.dot import RANKDIRS, Dot, attributes, html, sheet, title
from gradcli.draw.palette import LINE, Colours
from gradcli.errors import UsageError, choice
from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = ["DrawnLayer", "drawn_weights", "layers", "net_to_dot", "sizes_of", "title_of"]

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
        rankdir: where the output is: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

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
    rest = f"{layer.size - len(layer.units) + 1} more"
    return f"{name} " + attributes(
        label="⋮", shape="plain", fontcolor=LINE, fontsize=20, tooltip=rest, margin=0, height=0.3
    )


def _neuron(inputs: DrawnLayer) -> list[str]:
    """Return the statements for the parts of a neuron: inputs, weights, bias, sum and activation."""
    units = {f"x{i}": unit for i, unit in enumerate(inputs.units)}
    body = [_unit(name, unit, inputs, palette.VARIABLE, f"input {unit}") for name, unit in units.items()]
    body.append("one " + _circle("1", palette.CONSTANT, "the bias is a weight whose input is always 1"))
    body += _column([*units, "one"])
    body.append("sum " + _circle("Σ", palette.NET, "the sum of the weighted inputs and the bias"))
    body.append("activation " + _circle("f", palette.NET, "the activation, such as relu or tanh"))
    body.append("y " + _circle("y", palette.OPERATION, "the output: y = f(w1*x1 + w2*x2 + ... + b)"))
    for name, unit in units.items():
        if unit is not None:
            weight = f"w{unit[1:]}"
            body.append(f"{name} -> sum " + attributes(label=f" {weight} ", tooltip=f"weight {weight}"))
    body.append("one -> sum " + attributes(label=" b ", tooltip="bias", style="dashed"))
    body.append("sum -> activation " + attributes(label=" z ", tooltip="z = w1*x1 + w2*x2 + ... + b"))
    body.append("activation -> y " + attributes(tooltip="y = f(z)"))
    return body


def _net(columns: Sequence[DrawnLayer]) -> list[str]:
    """Return the statements for layers side by side, with an edge for each weight."""
    body = []
    last = len(columns) - 1
    for i, layer in enumerate(columns):
        colours = palette.VARIABLE if i == 0 else palette.OPERATION if i == last else palette.NET
        names = [f"l{i}n{k}" for k in range(len(layer.units))]
        lines = [counted(layer.size, "neuron" if i else "input")]
        if i:
            lines.append(f"{counted(layer.weights, 'weight')}, {layer.biases} bias{'es' * (layer.biases > 1)}")
        lines += [" "] * (i == 0)  # so that all captions have the same number of lines
        caption = "".join(f'<br/><font point-size="10">{line}</font>' for line in lines)
        body.append(f"l{i} " + attributes(label=html(f"<b>{layer.name}</b>{caption}"), shape="plain", fontcolor=LINE))
        for name, unit in zip(names, layer.units, strict=True):
            meaning = f"input {unit}" if not i else f"{unit} = f(weighted sum of the layer before + bias)"
            body.append(_unit(name, unit, layer, colours, meaning))
        body += _column([f"l{i}", *names])
    # Graphviz keeps edges of a large weight straight; these keep all captions in one row.
    body += [f"l{i} -> l{i + 1} {attributes(style='invis', weight=100)}" for i in range(last)]
    is_wide = max(len(layer.units) for layer in columns) > 4
    thin = {"arrowhead": "none", "penwidth": "0.7"} if is_wide else {}
    for i, j, k in drawn_weights(columns):
        tooltip = f"weight from {columns[i].units[j]} to {columns[i + 1].units[k]}"
        body.append(f"l{i}n{j} -> l{i + 1}n{k} " + attributes(tooltip=tooltip, **thin))
    return body
