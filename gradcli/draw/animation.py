"""A film of a run as an animated SVG, GIF or WebP; equal films give equal bytes.

The drawing of each moment is a list of marks, which are written as elements of SVG or painted with Pillow.  An SVG
shows its frames with CSS, and only the last frame to those who asked their system for less motion.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from gradcli.draw.film import FIELD, Film, Moment, losses_of, words_at
from gradcli.draw.palette import SERIES
from gradcli.draw.svg import FONT, escaped, number, on_paper, text_width
from gradcli.draw.ticks import logarithmic_ticks, ticks
from gradcli.errors import missing_extra
from gradcli.files import format_of
from gradcli.records import NamedTuple
from gradcli.source import shortened

if TYPE_CHECKING:
    from gradcli.array_types import Bytes

    Colour = tuple[int, int, int]
    Point = tuple[float, float]

__all__ = ["ANIMATIONS", "animation", "check_animation", "still"]

ANIMATIONS: Final = ("svg", "gif", "webp")

#: Milliseconds that a frame is shown, and the last one.
_SHOWN: Final = 80
_LAST: Final = 2000
#: Pillow paints at this many times the size, so that lines and letters are smooth.
_FINER: Final = 2
#: The pixels of a field in an SVG are this many times larger; a browser smooths them.
_COARSER: Final = 2

_WIDTH, _HEIGHT = 720.0, 404.0
_INK: Final = (31, 35, 40)
_GREY: Final = (100, 108, 116)
_PALE: Final = (208, 213, 219)
_WHITE: Final = (255, 255, 255)
#: The colours of a GIF: few make it small, and Pillow needs one more for what stays the same between two frames.
_COLOURS: Final = 128


class _Text(NamedTuple):
    """A text; ``anchor`` is the place of (x, y) in it: start, middle or end, in the middle of its height."""

    x: float
    y: float
    content: str
    anchor: str = "start"
    size: float = 12.0
    colour: Colour = _GREY
    is_bold: bool = False


class _Dot(NamedTuple):
    """A point with an edge."""

    x: float
    y: float
    radius: float
    colour: Colour
    edge: Colour = (255, 255, 255)


class _Curve(NamedTuple):
    """A line through points."""

    points: Sequence[Point]
    colour: Colour
    width: float


class _Panel(NamedTuple):
    """A rectangle with two scales: the ends of each in its own units; the one upwards may be logarithmic."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    is_logarithmic: bool = False

    def place(self, x: float, y: float) -> Point:
        """Return where a point is; beyond the ends it is cut off at the edge."""
        low, high = map(self.scaled, self.y)
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (self.scaled(y) - low) / (high - low)
        return self.left + self.width * min(1.0, max(0.0, across)), self.top + self.height * (
            1 - min(1.0, max(0.0, up))
        )

    def scaled(self, y: float) -> float:
        """Return a number on the scale upwards."""
        return math.log10(y) if self.is_logarithmic else y

    def marks(self, names: tuple[str, str]) -> Iterator[_Text | _Curve]:
        """Yield the frame, the ticks with their numbers, and the names of the scales."""
        left, top, right, bottom = self.left, self.top, self.left + self.width, self.top + self.height
        yield _Curve([(left, top), (left, bottom), (right, bottom)], _GREY, 1)
        for value, written in ticks(*self.x, 6):
            x, _ = self.place(value, self.y[0])
            yield _Curve([(x, bottom), (x, bottom + 4)], _GREY, 1)
            yield _Text(x, bottom + 12, _printed(written), "middle", 10)
        for value, written in logarithmic_ticks(*self.y) if self.is_logarithmic else ticks(*self.y, 6):
            _, y = self.place(self.x[0], value)
            yield _Curve([(left - 4, y), (left, y)], _GREY, 1)
            yield _Text(left - 7, y, _printed(written), "end", 10)
        yield _Text(right, bottom + 27, names[0], "end", 11)
        yield _Text(left, top - 11, names[1], "start", 11)


def _printed(written: str) -> str:
    """Return a number with the minus sign of print, which is as wide as a digit."""
    return written.replace("-", "−")


def check_animation(path: str) -> str:
    """Return the format of an animation by the name of its file; refuse one that can't be made.

    Raises:
        UsageError: the suffix of the name is not a format of animations.
        UnavailableError: the format needs Pillow, which is not installed.

    >>> check_animation("learning.svg")
    'svg'
    """
    form = format_of(path, ANIMATIONS, "animation")
    if form != "svg":
        try:
            import PIL  # noqa: F401
        except ImportError:
            raise missing_extra("pillow", "plot", f"an animation as {form.upper()}") from None
    return form


def animation(film: Film, form: str) -> bytes:
    """Return the bytes of a file with a film.

    Args:
        film: the film, after `Film.finish`.
        form: one of `ANIMATIONS`.
    """
    made = _Frames(film)
    return made.svg() if form == "svg" else made.painted(form)


def still(film: Film) -> tuple[str, str]:
    """Return the last moment of a film that goes on as SVG for a notebook, and in words."""
    made, moment = _Frames(film), film.moments[-1]
    words = ", ".join([film.run.rows.name, *words_at(film.run, moment.update)])
    return on_paper(made.drawn(words, moment)), words


class _Frames:
    """The marks of a film: those of every moment, and those that stay."""

    def __init__(self, film: Film) -> None:
        self.film = film
        losses = losses_of(film.run)
        self.courses = [losses.training, losses.validation]
        has_picture = film.is_planar or film.is_curve
        self.picture = _Panel(56, 52, FIELD, FIELD, film.x_ends, film.y_ends) if has_picture else None
        left = 456.0 if has_picture else 64.0
        ends = (0.0, losses.epochs), (losses.low, losses.high)
        self.plot = _Panel(left, 134, _WIDTH - left - 24, 238, *ends, losses.is_logarithmic)

    def still(self) -> Iterator[Any]:
        """Yield the marks that stay; they are over the field and below all that moves."""
        film, run = self.film, self.film.run
        yield _Text(56 if self.picture else 64, 18, shortened(run.rows.name), size=14, colour=_INK, is_bold=True)
        if self.picture is not None:
            radius = 3.4 if len(film.rows.points) < 200 else 2.6
            # Without a dark edge, a number's point would be invisible where prediction and target agree.
            edge = _WHITE if run.model.labels is not None or film.is_curve else _GREY
            for (x, y), colour in zip(film.rows.points, film.rows.colours, strict=True):
                yield _Dot(*self.picture.place(x, y), radius, colour, edge)
            yield from self.picture.marks(film.names)
            yield from self._classes()
        scale = ", logarithmic" if self.plot.is_logarithmic else ""
        yield from self.plot.marks(("epoch", f"loss{scale}"))
        left = self.plot.left + self.plot.width
        name = "training + penalty" if run.model.l1 or run.model.l2 else "training"
        names = [(name, SERIES[0]), *([("validation", SERIES[5])] if self.courses[1] else [])]
        for name, colour in reversed(names):
            yield _Text(left, self.plot.top - 11, name, "end", 11, colour, is_bold=True)
            left -= text_width(name, 11, bold=True) + 12

    def _classes(self) -> Iterator[_Text]:
        """Yield the names of the classes in their colours, as many as there is room for."""
        assert self.picture is not None
        left, right = self.picture.left + 70, self.picture.left + self.picture.width
        for i, label in reversed(list(enumerate(self.film.run.model.labels or ()))):
            name = shortened(label, 12)
            width = text_width(name, 11, bold=True)
            if right - width < left:
                return
            yield _Text(right, self.picture.top - 11, name, "end", 11, SERIES[i % len(SERIES)], is_bold=True)
            right -= width + 12

    def moving(self, moment: Moment) -> Iterator[Any]:
        """Yield the marks of a moment."""
        film, run = self.film, self.film.run
        if moment.curve is not None and self.picture is not None:
            low, high = self.picture.y
            points = zip(film.curve_x, moment.curve.tolist(), strict=True)
            for is_inside, part in groupby(points, lambda point: low <= point[1] <= high):
                if is_inside:
                    yield _Curve([self.picture.place(x, y) for x, y in part], _INK, 2)
        epoch = moment.update / run.updates_per_epoch
        for course, colour in zip(self.courses, (SERIES[0], SERIES[5]), strict=True):
            seen = [self.plot.place(x, y) for x, y in course if x <= epoch + 1e-9]
            if len(seen) > 1:
                yield _Curve(seen, colour, 2)
            if seen:
                yield _Dot(*seen[-1], 3.2, colour)
        for i, line in enumerate(words_at(run, moment.update)):
            yield _Text(self.plot.left, 52 + 19 * i, line, size=13, colour=_INK)

    # SVG

    def svg(self) -> bytes:
        """Return the film as SVG."""
        count = len(self.film.moments)
        whole = _SHOWN * (count - 1) + _LAST
        rules = [
            "text{stroke:none}.f{visibility:hidden}.last{visibility:visible}",
            _show("f", _SHOWN / whole),
            _show("last", _LAST / whole),
            f"@media (prefers-reduced-motion: no-preference){{.f{{animation:f {whole}ms step-end infinite}}"
            f".last{{animation-name:last}}}}",
        ]
        below, above = [], []
        for i, moment in enumerate(self.film.moments):
            kind = "f last" if i == count - 1 else "f"
            head = f'<g class="{kind}" style="animation-delay:{_SHOWN * i - whole}ms">'
            if moment.field is not None and self.picture is not None:
                below.append(f"{head}{self._image(moment.field)}</g>")
            above.append(f"{head}{''.join(map(_element, self.moving(moment)))}</g>")
        parts = [*below, *map(_element, self.still()), *above]
        svg = _page(f"{self.film.run.rows.name}: a net learns", parts, f"<style>{''.join(rules)}</style>\n")
        return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{svg}'.encode()

    def drawn(self, title: str, moment: Moment) -> str:
        """Return one moment as SVG."""
        field = [] if moment.field is None else [self._image(moment.field)]
        return _page(title, [*field, *map(_element, [*self.still(), *self.moving(moment)])])

    def _image(self, field: Bytes) -> str:
        assert self.picture is not None
        # A border is the least pixel, so it stays whole.
        side = FIELD // _COARSER
        coarse = field.reshape(side, _COARSER, side, _COARSER).min(axis=(1, 3))
        png = b64encode(png_bytes(coarse, self.film.colours))
        place = f'x="{number(self.picture.left)}" y="{number(self.picture.top)}" width="{FIELD}" height="{FIELD}"'
        return f'<image {place} href="data:image/png;base64,{png.decode()}"/>'

    # Pillow

    def painted(self, form: str) -> bytes:
        """Return the film as GIF or WebP."""
        import numpy as np
        from PIL import Image

        size = int(_WIDTH), int(_HEIGHT)
        still = self._layer(self.still())
        colours = np.array(self.film.colours, np.uint8)
        pages = []
        for moment in self.film.moments:
            page = Image.new("RGB", size, _WHITE)
            if moment.field is not None and self.picture is not None:
                page.paste(Image.fromarray(colours[moment.field]), (int(self.picture.left), int(self.picture.top)))
            page.paste(still, (0, 0), still)
            over = self._layer(self.moving(moment))
            page.paste(over, (0, 0), over)
            pages.append(page)
        times = [_SHOWN] * (len(pages) - 1) + [_LAST]
        buffer = io.BytesIO()
        if form == "gif":
            pages = _with_palette(pages, [*self.film.colours, _WHITE, _INK, _GREY, *SERIES])
            how: dict[str, Any] = {"optimize": True}
        else:
            how = {"quality": 80, "method": 2}
        pages[0].save(buffer, form, save_all=True, append_images=pages[1:], duration=times, loop=0, **how)
        return buffer.getvalue()

    def _layer(self, marks: Iterator[Any]) -> Any:
        """Paint marks on a transparent page."""
        from PIL import Image, ImageDraw

        size = int(_WIDTH) * _FINER, int(_HEIGHT) * _FINER
        layer = Image.new("RGBA", size, (255, 255, 255, 0))
        draw = ImageDraw.Draw(layer)
        for mark in marks:
            _paint(draw, mark)
        return layer.reduce(_FINER)


def _show(name: str, share: float) -> str:
    """Return the animation that shows something in the first part of each round."""
    return f"@keyframes {name}{{0%{{visibility:visible}}{100 * share:.4f}%{{visibility:hidden}}}}"


def _page(title: str, parts: Sequence[str], style: str = "") -> str:
    """Return an SVG of a title for screen readers, a style sheet, and elements."""
    size = f'width="{number(_WIDTH)}" height="{number(_HEIGHT)}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(_WIDTH)} {number(_HEIGHT)}" '
        f'role="img" aria-label="{escaped(title)}" font-family="{FONT}">'
    )
    return "\n".join([head, f'{style}<rect {size} fill="#ffffff"/>', *parts, "</svg>", ""])


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


def _element(mark: Any) -> str:
    """Return a mark as an element of SVG."""
    if isinstance(mark, _Text):
        weight = ' font-weight="bold"' if mark.is_bold else ""
        return (
            f'<text x="{number(mark.x)}" y="{number(mark.y + 0.36 * mark.size)}" text-anchor="{mark.anchor}" '
            f'font-size="{number(mark.size)}" fill="{_hex(mark.colour)}"{weight}>{escaped(mark.content)}</text>'
        )
    if isinstance(mark, _Dot):
        place = f'cx="{number(mark.x)}" cy="{number(mark.y)}" r="{number(mark.radius)}"'
        return f'<circle {place} fill="{_hex(mark.colour)}" stroke="{_hex(mark.edge)}" stroke-width=".8"/>'
    points = " ".join(f"{number(x)},{number(y)}" for x, y in mark.points)
    look = f'fill="none" stroke="{_hex(mark.colour)}" stroke-width="{number(mark.width)}" stroke-linejoin="round"'
    return f'<polyline points="{points}" {look}/>'


def _paint(draw: Any, mark: Any) -> None:
    """Paint a mark with Pillow."""
    from PIL import ImageFont

    if isinstance(mark, _Text):
        anchor = {"start": "lm", "middle": "mm", "end": "rm"}[mark.anchor]
        font = ImageFont.load_default(mark.size * _FINER)
        look: dict[str, Any] = {"stroke_width": 1} if mark.is_bold else {}
        draw.text((mark.x * _FINER, mark.y * _FINER), mark.content, mark.colour, font, anchor, **look)
    elif isinstance(mark, _Dot):
        draw.circle((mark.x * _FINER, mark.y * _FINER), (mark.radius + 0.6) * _FINER, mark.edge)
        draw.circle((mark.x * _FINER, mark.y * _FINER), mark.radius * _FINER, mark.colour)
    else:
        points = [(x * _FINER, y * _FINER) for x, y in mark.points]
        draw.line(points, mark.colour, round(mark.width * _FINER), "curve")


def _with_palette(pages: Sequence[Any], colours: Sequence[Colour]) -> list[Any]:
    """Return the pages with one palette: the given colours, and the best for the edges between them.

    Pixels that stay the same have the same colour in all pages, so a GIF doesn't repeat them.
    """
    import numpy as np
    from PIL import Image

    pixels = [np.asarray(page).astype(np.int64) @ [1 << 16, 1 << 8, 1] for page in pages]
    exact = list(dict.fromkeys(colours))
    some = np.concatenate([pixels[round(i * (len(pages) - 1) / 5)].ravel() for i in range(6)])
    others = some[~np.isin(some, [red << 16 | green << 8 | blue for red, green, blue in exact])]
    if others.size:
        edges = np.stack([others >> 16, others >> 8 & 255, others & 255], axis=-1).astype(np.uint8)[None]
        cut = Image.fromarray(edges).quantize(_COLOURS - len(exact), method=Image.Quantize.MEDIANCUT).getpalette() or []
        exact += [(cut[i], cut[i + 1], cut[i + 2]) for i in range(0, len(cut), 3)]
    table = np.array(exact, np.int64)
    made = []
    nearest = np.full(1 << 24, 255, np.uint8)
    for values in pixels:
        new = np.unique(values[nearest[values] == 255])
        parts = np.stack([new >> 16, new >> 8 & 255, new & 255], axis=-1)
        nearest[new] = ((parts[:, None] - table) ** 2).sum(axis=-1).argmin(axis=-1)
        page = Image.fromarray(nearest[values])
        page.putpalette(table.astype(np.uint8).tobytes())
        made.append(page)
    return made


def png_bytes(pixels: Bytes, colours: Sequence[Colour]) -> bytes:
    """Return a picture of at most 256 colours as PNG.

    Args:
        pixels: the places of the pixels in ``colours``, shape (rows, columns).
        colours: the colours.
    """
    rows, columns = pixels.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    parts = [
        chunk(b"IHDR", head),
        chunk(b"PLTE", b"".join(map(bytes, colours))),
        chunk(b"IDAT", zlib.compress(lines, 9)),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")
