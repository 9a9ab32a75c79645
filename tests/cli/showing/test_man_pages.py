"""`gradcli.cli.showing.man_pages`: the help of every command as a page for `man`, and no second text."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.reading.parameters import parameters_of
from gradcli.cli.showing.man_pages import man_pages

PAGES = man_pages()
NAMES = [name for group in COMMANDS.values() for name in group]


def words(text: str) -> list[str]:
    """The words of a page or of a help, without troff's marks."""
    text = re.sub(r"^\.(SH|PP|nf|fi|BR).*$", "", text, flags=re.MULTILINE)
    for mark, character in (
        ("\\-", "-"),
        ("\\(aq", "'"),
        ("\\(ha", "^"),
        ("\\(ti", "~"),
        ("\\(ga", "`"),
        ("\\e", "\\"),
    ):
        text = text.replace(mark, character)
    return re.sub(r"^\\&", "", text, flags=re.MULTILINE).split()


def test_there_is_a_page_for_the_program_and_for_every_command() -> None:
    assert {*PAGES} == {"gradcli.1", *[f"gradcli-{name}.1" for name in NAMES]}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_the_help_says(name: str) -> None:
    page = words(PAGES[f"gradcli-{name}.1"])
    for line, meaning in load(name).examples:
        assert all(word in page for word in (*line.split(), *meaning.split()))
    for paragraph in (load(name).run.__doc__ or "").split("\n\n")[1:]:
        assert " ".join(paragraph.split()) in " ".join(page)
    for one in parameters_of(load(name).run):
        assert one.hidden or all(spelling in " ".join(page) for spelling in one.spellings)


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff (apt install groff)")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_right_troff(name: str) -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-P-c"]
    done = subprocess.run(command, input=PAGES[name], capture_output=True, text=True, check=False)
    shown = re.sub(r".\x08", "", done.stdout)
    # A line of an example may be longer than the screen; it is there to be copied.
    problems = [
        line for line in done.stderr.splitlines() if "can't break line" not in line and "cannot adjust" not in line
    ]
    assert (done.returncode, problems) == (0, [])
    assert "EXAMPLES" in shown
    assert '"x1*x2 + sin(x1)" --x1 2 --x2 3' in shown or name not in ("gradcli.1", "gradcli-grad.1")
