"""`check` finds right gradients right, wrong rules wrong, and knows where a method does not apply."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy
import pytest

from gradcli import parse
from gradcli.errors import UsageError
from gradcli.evaluate.check import METHODS, check
from gradcli.evaluate.finite_differences import agreed_digits
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f
from tests.support.checking import forget_rules
from tests.support.loops import for_each


def at_sample(name: str) -> tuple[str, dict[str, float]]:
    """A call of a primitive and a point inside its first box."""
    primitive = REGISTRY[name]
    at = {
        operand: low + (0.5772156649 + 0.01 * i) * (high - low)
        for i, (operand, (low, high)) in enumerate(zip(primitive.operands, primitive.samples[0], strict=True))
    }
    for operand in primitive.static:
        at[operand] = float(round(at[operand]))
    arguments = [repr(at.pop(o)) if o in primitive.static else o for o in primitive.operands]
    return f"{name}({', '.join(arguments)})", at


SAMPLED = [primitive.name for primitive in REGISTRY.public() if primitive.samples]


@for_each("name", SAMPLED)
def test_every_primitive_agrees_with_itself(name: str) -> None:
    text, at = at_sample(name)
    report = check(parse(text), at)
    assert report.agree, report
    assert report.comparable


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x1*x2 + sin(x1)", {"x1": 2.0, "x2": 3.0}),
        ("exp(-x^2)*y", {"x": 0.5, "y": -2.0}),
        ("(x + y)^2 - x^2 - y^2", {"x": 1e6, "y": 1e-6}),
        ("x - x", {"x": 3.0}),
        ("x*1e200", {"x": 1e-200}),
        ("tanh(20x)", {"x": 1.0}),
        ("where(x > 0, x^2, -x)", {"x": 2.0}),
        ("diff(x^3, x)*y", {"x": 2.0, "y": 3.0}),
        ("5", {}),
    ],
)
def test_a_right_gradient_agrees(text: str, at: dict[str, float]) -> None:
    report = check(parse(text), at)
    assert report.agree, report
    assert {*report.methods} - {"balls"} == {*report.digits} - {"balls"} == {*METHODS}
    assert all(set(found) == set(at) for found in report.methods.values())


def test_the_worked_example_agrees_to_many_digits() -> None:
    report = check(parse("x1*x2 + sin(x1)"), {"x1": 2, "x2": 3})
    assert report.value == 6.909297426825682
    assert report.gradient == {"x1": 2.5838531634528574, "x2": 2.0}
    assert all(digits >= 15.0 for digits in report.digits["forward"].values() if digits is not None)
    assert all(digits >= 15.0 for digits in report.digits["complex_step"].values() if digits is not None)
    assert all(digits >= 9.0 for digits in report.digits["finite_difference"].values() if digits is not None)


@pytest.fixture
def spoiled() -> Iterator[None]:
    """A rule that is wrong by one part in a thousand."""
    sine = REGISTRY["sin"]
    right = sine.partials
    forget_rules()
    sine.partials = lambda x, y: (1.001 * f.cos(x),)
    yield
    sine.partials = right
    forget_rules()


@pytest.mark.usefixtures("spoiled")
def test_a_rule_that_is_wrong_by_a_thousandth_is_found() -> None:
    report = check(parse("x1*x2 + sin(x1)"), {"x1": 2, "x2": 3})
    assert not report.agree
    assert report.digits["forward"]["x1"] == 17.0  # the same rule, the other sweep
    for method in ("complex_step", "finite_difference"):
        digits = report.digits[method]["x1"]
        assert digits is not None
        assert digits < 4.0
        assert report.digits[method]["x2"] is None or report.digits[method]["x2"] > 8.0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("|x|", {"x": 0.0}),
        ("max(x, y)", {"x": 1.0, "y": 1.0}),
        ("floor(x)", {"x": 2.0}),
        ("sqrt(x)", {"x": 0.0}),
        ("1/x", {"x": 0.0}),
        ("log(x)", {"x": -1.0}),
        ("x^y", {"x": -2.0, "y": 3.0}),
    ],
)
def test_where_the_derivative_is_a_choice_nothing_is_held_against_it(text: str, at: dict[str, float]) -> None:
    report = check(parse(text), at)
    assert report.agree
    assert not report.comparable
    assert report.notes


@pytest.mark.parametrize(
    ("expected", "found", "scale", "digits"),
    [
        (1.0, 1.0, 1.0, 17.0),
        (1.0, 1.001, 1.0, 3.0),
        (math.nan, math.nan, 1.0, 17.0),
        (math.inf, math.inf, 1.0, 17.0),
        (1.0, math.inf, 1.0, 0.0),
        (1.0, math.nan, 1.0, 0.0),
        (1.0, 2.0, 0.0, 0.0),
        (1e-20, 2e-20, 1.0, 17.0),
        (1.0, -1e9, 1.0, 0.0),
    ],
)
def test_digits_that_agree_are_counted(expected: float, found: float, scale: float, digits: float) -> None:
    assert agreed_digits(expected, found, scale) == digits


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(UsageError, match="`y`"):
        check(parse("x*y"), {"x": 1.0})


# Arrays

ARRAYS = {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, -2.0], "b": [0.5, 1.0], "s": 2.0}


@pytest.mark.parametrize(
    "text",
    [
        "sum((A@x - b)^2)",
        "norm(A @ x)*s",
        "logsumexp(A) + max(x*s)",
        "sum(softmax(A, 0)*A) / mean(b)",
        "[s, s^2] @ A @ x",
        "prod(A[:, 0])*s + var(A)",
        "sum(x) - sum(x)",
        "sum(softmax(A))",
    ],
)
def test_a_right_gradient_of_arrays_agrees(text: str) -> None:
    expression = parse(text)
    at = {name: ARRAYS[name] for name in expression.variables}
    report = check(expression, at)
    assert report.agree, report
    assert report.comparable
    for name, found in report.gradient.items():
        numpy.testing.assert_allclose(report.methods["forward"][name], found, rtol=1e-12, atol=1e-15)
        # A difference that rounding decides is missing.
        differences = numpy.asarray(report.methods["finite_difference"][name], dtype=float)
        known = ~numpy.isnan(differences)
        numpy.testing.assert_allclose(differences[known], numpy.asarray(found)[known], rtol=1e-6, atol=1e-9)
        assert report.methods["complex_step"][name] is None
        assert report.digits["forward"][name] >= 12


def test_a_wrong_rule_of_arrays_disagrees(monkeypatch: pytest.MonkeyPatch) -> None:
    matmul = REGISTRY.arrays["matmul"]
    first, second = matmul.vjp
    monkeypatch.setattr(matmul, "vjp", (lambda *given: first(*given) * 1.001, second))
    report = check(parse("sum(A @ x)"), {"A": ARRAYS["A"], "x": [1.0, -1.0]})
    assert not report.agree
    assert report.digits["forward"]["A"] == report.digits["finite_difference"]["A"] == pytest.approx(3.2, abs=0.3)
    assert report.digits["forward"]["x"] == 17.0


def test_at_a_kink_of_an_array_only_the_sweeps_are_compared() -> None:
    for text in ("sum(relu(x))", "x[1]/(1/(x[0] - x[0]))", "sum([-2, 2]^(x + 1))"):
        report = check(parse(text), {"x": [0.0, 1.0]})
        assert report.agree, text
        assert not report.comparable


def test_of_a_large_array_some_entries_are_checked() -> None:
    report = check(parse("sum(x^2)"), {"x": list(range(1000))})
    checked = [entry for entry in report.methods["forward"]["x"] if entry is not None]
    assert report.agree
    assert 200 <= len(checked) <= 256
