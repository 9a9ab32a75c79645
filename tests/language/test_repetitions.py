"""`gradcli.language.repetitions`: sums and products over an index, in both notations, and how others write them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from gradcli import limits, parse
from gradcli.errors import ExpressionError
from tests.support.loops import for_each

Run = Callable[..., Any]

#: Text -> the text that it is written out as.
TEXTS = {
    "sum(k^2, k, 1, 3)": "1^2 + 2^2 + 3^2",
    "prod(1 + x/k, k, 1, 3)": "(1 + x/1)*(1 + x/2)*(1 + x/3)",
    "product(k, k, 2, 4)": "2*3*4",
    "Sum(k, k, 1, 2) + PROD(k, k, 1, 2)": "1 + 2 + 1*2",
    "∑(k, k, 1, 2)*∏(k, k, 1, 2) + Σ(k, k, 1, 2) - Π(k, k, 1, 2)": "(1 + 2)*(1*2) + (1 + 2) - 1*2",
    "sum(k, k, 1, 0) + prod(k, k, 1, 0)*x": "0 + 1*x",
    "sum(k, k, 5, 5)": "5",
    "sum(k*x, k, -1, 1)": "-1*x + 0*x + 1*x",
    "sum(k, k, 2 - 1, sqrt(16) - 1)": "1 + 2 + 3",
    "sum(k, k, 1, 3)*k": "(1 + 2 + 3)*k",
    "sum(sum(i*j, j, 1, i), i, 1, 2)": "1*1 + (2*1 + 2*2)",
    "sum(sum(k, k, 1, k), k, 1, 2)": "1 + (1 + 2)",
    "sum(e, e, 1, 2) + e": "1 + 2 + e",
    "n = 2; sum(k^n, k, 1, n)": "1^2 + 2^2",
    "k = 7; sum(k, k, 1, 2) + k": "1 + 2 + 7",
    "S(t, n) = sum(t^k, k, 0, n); S(x, 2)": "x^0 + x^1 + x^2",
    "f(k) = k^2; sum(f(k + 1), k, 1, 2)": "(1 + 1)^2 + (2 + 1)^2",
    "f(t) = sum(g(t)*k, k, 1, 2); f(1)": None,
    "g(t) = t^2; f(t) = sum(g(t)*k, k, 1, 2); f(x)": "x^2*1 + x^2*2",
    "sum(x[k]*k, k, 0, 1)": "x[0]*0 + x[1]*1",
    "sum([k, k^2], k, 1, 2)": "[1, 1^2] + [2, 2^2]",
    "sum(t, u, v, w) = 10*t + v; sum(x, 1, 2, 3)": "10*x + 2",
    r"\sum_{k=1}^{3} x_k \cdot k": "x1*1 + x2*2 + x3*3",
    r"\sum_{i=1}^{2}\sum_{j=i}^{2} a_{ij}": "a_11 + a_12 + a_22",
    r"\sum_{k=1}^{2}\sum_{k=1}^{2} x_k": "x1 + x2 + (x1 + x2)",
    r"n = 2; \prod_{k=1}^{n+1} k": "1*2*3",
    r"\sum_{k=1}^{2^2} k": "1 + 2 + 3 + 4",
}


@for_each(("text", "written"), TEXTS.items(), ids=TEXTS)
def test_what_is_written_out(text: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(ExpressionError, match="is not a function"):
            parse(text)
        return
    found = parse(text)
    assert str(found).replace("a11", "a_11").replace("a12", "a_12").replace("a22", "a_22") == written
    assert "k" not in found.variables or "*k" in written
    if not found.has_arrays:
        at = {name: 0.5 + place for place, name in enumerate(found.variables)}
        again = parse(str(found))
        assert again(**at) == found(**at)
        assert [note.kind for note in found.notes if note.kind != "notation"] == []


def test_every_command_takes_them(inside: Run) -> None:
    text = "sum(sin(k*x)/k, k, 1, 3)"
    value = sum(math.sin(k * 0.5) / k for k in range(1, 4))
    slope = sum(math.cos(k * 0.5) for k in range(1, 4))
    assert math.isclose(float(inside("eval", text, "x=0.5").out), value)
    assert math.isclose(json.loads(inside("grad", text, "x=0.5", "--json").out)["gradient"]["x"], slope)
    assert inside("diff", text).out == "cos(x) + cos(2*x) + cos(3*x)\n"
    assert inside("check", text, "x=0.5").code == 0
    assert inside("taylor", "sum(x^k/k!, k, 0, 9)", "x=0", "--order", "3").out == "1 + x + x^2/2 + x^3/6\n"
    assert inside("map", text, "--grid", "x=0:1:3").out.splitlines()[2].startswith(f"0.5,{value:.12}"[:14])
    assert inside("eval", "diff(prod(x - k, k, 1, 3), x)", "x=1").out == "2.0\n"


@pytest.mark.parametrize(
    ("text", "message", "blamed", "hint"),
    [
        ("sum(k^2, k, 1, n)", "the bound `n` of this sum is not a number", "n", "write `n = 10; sum(k^2, k, 1, n)`"),
        ("2*prod(k, k, x + 1, 3)", "the bound `x + 1` of this product is not a number", "x + 1", None),
        ("sum(k, k, 1, [1, 2])", "the bound `[1, 2]` of this sum is not a number", "[1, 2]", None),
        ("sum(k, k, 0.5, 3)", "the bound `0.5` of this sum is not a whole number", "0.5", None),
        (
            "sum(1/k^2, k, 1, inf)",
            "the bound `inf` of this sum is not a whole number",
            "inf",
            "gradcli computes no limits",
        ),
        ("sum(k, 1, 10, k^2)", "a sum over an index has a term, the index and two bounds", None, "sum(k^2, k, 1, 10)"),
        ("sum(k^2, k, 10)", "a sum over an index has", None, "write `sum(k^2, k, 1, 10)`"),
        ("prod(k, 1, 10, 1 + k)", "a product over an index has", None, "write `prod(1 + k, k, 1, 10)`"),
        ("sum(x, 0, 1, 2)", "takes 1 to 3 arguments, not 4", None, None),
        ("∑(k)", "a sum over an index has", "∑(k)", "write `∑(k^2, k, 1, 10)`"),
        ("sum(k, k, 1, 10^12)", "more than 100,000", None, "GRADCLI_UNROLLED"),
        ("sum(sum(sum(i*j*k, i, 1, 99), j, 1, 99), k, 1, 99)", "more than 100,000", None, "GRADCLI_UNROLLED"),
        ("sum(f(k), k, 1, 2)", "`f` is not a function", "f", None),
        (r"\sum_{k=1}^{n} k", "the bound `n` of this sum is not a number", "{n}", r"write `n = 10; \sum_{k=1}^{n} k`"),
        (r"\prod_{k=1}^{3/2} k", "the bound `3/2` of this product is not a whole number", None, "for example"),
    ],
)
def test_refusals(text: str, message: str, blamed: str | None, hint: str | None) -> None:
    with pytest.raises(ExpressionError) as found:
        parse(text, notation="latex" if "\\" in text else None)
    error = found.value
    assert message in error.message
    assert error.span is not None
    assert blamed is None or text[slice(*error.span)] == blamed
    assert hint is None or (error.hint is not None and hint in error.hint)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sum(k^2, k=1..10)", "sum(k^2, k, 1, 10)"),
        ("sum(k^2, k = 1:10)", "sum(k^2, k, 1, 10)"),
        ("sum(k^2, k=1, 10)", "sum(k^2, k, 1, 10)"),
        ("1 + prod(sin(k)/2, k=1..10)", "1 + prod(sin(k)/2, k, 1, 10)"),
        ("sum(k=1..10, k^2)", "sum(k^2, k, 1, 10)"),
        ("sum(k^2, {k, 1, 10})", "sum(k^2, k, 1, 10)"),
        ("Sum[k^2, {k,1,10}]", "sum(k^2, k, 1, 10)"),
        ("Product(k**2, (k, 1, 10))", "product(k^2, k, 1, 10)"),
        ("sum(k**2 for k in range(1, 11))", "sum(k^2, k, 1, 10)"),
        ("sum([k**2 for k in range(11)])", "sum(k^2, k, 0, 10)"),
        ("symsum(k^2, k, 1, 10)", "sum(k^2, k, 1, 10)"),
        ("product([1, 2])", "prod([1, 2])"),
    ],
)
def test_what_other_languages_write_gets_the_reading(text: str, meant: str) -> None:
    with pytest.raises(ExpressionError) as found:
        parse(text)
    assert found.value.hint == f"write `{meant}`"
    assert math.isfinite(parse(meant)())


def test_a_symbolic_range_gets_the_form() -> None:
    with pytest.raises(ExpressionError) as found:
        parse("sum(k^2, k=1..n)")
    assert found.value.hint == "a sum over an index is `sum(k^2, k, 1, 10)`"


def test_an_index_that_is_not_in_the_term_is_noted() -> None:
    [note] = parse("sum(x_k, k, 1, 3)").notes
    assert note.message == "the index `k` is not in the term `x_k`"
    assert note.hint == "the elements of an array are `x[k]`, counted from 0"
    [note] = parse("sum(2*x, k, 1, 3)").notes
    assert note.hint is None


def test_the_names_of_a_sum_without_terms_are_variables() -> None:
    found = parse("sum(sum(j*k*x, j, 1, 2), k, 1, 0) + y")
    assert found.variables == ("x", "y")
    assert found.gradient(x=1.0, y=2.0) == {"x": 0.0, "y": 1.0}


def test_sums_along_an_axis_are_as_before() -> None:
    assert parse("sum([[1, 2], [3, 4]], 0)")().tolist() == [4.0, 6.0]
    assert parse("axis = 1; sum([[1, 2], [3, 4]], axis, 1)")().tolist() == [[3.0], [7.0]]
    with pytest.raises(ExpressionError, match="takes 1 to 3 arguments, not 5"):
        parse("sum(k, k, 1, 2, 3)")


def test_nothing_recurses(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x"
    for _ in range(2_000):
        text = f"sum({text}, k, 1, 1)"
    monkeypatch.setattr(limits, "UNROLLED", 10**9)
    assert parse(text)(3.0) == 3.0
    assert parse(r"\sum_{k=1}^{1} " * 500 + "x_k", notation="latex")(3.0) == 3.0
    assert len(str(parse("sum(x, k, 1, 20000)"))) > 20_000
