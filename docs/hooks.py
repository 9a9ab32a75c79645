"""What the site does that Markdown on its own does not: files outside of docs/, and pages to try."""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

from gradcli.cli.app import run
from gradcli.cli.context import Terminal

ROOT = Path(__file__).resolve().parent.parent
#: A page for the browser -> what it is, and the command that makes it. They are made with the site.
TRIALS = {
    "trials/graph.html": ("the graph of an expression", 'draw "x1*x2 + sin(x1)" --x1 2 --x2 3'),
    "trials/sweeps.html": ("both sweeps, step by step", 'grad "x1*x2 + sin(x1)" --x1 2 --x2 3 --steps'),
    "trials/derivation.html": ("a derivation", 'diff "x^2*sin(x)" --steps'),
    "trials/curve.html": ("a curve", 'plot "x^3 - 3x" x=-3:3'),
    "trials/surface.html": ("a function of two variables", 'plot "x^3 - 3x + y^2" x=-2:2 y=-2:2'),
}
#: A link whose text is the name of a page, as it is usual where files are read one by one.
_NAMED = re.compile(r"\[[\w/]+\.md\]\(([\w/]+\.md)((?:#[^)]*)?)\)")
#: A link to a file above docs/.
_OUTSIDE = re.compile(r"\]\(((?:\.\./)+)([^)#]+)((?:#[^)]*)?)\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the files that pages link to above docs/, under their paths in the repository, and the pages to try."""
    linked = {
        found[2]
        for page in files.documentation_pages()
        for found in _OUTSIDE.finditer(page.content_string)
        if _is_outside(page.src_uri, found[1])
    }
    for name in sorted(linked):
        files.append(File.generated(config, name, content=(ROOT / name).read_text(encoding="utf-8")))
    for name, (_, command) in TRIALS.items():
        files.append(File.generated(config, name, content=_made(command)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Name pages by their titles, let links above docs/ lead to these files, and list the pages to try."""
    folder = Path(page.file.abs_src_path or ROOT).parent
    depth = page.file.src_uri.count("/")

    def inside(found: re.Match[str]) -> str:
        return f"]({'../' * depth}{found[2]}{found[3]})" if _is_outside(page.file.src_uri, found[1]) else found[0]

    def titled(found: re.Match[str]) -> str:
        title = (folder / found[1]).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        return f"[{title}]({found[1]}{found[2]})"

    markdown = _NAMED.sub(titled, markdown)
    if page.file.src_uri == "pages.md":
        rows = [f"| [{what}]({name}) | `gradcli {command}` |" for name, (what, command) in TRIALS.items()]
        markdown += "\n".join(["", "## Try them", "", "| page | command, without its `-o FILE` |", "|---|---|", *rows])
    return _OUTSIDE.sub(inside, markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Let a bar in a cell of a table be a bar, in code too, as it is on GitHub."""
    return re.sub(r"<td.*?</td>", lambda cell: cell[0].replace("\\|", "|"), html, flags=re.DOTALL)


def on_post_page(output: str, **_: Any) -> str:
    """Give the dialog of the search a name, for screen readers."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )


def _is_outside(page: str, steps: str) -> bool:
    return len(steps) // 3 > page.count("/")


def _made(command: str) -> str:
    """Return the page that a command writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        screen = io.StringIO()
        code = run([*shlex.split(command), "-o", str(path)], Terminal(io.StringIO(), screen, screen, environment={}))
        if code:
            raise RuntimeError(screen.getvalue())
        return path.read_text(encoding="utf-8")
