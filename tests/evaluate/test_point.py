"""Values, gradients, steps and notes at a point."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.errors import UsageError
from gradcli.evaluate.point import derivatives, evaluate, gradient, hessian, jvp
from gradcli.source import Span
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan


def same(first: float, second: float) -> bool:
    return first == second or (first != first and second != second)


def test_the_steps_of_the_worked_example_are_the_textbook() -> None:
    found = gradient(parse("x1*x2+sin(x1)"), {"x1": 2, "x2": 3})
    assert (found.value, found.gradient) == (6.909297426825682, {"x1": 2.5838531634528574, "x2": 2.0})
    assert found.notes == []
    cosine = -0.4161468365471424
    assert [tuple(step) for step in found.steps] == [
        ("w1", "x1", 2.0, 2.5838531634528574, {}, [], True),
        ("w2", "x2", 3.0, 2.0, {}, [], True),
        ("w3", "w1 * w2", 6.0, 1.0, {"w1": 3.0, "w2": 2.0}, [("w1", 3.0, 3.0), ("w2", 2.0, 2.0)], False),
        ("w4", "sin(w1)", 0.9092974268256817, 1.0, {"w1": cosine}, [("w1", cosine, cosine)], False),
        ("w5", "w3 + w4", 6.909297426825682, 1.0, {"w3": 1.0, "w4": 1.0}, [("w3", 1.0, 1.0), ("w4", 1.0, 1.0)], False),
    ]


@pytest.mark.parametrize(
    ("text", "at", "operations"),
    [
        ("y + x", {"x": 1.0, "y": 2.0}, ["y", "x", "w1 + w2"]),
        ("2*x^2 - 3", {"x": 1.0}, ["x", "w1^2", "2 * w2", "w3 - 3"]),
        ("2x", {"x": 1.0}, ["x", "2 * w1"]),
        ("x*-3", {"x": 1.0}, ["x", "w1 * -3"]),
        ("-x", {"x": 1.0}, ["x", "-w1"]),
        ("pi/x", {"x": 1.0}, ["x", "pi / w1"]),
        ("x!", {"x": 1.0}, ["x", "w1!"]),
        ("max(x, 2, y)", {"x": 1.0, "y": 2.0}, ["x", "y", "max(w1, 2, w2)"]),
        ("sin(x)*sin(x)", {"x": 1.0}, ["x", "sin(w1)", "w2 * w2"]),
        ("2 + 3", {}, ["2 + 3"]),
        ("x", {"x": 1.0}, ["x"]),
        ("5", {}, []),
        ("x < 2 and not x", {"x": 1.0}, ["x", "w1 < 2", "not w1", "w2 and w3"]),
    ],
)
def test_variables_come_first_then_operations_and_constants_have_no_number(
    text: str, at: dict[str, float], operations: list[str]
) -> None:
    steps = gradient(parse(text), at).steps
    assert [step.operation for step in steps] == operations
    assert [step.name for step in steps] == [f"w{i}" for i in range(1, len(steps) + 1)]


@pytest.mark.parametrize(
    "text", ["x*x + sin(x)*y", "max(x, y)*exp(x*y)", "hypot(x, y)/(x + y)", "where(x > y, x, y)^2"]
)
def test_each_adjoint_is_the_sum_of_the_contributions_to_it(text: str) -> None:
    steps = gradient(parse(text), {"x": 1.25, "y": 0.75}).steps
    arriving = {step.name: 0.0 for step in steps}
    arriving[steps[-1].name] = 1.0
    for step in reversed(steps):
        assert step.adjoint == pytest.approx(arriving[step.name], rel=1e-15)
        for one in step.contributions:
            assert one.value == step.adjoint * one.partial
            arriving[one.to] += one.value


def test_an_operand_that_occurs_twice_gets_two_contributions() -> None:
    step = gradient(parse("a + a"), {"a": 3}).steps[-1]
    assert step.partials == {"w1": 2.0}
    assert [one.partial for one in step.contributions] == [1.0, 1.0]


def test_a_branch_that_is_not_taken_sends_nothing() -> None:
    steps = gradient(parse("where(x > 0, sqrt(x), y)"), {"x": -1.0, "y": 2.0}).steps
    assert [one.to for one in steps[-1].contributions] == ["w2"]


# kind, text that the span covers (None: no span), hint; the value and gradient
NOTES: list[tuple[str, dict[str, float], list[tuple[str, str | None]], float, list[float]]] = [
    ("1 + |x|", {"x": 0}, [("kink", "|x|")], 1.0, [0.0]),
    ("relu(x)", {"x": 0}, [("kink", "relu(x)")], 0.0, [0.0]),
    ("max(x, y)", {"x": 1, "y": 1}, [("kink", "max(x, y)")], 1.0, [0.5, 0.5]),
    ("max(x, 0)", {"x": 0}, [("kink", "max(x, 0)")], 0.0, [0.5]),
    ("hypot(x, y)", {"x": 0, "y": 0}, [("kink", "hypot(x, y)")], 0.0, [0.0, 0.0]),
    ("clip(x, 0, 1)", {"x": 0}, [("kink", "clip(x, 0, 1)")], 0.0, [0.5]),
    ("floor(x)", {"x": 2}, [("jump", "floor(x)")], 2.0, [0.0]),
    ("sign(x)", {"x": 0}, [("jump", "sign(x)")], 0.0, [0.0]),
    ("x % y", {"x": 6, "y": 3}, [("jump", "x % y")], 0.0, [1.0, -2.0]),
    ("x^y", {"x": 0, "y": 0}, [("jump", "x^y")], 1.0, [0.0, NAN]),
    ("x^y", {"x": -2, "y": 3}, [("end", "x^y")], -8.0, [12.0, NAN]),
    ("x^3", {"x": -2}, [], -8.0, [12.0]),
    ("(-2)^x", {"x": 3}, [("end", "(-2)^x")], -8.0, [NAN]),
    ("sqrt(x)", {"x": 0}, [("end", "sqrt(x)")], 0.0, [INF]),
    ("sqrt(x)", {"x": -1}, [("domain", "sqrt(x)")], NAN, [NAN]),
    ("y + log(x)", {"x": 0, "y": 1}, [("end", "log(x)")], -INF, [1.0, INF]),
    ("y + log(x)", {"x": -1, "y": 1}, [("domain", "log(x)")], NAN, [NAN, NAN]),
    ("1/x", {"x": 0}, [("pole", "1/x")], INF, [-INF]),
    ("cbrt(x)", {"x": 0}, [("slope", "cbrt(x)")], 0.0, [INF]),
    ("atan2(y, x)", {"y": 0, "x": -1}, [("branch cut", "atan2(y, x)")], math.pi, [-1.0, 0.0]),
    ("exp(x)", {"x": 1000}, [("overflow", "exp(x)")], INF, [INF]),
    ("log(exp(x))", {"x": 1000}, [("overflow", "exp(x)")], INF, [NAN]),
    ("x % y", {"x": 5, "y": 0}, [("domain", "x % y")], NAN, [NAN, NAN]),
    ("x/x", {"x": 0}, [("domain", "x/x")], NAN, [NAN]),
    ("where(x > 0, log(x), 0)", {"x": -1}, [], 0.0, [0.0]),
    ("where(x > 0, 1/(x - x), 0)", {"x": -1}, [], 0.0, [0.0]),
    ("max(|x|, 5)", {"x": 0}, [], 5.0, [0.0]),
    ("tan(x)", {"x": math.pi / 2}, [], 1.633123935319537e16, [2.6670937881135714e32]),
    ("x", {"x": INF}, [("infinite", None)], INF, [1.0]),
    ("sin(x)", {"x": NAN}, [("undefined", None)], NAN, [NAN]),
    ("inf*x", {"x": 1}, [("infinite", None)], INF, [INF]),
    ("exp(x)*y", {"x": 800, "y": 0}, [("overflow", "exp(x)"), ("domain", "exp(x)*y")], NAN, [NAN, NAN]),
]


@for_each(("text", "at", "notes", "value", "partials"), NOTES)
def test_a_gradient_has_its_notes_where_they_belong(
    text: str, at: dict[str, float], notes: list[tuple[str, str | None]], value: float, partials: list[float]
) -> None:
    expression = parse(text)
    found = gradient(expression, at)
    assert [(note.kind, text[slice(*note.span)] if note.span else None) for note in found.notes] == notes
    assert same(found.value, value)
    assert all(map(same, found.gradient.values(), partials)), found.gradient
    assert same(evaluate(expression, at).value, value)
    if not math.isfinite(value):
        assert evaluate(expression, at).notes


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sqrt(x*x)", "write `abs(x)`, which has a value and a derivative here"),
        ("1 + sqrt(x^2)", "write `abs(x)`, which has a value and a derivative here"),
        ("x*log(x)", "write `xlogy(x, x)`, which has a value and a derivative here"),
        ("sin(x)/x", "write `sinc(x/pi)`, which has a value and a derivative here"),
        ("x/x", None),
        ("log(x - 1)", None),
    ],
)
def test_a_note_names_what_to_write_instead(text: str, hint: str | None) -> None:
    assert next((note.hint for note in gradient(parse(text), {"x": 0.0}).notes if note.hint), None) == hint


@pytest.mark.parametrize(
    "text", ["exp(x)*exp(x)", "x^400", "log(x - x)", "gamma(-x)", "asin(x)", "0*(1/(x - x))", "x!"]
)
def test_a_result_that_is_not_finite_always_carries_a_note(text: str) -> None:
    found = gradient(parse(text), {"x": 1000.0})
    assert not math.isfinite(found.value)
    assert found.notes
    assert all(note.message and not note.message.endswith(".") for note in found.notes)


def test_a_note_about_a_derivative_alone_is_not_given_to_a_value() -> None:
    assert evaluate(parse("|x| + sqrt(x)"), {"x": 0}).notes == []


def test_notes_are_few() -> None:
    text = " + ".join(f"|x - {i}*0|" for i in range(100))
    assert len(gradient(parse(text), {"x": 0.0}).notes) == 20


def test_a_note_of_a_large_formula_is_short() -> None:
    text = "log(" + " + ".join(["x*y"] * 3 + [f"sin({i}x)" for i in range(500)]) + " - 1e9)"
    (note,) = evaluate(parse(text), {"x": 1.0, "y": 1.0}).notes
    assert len(note.message) < 300
    assert note.span == Span(0, len(text))


def test_all_missing_variables_are_named_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        evaluate(parse("x*y*z"), {"y": 1.0})
    assert caught.value.kind == "missing_variable"
    assert "`x` and `z`" in caught.value.message
    for call in (
        lambda: gradient(parse("x"), {}),
        lambda: hessian(parse("x"), {}),
        lambda: derivatives(parse("x"), {}, 1),
        lambda: jvp(parse("x"), {}, {"x": 1.0}),
        lambda: parse("x")(),
        lambda: parse("x").gradient(),
    ):
        with pytest.raises(UsageError, match="no value for `x`"):
            call()


def test_numbers_that_the_expression_does_not_use_do_not_matter() -> None:
    assert evaluate(parse("x"), {"x": 1, "y": 2}).value == 1.0


def test_the_gradient_goes_toward_the_variables_that_are_asked_for() -> None:
    expression = parse("x*y*z")
    at = {"x": 2.0, "y": 3.0, "z": 5.0}
    assert gradient(expression, at, ["z", "x"]).gradient == {"z": 6.0, "x": 15.0}
    assert list(gradient(expression, at, ["z", "x"]).gradient) == ["z", "x"]
    assert hessian(expression, at, ["x", "z"]) == {"x": {"x": 0.0, "z": 3.0}, "z": {"x": 3.0, "z": 0.0}}
    assert derivatives(expression, at, 2, ["y"]) == {"y": [10.0, 0.0]}


def test_a_variable_that_is_only_asked_for_is_refused_with_a_guess() -> None:
    with pytest.raises(UsageError) as caught:
        gradient(parse("alpha*y"), {"alpha": 1, "y": 1}, ["alpa"])
    assert caught.value.kind == "unknown_variable"
    assert caught.value.hint == "did you mean `alpha`?"
    with pytest.raises(UsageError):
        jvp(parse("x"), {"x": 1}, {"q": 1})


def test_no_partial_is_formed_toward_a_variable_that_nobody_asks_for() -> None:
    found = gradient(parse("x^y"), {"x": -2.0, "y": 3.0}, ["x"])
    assert found.gradient == {"x": 12.0}
    assert found.notes == []


@pytest.mark.parametrize(
    ("direction", "expected"),
    [({"x": 1}, 3.0), ({"y": 1}, 2.0), ({"x": 1, "y": 10}, 23.0), ({"x": 0.5, "y": 0}, 1.5), ({}, 0.0)],
)
def test_the_derivative_along_a_direction(direction: dict[str, float], expected: float) -> None:
    assert jvp(parse("x*y"), {"x": 2, "y": 3}, direction) == expected


def test_the_forward_sweep_is_the_reverse_sweep() -> None:
    expression = parse("x^y*sin(x*y) + hypot(x, y)")
    at = {"x": 1.5, "y": 0.5}
    for name, partial in gradient(expression, at).gradient.items():
        assert jvp(expression, at, {name: 1.0}) == pytest.approx(partial, rel=1e-15)


def test_where_there_is_no_value_there_is_no_derivative() -> None:
    expression = parse("x + log(y)")
    at = {"x": 1.0, "y": -1.0}
    assert all(map(math.isnan, gradient(expression, at).gradient.values()))
    assert math.isnan(jvp(expression, at, {"x": 1.0}))
    assert all(math.isnan(one) for row in hessian(expression, at).values() for one in row.values())
    assert all(math.isnan(one) for row in derivatives(expression, at, 3).values() for one in row)


def test_derivatives_of_each_order() -> None:
    assert derivatives(parse("exp(-x^2)"), {"x": 0}, 4) == {"x": [0.0, -2.0, 0.0, 12.0]}
    assert derivatives(parse("x^2*y"), {"x": 3, "y": 5}, 2) == {"x": [30.0, 10.0], "y": [9.0, 0.0]}
    with pytest.raises(UsageError, match="at least 1"):
        derivatives(parse("x"), {"x": 1}, 0)


def test_the_hessian_is_the_matrix_of_second_derivatives() -> None:
    found = hessian(parse("x^2*y + sin(x*z)"), {"x": 1.0, "y": 2.0, "z": 0.5})
    s, c = math.sin(0.5), math.cos(0.5)
    exact = {
        "x": {"x": 4 - 0.25 * s, "y": 2.0, "z": c - 0.5 * s},
        "y": {"x": 2.0, "y": 0.0, "z": 0.0},
        "z": {"x": c - 0.5 * s, "y": 0.0, "z": -s},
    }
    for row, partials in exact.items():
        assert found[row] == pytest.approx(partials, rel=1e-15)
