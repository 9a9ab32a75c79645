"""The live display of a training run: progress, losses, and for two inputs the decision boundary.

The display is drawn on standard error and never on its own time: `Live.update` is called after every update of the net
and redraws only if the drawing so far has cost less than a twentieth of the run.  The picture is made of half blocks,
two square pixels to a character; the loss curve of braille dots, eight to a character.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from gradcli.cli.screen import visible
from gradcli.train.plot import PALETTE, certainty, grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.cli.context import Terminal
    from gradcli.train.run import Run
    from gradcli.train.trainer import Epoch, Step

    Floats = NDArray[np.float64]
    # A style: a word of Rich's, one colour (red, green, blue), or the colours of an upper and a lower pixel.
    Key = str | tuple[int, ...]
    Line = list[tuple[str, Key]]
    Picture = NDArray[np.uint8]

__all__ = ["Live", "curve", "duration", "picture"]

SHARE = 0.05
SCALE_COLUMNS = 9  # for the numbers beside the loss curve
DIM = "bright_black"
FRAMES_PER_SECOND = 10
OTHER_ROWS = 8  # lines beside the panels' own: title, progress, numbers, legend; then the result and the prompt
LARGEST_ROWS = 22
SMALLEST_ROWS = 6
SHADES = " .:oO#"
DARK = (24, 24, 28)


def duration(seconds: float) -> str:
    """A time in words that keep their width.

    >>> duration(7.4), duration(75), duration(7265)
    ('7 s', '1:15', '2:01:05')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def thinned(values: Sequence[float], count: int) -> list[float]:
    """At most ``count`` values: the means of runs of equal length; what is not finite is left out of a mean."""
    if len(values) <= count:
        return list(values)
    result = []
    for index in range(count):
        part = values[index * len(values) // count : (index + 1) * len(values) // count]
        result.append(sum(part) / len(part))
    return result


def curve(values: Sequence[float], columns: int, rows: int, low: float, high: float, share: float = 1.0) -> list[str]:
    """A line of values in braille, from the left edge over a share of the width.

    Args:
        values: at equal distances; the scale is logarithmic if ``low`` is positive.
        columns, rows: size in characters.
        low, high: the values at the lower and upper edge.

    >>> curve([1.0, 2.0, 3.0, 4.0], 2, 1, 0.0, 4.0)
    ['⠤⠊']
    """
    height = 4 * rows
    width = min(2 * columns, max(1, math.ceil(2 * columns * share)))

    def row_of(value: float) -> int:
        bottom, top = (math.log(low), math.log(high)) if low > 0 else (low, high)
        place = math.log(max(value, low)) if low > 0 else value
        height_share = (place - bottom) / (top - bottom) if top > bottom else 0.5
        return min(height - 1, max(0, round((1 - height_share) * (height - 1))))

    cells = [[0] * columns for _ in range(rows)]
    bits = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
    before: int | None = None
    for x in range(width):
        y = row_of(values[x * len(values) // width])
        # A vertical stroke joins the dots of two columns.
        start = y if before is None or before == y else before + (1 if y > before else -1)
        for dot in range(min(start, y), max(start, y) + 1):
            cells[dot // 4][x // 2] |= bits[x % 2][dot % 4]
        before = y
    return ["".join(chr(0x2800 + cell) for cell in row) for row in cells]


def picture(run: Run, columns: int, rows: int) -> Picture:
    """The plane of two inputs as pixels, shape (rows, columns, 3): what the net says there, and the rows of the data.

    Undecided places are dark.  A pixel that holds a row of the data has the full colour of its class.
    """
    import numpy as np

    inputs = run.data.inputs
    x, y = grid(inputs, columns, rows)
    plane = np.stack([np.tile(x, rows), np.repeat(y, columns)], axis=1)
    scores = run.engine.predict(run.state.parameters, run.model.scaled(plane))
    column = np.clip(((inputs[:, 0] - x[0]) / (x[1] - x[0]) + 0.5).astype(int), 0, columns - 1)
    row = np.clip(((y[0] - inputs[:, 1]) / (y[0] - y[1]) + 0.5).astype(int), 0, rows - 1)
    if run.model.labels is None:
        low, high = float(run.data.targets.min()), float(run.data.targets.max())
        values = scores[:, 0] * run.model.target_scale + run.model.target_mean
        pixels = 0.55 * gradient_colours((values - low) / max(high - low, 1e-300))
        marks = gradient_colours((run.data.targets - low) / max(high - low, 1e-300))
    else:
        colours = np.array([PALETTE[index % len(PALETTE)] for index in range(len(run.model.labels))], dtype=float)
        classes, sure = certainty(run.model, scores)
        weight = (0.12 + 0.38 * sure)[:, None]
        pixels = (1 - weight) * np.array(DARK) + weight * colours[classes]
        marks = np.minimum(255, 1.15 * colours[run.data.targets.astype(int)] + 20)
    result = pixels.reshape(rows, columns, 3)
    result[row, column] = marks
    # Steps of 4 can't be told apart by eye, and let neighbours share a style.
    steps: Picture = result.astype(np.uint8) & np.uint8(0xFC)
    return steps


def gradient_colours(shares: Floats) -> Floats:
    """Colours of numbers from 0 (blue) over white to 1 (orange)."""
    import numpy as np

    t = np.nan_to_num(np.clip(shares, 0, 1))[:, None]
    low, middle, high = np.array(PALETTE[0]), np.array((235, 235, 235)), np.array(PALETTE[1])
    colours: Floats = np.where(t < 0.5, low + (middle - low) * 2 * t, middle + (high - middle) * (2 * t - 1))
    return colours


def extend(line: Line, text: str, key: Key) -> None:
    """Add a character to a line, to its last piece if that has the same style."""
    if line and line[-1][1] == key:
        line[-1] = (line[-1][0] + text, key)
    else:
        line.append((text, key))


def padded(line: Line, width: int) -> Line:
    """A line cut off, or filled with blanks, to a number of columns.

    >>> padded([("abc", "dim"), ("def", "")], 5), padded([("ab", "")], 3)
    ([('abc', 'dim'), ('de', '')], [('ab', ''), (' ', '')])
    """
    from rich.cells import cell_len, set_cell_size

    result: Line = []
    room = width
    for text, key in line:
        if room > 0:
            piece = text if cell_len(text) <= room else set_cell_size(text, room)
            result.append((piece, key))
            room -= cell_len(piece)
    return [*result, (" " * room, "")] if room else result


class Panels:
    """Lines of pieces of text in styles of Rich's, as something that Rich can draw without measuring or wrapping."""

    def __init__(self, lines: list[list[tuple[str, Any]]]) -> None:
        self.lines = lines

    def __rich_console__(self, _console: Any, _options: Any) -> Iterator[Any]:
        from rich.segment import Segment

        for line in self.lines:
            for text, style in line:
                yield Segment(text, style)
            yield Segment.line()


class Live:
    """A display that is there between ``with`` and the end of the block, and leaves its last frame on the screen.

    Args:
        run: is shown as it stands whenever there is time to draw.
        terminal: where to draw.
    """

    def __init__(self, run: Run, terminal: Terminal) -> None:
        from rich.console import Console
        from rich.live import Live as Area

        self.run = run
        self.console = Console(
            file=terminal.stderr,
            force_terminal=True,
            no_color=not terminal.message_colour,
            markup=False,
            emoji=False,
            highlight=False,
            _environ=dict(terminal.environment),
        )
        self.area = Area(console=self.console, auto_refresh=False, transient=False)
        self.epoch: Epoch | None = None
        self.began = self.last = time.monotonic()
        self.first = len(run.state.history)
        self.cost = 0.0
        self.styles: dict[Key, Any] = {}

    def __enter__(self) -> Live:
        self.area.start()
        self.draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.draw()
        finally:
            self.area.stop()

    def update(self, event: Step | Epoch) -> None:
        """Take note of an event, and draw if there is time."""
        if hasattr(event, "epochs"):
            self.epoch = event  # type: ignore[assignment]
        now = time.monotonic()
        if now - self.last >= 1 / FRAMES_PER_SECOND and self.cost <= SHARE * (now - self.began):
            self.draw()

    def draw(self) -> None:
        """Draw one frame."""
        start = time.monotonic()
        self.area.update(self.frame(), refresh=True)
        self.last = time.monotonic()
        self.cost += self.last - start

    def frame(self) -> Any:
        """All that is on the screen, as something that Rich can draw."""
        from rich.console import Group

        width, height = self.console.size
        lines = [self.title(), self.progress(width), self.numbers()]
        rows = min(LARGEST_ROWS, height - OTHER_ROWS)
        if rows < SMALLEST_ROWS or width < 40:
            return Group(*lines)
        if len(self.run.model.columns) == 2 and width >= 60:
            # Two pixels to a character make square pixels; a picture is at most as wide as half the screen.
            columns = min(2 * rows + rows // 2, width // 2 - 2)
            left = self.losses(width - columns - 3, rows)
            panels = [[*one, ("  ", ""), *two] for one, two in zip(left, self.boundary(columns, rows), strict=True)]
        else:
            panels = self.losses(min(width - 1, 100), rows)
        return Group(*lines, Panels([[(text, self.style(key)) for text, key in line] for line in panels]))

    def style(self, key: Key) -> Any:
        """The style of Rich's for a colour, a pair of colours or a word; each is made once."""
        from rich.color import Color
        from rich.style import Style

        found = self.styles.get(key)
        if found is None:
            if isinstance(key, str):
                found = Style.parse(key)
            else:
                upper, *lower = (Color.from_rgb(*(key[start : start + 3])) for start in range(0, len(key), 3))
                found = Style(color=upper, bgcolor=lower[0] if lower else None)
            self.styles[key] = found
        return found

    def title(self) -> Any:
        """What is being trained."""
        from rich.text import Text

        model, settings = self.run.model, self.run.settings
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(visible(self.run.data.name), style="bold")
        text.append(f"  {model.outline} {model.activation}, {model.count} parameters, {model.loss}, ")
        text.append(f"{settings.optimizer}, seed {settings.seed}")
        return text

    def progress(self, width: int) -> Any:
        """How far the run is and how long it will take."""
        from rich.text import Text

        done, total = len(self.run.state.history), self.run.updates
        spent = time.monotonic() - self.began
        fresh = done - self.first
        left = f"{duration(spent / fresh * (total - done))} left" if fresh > 0 and done < total else ""
        if done >= total:
            left = f"done in {duration(spent)}"
        epochs = self.run.settings.epochs
        head = f"epoch {min(epochs, done // self.run.updates_per_epoch + (done < total)):>{len(str(epochs))}}/{epochs} "
        tail = f" {100 * done // total:3d} %  {left:<14}"
        room = max(8, min(width, 100) - len(head) - len(tail) - 1)
        filled = room * done / total
        text = Text(no_wrap=True, overflow="crop")
        text.append(head)
        text.append("━" * int(filled), style="green")
        if int(filled) < room:
            text.append("╸" if filled % 1 >= 0.5 else "━", style="green" if filled % 1 >= 0.5 else "bright_black")
            text.append("━" * (room - int(filled) - 1), style="bright_black")
        text.append(tail)
        return text

    def numbers(self) -> Any:
        """The losses and measures of the last epoch, or of the last update before the first epoch is done."""
        from rich.text import Text

        model, history = self.run.model, self.run.state.history
        text = Text(no_wrap=True, overflow="ellipsis")
        if not history:
            return text
        loss, value = (self.epoch.loss, self.epoch.measure) if self.epoch else (history[-1].loss, history[-1].measure)
        text.append("loss ", style="bright_black")
        text.append(f"{loss:<10.4g}", style="bold")
        text.append(self.measured(value, model.labels is None))
        text.append("   ")
        if self.epoch is not None and self.epoch.validation is not None:
            seen = self.epoch.validation
            text.append("validation ", style="bright_black")
            text.append(f"{seen.loss:<9.4g} ", style="bold")
            text.append(f"{seen.measure:.4g}" if model.labels is None else f"{100 * seen.measure:.1f} %", style="bold")
            text.append("   ")
        text.append("rate ", style="bright_black")
        text.append(f"{history[-1].learning_rate:.3g}")
        return text

    @staticmethod
    def measured(value: float, error: bool) -> Any:
        """An accuracy in percent, or an error."""
        from rich.text import Text

        text = Text()
        text.append("rmse " if error else "accuracy ", style="bright_black")
        text.append(f"{value:.4g}" if error else f"{100 * value:.1f} %", style="bold")
        return text

    def losses(self, width: int, rows: int) -> list[Line]:
        """The loss curves with their scale, under a line that names them; each line ``width`` columns wide."""
        history = [past.loss for past in self.run.state.history]
        seen = [entry[1] for entry in self.run.state.validation if math.isfinite(entry[1])]
        columns = max(4, width - SCALE_COLUMNS - 1)
        names: Line = [(f"{'loss':>{SCALE_COLUMNS - 1}}  ", DIM)]
        if seen:
            penalised = self.run.model.l1 or self.run.model.l2
            names.append(("training + penalty" if penalised else "training", PALETTE[0]))
            names.append(("  validation", PALETTE[1]))
        result = [padded(names, width)]
        share = len(history) / self.run.updates
        wide = max(1, math.ceil(2 * columns * share))
        shown, other_shown = thinned(history, wide), thinned(seen, wide)
        values = [*shown, *other_shown]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        blank = ["\u2800" * columns] * rows
        front = curve(shown, columns, rows, low, high, share) if shown else blank
        back = curve(other_shown, columns, rows, low, high, share) if seen else blank
        for row in range(rows):
            number = f"{high:.3g}" if row == 0 else f"{low:.3g}" if row == rows - 1 else ""
            line: Line = [(f"{number if values else '':>{SCALE_COLUMNS - 1}} │", DIM)]
            for mine, other in zip(front[row], back[row], strict=True):
                # Dots of both curves share a character, in the colour of the curve that is seen less.
                hue = PALETTE[0] if other == "\u2800" else PALETTE[1]
                extend(line, chr(ord(mine) | ord(other)), hue)
            result.append(line)
        return result

    def boundary(self, columns: int, rows: int) -> list[Line]:
        """The plane of the two inputs, under a line that names its colours."""
        model = self.run.model
        names: Line = []
        for index, label in enumerate(model.labels or ()):
            names += [("■ ", PALETTE[index % len(PALETTE)]), (visible(label)[:12] + "  ", DIM)]
        if model.labels is None:
            names.append((visible(model.target), DIM))
        result = [padded(names, columns)]
        if self.console.no_color:
            return result + [[(line, "")] for line in self.shades(columns, rows)]
        pixels = picture(self.run, columns, 2 * rows).tolist()
        for row in range(rows):
            line: Line = []
            for upper, lower in zip(pixels[2 * row], pixels[2 * row + 1], strict=True):
                extend(line, "▀", (*upper, *lower))
            result.append(line)
        return result

    def shades(self, columns: int, rows: int) -> list[str]:
        """The plane without colours: a character for each class, or for the size of a number."""
        import numpy as np

        model = self.run.model
        x, y = grid(self.run.data.inputs, columns, rows)
        plane = np.stack([np.tile(x, rows), np.repeat(y, columns)], axis=1)
        scores = self.run.engine.predict(self.run.state.parameters, model.scaled(plane))
        if model.labels is None:
            values = scores[:, 0]
            extent = float(np.ptp(values)) or 1.0
            index = ((values - values.min()) / extent * (len(SHADES) - 1)).round().astype(int)
        else:
            index = certainty(model, scores)[0] + 1
        marks = [SHADES[value % len(SHADES)] for value in index.tolist()]
        return ["".join(marks[start : start + columns]) for start in range(0, len(marks), columns)]
