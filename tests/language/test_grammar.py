"""The grammar has no conflicts; its cache is never trusted, never needed and never in the way."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import lark
import pytest

from gradcli.cache import cache_folder
from gradcli.language import grammar
from gradcli.language.instructions import InstructionWriter, Script
from gradcli.language.latex_instructions import LatexWriter
from gradcli.language.latex_operands import LatexOperands
from gradcli.language.parser import Parser


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache: the same on every system, and empty."""
    monkeypatch.setattr(grammar, "cache_folder", lambda: str(tmp_path / "gradcli"))
    return tmp_path / "gradcli"


def with_right_checksum(text: str) -> bytes:
    """A file of the cache that is well-formed outside and not inside."""
    return f"{grammar._checksum(grammar.grammar_text() + text)}\n{text}".encode()


def evaluates() -> None:
    """A freshly loaded parser works."""
    text = "2x + sin(3)"
    program: Script = Parser(grammar.load_table()).parse(text, InstructionWriter(text))
    assert [one.payload for one in program.result] == [2.0, "x", "*", 3.0, "sin", "+"]


@pytest.mark.parametrize("name", grammar.GRAMMARS)
def test_a_grammar_has_no_conflict(name: str, caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
            parser = lark.Lark(grammar.grammar_text(name), debug=True, **grammar.OPTIONS)
    finally:
        lark.logger.setLevel(logging.CRITICAL)
    assert parser.rules
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_a_conflict_would_be_reported(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
            lark.Lark('start: start "+" start | "1"', debug=True, **grammar.OPTIONS)
    finally:
        lark.logger.setLevel(logging.CRITICAL)
    assert any("onflict" in record.message for record in caplog.records)


def rules_of(name: str) -> set[str]:
    """The names of the rules of a grammar that have a meaning."""
    parser = lark.Lark(grammar.grammar_text(name), **grammar.OPTIONS)
    return {str(rule.alias or rule.origin.name) for rule in parser.rules if rule.alias or not rule.options.expand1}


def public(kind: type) -> set[str]:
    """The public methods that a class itself defines."""
    return {name for name in vars(kind) if not name.startswith("_")}


def test_every_rule_has_a_meaning_and_every_meaning_a_rule() -> None:
    assert rules_of("expression") == public(InstructionWriter)


def test_every_rule_of_latex_has_a_meaning_and_every_meaning_a_rule() -> None:
    own, rules = public(LatexWriter) | public(LatexOperands), rules_of("latex")
    assert own - {"multiplies"} <= rules <= own | public(InstructionWriter)


def test_the_second_parser_comes_from_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluates()
    assert len(list(cache.iterdir())) == 1

    def build(*_: Any, **__: Any) -> None:
        raise AssertionError("the table was built again")

    monkeypatch.setattr(lark.Lark, "__init__", build)
    evaluates()


def test_each_grammar_has_a_table_of_its_own(cache: Path) -> None:
    for name in grammar.GRAMMARS:
        grammar.load_table(name)
    assert sorted(path.name.partition("-")[0] for path in cache.iterdir()) == sorted(grammar.GRAMMARS)
    for path in cache.iterdir():
        assert path.read_text(encoding="utf-8") == grammar.table_text(path.name.partition("-")[0])


def test_the_cache_is_text_and_not_pickle(cache: Path) -> None:
    evaluates()
    (path,) = cache.iterdir()
    assert path.read_text(encoding="utf-8") == grammar.table_text()
    assert all(line.isprintable() for line in grammar.table_text().split("\n"))
    assert "pickle" not in Path(grammar.__file__).read_text(encoding="utf-8").split('"""', 2)[2]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:200] + b"\xff\xfe" + content[200:],
        lambda content: content.replace(b"NUMBER", b"NUMBRE", 1),
        lambda content: content.replace(b"1", b"2"),
        lambda content: b"[1, 2]",
        lambda content: b"[" * 100_000,
        lambda content: b"cos\nsystem\n(S'exit 1'\ntR.",
        lambda content: os.urandom(1000),
        lambda content: with_right_checksum(""),
        lambda content: with_right_checksum("x\ny\nz 1\n0 0"),
        lambda content: with_right_checksum("x\ny\n- 1 a\n0 0"),
        lambda content: with_right_checksum("x\ny\n- 1 1\n0 none"),
        lambda content: grammar._text(grammar.load_table(), "the grammar of another version").encode(),
    ],
)
def test_a_damaged_cache_is_built_anew(cache: Path, damage: Any) -> None:
    evaluates()
    (path,) = cache.iterdir()

    path.write_bytes(damage(path.read_bytes()))
    evaluates()
    assert path.read_text(encoding="utf-8") == grammar.table_text()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_pipe_in_place_of_the_cache_is_not_waited_for(cache: Path) -> None:
    evaluates()
    (path,) = cache.iterdir()
    path.unlink()
    os.mkfifo(path)
    evaluates()


def test_the_table_of_the_package_comes_before_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    (package / "grammars").mkdir(parents=True)
    (package / "language").mkdir()
    (package / "grammars" / "expression.lark").write_text(grammar.grammar_text(), encoding="utf-8")
    (package / "grammars" / "expression.table").write_text(grammar.table_text(), encoding="utf-8")
    monkeypatch.setattr(grammar, "__file__", str(package / "language" / "grammar.py"))
    monkeypatch.setattr(lark.Lark, "__init__", None)
    evaluates()
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_costs_only_time(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    evaluates()
    assert cache.is_file()


def test_a_disk_that_is_full_keeps_no_half_of_a_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    evaluates()
    assert list(cache.iterdir()) == []


def test_a_folder_without_rights_costs_only_time(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Taking the rights away would not stop a test that runs as root.
    monkeypatch.setattr(os, "makedirs", refuse)
    evaluates()
    assert not cache.exists()


def test_without_a_home_folder_there_is_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache_folder() is None
    evaluates()


def test_a_grammar_that_is_missing_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(grammar, "__file__", str(tmp_path / "a" / "b" / "grammar.py"))
    with pytest.raises(FileNotFoundError, match=r"expression\.lark"):
        grammar.grammar_text()


def test_two_processes_may_fill_the_cache_at_once(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    command = [sys.executable, "-c", "from gradcli import parse; print(parse('1 + 2*x')(x=3))"]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0].strip() for process in running] == ["7.0"] * 3
