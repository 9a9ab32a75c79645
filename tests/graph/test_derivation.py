"""Derivations line by line: every line is a right equation under the right name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from gradcli import limits, parse
from gradcli.errors import LimitError
from gradcli.graph.derivation import Step
from gradcli.graph.formula import derivative_formula
from gradcli.primitives.registry import REGISTRY, define
from gradcli.printing.text import text_length, to_text
from tests.support.calculus_course import COURSE
from tests.support.declarations import forget
from tests.support.derivations import derived, differences, misnomers
from tests.support.fuzz_formulas import case


def written(steps: list[Step]) -> list[tuple[int, str, str]]:
    """The depth, the rule and the right side of each line."""
    return [(step.depth, step.rule, to_text(step.after)) for step in steps]


def test_every_line_of_the_course_is_right_and_has_the_name_of_its_rule() -> None:
    wrong = []
    for place, text in enumerate(COURSE):
        order = 2 if place % 12 == 0 else 1
        steps = derived(text, order)
        root = parse(text).root
        formula = derivative_formula(root, root.graph.variable("x"), order, text_length).root
        assert to_text(steps[-1].after) == to_text(formula)
        wrong += [*differences(steps, 2), *misnomers(steps)]
    assert not wrong


def test_every_line_is_right_with_every_rule_too() -> None:
    wrong = []
    for text in list(COURSE)[::7]:
        steps = derived(text, every=True)
        wrong += [*differences(steps, 2), *misnomers(steps, every=True)]
    assert not wrong


def test_lines_of_random_formulas_are_right_where_both_sides_have_a_value() -> None:
    wrong = []
    for number in range(0, 400, 10):
        text = case(number)[0]
        for name in parse(text).variables:
            wrong += differences(derived(text, name=name), 2, is_random=True)
    assert not wrong


#: An expression -> depth, rule and right side of the lines of its derivation.
DERIVATIONS: dict[str, list[tuple[int, str, str]]] = {
    "7": [(0, "constant rule", "0")],
    "x": [(0, "derivative of the variable", "1")],
    "3*x + 1": [(0, "derivative of a linear function", "3")],
    "floor(x)": [(0, "locally constant", "0")],
    "floor(x)*x": [(0, "locally constant factor", "floor(x)")],
    "floor(x)*x^2": [(0, "locally constant factor, power rule", "2*x*floor(x)")],
    "x/x": [
        (0, "quotient rule", "(diff(x, x)*x - x*diff(x, x))/x^2"),
        (0, "insert the derivative", "(x - x)/x^2"),
        (0, "collect like terms", "0"),
    ],
    "a*x^2 + b*x + c": [(0, "sum rule, power rule", "2*a*x + b")],
    "1/sqrt(x)": [(0, "power rule", "-1/(2*x^(3/2))")],
    "5*2^x": [(0, "constant factor, exponential rule", "5*log(2)*2^x")],
    "x^n": [(0, "power rule", "n*x^(n - 1)"), (0, "add the remaining case", "where(n == 0, 0, n*x^(n - 1))")],
    "sin(3*x)": [
        (0, "chain rule, derivative of sin", "cos(3*x)*diff(3*x, x)"),
        (0, "insert the derivative", "3*cos(3*x)"),
    ],
    "x*sin(3*x)": [
        (0, "product rule", "diff(x, x)*sin(3*x) + x*diff(sin(3*x), x)"),
        (1, "chain rule, derivative of sin", "3*cos(3*x)"),
        (0, "insert the derivatives", "3*x*cos(3*x) + sin(3*x)"),
    ],
    "x/(x + 1)": [
        (0, "quotient rule", "(diff(x, x)*(x + 1) - x*diff(x + 1, x))/(x + 1)^2"),
        (0, "insert the derivatives", "(x + 1 - x)/(x + 1)^2"),
        (0, "collect like terms", "1/(x + 1)^2"),
    ],
    "3/(x^2 + 1)": [
        (0, "constant factor, reciprocal rule", "-3*diff(x^2 + 1, x)/(x^2 + 1)^2"),
        (1, "sum rule, power rule", "2*x"),
        (0, "insert the derivative", "-6*x/(x^2 + 1)^2"),
    ],
    "x^x": [
        (0, "logarithmic differentiation", "x^x*diff(x*log(x), x)"),
        (1, "product rule", "diff(x, x)*log(x) + x*diff(log(x), x)"),
        (2, "logarithm rule", "1/x"),
        (1, "insert the derivatives", "log(x) + 1"),
        (0, "insert the derivative", "(log(x) + 1)*x^x"),
    ],
    "max(x, x^2)": [
        (0, "derivative of max", "diff(x, x)*step(x - x^2) + diff(x^2, x)*step(x^2 - x)"),
        (1, "power rule", "2*x"),
        (0, "insert the derivatives", "step(x - x^2) + 2*x*step(x^2 - x)"),
    ],
    "where(x > 1, x^2, x^3)": [
        (0, "case by case", "where(x > 1, diff(x^2, x), diff(x^3, x))"),
        (1, "power rule", "2*x"),
        (1, "power rule", "3*x^2"),
        (0, "insert the derivatives", "where(x > 1, 2*x, 3*x^2)"),
    ],
    "atan2(x, x^2)": [
        (0, "chain rule, derivative of atan2", "diff(x, x)/(x^2 + 1) - x*diff(x^2, x)/((x^2)^2 + x^2)"),
        (1, "power rule", "2*x"),
        (0, "insert the derivatives", "1/(x^2 + 1) - 2*x^2/((x^2)^2 + x^2)"),
        (0, "collect like terms", "-1/(x^2 + 1)"),
    ],
    "sin(x)^2": [
        (0, "chain rule, power rule", "2*sin(x)*diff(sin(x), x)"),
        (1, "derivative of sin", "cos(x)"),
        (0, "insert the derivative", "2*sin(x)*cos(x)"),
        (0, "use double angles", "sin(2*x)"),
    ],
}


@pytest.mark.parametrize("text", DERIVATIONS)
def test_a_derivation_is_what_a_teacher_writes(text: str) -> None:
    assert written(derived(text)) == DERIVATIONS[text]


def test_a_derivative_that_occurs_twice_is_found_once() -> None:
    steps = derived("sin(x^2)*exp(sin(x^2))")
    lefts = [to_text(step.before) for step in steps]
    assert lefts.count("diff(sin(x^2), x)") == lefts.count("diff(x^2, x)") == 1


def test_each_order_begins_with_the_formula_of_the_one_before() -> None:
    steps = derived("exp(-x^2)", 3)
    begins = [step for step in steps if step.depth == 0 and to_text(step.before).startswith("diff(")]
    ends = [steps[steps.index(step) - 1] for step in begins[1:]]
    assert [to_text(step.before) for step in begins[1:]] == [f"diff({to_text(step.after)}, x)" for step in ends]
    assert len(begins) == 3


def test_lines_at_one_depth_follow_from_each_other() -> None:
    for text in ("x^2*sin(x)*exp(x)", "log(x + sqrt(x^2 + 1))", "(x^2 - 1)/(x^2 + 1)"):
        steps = [step for step in derived(text) if step.depth == 0]
        assert all(one.after is other.before for one, other in itertools.pairwise(steps))


@pytest.fixture
def wave() -> Iterator[None]:
    """A function whose only rule is its declaration."""
    define(
        "wave(x)",
        about="A wave.",
        group="declared by a test",
        value=lambda x: x * x * x,
        partials=lambda x, y: (3.0 * x * x,),
        example="wave(2)  # 8.0",
    )
    yield
    forget("wave")


@pytest.mark.usefixtures("wave")
def test_a_new_function_has_its_own_rule() -> None:
    assert written(derived("wave(x)")) == [(0, "derivative of wave", "3*x^2")]
    assert written(derived("wave(cos(x))"))[:2] == [
        (0, "chain rule, derivative of wave", "3*cos(x)^2*diff(cos(x), x)"),
        (1, "derivative of cos", "-sin(x)"),
    ]


def test_a_function_that_inverts_another_has_its_derivative_from_that() -> None:
    assert written(derived("asin(x)", every=True)) == [
        (0, "inverse function", "1/cos(asin(x))"),
        (0, "write without asin", "1/sqrt(1 - x^2)"),
    ]
    assert written(derived("asin(x)")) == [(0, "derivative of asin", "1/sqrt(1 - x^2)")]


@pytest.mark.parametrize("name", [one.name for one in REGISTRY.public() if one.inverse is not None])
def test_a_declared_inverse_is_one(name: str) -> None:
    primitive = REGISTRY[name]
    [[(low, high)], *_] = primitive.samples
    for part in (0.1, 0.3, 0.5, 0.9):
        x = low + part * (high - low)
        assert REGISTRY[primitive.inverse or ""].value(primitive.value(x)) == pytest.approx(x, rel=1e-12)


def nested(depth: int) -> str:
    return "sin(" * depth + "x" + ")" * depth


def test_a_long_derivation_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STEPS", 20)
    with pytest.raises(LimitError, match="more than 20 lines") as caught:
        derived(nested(15))
    assert caught.value.hint == "the environment variable GRADCLI_STEPS sets another bound"


@pytest.mark.parametrize("text", [nested(5_000), "+".join(f"x^{n}" for n in range(1, 400))])
def test_a_large_formula_is_refused_before_it_takes_time(text: str) -> None:
    with pytest.raises(LimitError, match="more than 500 operations"):
        derived(text)


def test_shared_parts_count_as_often_as_they_are_written() -> None:
    with pytest.raises(LimitError, match="more than 500 operations"):
        derived("a = x*x + 1; b = a*a*a; c = b*b*b; d = c*c*c; d*d*d*d")


def test_a_deep_function_takes_lines_in_proportion_to_its_depth() -> None:
    assert len(derived(nested(60))) < 3 * 60
