"""`check` blames a rule only if it is wrong, and says in words where a method does not apply."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from gradcli import parse
from gradcli.evaluate.check import check
from gradcli.primitives import REGISTRY, Primitive
from tests.support.checking import forget_rules
from tests.support.fuzz_check import alarms
from tests.support.loops import for_each

Run = Callable[..., Any]

#: expression, point, verdict, words of a note or the empty text.
RIGHT_RULES: list[tuple[str, dict[str, float], str, str]] = [
    # Kinks, jumps, and ends of domains, inside and next to the steps.
    ("abs(x)", {"x": 0.0}, "a choice", "kink"),
    ("max(x, 1)", {"x": 1.0}, "a choice", ""),
    ("sqrt(x)", {"x": 0.0}, "a choice", "slope"),
    ("asin(x)", {"x": 1.0}, "a choice", "infinite slope"),
    ("x^2.5", {"x": 0.0}, "sweeps agree", "no finite value"),
    ("x^1.5", {"x": 0.0}, "sweeps agree", "no finite value"),
    ("abs(x - 1)", {"x": 1.00001}, "agree", ""),
    ("max(x, 1)", {"x": 1.0 + 1e-15}, "agree", ""),
    ("floor(x)", {"x": 1e6 + 0.5}, "agree", "not smooth enough"),
    ("round(x)", {"x": 1e12 + 0.25}, "agree", ""),
    ("mod(x, 0.3)", {"x": 1e6}, "agree", ""),
    ("sin(1e10*x)", {"x": 1.0}, "agree", ""),
    # The ends of the range of doubles.
    ("x", {"x": 1e-310}, "agree", ""),
    ("x", {"x": 5e-324}, "agree", ""),
    ("sin(x)", {"x": 1e-310}, "agree", ""),
    ("sqrt(x)", {"x": 1e-310}, "agree", ""),
    ("1e-300*x", {"x": 1.0}, "agree", "range of doubles"),
    ("x/y", {"x": 1.0, "y": 1e300}, "agree", "range of doubles"),
    ("x*1e200", {"x": 1e-200}, "agree", ""),
    ("x^3", {"x": 1e-160}, "sweeps agree", "range of doubles"),
    ("atan2(y, x)", {"x": -1e160, "y": 3.0}, "sweeps agree", ""),
    ("sinc(x)", {"x": -1e160}, "sweeps agree", "not smooth enough"),
    ("x - y", {"x": 5.0, "y": 1.7e308}, "agree", ""),
    ("norm(round(z/x))", {"x": [1e-160, 3.0], "z": 3.7}, "sweeps agree", "not smooth enough"),  # type: ignore[dict-item]
    # No value.
    ("y + nan", {"y": 2.0}, "no value", "nan"),
    ("exp(x^3 - x)", {"x": 100.0}, "no value", "overflows"),
    ("1/x", {"x": 1e-310}, "no value", "overflows"),
    ("log(x)", {"x": -1.0}, "no value", "no value"),
    ("0/x", {"x": 0.0}, "no value", "no value"),
    # The formula cancels.
    ("(exp(x) - 1)/x", {"x": 1e-10}, "digits lost", "terms cancel"),
    ("(x + y)^2 - x^2 - y^2", {"x": 1e6, "y": 1e-6}, "digits lost", "terms cancel"),
    ("(1 - cos(x))/x^2", {"x": 1e-9}, "sweeps agree", "rounding errors"),
    ("log(1 - sigmoid(x))", {"x": 36.7}, "sweeps agree", "rounding errors"),
    ("sum((exp(x) - 1 - x)/x^2)", {"x": [1e-7, 2.0]}, "digits lost", "terms cancel"),  # type: ignore[dict-item]
    ("sum(round(x))", {"x": [1e6 + 0.25, 3.25]}, "agree", ""),  # type: ignore[dict-item]
    # A term that is 0.
    ("atanh(z) - 0.5^1e10", {"z": 1e-300}, "agree", ""),
    # Nothing unusual.
    ("x - x", {"x": 3.0}, "agree", ""),
    ("tanh(x)", {"x": 20.0}, "agree", ""),
    ("gamma(x)", {"x": 170.0}, "agree", ""),
    ("5", {}, "agree", ""),
]


@pytest.fixture
def without_balls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `check` say what it says without python-flint; `tests/evaluate/test_ball_checks.py` has what balls say."""
    monkeypatch.setattr("gradcli.evaluate.check._balls", lambda *_: None)


@pytest.mark.usefixtures("without_balls")
@for_each(("text", "at", "verdict", "words"), RIGHT_RULES)
def test_no_right_rule_is_blamed(text: str, at: dict[str, float], verdict: str, words: str) -> None:
    report = check(parse(text), at)
    assert report.agree
    assert report.verdict == verdict
    assert words in " ".join(note.message for note in report.notes)
    counts = [count for found in report.digits.values() for count in found.values() if count is not None]
    assert verdict != "agree" or min(counts, default=17.0) >= 1.0


def test_a_seeded_sample_of_random_expressions_has_no_false_alarm() -> None:
    # `python -m tests.support.fuzz_check 20000` runs the whole.
    assert list(itertools.islice(alarms(range(400)), 1)) == []


Spoil = Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]
WAYS: dict[str, Spoil] = {
    "negated": lambda partials, _: [-one for one in partials],
    "doubled": lambda partials, _: [2.0 * one for one in partials],
    "a thousandth off": lambda partials, _: [1.001 * one for one in partials],
    "without a factor": lambda partials, operands: [one / operands[0] for one in partials],
}
#: Functions with a point at which a wrong rule can be seen.
WRONG: list[tuple[str, dict[str, float]]] = [
    ("sin(x)", {"x": 2.0}),
    ("tan(x)", {"x": 0.7}),
    ("exp(x)", {"x": -3.0}),
    ("log(x)", {"x": 4.0}),
    ("sqrt(x)", {"x": 7.0}),
    ("tanh(x)", {"x": 0.3}),
    ("sigmoid(x)", {"x": -1.4}),
    ("gamma(x)", {"x": 3.3}),
    ("erf(x)", {"x": 0.6}),
    ("hypot(x, y)", {"x": 3.0, "y": 4.0}),
]


@pytest.fixture
def spoil() -> Iterator[Callable[[Primitive, Spoil], None]]:
    right = {}

    def change(primitive: Primitive, way: Spoil) -> None:
        rule = right[primitive] = primitive.partials
        primitive.partials = lambda *given: tuple(way(rule(*given), given))
        forget_rules()

    yield change
    for primitive, rule in right.items():
        primitive.partials = rule
    forget_rules()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "at"), WRONG)
def test_a_rule_made_wrong_is_found_and_named(
    spoil: Callable[[Primitive, Spoil], None], text: str, at: dict[str, float], way: str
) -> None:
    spoil(REGISTRY[text.partition("(")[0]], WAYS[way])
    for expression in (text, f"{text}^2 - 2*x*{text}", f"abs(x - x) + {text}", f"1e-300*{text}"):
        report = check(parse(expression), at)
        assert not report.agree, expression
        assert report.wrong is not None
        assert report.wrong.node.primitive is REGISTRY[text.partition("(")[0]]


def test_the_command_exits_with_6_and_names_the_operation(
    spoil: Callable[[Primitive, Spoil], None], inside: Run
) -> None:
    spoil(REGISTRY["sin"], WAYS["doubled"])
    found = inside("check", "x*sin(2x)", "x=1")
    assert found.code == 6
    assert "agree\tno" in found.out
    assert "the derivative of `sin(2*x)` with respect to `2*x` is -0.83" in found.err


@pytest.mark.usefixtures("without_balls")
@pytest.mark.parametrize(
    ("text", "point", "line"),
    [("abs(x)", "x=0", "yes"), ("y+nan", "y=2", "undecided"), ("(exp(x)-1)/x", "x=1e-10", "undecided")],
)
def test_the_command_says_agree_only_of_digits_that_agree(inside: Run, text: str, point: str, line: str) -> None:
    found = inside("check", text, point)
    assert found.code == 0
    assert found.out.splitlines()[-1] == f"agree\t{line}"
    assert "0 digits" not in found.out.replace("10 digits", "")
