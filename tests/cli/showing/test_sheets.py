"""`gradcli.cli.showing.sheets`: a sheet never holds its key, and every document is whole and escaped."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradcli.cli.showing.sheets import SHEETS, write_sheet
from gradcli.errors import UnavailableError, UsageError
from gradcli.evaluate.exercises import LEVELS, quiz

COMMAND = "gradcli quiz --count 10 --seed 3"
EXERCISES = quiz(3, 10)


def written(folder: Path, suffix: str) -> tuple[str, str]:
    files = write_sheet(str(folder / f"sheet.{suffix}"), "Sines & 100% of {it}", EXERCISES, COMMAND)
    assert [Path(file).name for file in files] == [f"sheet.{suffix}", f"sheet-key.{suffix}"]
    sheet, key = (Path(file).read_text(encoding="utf-8") for file in files)
    return sheet, key


@pytest.mark.parametrize("suffix", SHEETS)
def test_the_sheet_has_the_problems_and_the_key_their_derivatives_and_the_seed(suffix: str, tmp_path: Path) -> None:
    sheet, key = written(tmp_path, suffix)
    assert "seed" in key.partition("gradcli quiz")[2]
    assert "seed" not in sheet
    assert not re.search("y(</mi><mo[^>]*>)?[\u2032']", sheet)
    assert len(re.findall("y(?:</mi><mo[^>]*>)?[\u2032']", key)) == 10
    assert len(re.findall(r"\by(?:</mi></mrow><mo>)? ?=", sheet)) == 10


def test_a_document_of_latex_is_set_without_a_word_outside_its_margins(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("no LaTeX is installed")
    for name, exercises in (("mixed", EXERCISES), ("hard", quiz(1, 12, 5))):
        for file in write_sheet(str(tmp_path / f"{name}.tex"), "Sines & 100% of {it} ~ \\ ^_#$", exercises, COMMAND):
            done = subprocess.run(
                ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", Path(file).name],
                cwd=tmp_path, capture_output=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout[-2000:]
            assert b"Overfull" not in done.stdout


class Page(HTMLParser):
    """A page of HTML, whose tags must be closed in their order and must not name anything from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe")
        assert not {"src", "href"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_is_sound_and_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    for text in written(tmp_path, "html"):
        page = Page()
        page.feed(text)
        assert page.open == []
        assert "<title>Sines &amp; 100% of {it}" in text
        assert "color-scheme: light dark" in text
        for formula in re.findall("<math.*?</math>", text):
            ElementTree.fromstring(formula)


def test_a_page_of_markdown_numbers_the_problems_and_escapes_words(tmp_path: Path) -> None:
    sheet, key = written(tmp_path, "md")
    assert sheet.startswith("# Sines & 100% of \\{it\\}\n")
    assert re.findall(r"^(\d+)\. \$y = ", sheet, re.MULTILINE) == [str(number) for number in range(1, 11)]
    assert key.endswith(f"`{COMMAND}`\n")


def test_only_a_sheet_with_a_logarithm_says_which_one(tmp_path: Path) -> None:
    for level, says in ((1, False), (5, True)):
        file, _ = write_sheet(str(tmp_path / "sheet.md"), LEVELS[level], quiz(1, 10, level), COMMAND)
        assert ("log is the natural logarithm" in Path(file).read_text(encoding="utf-8")) is says


def test_another_suffix_or_a_missing_folder_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't tell the format of the sheet"):
        write_sheet(str(tmp_path / "sheet.pdf"), "Title", EXERCISES, COMMAND)
    with pytest.raises(UnavailableError):
        write_sheet(str(tmp_path / "missing" / "sheet.md"), "Title", EXERCISES, COMMAND)
    assert [*tmp_path.iterdir()] == []
