"""The panels of a live picture of a net: its loss, its outputs over the plane of two inputs, its neurons, its errors.

Each panel is a function or an object that gives lines of a fixed size; `gradcli.cli.live.views` puts them together.
Blue is the colour of the first class and of negative numbers, orange that of the second class and of positive numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli.draw.canvas import (
    BRAILLE,
    CLEAR,
    DASHES,
    curve,
    cut,
    dotted,
    half_blocks,
    overlay,
    padded,
    shares,
    width_of,
)
from gradcli.draw.figures import certainty, grid
from gradcli.draw.palette import BASIC, BASIC_AREAS, BASIC_MARKS, DARK_PAGE, LIGHT_PAGE, SERIES
from gradcli.records import NamedTuple
from gradcli.source import visible
from gradcli.train.metrics import confusion

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.draw.canvas import Key, Line, Painter, Pixels
    from gradcli.train.data.rows import Data
    from gradcli.train.run import Run

    Ends = tuple[float, float]

__all__ = [
    "SCALE_COLUMNS", "Course", "Neurons", "Plane", "agreement", "colour_of", "confusions", "fit", "is_logarithmic",
    "look_of", "losses", "named", "names_of_classes",
]  # fmt: skip

SCALE_COLUMNS = 9  # the width of the numbers next to a curve
# At most one pixel in this many shows a row of the data, so that the answers of the net are seen between the rows.
PIXELS_PER_MARK = 5
# The characters that replace colours: one for each class, and numbers from the least to the largest.
CLASS_MARKS = ".o#x+%:=@*"
SHADES = " .:oO#"
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
    """Return colours from 0 to 255, shape (..., 3), as one whole number each.

    Each component is rounded to a multiple of 4, a difference that nobody can see.
    """
    import numpy as np

    whole = colours.astype(np.int64) & 0xFC
    result: Pixels = whole @ np.array([1 << 16, 1 << 8, 1])
    return result


def diverging(values: Floats, middle: Sequence[float]) -> Floats:
    """Return the colours (..., 3) of numbers from -1 (blue) to 1 (orange); ``middle`` is the colour of 0."""
    import numpy as np

    ends = np.where(values[..., None] < 0, SERIES[0], SERIES[1])
    colours: Floats = np.array(middle) + np.abs(values)[..., None] * (ends - np.array(middle))
    return colours


def paper(painter: Painter) -> tuple[int, int, int]:
    """Return the colour of the page behind a picture."""
    return LIGHT_PAGE if painter.is_light else DARK_PAGE


def shaded(
    values: Floats, painter: Painter, middle: Sequence[float], basic: Sequence[int], share_of_page: float = 0.0
) -> Pixels:
    """Return pixels that show numbers from -1 to 1: colours or, without colours, places in `SHADES`.

    Args:
        values: the numbers.
        painter: the painter, which tells how many colours there are.
        middle: the colour of 0; the colour of -1 is blue, and the colour of 1 is orange.
        basic: the colours of -1, 0 and 1 on a terminal of 16 colours.
        share_of_page: how much of the colour of the page is mixed in, from 0 to 1.
    """
    import numpy as np

    values = np.nan_to_num(np.clip(values, -1, 1))
    if not painter.depth:
        levels: Pixels = ((values + 1) / 2 * (len(SHADES) - 1)).round().astype(np.int64)
        return levels
    if painter.depth == 16:
        return np.take(basic, np.rint(1.5 * values).clip(-1, 1).astype(int) + 1)
    return packed(share_of_page * np.array(paper(painter)) + (1 - share_of_page) * diverging(values, middle))


def drawn(pixels: Pixels, painter: Painter, marks: str) -> list[Line]:
    """Draw pixels as half blocks or, without colours, as characters: the pixel k becomes the character ``marks[k]``."""
    if painter.depth:
        return half_blocks(pixels)
    return [[("".join(marks[max(level, 0) % len(marks)] for level in row), "")] for row in pixels[::2].tolist()]


class Course(NamedTuple):
    """One curve: its values at equal distances, its colour, the share of the width that it fills, and its dashes."""

    values: Sequence[float]
    key: Key
    share: float = 1.0
    dash: str = DASHES[0]


def look_of(index: int, painter: Painter) -> tuple[int, str]:
    """Return the colour and the dashes of a curve by its number; only without colours there are dashes."""
    return colour_of(index), DASHES[0 if painter.depth else index % len(DASHES)]


def named(name: str, index: int, painter: Painter) -> Line:
    """Return the name of a curve in its colour or, without colours, after a piece of the curve."""
    sample = "" if painter.depth else curve([1.0, 1.0], 3, 1, 0.0, 3.0, dash=look_of(index, painter)[1])[0] + " "
    return [(sample, ""), (name, colour_of(index))] if sample else [(name, colour_of(index))]


def is_logarithmic(courses: Sequence[Course]) -> bool:
    """Whether `losses` has a logarithmic scale: if there are values, and all are positive."""
    values = [value for course in courses for value in course.values if math.isfinite(value)]
    return bool(values) and min(values) > 0


def axis(unit: str, first: int, last: int, columns: int) -> Line:
    """Return the axis below a curve of this width: its first and last number, and the name in the middle.

    >>> axis("epoch", 1, 150, 30)
    [('         └1───────── epoch ──────────150', 'dim')]
    """
    begin, end = f"{first}", f"{last}"
    room = columns - len(begin) - len(end)
    middle = f" {unit} " if room >= len(unit) + 2 else ""
    text = begin + f"{middle:─^{max(0, room)}}" + (end if room >= 0 else "")
    return [(f"{'':>{SCALE_COLUMNS}}└{text[:columns]}", "dim")]


def losses(courses: Sequence[Course], width: int, rows: int, along: tuple[str, int, int] | None = None) -> list[Line]:
    """Draw curves with their scale, which is logarithmic if all values are positive; the last curve is on top.

    Args:
        courses: the curves.
        width, rows: the size in characters.
        along: the name of the axis to the right, and its ends; it takes the last of the rows.
    """
    import numpy as np

    columns = max(4, width - SCALE_COLUMNS - 1)
    if along is not None and rows > 2 and along[2] > along[1]:
        return [*losses(courses, width, rows - 1), axis(*along, columns)]
    shown = []
    for course in courses:
        finite = [value for value in course.values if math.isfinite(value)]
        if finite:
            # Each dot of the curve is the mean of a part of the values.
            dots = min(len(finite), max(1, math.ceil(2 * columns * course.share)))
            shown.append(course._replace(values=[float(part.mean()) for part in np.array_split(finite, dots)]))
    if not shown:
        return [[(" " * SCALE_COLUMNS + "│", "dim"), *line] for line in overlay([], columns, rows)]
    values = [value for course in shown for value in course.values]
    low, high = min(values), max(values)
    scale = math.log if low > 0 else float
    layers = [
        (curve([*map(scale, one.values)], columns, rows, scale(low), scale(high), one.share, one.dash), one.key)
        for one in shown
    ]
    numbers = [f"{high:.3g}", *[""] * (rows - 2), f"{low:.3g}"]
    lines = zip(numbers, overlay(layers, columns, rows), strict=False)
    return [[(f"{number:>{SCALE_COLUMNS - 1}} │", "dim"), *line] for number, line in lines]


def names_of_classes(run: Run, painter: Painter, width: int) -> Line:
    """Name the classes in their colours, as far as there is room. A target that is a number is named with its range."""
    line: Line = []
    if run.model.labels is None:
        line = [(visible(run.model.target)[:12] + "  ", "dim")]
        ends = run.rows.targets.min(), run.rows.targets.max()
        shown = [(repr(mark), f"{end:.3g}") for mark, end in zip((SHADES[0], SHADES[-1]), ends, strict=True)]
    else:
        shown = [(CLASS_MARKS[i % len(CLASS_MARKS)], visible(label)[:12]) for i, label in enumerate(run.model.labels)]
    for index, (mark, name) in enumerate(shown):
        more: Line = [(f"{'■' if painter.depth else mark} ", colour_of(index)), (f"{name}  ", "dim")]
        if width_of(line + more) > width:
            line.append(("...", "dim"))
            break
        line += more
    return cut(line, width)


class Plane:
    """A picture of fixed size: the outputs of the net over the plane of two inputs, and the rows of the data as dots.

    Args:
        columns, rows: the size in square pixels.
        is_marked: whether rows of the data are shown.
    """

    def __init__(self, run: Run, painter: Painter, columns: int, rows: int, is_marked: bool = True) -> None:
        import numpy as np

        self.run, self.painter, self.shape = run, painter, (rows, columns)
        inputs, targets, labels = run.rows.inputs, run.rows.targets, run.model.labels
        x, y, points = grid(inputs, columns, rows)
        self.inputs = run.model.scaled(points)
        most = max(1, columns * rows // (PIXELS_PER_MARK if labels else 2 * PIXELS_PER_MARK))
        # The rows may be sorted, so the ones to show are chosen at random.
        some = np.random.default_rng(0).permutation(len(inputs))[: most if is_marked else 0]
        column = np.clip(((inputs[some, 0] - x[0]) / (x[1] - x[0]) + 0.5).astype(int), 0, columns - 1)
        row = np.clip(((y[0] - inputs[some, 1]) / (y[0] - y[1]) + 0.5).astype(int), 0, rows - 1)
        self.place = row, column
        self.low, self.high = float(targets.min()), float(targets.max())
        if labels is None:
            white = BASIC_MARKS[0], BASIC[15], BASIC_MARKS[1]
            self.marks = shaded(self.signed(targets[some]), painter, (255, 255, 255), white)
        else:
            index = np.arange(len(labels)) % len(SERIES)
            self.colours = np.array(SERIES, dtype=float)[index]
            # The marks are brighter than every point of a dark picture, and darker than every point of a light one.
            marks = 0.85 * self.colours if painter.is_light else np.minimum(255, 1.15 * self.colours + 20)
            self.basic, bright = np.array([BASIC_AREAS, BASIC_MARKS])[:, index]
            self.marks = (bright if painter.depth == 16 else packed(marks))[targets[some].astype(int)]

    def signed(self, values: Floats) -> Floats:
        """Return numbers scaled so that the smallest number of the data becomes -1 and the largest 1."""
        return (values - self.low) / max(self.high - self.low, 1e-300) * 2 - 1

    def pixels(self, parameters: Floats) -> Pixels:
        """Return the pixels of the picture, shape (rows, columns): colours or, without colours, places of characters.

        Where the net is undecided between classes, the colour is close to that of the page.
        """
        import numpy as np

        model, painter = self.run.model, self.painter
        scores = self.run.engine.predict(parameters, self.inputs)
        if model.labels is None:
            grey = BASIC_AREAS[0], BASIC[8], BASIC_AREAS[1]
            flat = shaded(self.signed(model.numbers(scores)), painter, (235, 235, 235), grey, 0.45)
        else:
            flat, sure = certainty(model, scores)
            if painter.depth == 16:
                flat = np.where(sure > 1 / 3, self.basic[flat], BASIC[0])
            elif painter.depth:
                # The steps between the darkest of 256 colours are large, so the picture begins with brighter ones.
                weight = (0.12 + (0.5 if painter.depth == 256 else 0.38) * sure)[:, None]
                flat = packed((1 - weight) * np.array(paper(painter)) + weight * self.colours[flat])
        result = flat.reshape(self.shape)
        if painter.depth:
            result[self.place] = self.marks
        return result

    def lines(self, parameters: Floats) -> list[Line]:
        """Draw the picture; two rows of pixels are one line."""
        return drawn(self.pixels(parameters), self.painter, CLASS_MARKS if self.run.model.labels else SHADES)


class Neurons:
    """A small picture of every neuron, layer by layer: its output over the plane of two inputs.

    Each picture has its own scale: its largest output is orange (blue if it is negative), and 0 has the colour of the
    page.  If there is no room for all neurons and layers, some are left out; the heading of a layer says how many are
    shown.

    Args:
        width, rows: the room in characters, without the line of headings.
    """

    def __init__(self, run: Run, painter: Painter, width: int, rows: int) -> None:
        self.run, self.painter, self.width, self.rows = run, painter, width, rows
        plan = run.model.plan
        self.places = [number for number, placed in enumerate(plan) if placed.spec.kind == "activation"]
        sizes = [run.model.sizes[0], *(plan[number].outputs[0] for number in self.places)]
        self.tile, self.layers = arranged(sizes, width, 2 * rows)
        if len(self.layers) < len(sizes):
            self.tile, self.layers = arranged(sizes, width - COUNT_COLUMNS, 2 * rows)
        self.hidden_layers = len(sizes) - len(self.layers)
        self.inputs = run.model.scaled(grid(run.rows.inputs, self.tile, self.tile)[2])

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
        black = BASIC_AREAS[0], BASIC[0], BASIC_AREAS[1]
        pixels = np.full((2 * self.rows, max(1, self.width)), CLEAR, dtype=np.int64)
        left = 0
        for layer, values in zip(self.layers, outputs, strict=False):
            seen = np.nan_to_num(values[:, : layer.shown].T.reshape(layer.shown, size, size))
            largest = np.maximum(np.abs(seen).max(axis=(1, 2), keepdims=True), 1e-300)
            tiles = shaded(seen / largest, self.painter, paper(self.painter), black)
            for unit in range(layer.shown):
                column, row = divmod(unit, layer.per_column)
                top, start = row * (size + 1), left + column * (size + 1)
                pixels[top : top + size, start : start + size] = tiles[unit]
            left += layer.width + LAYER_GAP
        return [self.headings(), *drawn(pixels, self.painter, SHADES)]


class Tiles(NamedTuple):
    """The neurons of one layer on the screen: they fill columns of ``per_column`` each."""

    size: int
    shown: int
    per_column: int
    width: int


def arranged(sizes: Sequence[int], width: int, height: int) -> tuple[int, list[Tiles]]:
    """Return the side of a tile in pixels, and the layout of each layer that is shown.

    >>> arranged([2, 16], 60, 32)
    (7, [Tiles(size=2, shown=2, per_column=4, width=8), Tiles(size=16, shown=16, per_column=4, width=31)])
    """

    def layer(size: int, columns: int) -> Tiles:
        return Tiles(size, min(size, columns * per_column), per_column, max(NARROWEST_LAYER, columns * (tile + 1) - 1))

    def fits(layers: list[Tiles]) -> bool:
        return sum(one.width for one in layers) + LAYER_GAP * (len(layers) - 1) <= width

    for tile in range(min(LARGEST_TILE, height), SMALLEST_TILE - 1, -1):
        per_column = (height + 1) // (tile + 1)
        layers = [layer(size, -(-size // per_column)) for size in sizes]
        if fits(layers):
            return tile, layers
    # Not all neurons fit: layers share the room, and the last layers are left out if there is too little of it.
    tile, per_column = SMALLEST_TILE, max(1, (height + 1) // (SMALLEST_TILE + 1))
    count = max(1, min(len(sizes), (width + LAYER_GAP) // (2 * (tile + 1) + LAYER_GAP)))
    columns = [1] * count
    wider = [layer(size, 1) for size in sizes[:count]]
    layers = wider
    while fits(wider):
        layers = wider
        hungry = [i for i, one in enumerate(layers) if one.shown < one.size]
        if not hungry:
            break
        columns[min(hungry, key=lambda i: columns[i])] += 1
        wider = [layer(size, number) for size, number in zip(sizes, columns, strict=False)]
    return tile, layers


def shown_rows(run: Run) -> tuple[str, Data]:
    """Return the rows that a panel of errors shows, with a name: the validation rows, or else the training rows."""
    name, data = ("validation", run.validation) if len(run.validation) else ("training", run.training)
    if len(data) <= MOST_ROWS:
        return name, data
    import numpy as np

    return name, data.take(np.arange(len(data))[:: -(-len(data) // MOST_ROWS)])


def confusions(run: Run, painter: Painter, width: int, rows: int) -> list[Line] | None:
    """Draw the confusion matrix under a line that explains it; return None if it does not fit into the room."""
    import numpy as np

    from gradcli.train.model.objectives import chosen

    assert run.model.labels is not None
    labels = [visible(label) for label in run.model.labels]
    count = len(labels)
    name, data = shown_rows(run)
    targets = data.targets.astype(np.intp)
    head = min(10, max(map(len, labels)))
    least = max(3, len(str(np.bincount(targets).max())) + 1)
    cell = max(least, min(head + 1, (width - head - 1) // count))
    if count + 1 > rows or head + 1 + count * cell > width:
        return None
    matrix = confusion(targets, chosen(run.outputs(data.inputs)), count)
    parts = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # Right predictions are blue, wrong ones orange.  The square root makes a single error among many rows visible.
    signed = np.sqrt(parts) * np.where(np.eye(count), -0.8, 0.8)
    colours = packed(diverging(signed, paper(painter)))
    result: list[Line] = [padded([(f"{name}: class → prediction", "dim")], width)]
    result.append([(" " * (head + 1), ""), *((f"{label[: cell - 1]:>{cell}}", "dim") for label in labels)])
    for label, numbers, backs in zip(labels, matrix.tolist(), colours.tolist(), strict=True):
        line: Line = [(f"{label[:head]:>{head}} ", "dim")]
        for number, back in zip(numbers, backs, strict=True):
            line.append((f"{number or '.':>{cell}}", (contrast(back), back) if painter.depth else ""))
        result.append(line)
    return result


def contrast(colour: int) -> int:
    """Return black or white, whichever is easier to read on a colour."""
    light = 0.299 * (colour >> 16) + 0.587 * (colour >> 8 & 255) + 0.114 * (colour & 255)
    return 0x000000 if light > 140 else 0xFFFFFF


def fit(run: Run, painter: Painter, width: int, rows: int) -> list[Line]:
    """Draw a net that predicts a number from one input: the rows of the data as dots, and its curve on top."""
    import numpy as np

    inputs, targets = run.rows.inputs[:, 0], run.rows.targets
    x = np.linspace(inputs.min(), inputs.max(), 2 * width)
    values = run.model.numbers(run.outputs(x[:, None]))
    ends = spread(targets)
    dots = scatter(inputs, targets, (x[0], x[-1]), ends, width, rows)
    line = curve(values.tolist(), width, rows, *ends)
    return over(line, colour_of(1), dots, painter)


def agreement(run: Run, painter: Painter, width: int, rows: int) -> list[Line]:
    """Draw predicted numbers (upwards) against targets (to the right); right predictions lie on the diagonal."""
    import numpy as np

    _, data = shown_rows(run)
    ends = spread(run.rows.targets)
    values = run.model.numbers(run.outputs(data.inputs))
    dots = scatter(data.targets, values, ends, ends, width, rows)
    diagonal = np.linspace(*ends, 2 * width)
    line = scatter(diagonal, diagonal, ends, ends, width, rows)
    return over(line, "dim", dots, painter)


def over(line: list[str], key: Key, dots: list[str], painter: Painter) -> list[Line]:
    """Draw a line over rows of the data; without colours, the rows are small letters."""
    if painter.depth:
        return overlay([(dots, colour_of(0)), (line, key)], len(line[0]), len(line))
    blank = chr(BRAILLE)
    pairs = zip(line, dots, strict=True)
    return [
        [("".join("o" if a == blank != b else a for a, b in zip(above, below, strict=True)), "")]
        for above, below in pairs
    ]


def spread(values: Floats) -> Ends:
    """Return the ends of a scale for numbers."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def scatter(x: Floats, y: Floats, x_ends: Ends, y_ends: Ends, width: int, rows: int) -> list[str]:
    """Draw points in braille on a panel of characters, whose edges are at the ends of two scales."""
    across = shares(x, *x_ends) * (2 * width - 1)
    down = (1 - shares(y, *y_ends)) * (4 * rows - 1)
    places = zip(across.round().astype(int).tolist(), down.round().astype(int).tolist(), strict=True)
    return dotted(places, width, rows)
