"""Formulas as MathML: sound markup, and parentheses wherever a reader would go wrong without."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from gradcli import parse
from gradcli.graph.derivation import DIFF
from gradcli.primitives import REGISTRY
from gradcli.printing.mathml import to_mathml


def shown(expression: str) -> str:
    """The formula as one reads it aloud from the page: fractions with a bar, powers with a caret."""

    def text(element: ElementTree.Element) -> str:
        parts = [text(child) for child in element]
        match element.tag:
            case "mfrac":
                return f"[{parts[0]}|{parts[1]}]"
            case "msup":
                return f"{parts[0]}^[{parts[1]}]"
            case "msub":
                return f"{parts[0]}_{parts[1]}"
            case "msqrt":
                return f"√[{parts[0]}]"
            case "mroot":
                return f"{parts[1]}√[{parts[0]}]"
            case "mtd" | "mtr":
                return "".join(parts) + ";"
        return (element.text or "") + "".join(parts)

    found = text(ElementTree.fromstring(f"<math>{to_mathml(parse(expression).root)}</math>"))
    return found.replace("\u2062", " ").replace("\u2061", "")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x1*x2 + sin(x1)/2", "x_1 x_2+[sin(x_1)|2]"),
        ("(x + 1)^2", "(x+1)^[2]"),
        ("sin(x)^2", "sin(x)^[2]"),
        ("(-x)^2 - x^2", "(−x)^[2]−x^[2]"),
        ("2^x^y + (2^x)^y", "2^[x^[y]]+(2^[x])^[y]"),
        ("(x/y)^2", "([x|y])^[2]"),
        ("exp(x)^2", "(e^[x])^[2]"),
        ("a - (b - c)", "a−(b−c)"),
        ("a*(-b) + a*(b + c)", "a (−b)+a (b+c)"),
        ("a - (-2)", "a−(−2)"),
        ("2*3^x + 2*x", "2·3^[x]+2 x"),
        ("x*(2*y)", "x·(2 y)"),
        ("sqrt(x + cbrt(x))", "√[x+3√[x]]"),
        ("asin(x) + log10(x) + expm1(x)", "arcsin(x)+log_10(x)+expm1(x)"),
        ("abs(x)*floor(x)", "|x| ⌊x⌋"),
        ("theta_0*alpha + longname", "θ_0 α+longname"),
        ("inf + 1e-5*x + 2.5e300", "∞+10^[−5] x+2.5·10^[300]"),
        ("(1e-5)^x", "(10^[−5])^[x]"),
        ("where(x < 1, x, 2)", "{x;x<1;;2;otherwise;;"),
        ("(x % 3) + x % y", "(x mod 3)+(x mod y)"),
        ("x! + max(x, y)", "x!+max(x,y)"),
        ("sum([x, 2])*x", "sum([x, 2]) x"),
    ],
)
def test_a_formula_is_shown_as_on_paper(expression: str, expected: str) -> None:
    assert shown(expression).replace("mod", " mod ") == expected


def test_every_function_is_sound_markup_with_its_operands() -> None:
    for primitive in REGISTRY.public():
        operands = ["7" if name in primitive.static else f"{name}_7" for name in primitive.operands]
        call = f"{primitive.name}({', '.join(operands)})"
        if re.fullmatch(r"[a-z_0-9]+", primitive.name) and primitive.infix is None:
            found = shown(call)
            assert all(one in found for one in operands), call


def test_a_derivative_that_remains_to_be_taken_has_a_fraction_before_brackets() -> None:
    parsed = parse("x^2")
    root = parsed.graph.add(DIFF, (parsed.root, parsed.graph.variable("x")))
    fraction = "<mfrac><mi>d</mi><mrow><mi>d</mi><mi>x</mi></mrow></mfrac>"
    sign = '<mo stretchy="false">'
    assert to_mathml(root) == f"{fraction}<mrow>{sign}[</mo>{to_mathml(parsed.root)}{sign}]</mo></mrow>"


def test_parentheses_are_as_high_as_what_is_in_them() -> None:
    low, high = to_mathml(parse("sin(x)*(x + 1)").root), to_mathml(parse("sin(1/x)*(x + 1/x)").root)
    assert (low.count("stretchy"), low.count("<mo>(</mo>")) == (4, 0)
    assert (high.count("stretchy"), high.count("<mo>(</mo>")) == (0, 2)
