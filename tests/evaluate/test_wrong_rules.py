"""`gradcli.evaluate.wrong_rules`: differentiation with rules gone wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradcli import parse
from gradcli.evaluate import wrong_rules
from gradcli.evaluate.wrong_rules import Rule, differentiated
from gradcli.execute.tape import Tape
from gradcli.graph import Node

AT = 0.7


def value(root: Node, text: str) -> float:
    tape = Tape([root], [root.graph.variable("x")])
    found = tape.run([AT])[tape.outputs[0]]
    assert isinstance(found, float), text
    return found


@pytest.mark.parametrize("text", ["x^2*sin(x)", "exp(-x^2)/(1+x)", "where(x > 0, x^3, 1)", "x^x", "max(x, 1/x)", "3"])
def test_without_a_wrong_rule_the_derivative_is_right(text: str) -> None:
    parsed = parse(text)
    found = differentiated(parsed.root, parsed.graph.variable("x"), lambda step: None)
    expected = parse(text, variables=["x"]).gradient(x=AT).get("x", 0.0) if "x" in text else 0.0
    assert value(found, text) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("rule", "text", "results"),
    [
        (wrong_rules.without_inner_derivative, "sin(x^2)", ["cos(x^2)"]),
        (wrong_rules.without_inner_derivative, "sin(x)", []),
        (wrong_rules.without_inner_derivative, "3*x", []),
        (wrong_rules.swapped_quotient, "x/sin(x)", ["(x*cos(x) - sin(x))/sin(x)^2"]),
        (wrong_rules.swapped_quotient, "x/3", []),
        (wrong_rules.product_of_derivatives, "x^2*sin(x)", ["2*x*cos(x)"]),
        (wrong_rules.product_of_derivatives, "2*sin(x)", []),
        (wrong_rules.half_of_product, "x*exp(x)", ["exp(x)", "x*exp(x)"]),
        (wrong_rules.exponent_kept, "x^3", ["3*x^3"]),
        (wrong_rules.exponent_not_in_front, "sqrt(x)", ["x^(-1/2)"]),
        (wrong_rules.power_rule_for_exponential, "2^x", ["x*2^(x-1)", "x*2^(x-1)"]),
        (wrong_rules.natural_logarithm, "log10(x)", ["1/x"]),
        (wrong_rules.natural_logarithm, "log(x, 3)", ["1/x"]),
        (wrong_rules.natural_logarithm, "log(x)/x", []),
        (wrong_rules.degrees, "sin(x)", ["pi/180*cos(x)", "180/pi*cos(x)"]),
        (wrong_rules.kept_term, "5 - sin(x)", ["5 - cos(x)", "1 - cos(x)"]),
        (wrong_rules.lost_sign, "x - sin(x)", ["1 + cos(x)"]),
    ],
)
def test_the_results_of_a_wrong_rule_at_the_outermost_place(rule: Rule, text: str, results: list[str]) -> None:
    parsed = parse(text)

    def variants() -> list[Callable[[wrong_rules.Step], Node | None]]:
        count = 0

        def counted(step: wrong_rules.Step) -> None:
            nonlocal count
            if step.node is parsed.root:
                count = len(list(rule(step)))

        differentiated(parsed.root, parsed.graph.variable("x"), counted)
        return [
            lambda step, number=number: list(rule(step))[number] if step.node is parsed.root else None  # type: ignore[misc]
            for number in range(count)
        ]

    found = [value(differentiated(parsed.root, parsed.graph.variable("x"), one), text) for one in variants()]
    assert found == pytest.approx([parse(result)(x=AT) for result in results], rel=1e-12)
