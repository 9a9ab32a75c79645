"""`gradcli.cli.live.table_mapping`: a job is plain data, and gives the same file and the same sentences every time."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.cli.live.table_mapping import Request, TableJob, map_file
from gradcli.cli.reading.arguments import Binding
from gradcli.errors import UnavailableError, UsageError
from gradcli.source import Source
from gradcli.tables.reading import Reading

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


def job(folder: Path, **changes: Any) -> TableJob:
    (folder / "t.csv").write_text("x;y\n1;2\n3;4,5\n")
    (folder / "flag").touch()
    request = Request(None, "value+gradient", 1, [], "", None, False, 1, Reading())._replace(**changes)
    sources = [Source("x*y + e*k", "model.txt"), Source("y > 1", "--where")]
    bindings = (Binding("k", "2"), Binding("e", "0"))
    return TableJob(request, sources, ["x", "y", "e", "k"], "map", (), bindings, (), None, str(folder), "flag", "mark")


def test_a_job_travels_and_names_its_table_as_it_was_typed(tmp_path: Path) -> None:
    made = pickle.loads(pickle.dumps(job(tmp_path)))  # as other processes get it
    found = map_file(made, "t.csv", "out.csv", "csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[:2] == ["x,y,value,d_x,d_y", "1,2,2.0,2.0,1.0"]
    assert (found.rows, found.written, found.not_finite, found.computed) == (2, 2, 0, ["value", "d_x", "d_y"])
    assert found.inputs == {"x": "x", "y": "y", "e": 0.0, "k": 2.0}
    assert pickle.loads(pickle.dumps(found)) == found
    assert all(message.startswith("t.csv: ") for message in found.messages)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flag", "out.csv", "t.csv"]


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the expression has no variable `z`"):
        map_file(job(tmp_path, wrt="z"), "t.csv", "out.csv", "csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flag", "t.csv"]


def test_a_job_that_is_not_wanted_any_longer_ends_and_leaves_no_file(tmp_path: Path) -> None:
    made = job(tmp_path)
    (tmp_path / "flag").unlink()
    with pytest.raises(UnavailableError) as caught:
        map_file(made, "t.csv", "out.csv", "csv")
    assert caught.value.kind == "stopped"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_the_kernel_is_compiled_once_in_each_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcli.execute import kernel

    made: list[Any] = []
    make = kernel._make
    monkeypatch.setattr(kernel, "_kernels", {})
    monkeypatch.setattr(kernel, "_make", lambda program, executor: made.append(program) or make(program, executor))
    map_file(job(tmp_path), "t.csv", "first.csv", "csv")
    count = len(made)
    map_file(job(tmp_path), "t.csv", "second.csv", "csv")
    assert count == len(made) > 0
