"""`gradcli.evaluate.answers`: right answers in other forms, and wrong answers with the mistake that was made."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError, UsageError
from gradcli.evaluate.answers import check_answer
from gradcli.evaluate.exercises import Exercise
from tests.support.answer_cases import NEARLY, RIGHT, WRONG
from tests.support.calculus_course import COURSE
from tests.support.loops import for_each
from tests.support.quiz_answers import forms_by_gradcli, forms_by_sympy, problems, slips, wrong_answers


@for_each("expression", RIGHT)
def test_a_right_answer_is_right_in_every_form(expression: str) -> None:
    parsed = parse(expression)
    found = {answer: check_answer(parsed, answer, "x").verdict for answer in RIGHT[expression]}
    assert found == dict.fromkeys(found, "equal")


@for_each("mistake", WRONG)
def test_a_wrong_answer_is_wrong_and_its_mistake_is_named(mistake: str) -> None:
    found = {pair: check_answer(parse(pair[0]), pair[1], "x") for pair in WRONG[mistake]}
    assert [pair for pair, one in found.items() if one.verdict != "wrong"] == []
    assert {pair: one.mistake for pair, one in found.items()} == {
        pair: ALSO.get((mistake, *pair), mistake) for pair in found
    }


#: Wrong answers that another mistake explains as well, and is named for.
ALSO = {("difference in product", "x^2*sin(x)", "2x*sin(x) - x^2*cos(x)"): "sign of function"}


@pytest.mark.parametrize(("expression", "answer"), NEARLY)
def test_an_answer_that_is_nearly_right_is_wrong(expression: str, answer: str) -> None:
    found = check_answer(parse(expression), answer, "x")
    assert found.verdict == "wrong"
    assert found.difference is not None
    assert found.difference.expected != found.difference.found


@pytest.mark.parametrize(
    ("expression", "answer", "order", "verdict"),
    [
        ("x^3", "6x", 2, "equal"),
        ("sin(x)", "-cos(x)", 3, "equal"),
        ("x^5", "20*x^3", 2, "equal"),
        ("log(1+x)", "-6/(1+x)^4", 4, "equal"),
        ("x^3", "3x^2", 2, "wrong"),
        ("exp(x^2)", "(2 + 4x^2)*exp(x^2)", 2, "equal"),
    ],
)
def test_answers_to_higher_orders(expression: str, answer: str, order: int, verdict: str) -> None:
    assert check_answer(parse(expression), answer, "x", order).verdict == verdict


@pytest.mark.parametrize(
    ("expression", "right", "wrong"),
    [
        ("log(x - 1e6)", "1/(x - 1e6)", "1/(x - 1e6) + 1e-3"),
        ("sqrt(x - 1e9)", "1/(2*sqrt(x - 1e9))", "1/sqrt(x - 1e9)"),
        ("asin(x/1000)*log(x - 999)", "log(x-999)/sqrt(1e6-x^2) + asin(x/1000)/(x-999)", "asin(x/1000)/(x-999)"),
        ("1e-20*sin(x)", "1e-20*cos(x)", "0"),
        ("1e-300*x^2", "2e-300*x", "2.1e-300*x"),
        ("sin(1e6*x)", "1e6*cos(1e6*x)", "1e6*cos(1e6*x + 1e-5)"),
        ("exp(exp(x))", "exp(x + exp(x))", "exp(exp(x))*x"),
        ("x*floor(x)", "floor(x)", "floor(x) + x"),
        ("x % 3", "1", "x"),
        ("gamma(x)", "gamma(x)*digamma(x)", "digamma(x)"),
        ("acosh(x)", "1/sqrt(x^2 - 1)", "1/sqrt(x^2 + 1)"),
    ],
)
def test_functions_with_few_values_small_ones_or_fast_ones(expression: str, right: str, wrong: str) -> None:
    assert check_answer(parse(expression), right, "x").is_right
    assert check_answer(parse(expression), wrong, "x").verdict == "wrong"


@pytest.mark.parametrize("expression", [*COURSE][::7])
def test_the_derivative_before_simplification_is_right_and_a_millionth_more_is_wrong(expression: str) -> None:
    parsed = parse(expression)
    variable = parsed.variables[0]
    text = str(parsed.derivative(variable))
    assert check_answer(parse(expression), text, variable).is_right
    assert not check_answer(parse(expression), f"({text}) + 1e-6*{variable}^2", variable).is_right


def test_the_derivative_of_another_order_is_named() -> None:
    found = check_answer(parse("x^5 + sin(x)"), "5x^4 + cos(x)", "x", 2)
    assert (found.mistake, found.reason) == ("order", "this is the derivative of order 1")


def test_values_of_other_variables_may_be_given() -> None:
    assert check_answer(parse("a*x^2"), "6x", "x", at={"a": 3.0}).is_right
    assert not check_answer(parse("a*x^2"), "6x", "x").is_right


def test_a_difference_holds_the_values_of_both_at_its_point() -> None:
    difference = check_answer(parse("x^2"), "2x + 7", "x").difference
    assert difference == ({"x": 1.0}, 2.0, 9.0)


def test_the_form_is_the_same_only_for_the_same_formula() -> None:
    parsed = parse("x*sin(x)")
    assert check_answer(parsed, "x*cos(x) + sin(x)", "x").form == "same"
    assert check_answer(parsed, "sin(x) + x*sin(x + pi/2)", "x").form == "other"


def test_an_answer_may_have_more_values_than_the_function_but_not_fewer() -> None:
    assert check_answer(parse("log(x)"), "1/x", "x").is_right
    assert check_answer(parse("cbrt(x)"), "x^(-2/3)/3", "x").mistake == "domain"


def test_without_a_point_at_which_both_are_known_nothing_is_decided() -> None:
    assert check_answer(parse("log(-1 - x^2) + x^2"), "x", "x").verdict == "undecided"


def test_formulas_that_lose_digits_are_not_refused() -> None:
    assert check_answer(parse("(1 - cos(x))/x^2"), "sin(x)/x^2 - 2*(1-cos(x))/x^3", "x").is_right
    assert check_answer(parse("exp(x) - exp(-x)"), "exp(x)*(1 + exp(-2x))", "x").is_right
    assert check_answer("5/(2x + 7)^2", "-20/(8x^3 + 84x^2 + 294x + 343)").is_right
    assert check_answer(parse("(x+1)^6"), "6x^5 + 30x^4 + 60x^3 + 60x^2 + 30x + 6", "x").is_right


def test_the_sign_of_a_factor_that_is_typed_with_all_its_digits_is_right() -> None:
    assert check_answer(parse("x^(2/3)"), "0.6666666666666666*x^(-1/3)", "x").is_right
    assert not check_answer(parse("x^(2/3)"), "0.666667*x^(-1/3)", "x").is_right


@pytest.mark.parametrize(
    "left",
    [
        "",
        "= ",
        "y' = ",
        "y′=",
        "f'(x) = ",
        "f ' ( x ) = ",
        "dy/dx = ",
        "d/dx = ",
        "df(x)/dx = ",
        r"\frac{dy}{dx} = ",
        "y = ",
    ],
)
def test_the_name_of_the_derivative_may_stand_before_an_answer(left: str) -> None:
    assert check_answer("x^3", f"{left}3x^2").is_right
    assert check_answer("x^3", f"{left}x^2").verdict == "wrong"
    with pytest.raises(ExpressionError) as caught:
        check_answer("x^3", f"{left}3x^")
    assert caught.value.span is not None
    assert caught.value.span.start == len(left) + 3


@pytest.mark.parametrize("left", ["y'' = ", "f''(x) = ", "d^2y/dx^2 = ", "d2y/dx^2 = ", "d^2/dx^2 = ", "y″ = "])
def test_the_name_of_a_second_derivative_may_stand_before_an_answer(left: str) -> None:
    assert check_answer("x^3", f"{left}6x", order=2).is_right


def test_a_definition_before_an_answer_stays_one() -> None:
    assert check_answer("(x^2+1)^2", "r = x^2 + 1; 4*x*r").is_right
    with pytest.raises(ExpressionError):
        check_answer("x^3", "y' = y' = 3x^2")


def test_an_unknown_variable_of_an_answer_is_an_error_with_a_hint() -> None:
    with pytest.raises(UsageError, match="`omga`") as caught:
        check_answer(parse("sin(omega*x)"), "omga*cos(omega*x)", "x")
    assert caught.value.hint == "did you mean `omega`?"


def test_the_variable_may_be_left_out_if_there_is_one() -> None:
    assert check_answer("sin(t^2)", "2t*cos(t^2)").is_right
    assert check_answer("a*x^2", "6x", at={"a": 3.0}).is_right
    assert check_answer("e^2", "2e", wrt="e").is_right
    assert check_answer("3", "0", wrt="x").is_right
    with pytest.raises(UsageError, match="2 variables: `a` and `x`") as caught:
        check_answer("a*x^2", "2*a*x")
    assert caught.value.hint == "name the variable to differentiate with respect to: `wrt=a`"
    with pytest.raises(UsageError, match=r"the expression has no variable$"):
        check_answer("3", "0")


@pytest.mark.parametrize("given", [{"wrt": "y"}, {"at": {"y": 1.0}}])
def test_a_name_that_the_expression_lacks_is_an_error(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="the expression has no variable `y`"):
        check_answer("x^2", "0", **given)


def test_arrays_and_wrong_syntax_are_errors() -> None:
    with pytest.raises(ExpressionError):
        check_answer(parse("x^2"), "sum([x, x])", "x")
    with pytest.raises(ExpressionError):
        check_answer(parse("x^2"), "2*x*", "x")


@pytest.mark.parametrize("exercise", [*problems(10, 4)], ids=str)
def test_answers_to_a_problem_of_the_quiz(exercise: Exercise) -> None:
    """`python -m tests.support.quiz_answers` tries many more."""
    draw = random.Random(str(exercise))
    for answer in forms_by_gradcli(exercise).values():
        assert check_answer(exercise.question, answer, exercise.variable).is_right, answer
    [(mistake, answer)] = wrong_answers(exercise, 1, draw).items()
    found = check_answer(exercise.question, answer, exercise.variable)
    assert (found.verdict, found.mistake is None) == ("wrong", False), (mistake, answer)
    for answer in slips(exercise, 1, draw):
        assert check_answer(exercise.question, answer, exercise.variable).verdict == "wrong", answer


def test_forms_of_sympy_are_right_answers() -> None:
    pytest.importorskip("sympy")
    exercise = next(problems(5, 4))
    for answer in forms_by_sympy(exercise).values():
        assert check_answer(exercise.question, answer, exercise.variable).is_right, answer


def test_the_table_is_large_enough() -> None:
    right, wrong = sum(map(len, RIGHT.values())), sum(map(len, WRONG.values()))
    assert right + wrong + len(NEARLY) >= 300
    assert len(WRONG) >= 12
