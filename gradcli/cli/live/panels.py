"""The panels of a live picture of a net: its loss, its answers over the plane of two inputs, its neurons, its errors.

Each panel is a function or an object that gives lines of a fixed size; `gradcli.cli.live.views` puts them together.
Blue and orange are the first and second class, and negative and positive numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gradcli.draw.canvas import (
    BASIC,
    CLEAR,
    Key,
    Line,
    Painter,
    characters,
    curve,
    dotted,
    half_blocks,
    overlay,
    padded,
)
from gradcli.draw.figures import certainty, grid
from gradcli.draw.palette import DARK_PAGE, LIGHT_PAGE, SERIES
from gradcli.source import visible
from gradcli.train.metrics import confusion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.draw.canvas import Pixels
    from gradcli.train.data.rows import Data
    from gradcli.train.run import Run

    Floats = NDArray[np.float64]

__all__ = [
    "Course",
    "Neurons",
    "Plane",
    "agreement",
    "colour_of",
    "confusions",
    "fit",
    "losses",
    "names_of_classes",
    "thinned",
]

SCALE_COLUMNS = 9  # the width of the numbers next to a curve
# At most one pixel in this many shows a row of the data, so that the net is seen between them.
PIXELS_PER_MARK = 5
# The characters that replace colours: one for each class, and numbers from the least to the largest.
CLASS_MARKS = ".o#x+%:=@*"
SHADES = " .:oO#"
# Of the 16 colours of an old terminal, the dark and the bright one of each class.
PAIRS = ((4, 12), (3, 11), (2, 10), (5, 13), (6, 14), (1, 9), (7, 15), (8, 7))
# A panel of errors uses at most this many rows.
MOST_ROWS = 1000
LARGEST_TILE, SMALLEST_TILE = 16, 4
LAYER_GAP = 3
NARROWEST_LAYER = 8
COUNT_COLUMNS = 12  # the width of the text that counts the layers which are not shown


def colour_of(index: int) -> int:
    """Return the colour of a class or curve."""
    red, green, blue = SERIES[index % len(SERIES)]
    return red << 16 | green << 8 | blue


def packed(colours: Floats) -> Pixels:
    """Return colours (..., 3) of 0 to 255 as whole numbers in steps of 4, which no eye can tell apart."""
    import numpy as np

    whole = colours.astype(np.int64) & 0xFC
    result: Pixels = whole[..., 0] << 16 | whole[..., 1] << 8 | whole[..., 2]
    return result


def diverging(values: Floats, middle: Sequence[float]) -> Floats:
    """Return the colours of numbers from -1 (blue) over 0 to 1 (orange), shape (numbers, 3)."""
    import numpy as np

    share = np.nan_to_num(np.clip(values, -1, 1))[..., None]
    colours: Floats = np.array(middle) + np.abs(share) * (
        np.where(share < 0, np.array(SERIES[0]), np.array(SERIES[1])) - np.array(middle)
    )
    return colours


def diverging_basic(values: Floats, bright: int, middle: int) -> Pixels:
    """Return the colours of numbers from -1 to 1 among 16: dark (0) or bright (1) blue, the middle, or orange."""
    import numpy as np

    shown = np.array([BASIC[PAIRS[0][bright]], BASIC[middle], BASIC[PAIRS[1][bright]]])
    result: Pixels = shown[np.nan_to_num(np.clip(values, -1, 1) * 1.5).round().clip(-1, 1).astype(int) + 1]
    return result


def paper(painter: Painter) -> tuple[int, int, int]:
    """Return the colour of the page behind a picture."""
    return LIGHT_PAGE if painter.is_light else DARK_PAGE


def thinned(values: Sequence[float], count: int) -> list[float]:
    """Return at most ``count`` values: the means of runs of equal length."""
    if len(values) <= count:
        return list(values)
    result = []
    for index in range(count):
        part = values[index * len(values) // count : (index + 1) * len(values) // count]
        result.append(sum(part) / len(part))
    return result


class Course(NamedTuple):
    """One curve: its values at equal distances, its colour, and the share of the width that it fills."""

    values: Sequence[float]
    key: Key
    share: float = 1.0


def losses(courses: Sequence[Course], width: int, rows: int) -> list[Line]:
    """Draw curves with their scale, which is logarithmic if all values are positive; the last curve is on top."""
    columns = max(4, width - SCALE_COLUMNS - 1)
    shown = []
    for course in courses:
        finite = [value for value in course.values if math.isfinite(value)]
        if finite:
            wide = max(1, math.ceil(2 * columns * course.share))
            shown.append(course._replace(values=thinned(finite, wide)))
    values = [value for course in shown for value in course.values]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    layers = [(curve(one.values, columns, rows, low, high, one.share), one.key) for one in shown]
    result = []
    for row, line in enumerate(overlay(layers, columns, rows)):
        number = f"{high:.3g}" if row == 0 else f"{low:.3g}" if row == rows - 1 else ""
        result.append([(f"{number if values else '':>{SCALE_COLUMNS - 1}} │", "dim"), *line])
    return result


def names_of_classes(run: Run, painter: Painter, width: int) -> Line:
    """Name as many classes as there is room for, in their colours; or a target that is a number, with its range."""
    labels, key = run.model.labels, "■" if painter.depth else ""
    if labels is None:
        ends = [f"{end:.3g}" for end in (run.data.targets.min(), run.data.targets.max())]
        marks = [(key or repr(SHADES[place])) + " " for place in (0, -1)]
        named: Line = [
            (visible(run.model.target)[:12] + "  ", "dim"), (marks[0], colour_of(0)), (ends[0] + "  ", "dim"),
            (marks[1], colour_of(1)), (ends[1], "dim"),
        ]  # fmt: skip
        return padded(named, width)
    line: Line = []
    used = 0
    for index, label in enumerate(labels):
        text = visible(label)[:12] + "  "
        if used + 2 + len(text) > width:
            line.append(("...", "dim"))
            break
        line += [((key or CLASS_MARKS[index % len(CLASS_MARKS)]) + " ", colour_of(index)), (text, "dim")]
        used += 2 + len(text)
    return line


def levelled(values: Floats) -> Pixels:
    """Return numbers from -1 to 1 as levels of `SHADES`."""
    import numpy as np

    share = (np.nan_to_num(np.clip(values, -1, 1)) + 1) / 2
    result: Pixels = (share * (len(SHADES) - 1)).round().astype(np.int64)
    return result


class Plane:
    """A picture of the net's answers over the plane of two inputs, with the rows of the data on it, at one size.

    Args:
        columns, rows: the size in pixels, which are square.
        is_marked: whether rows of the data are shown.
    """

    def __init__(self, run: Run, painter: Painter, columns: int, rows: int, is_marked: bool = True) -> None:
        import numpy as np

        self.run, self.painter = run, painter
        self.columns, self.rows = columns, rows
        inputs = run.data.inputs
        x, y = grid(inputs, columns, rows)
        self.inputs = run.model.scaled(np.stack([np.tile(x, rows), np.repeat(y, columns)], axis=1))
        most = max(1, columns * rows // (PIXELS_PER_MARK if run.model.labels else 2 * PIXELS_PER_MARK))
        # The rows may be sorted, so the ones to show are chosen at random.
        some = np.random.default_rng(0).permutation(len(inputs))[: most if is_marked else 0]
        column = np.clip(((inputs[some, 0] - x[0]) / (x[1] - x[0]) + 0.5).astype(int), 0, columns - 1)
        row = np.clip(((y[0] - inputs[some, 1]) / (y[0] - y[1]) + 0.5).astype(int), 0, rows - 1)
        targets = run.data.targets
        self.low, self.high = float(targets.min()), float(targets.max())
        self.place = row, column
        values = targets[some]
        if run.model.labels is None:
            signed = self.signed(values)
            self.marks = (
                diverging_basic(signed, 1, 15) if painter.depth == 16 else packed(diverging(signed, (255, 255, 255)))
            )
        else:
            index = np.arange(len(run.model.labels)) % len(SERIES)
            self.colours = np.array(SERIES, dtype=float)[index]
            # The marks are brighter than every point of a dark picture, and darker than every point of a light one.
            marks = 0.85 * self.colours if painter.is_light else np.minimum(255, 1.15 * self.colours + 20)
            basic = np.array([[BASIC[number] for number in pair] for pair in PAIRS])[index]
            self.basic = basic[:, 0]
            self.marks = (basic[:, 1] if painter.depth == 16 else packed(marks))[values.astype(int)]

    def signed(self, values: Floats) -> Floats:
        """Return numbers on a scale from -1, the least number of the data, to 1, the largest."""
        return (values - self.low) / max(self.high - self.low, 1e-300) * 2 - 1

    def pixels(self, parameters: Floats) -> Pixels:
        """Draw the picture in colours, shape (rows, columns); the page shows through where the net is undecided."""
        import numpy as np

        model, page, depth = self.run.model, np.array(paper(self.painter)), self.painter.depth
        scores = self.run.engine.predict(parameters, self.inputs)
        if model.labels is None:
            values = self.valued(scores)
            if depth == 16:
                flat = diverging_basic(values, 0, 8)
            else:
                flat = packed(0.45 * page + 0.55 * diverging(values, (235, 235, 235)))
        else:
            classes, sure = certainty(model, scores)
            if depth == 16:
                flat = np.where(sure > 1 / 3, self.basic[classes], BASIC[0])
            else:
                # The darkest of 256 colours differ much, so the picture begins with brighter ones.
                weight = (0.12 + (0.5 if depth == 256 else 0.38) * sure)[:, None]
                flat = packed((1 - weight) * page + weight * self.colours[classes])
        result = flat.reshape(self.rows, self.columns)
        result[self.place] = self.marks
        return result

    def valued(self, scores: Floats) -> Floats:
        """Return the predicted numbers on the scale of `signed`."""
        return self.signed(self.run.model.numbers(scores))

    def lines(self, parameters: Floats) -> list[Line]:
        """Draw the picture; two rows of pixels are one line."""
        if self.painter.depth:
            return half_blocks(self.pixels(parameters))
        scores = self.run.engine.predict(parameters, self.inputs)
        if self.run.model.labels is None:
            return characters(levelled(self.valued(scores)).reshape(self.rows, self.columns)[::2], SHADES)
        return characters(certainty(self.run.model, scores)[0].reshape(self.rows, self.columns)[::2], CLASS_MARKS)


class Neurons:
    """A small picture of every neuron, layer by layer: its output over the plane of two inputs.

    Each picture has its own scale, from orange for its largest output (blue if it is negative) to the page for 0.  As
    many neurons and layers are shown as there is room for; the heading of a layer counts them.

    Args:
        width, rows: the room in characters, without the line of headings.
    """

    def __init__(self, run: Run, painter: Painter, width: int, rows: int) -> None:
        import numpy as np

        self.run, self.painter, self.width, self.rows = run, painter, width, rows
        plan = run.model.plan
        self.places = [number for number, placed in enumerate(plan) if placed.spec.kind == "activation"]
        sizes = [run.model.sizes[0], *(plan[number].outputs[0] for number in self.places)]
        self.tile, self.layers = arranged(sizes, width, 2 * rows)
        if len(self.layers) < len(sizes):
            self.tile, self.layers = arranged(sizes, width - COUNT_COLUMNS, 2 * rows)
        self.hidden_layers = len(sizes) - len(self.layers)
        x, y = grid(run.data.inputs, self.tile, self.tile)
        plane = np.stack([np.tile(x, self.tile), np.repeat(y, self.tile)], axis=1)
        self.inputs = run.model.scaled(plane)

    def headings(self) -> Line:
        """Name the layers, and say how many of their neurons are shown."""
        line: Line = []
        for number, layer in enumerate(self.layers):
            name = "inputs" if number == 0 else f"hidden {number}"
            if layer.shown < layer.size:
                name = f"{name if layer.width > 16 else f'h{number}' if number else 'in'} {layer.shown}/{layer.size}"
            line += padded([(name, "dim")], layer.width + LAYER_GAP)
        if self.hidden_layers:
            line.append((f"+{self.hidden_layers} layers", "dim"))
        return line

    def lines(self, parameters: Floats) -> list[Line]:
        """Draw the headings and the pictures."""
        import numpy as np

        given = self.run.engine.activations(parameters, self.inputs)
        outputs = [self.inputs, *(given[number] for number in self.places)]
        size = self.tile
        pixels = np.full((2 * self.rows, max(1, self.width)), CLEAR, dtype=np.int64)
        left = 0
        for layer, values in zip(self.layers, outputs, strict=False):
            seen = np.nan_to_num(values[:, : layer.shown].T.reshape(layer.shown, size, size))
            largest = np.maximum(np.abs(seen).max(axis=(1, 2), keepdims=True), 1e-300)
            if not self.painter.depth:
                tiles = levelled(seen / largest)
            elif self.painter.depth == 16:
                tiles = diverging_basic(seen / largest, 0, 0)
            else:
                tiles = packed(diverging(seen / largest, paper(self.painter)))
            for unit in range(layer.shown):
                column, row = divmod(unit, layer.per_column)
                top, start = row * (size + 1), left + column * (size + 1)
                pixels[top : top + size, start : start + size] = tiles[unit]
            left += layer.width + LAYER_GAP
        if self.painter.depth:
            return [self.headings(), *half_blocks(pixels)]
        return [self.headings(), *characters(np.maximum(pixels[::2], 0), SHADES)]


class Tiles(NamedTuple):
    """The neurons of one layer on the screen: they fill columns of ``per_column`` each."""

    size: int
    shown: int
    per_column: int
    width: int


def arranged(sizes: Sequence[int], width: int, height: int) -> tuple[int, list[Tiles]]:
    """Return the side of a tile and the layout of each layer that is shown, in pixels.

    >>> arranged([2, 16], 60, 32)
    (7, [Tiles(size=2, shown=2, per_column=4, width=8), Tiles(size=16, shown=16, per_column=4, width=31)])
    """
    for tile in range(LARGEST_TILE, SMALLEST_TILE - 1, -1):
        per_column = (height + 1) // (tile + 1)
        if per_column < 1:
            continue
        columns = [-(-size // per_column) for size in sizes]
        widths = [max(NARROWEST_LAYER, count * (tile + 1) - 1) for count in columns]
        if sum(widths) + LAYER_GAP * (len(sizes) - 1) <= width:
            return tile, [Tiles(size, size, per_column, wide) for size, wide in zip(sizes, widths, strict=True)]
    # Not all neurons fit: layers share the room, and the last layers are left out if there is too little of it.
    tile, per_column = SMALLEST_TILE, max(1, (height + 1) // (SMALLEST_TILE + 1))
    count = max(1, min(len(sizes), (width + LAYER_GAP) // (2 * (tile + 1) + LAYER_GAP)))
    kept = list(sizes[:count])
    room = width - LAYER_GAP * (count - 1)
    columns = [1] * count
    while True:
        hungry = [i for i in range(count) if columns[i] * per_column < kept[i]]
        if not hungry:
            break
        poorest = min(hungry, key=lambda i: columns[i])
        used = sum(max(NARROWEST_LAYER, one * (tile + 1) - 1) for one in columns)
        if used + tile + 1 > room:
            break
        columns[poorest] += 1
    return tile, [
        Tiles(size, min(size, one * per_column), per_column, max(NARROWEST_LAYER, one * (tile + 1) - 1))
        for size, one in zip(kept, columns, strict=True)
    ]


def shown_rows(run: Run) -> tuple[str, Data]:
    """Return the rows that a panel of errors shows, with their name: the validation rows, or the training rows."""
    name, data = ("validation", run.validation) if len(run.validation) else ("training", run.training)
    if len(data) <= MOST_ROWS:
        return name, data
    import numpy as np

    return name, data.take(np.arange(len(data))[:: -(-len(data) // MOST_ROWS)])


def confusions(run: Run, painter: Painter, width: int, rows: int) -> list[Line] | None:
    """Draw the confusion matrix under a line that explains it; return None if it does not fit into the room."""
    import numpy as np

    from gradcli.train.model.objectives import chosen

    model = run.model
    assert model.labels is not None
    count = len(model.labels)
    name, data = shown_rows(run)
    labels = [visible(label) for label in model.labels]
    targets = data.targets.astype(np.intp)
    head = min(10, max(map(len, labels)))
    least = max(3, len(str(np.bincount(targets, minlength=1).max())) + 1) if len(data) else 3
    cell = max(least, min(head + 1, (width - head - 1) // count))
    if count + 1 > rows or head + 1 + count * cell > width or not len(data):
        return None
    matrix = confusion(targets, chosen(run.outputs(data.inputs)), count)
    result: list[Line] = [padded([(f"{name}: class → prediction", "dim")], width)]
    result.append([(" " * (head + 1), ""), *((f"{label[: cell - 1]:>{cell}}", "dim") for label in labels)])
    largest = np.maximum(matrix.sum(axis=1), 1)
    for index, numbers in enumerate(matrix.tolist()):
        line: Line = [(f"{labels[index][:head]:>{head}} ", "dim")]
        for other, number in enumerate(numbers):
            share = number / int(largest[index])
            sign = -1 if index == other else 1
            # The square root makes a single error among many rows visible.
            back = int(packed(diverging(np.array(sign * math.sqrt(share) * 0.8), paper(painter))))
            text = f"{number or '.':>{cell}}"
            line.append((text, (contrast(back), back)) if painter.depth else (text, ""))
        result.append(line)
    return result


def contrast(colour: int) -> int:
    """Return black or white, whichever can be read on a colour."""
    light = 0.299 * (colour >> 16) + 0.587 * (colour >> 8 & 255) + 0.114 * (colour & 255)
    return 0x000000 if light > 140 else 0xFFFFFF


def fit(run: Run, width: int, rows: int) -> list[Line]:
    """Draw a net that predicts a number from one input: the rows of the data as dots, and its curve on top."""
    import numpy as np

    inputs, targets = run.data.inputs[:, 0], run.data.targets
    x = np.linspace(inputs.min(), inputs.max(), 2 * width)
    values = run.model.numbers(run.outputs(x[:, None]))
    low, high = spread(targets)
    dots = dotted(placed(inputs, targets, (x[0], x[-1]), (low, high), width, rows), width, rows)
    # `curve` takes a logarithmic scale for positive numbers, so all are moved below zero.
    shifted = np.nan_to_num(np.clip(values, low, high)) - high - 1
    line = curve(shifted.tolist(), width, rows, low - high - 1, -1.0)
    return overlay([(dots, colour_of(0)), (line, colour_of(1))], width, rows)


def agreement(run: Run, width: int, rows: int) -> list[Line]:
    """Draw predicted numbers (upwards) against targets (to the right); right predictions lie on the diagonal."""
    import numpy as np

    _, data = shown_rows(run)
    ends = spread(run.data.targets)
    values = np.clip(np.nan_to_num(run.model.numbers(run.outputs(data.inputs))), *ends)
    dots = dotted(placed(data.targets, values, ends, ends, width, rows), width, rows)
    diagonal = np.linspace(*ends, 2 * width)
    line = dotted(placed(diagonal, diagonal, ends, ends, width, rows), width, rows)
    return overlay([(line, "dim"), (dots, colour_of(0))], width, rows)


def spread(values: Floats) -> tuple[float, float]:
    """Return the least and the largest number of a scale for numbers."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def placed(
    x: Floats, y: Floats, x_ends: tuple[float, float], y_ends: tuple[float, float], width: int, rows: int
) -> list[tuple[int, int]]:
    """Return the dots of points on a panel of characters."""
    import numpy as np

    wide, high = 2 * width - 1, 4 * rows - 1
    # The difference of two numbers near the largest float is infinite.
    across = np.nan_to_num(np.clip((x - x_ends[0]) / ((x_ends[1] - x_ends[0]) or 1.0), 0, 1)) * wide
    up = np.nan_to_num(np.clip((y - y_ends[0]) / (y_ends[1] - y_ends[0]), 0, 1)) * high
    return list(zip(across.round().astype(int).tolist(), (high - up).round().astype(int).tolist(), strict=True))
