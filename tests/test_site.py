"""The site is made of docs/ without a warning, loads nothing from elsewhere, and has every public name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradcli
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
    assert {*gradcli.nn.__all__} - {"functional"} - found == set()
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
