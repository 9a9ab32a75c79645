"""The bytes of a picture in a file.

gradcli draws SVG itself, so an SVG is the same wherever it is made.  Graphviz draws PNG and PDF: the one inside the
package pygraphviz if that is installed, or else the program ``dot``.  In a PDF the date is replaced by a fixed date.

A text in DOT, such as a user's drawing in a notebook, is drawn by Graphviz in every format.  Three things are added to
its SVG: a transparent page, a style sheet for dark mode, and titles with the full text of each vertex and edge.
"""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from gradcli.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.draw.picture import Picture

__all__ = ["PICTURE_FORMATS", "can_render", "dot_bytes", "graph_bytes", "net_bytes"]

PICTURE_FORMATS: Final = ("svg", "png", "pdf", "dot")

#: Twice the density of a screen of 96 dots per inch, so that a PNG is sharp in print and on dense screens.
_DOTS_PER_INCH: Final = "192"


def can_render() -> bool:
    """Whether Graphviz is available: inside pygraphviz, or as a program."""
    return find_spec("pygraphviz") is not None or _has_program()


def _has_program() -> bool:
    from shutil import which  # a slow import, which imports all modules for compression

    return which("dot") is not None


def graph_bytes(picture: Picture, form: str, *, style: str = "full", rankdir: str = "LR") -> bytes:
    """Return the bytes of a file with a graph.

    Args:
        picture: the picture to draw.
        form: one of `PICTURE_FORMATS`.
        style: ``full``, ``micrograd`` or ``minigrad``.
        rankdir: the side of the result: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    Raises:
        UnavailableError: the format needs Graphviz, which is missing.
    """
    # A graph that becomes a tree on a terminal needs the formats, and no writer of a file.
    if form == "svg":
        from gradcli.draw.graph_svg import graph_to_svg

        return _file(graph_to_svg(picture, style=style, rankdir=rankdir))
    from gradcli.draw.dot import to_dot

    return dot_bytes(to_dot(picture, style=style, rankdir=rankdir).source, form)


def net_bytes(sizes: Sequence[int], form: str, *, rankdir: str = "LR") -> bytes:
    """Return the bytes of a file with a net; the arguments are those of `graph_bytes` and `net_to_svg`.

    Raises:
        UnavailableError: the format needs Graphviz, which is missing.
    """
    from gradcli.draw.net import net_to_dot, net_to_svg

    if form == "svg":
        return _file(net_to_svg(sizes, rankdir=rankdir))
    return dot_bytes(net_to_dot(sizes, rankdir=rankdir).source, form)


def dot_bytes(source: str, form: str) -> bytes:
    """Return the bytes of a file with a drawing, made by Graphviz.

    Args:
        source: the graph in DOT.
        form: one of `PICTURE_FORMATS`.

    Raises:
        UnavailableError: Graphviz is missing.

    >>> dot_bytes("digraph { a -> b }", "dot")
    b'digraph { a -> b }'
    """
    if form == "dot":
        return source.encode()
    if form == "svg":
        return _file(_svg_of_graphviz(source))
    # A later attribute of a graph replaces an earlier one.
    body, brace, _ = source.rpartition("}")
    dots = f' dpi="{_DOTS_PER_INCH}"' if form == "png" else ""
    drawn = _graphviz(f'{body}\tbgcolor="#ffffff"{dots}\n{brace}\n', form)
    return _undated(drawn) if form == "pdf" else drawn


def _file(svg: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{svg}'.encode()


def _svg_of_graphviz(source: str) -> str:
    from gradcli.draw.svg import dark_sheet

    drawn = _graphviz(source, "svg").decode("utf-8", "replace").replace("\r\n", "\n")
    svg = drawn[drawn.index("<svg") :]
    svg = re.sub(r"<!-- .*? -->\n", "", svg)
    # Graphviz writes names such as v1 as titles, and the tooltip, which has the full text, as a link.
    svg = re.sub(r'<title>[^<]*</title>\n(<g id="[^"]*"><a xlink:title="([^"]*)">)', r"<title>\2</title>\n\1", svg)
    head, _, body = svg.partition(">")
    return f'{head} role="img">\n{dark_sheet(body)}{body.lstrip()}'


def _graphviz(source: str, form: str) -> bytes:
    """Run Graphviz, as a program or inside pygraphviz, and return its output."""
    drawn, reason = _bundled(source, form) if find_spec("pygraphviz") is not None else (b"", "")
    if drawn:
        return drawn
    if _has_program():
        return _program(source, form)
    if reason:
        raise UnavailableError(f"the Graphviz of pygraphviz can't draw this: {reason}", kind="renderer_failed")
    raise UnavailableError(
        f"{form.upper()} needs Graphviz, which is not installed",
        kind="missing_renderer",
        hint='pip install "gradcli[graphviz]"; or write .svg, which needs nothing',
    )


# The child process gets the import path of this one, so that it finds the same packages and no others.  Its thread has
# a large stack, because Graphviz recurses in C, as deep as the graph is.
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
    """Run the Graphviz inside pygraphviz. Return the picture, or no bytes and the reason.

    It runs in a child process for two reasons: a crash in C doesn't end this process, and the user doesn't see warnings
    about the fonts of the system.
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
    """Run the program ``dot``, and return its output."""
    import graphviz

    try:
        drawn: bytes = graphviz.Source(source).pipe(format=form, quiet=True)
    except (OSError, graphviz.CalledProcessError) as error:
        raise UnavailableError(f"Graphviz can't draw this: {error}", kind="renderer_failed") from None
    return drawn


def _undated(pdf: bytes) -> bytes:
    """Replace the date of creation in a PDF by the first second of 1970, without changing the length of the file."""
    date = b"19700101000000Z"
    return re.sub(rb"(?<=/CreationDate \(D:)[^)]*", lambda found: date.ljust(len(found[0]))[: len(found[0])], pdf)
