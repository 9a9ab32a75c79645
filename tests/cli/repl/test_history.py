"""`gradcli.cli.repl.history`: lines that survive a crash, in a file that stays small."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gradcli import limits
from gradcli.cli.repl.history import History


def test_a_line_is_in_the_file_as_soon_as_it_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history"
    history = History(str(path))
    assert history.lines() == []
    for line in ("x = 1", "x = 1", "  ", "A = [1,\n 2]", "π + é"):
        history.add(line)
    assert path.read_text(encoding="utf-8") == "x = 1\nA = [1, 2]\nπ + é\n"
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert History(str(path)).lines() == ["x = 1", "A = [1, 2]", "π + é"]


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HISTORY_LINES", 3)
    path = tmp_path / "history"
    path.write_text("".join(f"{k}\n" for k in range(7)))
    assert History(str(path)).lines() == ["4", "5", "6"]
    assert path.read_text() == "4\n5\n6\n"
    path.write_text("".join(f"{k}\n" for k in range(6)))
    assert History(str(path)).lines() == ["3", "4", "5"]
    assert path.read_text() == "0\n1\n2\n3\n4\n5\n"


def test_the_file_is_in_the_folder_for_what_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.cli.repl.history.state_folder", lambda: str(tmp_path))
    assert History.of_user().path == tmp_path / "history"
    monkeypatch.setattr("gradcli.cli.repl.history.state_folder", lambda: None)
    assert History.of_user().path is None


def test_a_file_that_can_not_be_used_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(str(tmp_path))
    assert history.lines() == []
    history.add("x")
    monkeypatch.setattr(limits, "HISTORY_LINES", 0)
    off = History(str(tmp_path / "history"))
    off.add("x")
    assert (off.lines(), [*tmp_path.iterdir()]) == ([], [])
