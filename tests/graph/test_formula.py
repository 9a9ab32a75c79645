"""A printed derivative is what a person would write, and it is the derivative."""

from __future__ import annotations

import math
import re

import pytest

from gradcli import parse
from gradcli.errors import LimitError
from gradcli.evaluate.derivative_formulas import formulas_of
from gradcli.graph import Node, readable, toposort
from gradcli.graph.formula import derivative_formula
from gradcli.graph.rule import traced_rule
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.exact_constants import EXACT_CONSTANTS
from gradcli.printing.describe import describe_conditions, describe_partials
from gradcli.printing.latex import to_latex
from gradcli.printing.text import text_length, to_text
from tests.support.calculus_course import COURSE, OFTEN, disagreements, printed
from tests.support.loops import for_each
from tests.support.steps import steps
from tests.support.sympy_peer import differences_from_sympy


def derivative(text: str, order: int = 1) -> str:
    root = parse(text).root
    return to_text(derivative_formula(root, root.graph.variable("x"), order, text_length).root)


@for_each(
    ("text", "order", "expected"),
    [
        ("x^(2/3)", 1, "2/(3*x^(1/3))"),
        ("1/(1 + 1/(1 + x))", 1, "1/(x + 2)^2"),
        ("x*(1/(1 + x) - 1 + x/(1 + x))", 1, "0"),
        ("x/(1 + x/(1 + x))", 1, "(2*x^2 + 2*x + 1)/(2*x + 1)^2"),
        ("1/(1 + 1/(1 + 1/(1 + x)))", 1, "-1/(2*x + 3)^2"),
        ("2^x", 1, "log(2)*2^x"),
        ("exp2(x)", 2, "log(2)^2*2^x"),
        ("erf(x/sqrt(2))", 1, "sqrt(2/pi)*exp(-x^2/2)"),
        ("log10(x)", 1, "1/(x*log(10))"),
        ("log(1 + x)", 16, "-1307674368000/(x + 1)^16"),
        ("log(1 + x)", 30, "-8841761993739701954543616000000/(x + 1)^30"),
        ("0.1*x^3", 1, "0.3*x^2"),
        ("x^3/3", 1, "x^2"),
        ("sqrt(1 + x^2)", 1, "x/sqrt(x^2 + 1)"),
        ("hypot(x, 3)", 1, "x/hypot(x, 3)"),
        ("sin(x)^2", 1, "sin(2*x)"),
        ("tanh(x)", 2, "-2*tanh(x)*sech(x)^2"),
        ("log(tan(x))", 1, "2/sin(2*x)"),
        ("x^2*sin(x)", 1, "x*(x*cos(x) + 2*sin(x))"),
        ("abs(x)^2", 1, "2*x"),
        ("log(1 - sigmoid(x))", 1, "-sigmoid(x)"),
        ("x^y", 1, "where(y == 0, 0, y*x^(y - 1))"),
        ("max(x^(2/3), 1)", 1, "where(x^(2/3) >= 1, 2*step(x^(2/3) - 1)/(3*x^(1/3)), 0)"),
        ("abs(2^x - 3)", 1, "log(2)*sign(2^x - 3)*2^x"),
        ("relu(erf(x))", 2, "where(erf(x) > 0, -4*x*exp(-x^2)/sqrt(pi), 0)"),
        ("where(x > 0, log10(x), 0)", 1, "where(x > 0, 1/(x*log(10)), 0)"),
        ("where(x > 0, x^2, x)", 1, "where(x > 0, 2*x, 1)"),
        ("1 - 2*where(x > 0, x^2, where(x < -1, 1/x, x))", 1, "-2*where(x > 0, 2*x, where(x < -1, -1/x^2, 1))"),
        ("sinc(x)", 2, "where(x == 0, -pi^2/3, (2*sinc(x) - pi*x*sin(pi*x) - 2*cos(pi*x))/x^2)"),
        ("sinint(x)", 1, "sinc(x/pi)"),
        ("sinint(x^2)", 1, "2*x*sinc(x^2/pi)"),
        ("ellipk(x)", 1, "where(x == 0, pi/8, ((x - 1)*ellipk(x) + ellipe(x))/(2*x*(1 - x)))"),
        ("gammainc(3, x)", 1, "x^2*exp(-x)/2"),
        ("0.5*abs(x)^3", 1, "1.5*x*abs(x)"),
        ("exp(-(x - m)^2/(2*s^2))", 2, "((x - m)^2 - s^2)*exp(-(x - m)^2/(2*s^2))/s^4"),
        ("x^x", 2, "((log(x) + 1)^2 + 1/x)*x^x"),
        ("(1 + x)^x", 1, "(x/(x + 1) + log(x + 1))*(x + 1)^x"),
        ("log((x - y)^2 + 1)", 2, "2*(1 - (x - y)^2)/((x - y)^2 + 1)^2"),
        ("exp(x)*(0.3*x^2 + 1)^2", 1, "(0.3*x^2 + 1)*(0.3*x^2 + 1.2*x + 1)*exp(x)"),
        ("(0.5*x + 0.25)^2", 1, "0.5*x + 0.25"),
        ("3", 1, "0"),
    ],
)
def test_a_derivative_is_written_as_by_hand(text: str, order: int, expected: str) -> None:
    assert derivative(text, order) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x*y/y", ["y != 0"]),
        ("x^3/x", ["x != 0"]),
        ("(x^2 - 1)/(x + 1)", ["x + 1 != 0"]),
        ("sin(x)/cos(x)", []),
        ("x*log(x)", []),
        ("1/x", []),
    ],
)
def test_what_is_cancelled_is_a_condition(text: str, expected: list[str]) -> None:
    root = parse(text).root
    assert describe_conditions(derivative_formula(root, root.graph.variable("x"), 1, text_length)) == expected


DECIMAL = re.compile(r"\d\.\d|\de[+-]?\d|10\^\{")


def decimals_of(text: str, order: int) -> list[float]:
    """Return the decimals in the derivatives of an expression, as text and as LaTeX; the order of them is lost."""
    parsed = parse(text)
    nodes = formulas_of(parsed, parsed.variables, order).rows[0].values()
    return [
        *[abs(node.constant or 0.0) for root in nodes for node in toposort([readable(root)]) if is_decimal(node)],
        *[math.nan for root in nodes for text in (to_text(root), to_latex(root)) if DECIMAL.search(text)],
    ]


def is_decimal(node: Node) -> bool:
    number = node.constant
    return number is not None and node.name is None and math.isfinite(number) and not number.is_integer()


def declared_decimals(primitive: Primitive) -> set[float]:
    """Return the decimals by which the rule of a function defines it, such as 0.01 of leaky_relu."""
    roots = traced_rule(primitive, primitive.arity).partials
    numbers = {abs(node.constant or 0.0) for node in toposort(roots) if is_decimal(node)}
    return {one for one in numbers if not (8.0 * one).is_integer() and one not in EXACT_CONSTANTS}


@for_each("primitive", REGISTRY.public(), ids=lambda one: one.name)
def test_no_decimal_is_printed_unless_a_function_is_defined_by_it(primitive: Primitive) -> None:
    operands = ["2"] * len(primitive.static) + list(primitive.operands[len(primitive.static) :])
    text = f"{primitive.name}({', '.join(operands)})"
    declared = declared_decimals(primitive)
    for order in (1, 2, 3):
        found = [one for one in decimals_of(text, order) if one == one or not declared]
        assert found == [] if not declared else all(map(math.isfinite, found))
        if order == 1:
            multiples = {times * one for one in declared for times in (1.0, 2.0, 3.0)}
            assert all(any(math.isclose(one, other, rel_tol=1e-15) for other in multiples) for one in found)
    assert all(declared or not DECIMAL.search(text) for _, text in describe_partials(primitive))


def test_the_functions_that_decimals_define_are_known() -> None:
    assert [one.name for one in REGISTRY.public() if declared_decimals(one)] == ["leaky_relu", "selu", "gelu_tanh"]


@pytest.mark.parametrize("start", range(10))
def test_no_decimal_is_printed_for_an_expression_without_one(start: int) -> None:
    assert [text for i, text in enumerate(COURSE[start::10]) if decimals_of(text, 1 + i % 3)] == []


#: Every third expression of the course, each at one order.
SAMPLE = [(text, 1 + place % 3) for place, text in enumerate(COURSE[::3])]


@for_each(("text", "order"), SAMPLE)
def test_a_derivative_of_the_course_is_right_and_short(text: str, order: int) -> None:
    found = printed(text, order)
    assert found.length <= 2.0
    assert not re.search(r"\d\.\d|\de[+-]?\d", found.text)
    assert list(disagreements(text, order, found.text, 4)) == []


@for_each(("text", "order"), SAMPLE)
def test_a_derivative_of_the_course_is_that_of_sympy(text: str, order: int) -> None:
    pytest.importorskip("sympy")
    assert list(differences_from_sympy(text, order, printed(text, order).text)) == []


def test_most_of_them_are_as_short_as_by_sympy() -> None:
    lengths = sorted(printed(text, order).length for text, order in SAMPLE)
    assert lengths[len(lengths) // 2] <= 1.0
    assert lengths[int(0.9 * len(lengths))] <= 1.1


@pytest.mark.parametrize("text", OFTEN[::4])
@pytest.mark.parametrize("order", [10, 30])
def test_a_derivative_of_high_order_is_short_and_that_of_sympy(text: str, order: int) -> None:
    found = printed(text, order)
    assert found.length <= 3.0
    assert not re.search(r"\d\.\d|\de[+-]?\d", found.text)
    pytest.importorskip("sympy")
    assert list(differences_from_sympy(text, order, found.text, 5)) == []


def test_the_work_of_high_orders_is_bounded() -> None:
    assert steps(lambda: derivative("log(1 + x)", 100)) < 2_000_000
    with pytest.raises(LimitError):
        derivative("sin(cos(exp(tanh(x))))", 60)


@pytest.mark.parametrize("text", ["2^1000000000*x", "1e300*x*1e300", "abs(x)*2^1000000000", "10^999*x^2", "x^1e300"])
def test_numbers_of_many_digits_are_no_trouble(text: str) -> None:
    parse(derivative(text))
    parse(derivative(text, 2))


def test_a_large_formula_is_printed_with_its_parts_shared() -> None:
    text = "x"
    for place in range(12):
        text = f"sin({text}*(x + {place}))*exp({text})"
    assert derivative(text).startswith("t1 = ")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("(x*y)^exp(3)", "y*(x*y)^(e^3 - 1)*e^3"),
        ("(x + 1)^exp(3)", "(x + 1)^(e^3 - 1)*e^3"),
        ("(2*x)^exp(3)", "2*(2*x)^(e^3 - 1)*e^3"),
        ("(x*y)^log(3)", "y*log(3)*(x*y)^(log(3) - 1)"),
        ("(x^2 + y)^sqrt(2)", "2*sqrt(2)*x*(x^2 + y)^(sqrt(2) - 1)"),
        ("abs(x)^exp(3)", "sign(x)*abs(x)^(e^3 - 1)*e^3"),
        ("where(log(3) > 1, x, 2)*exp(2)", "e^2"),
    ],
)
def test_constants_that_nobody_typed_stay_formulas(typed: str, printed: str) -> None:
    root = parse(typed).root
    assert to_text(derivative_formula(root, root.graph.variable("x"), 1, text_length).root) == printed
