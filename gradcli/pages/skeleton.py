"""The frame of a page: head, styles, script, data and landmarks; and the escaping of everything that is put into it.

A page allows its own style and its own script, which it names by their hashes, and forbids every request.  So even
markup that got into it by mistake could neither run nor load anything.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from gradcli.draw import palette
from gradcli.markup import escaped
from gradcli.records import NamedTuple

__all__ = ["Page", "document", "json_text", "section"]

_ASSETS: Final = Path(__file__).parent / "assets"
#: Characters of strings that could end an element of a page; JSON escapes all that are not ASCII by itself.
_RISKY: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
_NOT_FINITE: Final = {math.inf: "Infinity", -math.inf: "-Infinity"}


class Page(NamedTuple):
    """The content of a page.

    Attributes:
        title: the title, as text.
        main: the content below the title, as HTML.
        assets: the names of the files with its styles and scripts, without suffixes; files that every page has come
            first.
        data: the data that its scripts read, as entries of a JSON object.
        code: generated JavaScript that runs before its scripts.
    """

    title: str
    main: str
    assets: tuple[str, ...]
    data: Mapping[str, Any]
    code: str = ""


def json_text(data: Any) -> str:
    """Return data as JSON that may stand inside a ``script`` element; infinite numbers and nan become strings.

    >>> print(json_text({"name": "</script><!--", "value": float("inf")}))
    {"name":"\\u003c/script\\u003e\\u003c!--","value":"Infinity"}
    """
    return json.dumps(_finite(data), separators=(",", ":"), allow_nan=False).translate(_RISKY)


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if math.isfinite(data) else _NOT_FINITE.get(data, "NaN")
    if isinstance(data, Mapping):
        return {str(key): _finite(value) for key, value in data.items()}
    return [_finite(value) for value in data] if isinstance(data, list | tuple) else data


@cache
def _asset(name: str) -> str:
    path = _ASSETS / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def section(name: str, heading: str, content: str, *, hidden_heading: bool = False) -> str:
    """Return a part of a page with a heading, as HTML.

    Args:
        name: the id of the part.
        heading: the heading, as text.
        content: the content, as HTML.
        hidden_heading: whether only screen readers get the heading.
    """
    shown = ' class="unseen"' if hidden_heading else ""
    title = f'<h2 id="{name}-heading"{shown}>{escaped(heading)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-heading">\n{title}\n{content}\n</section>\n'


def _colours() -> str:
    """Return the colours of all drawings as CSS, each with its counterpart for a dark page."""

    def both(light: str) -> str:
        return f"light-dark({light}, {palette.DARK.get(light, light)})"

    words = {"text": palette.TEXT, "muted": palette.MUTED, "line": palette.LINE, "paper": palette.PAPER,
             "strong": palette.STRONG}  # fmt: skip
    rows = [f"--{word}: {both(colour)};" for word, colour in words.items()]
    kinds = {"variable": palette.VARIABLE, "constant": palette.CONSTANT, "operation": palette.OPERATION}
    for word, kind in kinds.items():
        rows += [f"--{word}-{part}: {both(getattr(kind, part))};" for part in kind._fields]
    for word, sign in (("plus", 1.0), ("minus", -1.0)):
        for step in range(palette.RAMP_STEPS):
            share = (step + 0.5) / palette.RAMP_STEPS
            rows.append(f"--{word}-{step}: {both(palette.gradient_colour(sign * share**2, 1.0))};")
    rows.append(f"--not-finite: {both(palette.gradient_colour(math.nan, 1.0))};")
    series = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in palette.SERIES]
    for place, colour in enumerate(series):
        # Thin lines need more contrast than areas.
        shades = ", ".join(f"color-mix(in oklab, {colour}, {other})" for other in ("black 15%", "white 25%"))
        rows.append(f"--series-{place}: light-dark({shades});")
    return ":root {\n" + "\n".join(rows) + "\n}\n"


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def document(page: Page) -> bytes:
    """Return the bytes of a page.

    >>> document(Page("1 < 2", "<p>yes</p>", (), {})).decode().partition("<title>")[2].partition("</title>")[0]
    '1 &lt; 2'
    """
    names = ("page", *page.assets)
    assert all(_asset(f"{name}.css") or _asset(f"{name}.js") for name in names), names
    style = f"\n{_colours()}{''.join([_asset(f'{name}.css') for name in names])}"
    scripts = [_asset("page.js"), page.code, *[_asset(f"{name}.js") for name in page.assets]]
    script = '\n"use strict";\n' + "\n".join([one for one in scripts if one])
    # Comments and strings of a script may hold what would end its element.
    script = script.replace("</", r"<\/").replace("<!--", r"<\!--")
    allowed = f"style-src {_hashed(style)}; script-src {_hashed(script)}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="gradcli">
<title>{escaped(page.title)}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{escaped(page.title)}</h1>
<button type="button" id="theme" aria-pressed="false">Dark</button>
</header>
<main>
<noscript><p>This page computes with JavaScript, which is switched off here.</p></noscript>
{page.main}</main>
<script type="application/json" id="data">{json_text(page.data)}</script>
<script>{script}</script>
</body>
</html>
""".encode()
