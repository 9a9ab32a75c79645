"""Pictures of a terminal, train.svg and neurons.svg: the last frame of `gradcli train`.

The nets are trained anew.  Only the clock is not real, so that equal code gives an equal picture: it runs as fast as
a small machine trains.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from gradcli.cli.live.views import RunView
from gradcli.draw.canvas import BRAILLE, CLEAR, DOTS, Key, Line, Painter
from gradcli.train.run import load_data, start

# Picture -> the command, and the choices of its run.
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "train.svg": ("gradcli train spiral", {}),
    "neurons.svg": (
        "gradcli train spiral --view neurons --activation tanh --hidden 8,6 --l2 0",
        {"activation": "tanh", "hidden": (8, 6), "l2": 0.0},
    ),
}
COLUMNS, ROWS = 110, 29
UPDATES_PER_SECOND = 3000
# Of one character, in pixels of the picture: two square pixels of the display on top of each other.
WIDTH, HEIGHT = 8, 16
MARGIN = 14
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace"
# A run of blanks in SVG is a single one.
NO_BREAK = "\u00a0"
PAGE, INK, DIM = "#18181c", "#d8dade", "#878b93"


def frame(name: str) -> list[Line]:
    """The last frame of the run of a picture, under the command."""
    command, choices = PICTURES[name]
    dataset = command.split()[2]
    run = start(load_data(dataset, seed=1337), dataset=dataset, **choices)
    view = RunView(
        run,
        Painter(1 << 24),
        "neurons" if "--view neurons" in command else "boundary",
        clock=lambda: len(run.state.history) / UPDATES_PER_SECOND,
    )
    for event in run.events(view.stops):
        view.note(event)
    return [[("$ ", "dim"), (command, "bold")], *view.frame(COLUMNS, ROWS)]


def colour(key: int) -> str:
    """A colour as SVG writes it."""
    return f"#{key:06x}"


class Drawing:
    """Rectangles and dots by their colour, and the texts."""

    def __init__(self) -> None:
        self.paths: dict[str, list[str]] = {}
        self.texts: list[str] = []

    def fill(self, key: int, x: float, y: float, width: float, height: float) -> None:
        """A rectangle."""
        self.paths.setdefault(colour(key), []).append(f"M{x:g} {y:g}h{width:g}v{height:g}h-{width:g}z")

    def piece(self, text: str, key: Key, column: int, row: int) -> None:
        """A piece of a line: half blocks, braille and other text."""
        x, y = MARGIN + column * WIDTH, MARGIN + row * HEIGHT
        if text[0] in "▀▄":
            upper, lower = key if isinstance(key, tuple) else (key, CLEAR) if text[0] == "▀" else (CLEAR, key)
            for part, half in ((upper, 0), (lower, HEIGHT // 2)):
                if isinstance(part, int) and part != CLEAR:
                    self.fill(part, x, y + half, WIDTH * len(text), HEIGHT // 2)
        elif BRAILLE <= ord(text[0]) < BRAILLE + 256 and isinstance(key, int):
            for place, character in enumerate(text):
                for side, bits in enumerate(DOTS):
                    for level, bit in enumerate(bits):
                        if ord(character) - BRAILLE & bit:
                            self.fill(key, x + (2 * place + side) * WIDTH / 2 + 1, y + level * HEIGHT / 4 + 1, 2, 2)
        elif text[0] in "━╸" and key != "":
            ink = key if isinstance(key, int) else int(DIM[1:], 16)
            self.fill(ink, x, y + HEIGHT / 2 - 1, WIDTH * len(text), 2)
        elif text.strip():
            place = x + WIDTH * (len(text) - len(text.lstrip()))
            shown = text.strip()
            look = ' font-weight="bold"' if key == "bold" else ""
            ink = colour(key) if isinstance(key, int) else DIM if key == "dim" else INK
            self.texts.append(
                f'<text x="{place}" y="{y + 12}" fill="{ink}"{look} textLength="{WIDTH * len(shown)}" '
                f'lengthAdjust="spacingAndGlyphs">{escape(shown.replace(" ", NO_BREAK))}</text>'
            )

    def svg(self, rows: int, title: str) -> str:
        """The whole picture."""
        width, height = COLUMNS * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN
        shapes = [f'<path fill="{ink}" d="{"".join(parts)}"/>' for ink, parts in self.paths.items()]
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}" role="img">',
                f"<title>{escape(title)}</title>",
                f'<rect width="{width}" height="{height}" rx="8" fill="{PAGE}"/>',
                f'<g shape-rendering="crispEdges">{"".join(shapes)}</g>',
                f'<g font-family="{FONTS}" font-size="13">',
                *self.texts,
                "</g>",
                "</svg>",
                "",
            ]
        )


def drawn(lines: list[Line]) -> str:
    """Lines as SVG."""
    drawing = Drawing()
    for row, line in enumerate(lines):
        column = 0
        for text, key in line:
            for _, group in groupby(text, key=lambda character: ("▀▄━╸".find(character), character > "\u2800")):
                piece = "".join(group)
                drawing.piece(piece, key, column, row)
                column += len(piece)
    return drawing.svg(len(lines), lines[0][-1][0])
