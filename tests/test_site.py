"""The site is made of docs/ without a warning, loads nothing from elsewhere, and has every public name."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import gradcli
from tests.support.browser import OpenPage, axe_faults
from tests.support.paths import ROOT

pytest.importorskip("mkdocstrings", reason='pip install ".[docs]"')

#: What a browser loads when it shows a page: a script, a style sheet, a picture, a font.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|embed)\b[^>]*\bsrc=["']?([^"'\s>]+)|"""
    r"""<link\b(?![^>]*\brel=["']?(?:canonical|next|prev))[^>]*\bhref=["']?([^"'\s>]+)|url\(["']?([^"')]+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)],
        check=True,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    return folder


def test_no_page_of_the_site_loads_anything_from_elsewhere(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    loaded = {name for file in files for names in LOADED.findall(file.read_text("utf-8")) for name in names if name}
    assert len(files) > 40
    assert {name for name in loaded if re.match(r"(?!data:)\w+:|//", name)} == set()


def test_every_public_name_has_its_text_on_the_site(site: Path) -> None:
    page = (site / "library.html").read_text(encoding="utf-8")
    classes = (site / "classes.html").read_text(encoding="utf-8")
    made = {*re.findall(r"<td><code>(\w+)\(", classes), *re.findall(r"<code>gradcli\.\w+\.(\w+)</code>", classes)}
    found = {name.rpartition(".")[2] for name in re.findall(r'id="(gradcli\.[\w.]+)"', page)} | made
    elsewhere = {"__version__", "functions", "load_ipython_extension", "nn", "optim"}
    assert {*gradcli.__all__} - elsewhere - found == set()
    assert {*gradcli.nn.__all__} - {"functional", "init"} - found == set()
    assert {*gradcli.optim.__all__} - found == set()
    assert ">>> " not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)


def test_links_out_of_the_folder_of_pages_lead_to_files_of_the_site(site: Path) -> None:
    page = (site / "data.html").read_text(encoding="utf-8")
    assert 'href="gradcli/train/data/bundled/index.html"' in page
    assert (site / "gradcli" / "train" / "data" / "bundled" / "index.html").exists()
    assert (site / "examples" / "compile_with_polars.py").exists()


def test_pages_to_try_are_made_with_the_site(site: Path) -> None:
    page = (site / "pages.html").read_text(encoding="utf-8")
    trials = re.findall(r'href="(trials/\w+\.html)"', page)
    assert len(trials) == 5
    assert all("<script>" in (site / name).read_text(encoding="utf-8") for name in trials)


def test_a_bar_in_a_cell_is_a_bar_and_no_character_is_escaped_twice(site: Path) -> None:
    for page in site.rglob("*.html"):
        cells = re.findall(r"<td.*?</td>", page.read_text(encoding="utf-8"), re.DOTALL)
        assert [cell for cell in cells if re.search(r"\\(\||&)", cell)] == []
    assert "<code>|x|</code>" in (site / "language.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address of a server of the site."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *words: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("width", [400, 1400])
def test_a_browser_shows_the_site_and_finds_words_without_asking_another_server(
    address: str, browser: Any, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    try:
        opened = OpenPage(page)
        for name in ("index", "guides/student", "commands/train", "functions", "library", "drawings"):
            page.goto(f"{address}{name}.html")
            assert opened.run("() => document.documentElement.scrollWidth <= innerWidth"), name
            assert opened.run("() => [...document.images].every((one) => one.naturalWidth > 0)"), name
        if width == 400:
            page.click("label[for=__search]:visible")
        page.focus(".md-search__input")
        # The search reads its index first.
        page.wait_for_function(
            "() => /^Type/.test(document.querySelector('.md-search-result__meta').textContent.trim())"
        )
        page.keyboard.type("subgradient")
        page.wait_for_selector(".md-search-result__item a[href*='edge_points']", state="attached")
        assert opened.complaints == []
        assert [one for one in opened.requests if not one.startswith(address)] == []
    finally:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_in_a_page_of_the_site(address: str, browser: Any, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900}, color_scheme=scheme)
    try:
        for name in ("guides/student", "commands/train", "functions"):
            page.goto(f"{address}{name}.html")
            assert axe_faults(OpenPage(page)) == [], name
    finally:
        page.close()
