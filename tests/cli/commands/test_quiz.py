"""`gradcli quiz`: problems for a student, a class and a program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT

Run = Callable[..., Any]


def test_in_a_pipe_problems_are_rows_and_a_seed_gives_them_again(inside: Run) -> None:
    found = inside("quiz", "--seed", "1", "--count", "5")
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines() == [
        "problem\tlevel\texpression",
        "1\t1\tx^5 + 4*x",
        "2\t2\t7*x^2 - cos(x) - 3",
        "3\t3\tx^2/sin(x)",
        "4\t4\tcos(sqrt(x))",
        "5\t5\tlog(x + sqrt(x^2 + 6))",
    ]
    assert inside("quiz", "--seed", "1", "--count", "5", "--plain", terminal=True).out == found.out


def test_without_a_seed_the_problems_differ_and_the_seed_is_told(inside: Run) -> None:
    first, second = inside("quiz", "--count", "30"), inside("quiz", "--count", "30")
    assert first.out != second.out
    assert first.err.startswith("note: --seed ")
    seed = first.err.split()[2]
    assert inside("quiz", "--count", "30", "--seed", seed).out == first.out


def test_the_keys_of_json(inside: Run) -> None:
    document = json.loads(inside("quiz", "--level", "3", "--seed", "7", "--count", "2", "--json").out)
    assert list(document) == ["seed", "problems"]
    assert document["seed"] == 7
    first, second = document["problems"]
    assert list(first) == ["problem", "level", "expression", "wrt", "derivative", "rules", "steps"]
    assert first["rules"] == ["product rule", "power rule", "exponential rule"]
    assert (first["steps"][0]["from"], first["steps"][-1]["to"]) == ("diff(x^4*2^x, x)", first["derivative"])
    assert (first["expression"], first["derivative"]) == ("x^4*2^x", "x^3*(x*log(2) + 4)*2^x")
    assert (second["problem"], second["level"], second["wrt"]) == (2, 3, "x")


def test_a_sheet_and_its_key_are_two_files_which_are_named(inside: Run, own_folder: Path) -> None:
    found = inside("quiz", "--seed", "1", "--count", "3", "--sheet", "sheet.md")
    assert (found.code, found.out, found.err) == (0, "", "wrote sheet.md\nwrote sheet-key.md\n")
    assert Path("sheet.md").read_text(encoding="utf-8").startswith("# Derivatives\n")
    found = inside("quiz", "--level", "4", "--sheet", "sheet.html", "--json")
    assert json.loads(found.out)["files"] == ["sheet.html", "sheet-key.html"]
    assert "<h1>Derivatives: the chain rule</h1>" in Path("sheet.html").read_text(encoding="utf-8")
    assert inside("quiz", "--sheet", "sheet.doc").code == 2
    assert inside("quiz", "--sheet", "missing/sheet.md").code == 5


def test_the_answers_of_a_class_are_judged_as_check_judges_them(inside: Run) -> None:
    lines = (ROOT / "examples" / "class.csv").read_text(encoding="utf-8").splitlines()
    table = "\n".join(line for line in lines if line.startswith(("name,", "Ben,")))
    for words in (["--json"], ["--summary"]):
        found = inside("quiz", "--seed", "31", "--count", "6", "--answers", "-", *words, stdin=table)
        assert found == inside("check", "--answers", "-", *words, stdin=table)
        assert found.code == 6


def test_options_that_do_not_fit_are_errors(inside: Run) -> None:
    for words, message in (
        (("--summary",), "`--summary` needs a table of answers"),
        (("--answers", "-"), "`--answers` needs the seed of the quiz"),
        (("--answers", "-", "--seed", "1", "--sheet", "a.md"), "exclude each other"),
        (("--level", "6"), "`--level` is from 1 to 5, not 6"),
        (("--seed", "-1"), "`--seed` takes a whole number of at least 0, not `-1`"),
        (("--count", "1001"), "a quiz has at most 1,000 problems, not 1,001"),
        (("x^2",), "no operand is expected, but one is given: `x^2`"),
    ):
        found = inside("quiz", *words)
        assert (found.code, message in found.err) == (2, True), found.err
