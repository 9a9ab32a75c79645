"""The README says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import refresh

from tests.support.loops import for_each
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", refresh.pages_with_blocks(), ids=lambda page: page.name)
def test_every_console_block_is_what_the_program_prints(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert refresh.refreshed(text) == text, "run python docs/refresh.py"


@for_each("page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name)
def test_every_link_and_path_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    paths = re.findall(r"`((?:tests|benchmarks|docs|gradcli|grammars|examples)/[\w./]*)`", text)
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert not missing


def test_there_are_two_commands_one_to_run_and_one_to_test() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith('gradcli grad "x1*x2+sin(x1)" --x1 2 --x2 3')
    assert commands[1].endswith("-m pytest")


def test_the_declaration_of_tanh_is_the_one_of_its_family() -> None:
    family = (ROOT / "gradcli" / "primitives" / "families" / "hyperbolic.py").read_text(encoding="utf-8")
    [block] = re.findall(r"```python\n(define\(.*?)```", README, re.DOTALL)
    assert block in family
