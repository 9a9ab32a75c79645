"""The benchmarks: each runs, at its smallest size, and the command that runs all of them knows each and writes tables.

Nothing here is timed.  Peers that take seconds to load are left out; `python benchmarks/all.py --quick` has them, too.
"""

from __future__ import annotations

import json
import sys

import all as everything  # these are on the path that pyproject.toml gives to pytest
import harness
import numpy
import pytest
from harness import Bound, Goal, Options, Subject, Table

from tests.support.paths import ROOT

BENCHMARKS = ROOT / "benchmarks"
HEAVY = ("torch", "jax", "heyoka", "casadi", "sympy", "sklearn")
DOCUMENTS = ("performance.md", "accuracy.md", "guides/pytorch.md")
#: These run the programs and tests of others, or are parts of a benchmark.
PARTS = (
    *("agreement", "all", "autograd_names", "harness", "lectures", "module_samples", "optim_samples", "others_tests"),
    *("casadi_calls", "peers", "tinygrad_names"),
)
NAMES = sorted(path.stem for path in BENCHMARKS.glob("*.py") if path.stem not in PARTS)


def test_the_one_command_knows_every_benchmark_and_the_document_has_a_place_for_each():
    documents = [(BENCHMARKS.parent / "docs" / name).read_text(encoding="utf-8") for name in DOCUMENTS]
    document = "".join(documents)
    assert sorted(everything.SCRIPTS) == NAMES
    assert [name for name in NAMES if f"<!-- {name} -->" not in document] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_and_its_contestants_agree(name, tmp_path):
    found = tmp_path / "tables.json"
    words = ["--quick", "--json", str(found), *(f"--without={package}" for package in HEAVY)]
    harness.run_program([str(BENCHMARKS / f"{name}.py"), *words], str(tmp_path))
    read = json.loads(found.read_text())
    assert read["environment"]
    for title, head, rows, bounds, _ in read["tables"]:
        assert title
        assert rows
        assert {len(row) for row in rows} == {len(head)}
        assert bounds == []  # a run that is quick claims nothing


def test_a_time_is_the_median_of_the_rounds_and_a_ratio_that_of_their_ratios():
    times = {"gradcli": [1.0, 4.0, 2.0], "peer": [2.0, 2.0, 8.0]}
    subject = Subject("title", {}, goals=[Goal("gradcli", "peer", 0.4), Goal("gradcli", "absent", 0.1)])
    table = harness.comparison(subject, times)
    assert table.rows == [["gradcli", "2 s", "1"], ["peer", "2 s", "0.5"]]
    assert [(bound.found, bound.holds) for bound in table.bounds] == [(0.5, False)]
    assert harness.comparison(subject, times, claims=False).bounds == []


def test_every_contestant_is_timed_once_in_each_round():
    calls = []
    functions = {name: lambda name=name: calls.append(name) for name in "abc"}
    times = harness.measure(Subject("title", functions, ours=["a"]), Options(rounds=4, quick=False), seconds=0)
    assert [row[0] for row in times.rows] == ["a", "b", "c"]
    assert [sorted(calls[i : i + 3]) for i in range(0, 12, 3)] == [["a", "b", "c"]] * 4


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"right": [1.0, [2.0, 3.0]], "other": lambda: [1.0, [2.0, 3.1]]}, "result 1 of other is not that of right"),
        ({"right": [1.0], "other": [float("nan")]}, "result 0 of other"),
        ({"right": [1.0], "other": [1.0, 2.0]}, "other has 2 results, right has 1"),
        ({"right": [[1.0]], "other": [1.0]}, "shapes"),
    ],
)
def test_contestants_that_disagree_stop_a_benchmark(found, words):
    with pytest.raises(SystemExit, match=words):
        harness.agree(found, "right")


def test_contestants_agree_within_a_part_of_the_largest_entry():
    harness.agree({"right": [[1e3, 0.0]], "other": [[1e3, 1e-10]]}, "right")


def test_a_table_is_text_and_markdown_and_says_which_goals_hold():
    table = Table("title", ["", "median"], [["gradcli", "1 s"]], [Bound("ratio", 0.5, 0.4), Bound("MB", 3, 4)], ["so"])
    assert table.text().splitlines() == [
        "title",
        "           median",
        "  gradcli     1 s",
        "  ratio: 0.5, at most 0.4: DOES NOT HOLD",
        "  MB: 3, at most 4: holds",
        "  so",
    ]
    assert "|  | median |\n|---|---:|\n| gradcli | 1 s |\n\n* ratio: 0.5" in table.markdown()


def test_a_product_in_a_title_is_no_emphasis():
    assert Table("x*y: `a*b`", ["|"], []).markdown() == "**x\\*y: `a*b`**\n\n| \\| |\n|---|"


def test_tables_are_written_between_their_markers_and_nowhere_else(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- a -->old<!-- /a -->\n<!-- b -->kept<!-- /b -->\n")
    everything.write(path, "a", ["a machine"], [Table("title", [""], [["row"]])])
    written = path.read_text()
    assert written.startswith("before\n<!-- a -->\n\na machine\n\n**title**")
    assert written.endswith("<!-- /a -->\n<!-- b -->kept<!-- /b -->\n")
    assert "old" not in written
    with pytest.raises(SystemExit, match="no markers"):
        everything.write(path, "c", [], [])


@pytest.mark.parametrize(("found", "code"), [(0.5, 0), (0.7, 1)])
def test_a_goal_that_does_not_hold_is_an_exit_code_where_it_is_asked_for(found, code, monkeypatch, capsys):
    def tables(options):
        yield Table("title", [""], [["row"]], [Bound("ratio", found, 0.6)])

    monkeypatch.setattr(sys, "argv", ["name", "--check"])
    assert harness.main(None, tables) == code
    monkeypatch.setattr(sys, "argv", ["name"])
    assert harness.main(None, tables) == 0
    assert ("does not hold" in capsys.readouterr().err) == bool(code)


def test_tinygrads_names_mean_what_they_mean_there():
    from tinygrad_names import Tensor

    x = Tensor([[1.0, 2.0], [4.0, 3.0]])
    assert x.max(1).numpy().tolist() == [2.0, 4.0]
    assert x.pad(((1, 0), None)).numpy().tolist() == [[0.0, 0.0], [1.0, 2.0], [4.0, 3.0]]
    assert (x > 2.0).where(x, 0).numpy().tolist() == [[0.0, 0.0], [4.0, 3.0]]
    assert [str(one.dtype) for one in (Tensor([1, 2]), Tensor([2**40]), x.argmax())] == ["int32", "int64", "int32"]
    assert (x * x).sum().gradient(x)[0].numpy().tolist() == [[2.0, 4.0], [8.0, 6.0]]
    with pytest.raises(AttributeError):
        x.sum(dtype="floats")


def test_the_check_of_autograds_tests_finds_a_wrong_derivative():
    pytest.importorskip("scipy")
    from autograd_names import check_grads, jacobian

    numpy.testing.assert_allclose(jacobian(numpy.sin)(numpy.ones(2)), numpy.cos(1.0) * numpy.eye(2))
    check_grads(lambda x: numpy.sum(numpy.sin(x["a"]) * x["b"][0]))({"a": numpy.ones(2), "b": (2.0,)})
    for mode in ("fwd", "rev"):
        with pytest.raises(AssertionError):
            check_grads(lambda x: x * (x.detach() if hasattr(x, "detach") else x), modes=[mode])(1.5)
