"""What would take without bound is refused before the work: by a sentence that names the bound, and how to lift it.

The right answer is a refusal whose hint works: with the named bound lifted, the same input is not refused by it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import gradcli
from gradcli import limits
from gradcli.errors import ExpressionError, LimitError, UsageError
from gradcli.evaluate.point import derivatives
from gradcli.graph import differentiate
from gradcli.language import grammar
from gradcli.tables.grid import Axis, Grid
from tests.support.command_line import run_inside, run_process

NESTED = "f0(x)=x+x; " + "".join(f"f{i}(x)=f{i - 1}(f{i - 1}(x)); " for i in range(1, 41)) + "f40(y)"


class Case(NamedTuple):
    """A command line that would not end, the bound that refuses it, and the exit code."""

    words: tuple[str, ...]
    bound: str
    code: int = 2


CASES = (
    Case(("grad", "sin(x)", "x=1", "--order", "1000000"), "ORDER"),
    Case(("diff", "sin(x)", "--order", "1001"), "ORDER"),
    Case(("eval", "diff(x^3,x,1e300)", "x=1"), "ORDER", 3),
    Case(("eval", f"f(t)=t^2; f{5000 * chr(39)}(x)", "x=1"), "ORDER", 3),
    Case(("eval", f"sin{5000 * chr(39)}(x)", "x=1"), "ORDER", 3),
    Case(("diff", "sin(cos(exp(tanh(x))))", "--order", "60"), "FORMULA_NODES"),
    Case(("grad", "sin(cos(exp(tanh(abs(x)))))", "x=0", "--order", "60"), "DERIVATIVE_NODES"),
    Case(("eval", "diff(sin(cos(exp(tanh(x)))),x,60)", "x=1"), "DERIVATIVE_NODES", 3),
    Case(("eval", NESTED, "y=1"), "CALLS", 3),
    Case(("map", "x", "--grid", "x=0:1:1000000000000"), "GRID_ROWS"),
    Case(("map", "x*y", "--grid", "x=0:1:1000000", "--grid", "y=0:1:1000000"), "GRID_ROWS"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.words[0]} {case.words[1][:30]} {case.bound}")
def test_bound_faults(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DERIVATIVE_NODES", "FORMULA_NODES"):  # the bounds themselves take seconds
        monkeypatch.setattr(limits, name, 5_000)
    code, out, err = run_inside(*case.words)
    assert (code, out) == (case.code, "")
    assert re.search(r"at most [\d,]+|more than [\d,]+", err)
    assert f"the environment variable GRADCLI_{case.bound} sets another bound" in err


def test_faults_of_bounds_are_errors_of_the_library() -> None:
    with pytest.raises(LimitError, match="order of a derivative is at most 1,000, not 1000000"):
        gradcli.derivative(lambda x: x * x, 1_000_000)(1.0)
    with pytest.raises(LimitError, match="at most 1,000"):
        derivatives(gradcli.parse("sin(x)"), {"x": 1.0}, 2_000)
    with pytest.raises(LimitError, match="at most 1,000"):
        gradcli.parse("x").derivative("x", 2_000)
    with pytest.raises(LimitError, match="a grid has at most 1,000,000,000 rows"):
        Grid([Axis("x", 0.0, 1.0, 10**10)])


def test_a_bound_is_lifted_by_its_environment_variable() -> None:
    words = ("eval", "diff(x^3,x,5)", "x=1")
    code, _, err = run_process(*words, GRADCLI_ORDER="4")
    assert code == 3
    assert "at most 4, not 5" in err
    assert run_process(*words, GRADCLI_ORDER="5").out == "0.0\n"
    code, _, err = run_process(*words, GRADCLI_ORDER="many")
    assert code == 2
    assert "GRADCLI_ORDER=many in the environment is not a whole number" in err


def test_derivatives_of_usual_orders_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """High orders of usual formulas, and second derivatives of large ones, are below the bound."""
    for text, order in (("log(1+x)", 10), ("exp(-x^2)", 12), ("tanh(x)", 12), ("x/sqrt(1+x^2)", 8)):
        assert gradcli.parse(text).derivative("x", order)
    large = gradcli.parse("+".join(f"sin({i}*x)" for i in range(13_000)))
    assert gradcli.parse(str(large)).derivative("x", 2)
    x = large.graph.variable("x")
    monkeypatch.setattr(limits, "ORDER", 3)
    with pytest.raises(LimitError):
        list(differentiate.derivatives(large.root, x, 4))


@pytest.mark.parametrize("text", ["[" * 2_000_000, '{"a":' * 400_000, '{"x":' + "[" * 2_000_000])
def test_deep_json_is_no_fault(text: str, own_folder: Path) -> None:
    Path("deep.jsonl").write_text(text + "\n", encoding="utf-8")
    code, _, err = run_inside("map", "x", "deep.jsonl")
    assert code == 5
    assert "line 1: nested too deeply" in err


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:-1], lines[-1] + lines[-1][0]],
        lambda lines: [*lines[:-1], "\uffff" * len(lines[-1])],
        lambda lines: [*lines[:-1], "1" * len(lines[-1])],
        lambda lines: [*lines[:3], lines[3] + " x 3 99999", *lines[4:]],
        lambda lines: [*lines[:2], lines[2].replace("BLANK", "BLINK"), *lines[3:]],
        lambda lines: lines[:3],
    ],
)
def test_a_cached_grammar_with_other_content_is_no_fault(change: object, tmp_path: Path) -> None:
    """It has a right checksum and counts what it doesn't have: it is made anew."""
    whole = grammar.grammar_text()
    text = "\n".join(change(grammar.table_text().split("\n")[1:]))  # type: ignore[operator]
    path = tmp_path / "expression.table"
    path.write_text(f"{grammar._checksum(whole + text)}\n{text}", encoding="utf-8")
    assert grammar._read(str(path), whole) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_cache_that_is_a_pipe_is_no_fault(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "expression.table")
    assert grammar._read(str(tmp_path / "expression.table"), grammar.grammar_text()) is None


def test_a_long_text_is_refused_as_usage() -> None:
    with pytest.raises((UsageError, ExpressionError), match="at most 50,000,000 characters"):
        gradcli.parse(" " * (limits.EXPRESSION_LENGTH + 1))
