"""Moves from a formula to an equal one, each with its word."""

from __future__ import annotations

from gradcli import parse
from gradcli.graph.moves import simplification
from gradcli.graph.normal_form import Ring
from gradcli.printing.text import text_length, to_text
from tests.support.loops import for_each

#: A formula, an equal one, and the moves between them.
MOVES: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("x*y", "x*y", []),
    ("3*x^2/3!", "x^2/2", [("evaluate the constants", "3*x^2/6"), ("combine the powers", "x^2/2")]),
    ("2*x*cos(x) + 1", "1 + 2*x*cos(x)", [("", "1 + 2*x*cos(x)")]),
    ("x*(1 + y)", "(y + 1)*x", [("", "(y + 1)*x")]),
    ("x^2 + 3*x + 2*x", "x^2 + 5*x", [("collect like terms", "x^2 + 5*x")]),
    ("x^2*y + x*y", "x*y*(x + 1)", [("take out the common factor", "x*y*(x + 1)")]),
    ("x*exp(-x) + exp(-x)", "(x + 1)*exp(-x)", [("take out the common factor", "(x + 1)*exp(-x)")]),
    ("1/x + 1/y", "(x + y)/(x*y)", [("write as one fraction", "(x + y)/(x*y)")]),
    ("x*(x + y)", "x^2 + x*y", [("multiply out", "x^2 + x*y")]),
    ("(x + y)/x", "y/x + 1", [("divide term by term", "y/x + 1")]),
    ("(x*y + x^2)/x^3", "(x + y)/x^2", [("cancel the common factor", "(x + y)/x^2")]),
    ("(log(1 + x) + x/(1 + x))*y", "(x/(x + 1) + log(x + 1))*y", [("", "(x/(x + 1) + log(x + 1))*y")]),
    (
        "x^x*y + x^(x - 1)",
        "(y + 1/x)*x^x",
        [("write as one fraction", "(x*y + 1)*x^(x - 1)"), ("divide term by term", "(y + 1/x)*x^x")],
    ),
    ("(x*y + y^2)/4", "y^2/4 + x*y/4", [("divide term by term", "y^2/4 + x*y/4")]),
    (
        "sqrt(2/pi)*(x + sqrt(2/pi)*y)",
        "sqrt(2/pi)*x + 2*y/pi",
        [("multiply out", "sqrt(2/pi)*x + 2*y/pi")],
    ),
    ("x^2*(x*y + x^2)", "x^3*(x + y)", [("take out the common factor", "x^3*(x + y)")]),
    ("x*(3*(x + 1) + 2*(x - 1))", "x*(5*x + 1)", [("multiply out and collect", "x*(5*x + 1)")]),
    ("x^2 - 2*x + 1", "(x - 1)^2", [("factor", "(x - 1)^2")]),
    ("x*y + y*z + sin(x)", "(x + z)*y + sin(x)", [("group the terms", "(x + z)*y + sin(x)")]),
    ("sin(x)^2 + cos(x)^2 + x", "x + 1", [("use sin^2 + cos^2 = 1", "x + 1")]),
    ("sin(x)*cos(x)", "sin(2*x)/2", [("use double angles", "sin(2*x)/2")]),
    ("sin(x)/cos(x)", "tan(x)", [("use tan = sin/cos", "tan(x)")]),
    ("sqrt(x)*x", "x^(3/2)", [("combine the powers", "x^(3/2)")]),
    ("exp(x)/(1 + exp(x))", "sigmoid(x)", [("write with sigmoid", "sigmoid(x)")]),
    ("floor(x + 1)", "floor(x) + 1", [("simplify", "floor(x) + 1")]),
    (
        "(1 + x/sqrt(x^2 + 1))/(x + sqrt(x^2 + 1))",
        "1/sqrt(x^2 + 1)",
        [
            ("write as one fraction", "(x + sqrt(x^2 + 1))/(sqrt(x^2 + 1)*(x + sqrt(x^2 + 1)))"),
            ("cancel the common factor", "1/sqrt(x^2 + 1)"),
        ],
    ),
    (
        "3*(x + 1)^2*(x - 2)^4 + 4*(x + 1)^3*(x - 2)^3",
        "(x + 1)^2*(x - 2)^3*(7*x - 2)",
        [
            ("take out the common factor", "(x + 1)^2*(x - 2)^3*(4*(x + 1) + 3*(x - 2))"),
            ("multiply out and collect", "(x + 1)^2*(x - 2)^3*(7*x - 2)"),
        ],
    ),
]


def between(start: str, goal: str, is_equal: bool = True) -> list[tuple[str, str]]:
    parsed = parse(f"[{start}, {goal}]")
    assert parsed.components is not None
    one, other = parsed.components
    ring = Ring(parsed.graph.variable("x"), keeps_others=True)
    moves = simplification(ring, parsed.graph, one, other, text_length, lambda node: is_equal)
    return [(word, to_text(node)) for word, node in moves]


@for_each(("start", "goal", "moves"), MOVES)
def test_moves_have_words(start: str, goal: str, moves: list[tuple[str, str]]) -> None:
    assert between(start, goal) == moves


def test_a_formula_with_other_values_is_left_out() -> None:
    start, goal, moves = MOVES[-1]
    assert between(start, goal, is_equal=False) == moves[-1:]
