"""What balls say about gradients in floats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("flint")

from gradcli import parse
from gradcli.evaluate.ball_checks import ball_check
from gradcli.evaluate.check import Report, check
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f
from tests.support.checking import forget_rules


def report_on(text: str, **at: str) -> Report:
    return check(parse(text), {name: float(value) for name, value in at.items()}, at)


@pytest.mark.parametrize(
    ("text", "at", "value", "right", "verdict"),
    [
        ("(1 - cos(x))/x^2", "1e-4", 8.3, 6.9, "rules right"),
        ("(x + 1)^2 - x^2 - 1", "1e-9", 7.0, 17.0, "agree"),
        ("x - 0.3", "0.1", 15.9, 17.0, "agree"),
        ("log(1 - sigmoid(x))", "36.7", 1.7, 16.0, "agree"),
        ("abs(x)", "0", 17.0, 17.0, "a choice"),
        ("sin(x)^2 + cos(x)^2 - 1", "0.7", None, 17.0, "agree"),
        ("exp(x)", "1000", 0.0, 0.0, "no value"),
        ("1/x", "0", None, None, "no value"),
    ],
)
def test_right_digits_are_decided(text: str, at: str, value: float, right: float | None, verdict: str) -> None:
    report = report_on(text, x=at)
    assert report.agree
    assert report.verdict == verdict
    assert report.value_digits == (None if value is None else pytest.approx(value, abs=0.7))
    found = report.digits["balls"]["x"]
    assert found == (None if right is None else pytest.approx(right, abs=0.7))


def test_digits_that_are_lost_have_notes() -> None:
    notes = [note.message for note in report_on("(1 - cos(x))/x^2", x="1e-4").notes]
    assert "rounding spoils d/dx: only 6 digits are right" in notes
    assert "rounding spoils the value: only 8 digits are right" in notes


@pytest.fixture
def spoil() -> Iterator[Callable[[str, Any], None]]:
    """A function that gives a primitive a wrong rule for the time of a test."""
    before: dict[str, Any] = {}

    def spoiled(name: str, partials: Any) -> None:
        before[name] = REGISTRY[name].partials
        forget_rules()
        REGISTRY[name].partials = partials

    yield spoiled
    for name, partials in before.items():
        REGISTRY[name].partials = partials
    forget_rules()


def test_a_wrong_rule_is_told_from_a_formula_that_cancels(spoil: Callable[[str, Any], None]) -> None:
    assert report_on("(x - sin(x))/x^3", x="1e-4").verdict == "rules right"
    spoil("sin", lambda x, y: (1.0000001 * f.cos(x),))
    report = report_on("(x - sin(x))/x^3", x="1e-4")
    assert report.verdict == "disagree"
    assert report.digits["balls"]["x"] is not None


def test_a_rule_that_is_wrong_by_a_billionth_is_refuted_by_balls_alone(spoil: Callable[[str, Any], None]) -> None:
    spoil("sin", lambda x, y: ((1.0 + 1e-9) * f.cos(x),))
    expression = parse("x*y + sin(x)")
    found = ball_check(expression, {"x": parse("2"), "y": parse("3")}, ["x", "y"])
    assert found.is_refuted("x")
    assert found.is_confirmed("y")
    assert report_on("x*y + sin(x)", x="2", y="3").verdict == "disagree"


@pytest.mark.parametrize(
    ("text", "at"), [("x^3", "0"), ("x*1e-100", "1e-200"), ("sqrt(x)", "1e-300"), ("exp(-1/x^2)", "0.01"), ("x^x", "2")]
)
def test_difference_quotients_confirm_at_every_scale(text: str, at: str) -> None:
    expression = parse(text)
    assert ball_check(expression, {"x": parse(at)}, ["x"]).is_confirmed("x")
