"""`gradcli map` for many tables: names, formats, errors, progress, and the same bytes however the work is shared."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.cli.live.folder_mapping import is_folder, planned, tables_of
from gradcli.errors import GradcliError
from tests.support.command_line import process_environment, start_process
from tests.support.job_functions import cluster_of_two

pytest.importorskip("pyarrow")

Run = Callable[..., Any]
EXPRESSION = "x*sin(y) + k"
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a folder with four tables in ``data``."""
    monkeypatch.chdir(tmp_path)
    write_tables(Path("data"), 4, 50)
    return tmp_path


def write_tables(folder: Path, count: int, rows: int) -> None:
    folder.mkdir()
    for number in range(count):
        x, y = np.random.default_rng(number).random((2, rows)).tolist()
        lines = [f"{one!r},{other!r}" for one, other in zip(x, y, strict=True)]
        (folder / f"t{number}.csv").write_text("\n".join(["x,y", *lines, ""]))


def contents(folder: str) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def one_by_one(inside: Run, *words: str) -> dict[str, bytes]:
    """What each table becomes by itself."""
    Path("alone").mkdir()
    for table in sorted(Path("data").iterdir()):
        assert inside("map", EXPRESSION, str(table), "--k", "2", "-o", f"alone/{table.name}", *words).code == 0
    return contents("alone")


# The same bytes


@pytest.mark.parametrize(
    "words",
    [
        ["data/*.csv", "-o", "out"],
        ["data/*.csv", "-o", "out/", "--workers", "2"],
        ["data/t0.csv", "data/t1.csv", "data/t[23].csv", "-o", "a/new/folder/", "--threads", "1"],
    ],
)
def test_each_table_becomes_what_it_becomes_alone(words: list[str], inside: Run) -> None:
    found = inside("map", EXPRESSION, "--k", "2", *words)
    target = words[words.index("-o") + 1]
    assert found.err.startswith(f"wrote 4 tables to {target}: 200 rows with value, d_x, d_y in ")
    assert (found.code, found.out) == (0, "")
    assert contents(target) == one_by_one(inside)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    pytest.importorskip("distributed")
    with cluster_of_two() as found:
        yield found


@needs_posix
def test_a_cluster_writes_the_same_although_a_worker_is_killed_in_the_middle(cluster: Any, inside: Run) -> None:
    write_tables(Path("large"), 6, 20_000)
    words = ["map", "k*tanh(x)^y", "large/*.csv", "--k", "@k.npy", "--hessian"]
    np.save("k.npy", np.array(3.0))
    assert inside(*words, "-o", "expected").code == 0
    victim = next(iter(cluster.workers.values())).pid

    def kill() -> None:
        while not [*Path().glob("out/.t*")]:  # a table is half written
            time.sleep(0.001)
        os.kill(victim, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    found = inside(*words, "-o", "out", "--dask", cluster.scheduler_address)
    thread.join()
    assert found.err.startswith("wrote 6 tables to out: 120,000 rows with value, d_x, d_y, d_x_x, d_x_y and 1 more in ")
    assert contents("out") == contents("expected")


def test_an_error_on_a_cluster_names_the_table_and_the_option(cluster: Any, inside: Run) -> None:
    Path("data/t2.csv").write_text("x,y\n1,2\n")
    words = ["map", EXPRESSION, "data/*.csv", "--k", "2", "--dask", cluster.scheduler_address, "-o", "out"]
    found = inside(*words, "--prefix", "f_", "--select", "x,f_d_k", "--json")
    assert found.code == 2
    place = json.loads(found.out)["place"]  # that of the first one to fail
    assert place.startswith("data/t")
    assert f"error in {place.partition(':')[0]}: `--select`: there is no column `f_d_k`\n" in found.err
    assert contents("out") == {}


# Words


@pytest.mark.parametrize(
    "words",
    [
        ["k*x", "data/t0.csv", "data/t1.csv", "k=y"],
        ["k=y", "k*x", "data/t0.csv", "data/t1.csv"],
        ["data/t0.csv", "--k", "y", "k*x"],
        ["k*x", "--k=y", "data/t[01].csv"],
        ["-k*-x", "k = y", "data/t[01].csv"],
    ],
)
def test_values_of_variables_stand_anywhere(words: list[str], inside: Run) -> None:
    if words[0].startswith("data"):
        assert "is a file, but the first word should be the expression" in inside("map", *words, "-o", "out/").err
        return
    assert inside("map", *words, "-o", "out/", "--wrt", "x", "--select", "y,d_x").code == 0
    for name in ("t0.csv", "t1.csv"):
        rows = [line.split(",") for line in Path("out", name).read_text().splitlines()]
        assert rows[0] == ["y", "d_x"]
        assert [row[0] for row in rows[1:]] == [row[1] for row in rows[1:]]


def test_an_equation_before_several_tables_is_refused_with_its_right_side(inside: Run) -> None:
    found = inside("map", "z = x^2", "data/t0.csv", "data/t1.csv", "-o", "out/")
    assert found.code == 2
    assert found.err.splitlines()[-1] == '  gradcli map "x^2" data/t0.csv'


# Names and formats


@pytest.mark.parametrize(
    ("table", "words", "name"),
    [
        ("t0.csv", [], "t0.csv"),
        ("t0.csv", ["--to", "parquet"], "t0.parquet"),
        ("t0.csv", ["--to", "csv"], "t0.csv"),
        ("t0.txt", ["--to", "csv"], "t0.txt"),
        ("t0.csv.gz", [], "t0.csv.gz"),
        ("t0.csv.gz", ["--to", "jsonl"], "t0.jsonl"),
        ("log.2024-01", ["--to", "tsv"], "log.2024-01.tsv"),
    ],
)
def test_a_table_keeps_its_name_and_its_end_says_its_format(table: str, words: list[str], name: str) -> None:
    Path(table).touch()
    [one] = planned([table], "out/", words[1] if words else None)
    assert (one.table, one.output) == (table, str(Path("out") / name))


def test_compressed_tables_and_other_formats_are_written(inside: Run) -> None:
    assert inside("map", "x", "data/*.csv", "-o", "columns", "--to", "parquet").code == 0
    assert inside("map", "x", "columns/*.parquet", "-o", "back/", "--to", "csv", "--select", "x,y").code == 0
    assert sorted(contents("columns")) == [f"t{number}.parquet" for number in range(4)]
    assert contents("back")["t1.csv"].splitlines()[0] == b"x,y,value,d_x"


def test_one_table_goes_into_a_folder_too(inside: Run) -> None:
    Path("out").mkdir()
    assert inside("map", "x", "data/t0.csv", "-o", "out", "--workers", "3").code == 0
    assert inside("map", "x", "data/t1.csv", "-o", "out/").err.startswith("wrote 1 table to out/: 50 rows")
    assert sorted(contents("out")) == ["t0.csv", "t1.csv"]


def test_an_older_file_is_replaced(inside: Run) -> None:
    Path("out").mkdir()
    Path("out/t0.csv").write_text("old")
    assert inside("map", "x", "data/*.csv", "-o", "out").code == 0
    assert contents("out")["t0.csv"].startswith(b"x,y,value")


def test_what_is_many_tables() -> None:
    assert is_folder(["a.csv", "b.csv"], "-")
    assert is_folder(["data/*.csv"], "out.csv")
    assert is_folder(["a.csv"], "out/")
    assert is_folder(["a.csv"], "data")
    assert not is_folder(["a.csv"], "out.csv")
    Path("a[1].csv").touch()
    assert not is_folder(["a[1].csv"], "-")  # a file with such a name is a file


def test_tables_of_a_pattern_are_sorted_and_hidden_files_are_no_tables() -> None:
    Path("data/.t0.csv.0123456789ab").touch()
    assert tables_of(["data/*"]) == [f"data/t{number}.csv" for number in range(4)]


ERRORS = [
    (["data"], "out", 2, "`data` is a folder, not a table", 'in it: "data/*"'),
    (["."], "out", 2, "`.` is a folder, not a table", ""),
    (["data/none.csv"], "out/", 5, "can't read `data/none.csv`: no such file or directory", None),
    (["data/*.csv", "missing"], "out", 5, "can't read `missing`: no such file or directory", "quotes"),
    (["none/*.csv"], "out", 5, "no file matches `none/*.csv`", None),
    (["data/*.csv", "data/t1.csv"], "out", 2, "the table `data/t1.csv` is given twice", "once is enough"),
    (["data/*.csv"], "-", 2, "several tables go into a folder, and none is named", "-o FOLDER/"),
    (["data/*.csv"], "out.csv", 2, "several tables go into a folder, and `out.csv` is one file", "-o FOLDER/"),
    (["data/*.csv"], "data/t0.csv", 2, "several tables go into a folder, and `data/t0.csv` is one file", ""),
    (["data/*.csv"], "data", 2, "`data/t0.csv` would replace one of the tables that are read", "another folder"),
    (["data/*.csv"], "data/../data/", 2, "would replace one of the tables that are read", "another folder"),
    (["data/t0.csv", "more/t0.csv"], "out", 2, "`data/t0.csv` and `more/t0.csv` would both become `out/t0.csv`", ""),
    (["data/t0.csv", "data/t0.txt"], "out", 2, "would both become `out/t0.parquet`", "a folder of its own"),
    (["x.npy"], "out/", 2, "can't tell the format of the table `x.npy`", "--to"),
    (["data/*.csv"], "x.npy/out", 5, "can't make the folder `x.npy/out`: not a directory", None),
]


@pytest.mark.parametrize(("tables", "output", "code", "message", "hint"), ERRORS)
def test_an_error_is_one_sentence_and_nothing_is_written(
    tables: list[str], output: str, code: int, message: str, hint: str | None
) -> None:
    for path in ("more/t0.csv", "data/t0.txt", "x.npy"):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).touch()
    before = sorted(map(str, Path().rglob("*")))
    with pytest.raises(GradcliError) as caught:
        planned(tables, output, "parquet" if "data/t0.txt" in tables else None)
    error = caught.value
    assert (error.exit_code, message in error.message) == (code, True), error.message
    assert (error.hint is None) if hint is None else (hint in (error.hint or ""))
    assert sorted(map(str, Path().rglob("*"))) == before


# Results


def test_json_has_a_record_for_each_table(inside: Run) -> None:
    Path("data/t1.csv").write_text("x,y,e\n1,0,3\n-1,0,3\n")
    found = inside("map", "log(x)*e", "data/t[01].csv", "-o", "out", "--where", "x != 7", "--json")
    document = json.loads(found.out)
    assert [one["table"] for one in document["tables"]] == ["data/t0.csv", "data/t1.csv"]
    assert [one["output"] for one in document["tables"]] == [str(Path("out") / f"t{number}.csv") for number in (0, 1)]
    assert [one["not_finite"] for one in document["tables"]] == [0, 1]
    assert (document["rows"], document["written"], document["not_finite"]) == (52, 52, 1)
    assert document["tables"][1]["inputs"] == {"x": "x"}
    assert "note: `e` is the constant here; to use the column of this name, add --e e\n" in found.err


def test_what_is_said_about_every_table_is_said_once(inside: Run) -> None:
    for number in range(4):
        Path(f"data/t{number}.csv").write_text("x,y\n1,2\n0,inf\n")
    found = inside("map", "sin^-1(y)/x", "data/*.csv", "-o", "out", "--to", "jsonl", "--verbose")
    assert found.code == 0
    lines = found.err.splitlines()
    assert len([line for line in lines if line.startswith("note: ")]) == 1
    assert "warning: `y`: 4 infinite numbers became null; CSV, Parquet and Arrow keep them" in lines
    assert "x = the column `x`" in lines
    assert lines[-2].startswith("wrote 4 tables to out: 8 rows with value, d_y, d_x in ")
    assert lines[-1] == "warning: 8 rows are not finite; the first is data/t0.csv, row 1: value is nan"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_first_error_says_what_was_written(workers: str, inside: Run) -> None:
    Path("data/t2.csv").write_text("x,y\n0,1\n")
    words = ["map", "log(x) + y", "data/*.csv", "-o", "out", "--strict", "--workers", workers]
    found = inside(*words)
    assert found.code == 4
    written = len(contents("out"))
    assert found.err.startswith(f"wrote {written} of 4 tables to out\n" if written else "error")
    assert found.err.splitlines()[-2] == "error in data/t2.csv: row 1: value is -inf"
    assert "t2.csv" not in contents("out")
    assert not any(name.startswith(".") for name in contents("out"))


def test_a_column_may_be_missing_in_one_table(inside: Run) -> None:
    Path("data/t3.csv").write_text("x,z\n0,1\n")
    found = inside("map", EXPRESSION, "data/*.csv", "--k", "1", "-o", "out")
    assert (found.code, sorted(contents("out"))) == (2, ["t0.csv", "t1.csv", "t2.csv"])
    assert "error in data/t3.csv: the table has no column `y`\n" in found.err


def test_progress_counts_tables(inside: Run) -> None:
    words = ("map", EXPRESSION, "data/*.csv", "--k", "1", "-o", "out")
    shown = inside(*words, terminal=True, environment={"TERM": "xterm"}).err
    assert "0 of 4 tables" in shown
    last = shown.rpartition("\x1b[?25h")
    assert last[2].startswith("wrote 4 tables to out: 200 rows with value, d_x, d_y in ")
    for options in ({}, {"terminal": True, "environment": {"TERM": "dumb"}}):
        assert inside(*words, **options).err.startswith("wrote")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_each_table_tells_how_far_it_is(suffix: str, inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    if suffix == "parquet":
        assert inside("map", "x", "data/*.csv", "--value-only", "-o", "other/", "--to", "parquet").code == 0
        Path("other").replace("data.parquet")
    told: list[float] = []
    monkeypatch.setattr("gradcli.jobs.tell", told.append)
    folder = "data" if suffix == "csv" else "data.parquet"
    assert inside("map", "x*2", "--prefix", "f_", f"{folder}/*.{suffix}", "-o", "out/").code == 0
    assert told.count(1.0) >= 4
    assert all(0 < share <= 1 for share in told)


@needs_posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_all_workers_and_leaves_whole_files_alone(number: int, code: int) -> None:
    write_tables(Path("large"), 20, 20_000)
    child = start_process("map", "x*y", "large/*.csv", "-o", "out", "--workers", "2")
    ending = "interrupted\n" if number == signal.SIGINT else "ended by SIGTERM\n"
    while not [*Path().glob("out/.t*")] and child.poll() is None:
        time.sleep(0.005)
    child.send_signal(number)
    _, said = child.communicate(timeout=60)
    assert child.returncode == code
    written = len([name for name in contents("out") if not name.startswith(".")])
    assert said == (f"wrote {written} of 20 tables to out\n" if written else "") + ending
    assert not [name for name in contents("out") if name.startswith(".")]
    assert {len(text.splitlines()) for text in contents("out").values()} <= {20_001}


def test_nothing_of_a_cluster_is_imported_without_one() -> None:
    program = (
        "import sys\nfrom gradcli.cli import main\n"
        "sys.argv = ['gradcli', 'map', 'x', 'data/t0.csv', 'data/t1.csv', '-o', 'out']\nmain()\n"
        "assert not {'distributed', 'dask', 'multiprocessing', 'concurrent'} & {*sys.modules}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=process_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
