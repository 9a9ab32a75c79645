"""From DOT to the bytes of a picture.

Graphviz does the layout: the one inside the package pygraphviz if that is installed, else the program ``dot``.  Its SVG
gets what Graphviz can't give: a transparent page, a style sheet for dark mode, and the full text of each vertex and
edge as its title, which browsers show at the pointer and screen readers read.  Its PDF loses the date.
"""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import Final, Literal, get_args

from gradcli.draw.palette import DARK
from gradcli.errors import UnavailableError

__all__ = ["FORMATS", "can_render", "picture_bytes", "svg_text"]

Format = Literal["svg", "png", "pdf", "dot"]
FORMATS: Final[tuple[str, ...]] = get_args(Format)

#: Two dots for one of a screen of 96 dots per inch, so that a PNG is sharp in print and on dense screens.
_DOTS_PER_INCH: Final = "192"


def can_render() -> bool:
    """Whether Graphviz is there in one form or the other."""
    return find_spec("pygraphviz") is not None or _has_program()


def _has_program() -> bool:
    from shutil import which  # it imports every compression that there is

    return which("dot") is not None


def picture_bytes(source: str, form: str) -> bytes:
    """The drawing as a file of the format ``svg``, ``png``, ``pdf`` or ``dot``.

    Args:
        source: the graph in DOT.
        form: the format.

    Raises:
        UnavailableError: the format needs Graphviz, and there is none.

    >>> picture_bytes("digraph { a -> b }", "dot")
    b'digraph { a -> b }'
    """
    if form == "dot":
        return source.encode()
    if form == "svg":
        return svg_text(source).encode()
    # A later attribute of a graph replaces an earlier one.
    body, brace, _ = source.rpartition("}")
    if form == "png":
        return _graphviz(f'{body}\tbgcolor="#ffffff" dpi="{_DOTS_PER_INCH}"\n{brace}\n', form)
    return _undated(_graphviz(f'{body}\tbgcolor="#ffffff"\n{brace}\n', form))


def svg_text(source: str, *, declaration: bool = True) -> str:
    """The drawing as SVG, to stand in a file or, without the XML declaration, inside a page.

    Raises:
        UnavailableError: there is no Graphviz.
    """
    drawn = _graphviz(source, "svg").decode("utf-8", "replace").replace("\r\n", "\n")
    svg = drawn[drawn.index("<svg") :]
    svg = re.sub(r"<!-- .*? -->\n", "", svg)
    # Graphviz names vertices by their number in DOT; the text behind them is in the link that it makes of a tooltip.
    svg = re.sub(r'<title>[^<]*</title>\n(<g id="[^"]*"><a xlink:title="([^"]*)">)', r"<title>\2</title>\n\1", svg)
    head, _, body = svg.partition(">")
    rules = _dark_rules(body)
    sheet = f"\n<style>@media (prefers-color-scheme: dark) {{\n{rules}}}</style>" if rules else ""
    text = f'{head} role="img">{sheet}{body}'
    return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{text}' if declaration else text


def _dark_rules(body: str) -> str:
    """One rule for each colour of a light page that the drawing contains."""
    rules = []
    for attribute in ("fill", "stroke"):
        for light, dark in DARK.items():
            if f'{attribute}="{light}"' in body:
                rules.append(f'.gradcli [{attribute}="{light}"] {{ {attribute}: {dark} }}\n')
    return "".join(rules)


def _graphviz(source: str, form: str) -> bytes:
    """Run Graphviz, wherever it is."""
    if find_spec("pygraphviz") is not None:
        drawn, reason = _bundled(source, form)
        if drawn:
            return drawn
    else:
        reason = ""
    if _has_program():
        return _program(source, form)
    if reason:
        raise UnavailableError(f"the Graphviz of pygraphviz can't draw this: {reason}", kind="renderer_failed")
    raise UnavailableError(
        f"{form.upper()} needs Graphviz, which is not installed",
        kind="missing_renderer",
        hint='pip install "gradcli[graphviz]"',
    )


# The child is told where to import from, so that it sees what this process sees and nothing else.  Graphviz recurses
# on the stack of C as deep as the graph is, hence the thread with a stack of its own.
_CHILD: Final = """
import json, sys, threading
sys.path[:] = json.loads(sys.argv[1])
def draw():
    import pygraphviz
    source = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(pygraphviz.AGraph(string=source).draw(format=sys.argv[2], prog="dot"))
threading.stack_size(256 << 20)
thread = threading.Thread(target=draw)
thread.start()
thread.join()
"""


def _bundled(source: str, form: str) -> tuple[bytes, str]:
    """Run the Graphviz inside pygraphviz; the result is the picture, or nothing and the reason.

    It runs in a process of its own: a fault in C must not end this one, and what its libraries have to say on the
    fonts of the system is nothing to a reader.
    """
    import json
    import subprocess

    done = subprocess.run(  # noqa: S603 - this very Python, on a constant program
        [sys.executable, "-I", "-c", _CHILD, json.dumps(sys.path), form],
        input=source.encode(),
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return done.stdout, "" if done.stdout else said[-1] if said else f"it ended with code {done.returncode}"


def _program(source: str, form: str) -> bytes:
    """Run the program ``dot``."""
    import graphviz

    try:
        drawn: bytes = graphviz.Source(source).pipe(format=form, quiet=True)
    except (OSError, graphviz.CalledProcessError) as error:
        raise UnavailableError(f"Graphviz can't draw this: {error}", kind="renderer_failed") from None
    return drawn


def _undated(pdf: bytes) -> bytes:
    """A PDF with its date of creation set to the first second of 1970; the length stays, as its index demands."""
    return re.sub(
        rb"/CreationDate \(D:[^)]*\)",
        lambda found: b"/CreationDate (" + b"D:19700101000000Z".ljust(len(found[0]) - 16)[: len(found[0]) - 16] + b")",
        pdf,
    )
