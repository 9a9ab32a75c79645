"""A gradient costs at most four times its function: instructions of the tape of both against those of the value.

Every expression in the tests, benchmarks, examples and pages of this project is measured, and every function of the
registry on variables of its own.  An instruction counts as one whatever it does, but a function that consists of
several (`WRITTEN_OUT`) counts as these in the value, for its derivative has to spell them out.  Beyond four times that,
a gradient is allowed `GUARD` instructions: the test whether the function has a value, and the nan in place of two
derivatives.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.evaluate.expression import Expression
from gradcli.execute.tape import Tape
from gradcli.graph import Node, differentiate
from gradcli.primitives import REGISTRY, Primitive
from tests.support.loops import for_each
from tests.support.paths import ROOT

TIMES, GUARD = 4, 3

#: Function -> the instructions it takes to write it with the others.
WRITTEN_OUT = {
    "where": 2,  # is the condition 0? select
    "clip": 4,  # two comparisons and two selections
    "hard_tanh": 4,
    "mod": 4,  # x - floor(x/y) y
    "hypot": 4,  # sqrt(x^2 + y^2)
    "logaddexp": 5,  # max + log1p(exp(-|x - y|))
    "xlogy": 4,  # is x 0? select 0, else x log(y)
    "acosh": 7,  # log(x + sqrt(x - 1) sqrt(x + 1))
    "sigmoid": 4,  # 1/(1 + exp(-x))
    "softsign": 3,  # x/(1 + |x|)
    "elu": 3,  # x > 0, expm1(x), select
    "selu": 5,
    "silu": 2,  # x sigmoid(x)
    "mish": 3,  # x tanh(softplus(x))
    "gelu": 4,  # x/2 erfc(-x/sqrt(2))
    "gelu_tanh": 9,  # x/2 (1 + tanh(c (x + a x^3)))
}


def written_out(node: Node) -> int:
    """The instructions of one operation, written with functions that are not composed of others."""
    assert node.primitive is not None
    if node.primitive.name in ("max", "min"):  # a comparison and a selection for each further operand
        return 2 * (len(node.operands) - 1)
    if node.primitive.name == "pow" and node.operands[1].constant is None:
        return 3  # exp(y log(x))
    return WRITTEN_OUT.get(node.primitive.name, 1)


def instructions(expression: Expression) -> tuple[int, int, int]:
    """The instructions of the value, the same with functions written out, and those of value and gradient."""
    variables = [expression.graph.variable(name) for name in expression.variables]
    value = Tape([expression.root], variables)
    both = Tape([expression.root, *differentiate.gradient(expression.root, variables)], variables)
    operations = value.nodes[len(value.nodes) - len(value.instructions) :]
    return len(operations), sum(map(written_out, operations)), len(both.instructions)


def texts_of(path: Path) -> set[str]:
    """The strings of a module, or what stands in quotes on a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return set(re.findall(r"[\"'`]([^\"'`\n]{3,300})[\"'`]", text))
    constants = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    return {one for one in constants if isinstance(one, str) and 3 <= len(one) <= 2000}


def suite() -> dict[str, Expression]:
    """Every text that is an expression in numbers with an operation on a variable."""
    folders = [ROOT / name for name in ("tests", "benchmarks", "examples", "docs")]
    paths = [path for folder in folders for kind in ("*.py", "*.md") for path in sorted(folder.rglob(kind))]
    found: dict[str, Expression] = {}
    for path in [*paths, *sorted(ROOT.glob("*.md"))]:
        for text in sorted(texts_of(path) - set(found)):
            if re.fullmatch(r"[\w\-/. ']*", text) or not re.search(r"[(*/^+]|\w [-<>=]", text):
                continue  # words and names of files, which are products and quotients of variables
            if "diff(" in text:
                continue  # some of these derivatives are so large that they are refused, after seconds
            try:
                expression = parse(text)
            except (GradcliError, RecursionError, OverflowError):
                continue
            if expression.variables and expression.root.primitive is not None and not expression.has_arrays:
                found[text] = expression
    return found


def test_a_gradient_costs_at_most_four_times_the_value_for_every_expression() -> None:
    over = {}
    expressions = suite()
    assert len(expressions) > 400
    assert {"x1*x2+sin(x1)", "x^2*y"} <= set(expressions)
    for text, expression in expressions.items():
        value, written, both = instructions(expression)
        bound = TIMES * written + GUARD
        if both > bound:
            over[text] = f"{both} instructions for {value}, written out {written}"
    assert over == {}


@for_each("primitive", REGISTRY.public(), ids=lambda one: one.name)
def test_no_function_alone_costs_more(primitive: Primitive) -> None:
    names = [str(2.0) if name in primitive.static else name for name in primitive.operands]
    symbol, side = (primitive.infix.symbol, primitive.infix.side) if primitive.infix else ("", "")
    text = {"": f"{primitive.name}({', '.join(names)})", "prefix": f"{symbol} x", "postfix": f"x{symbol}"}
    value, written, both = instructions(parse(text.get(side, f"x {symbol} y"), variables=primitive.operands))
    assert value == 1
    if callable(primitive.array):  # its kernel is made of other functions, and more than one instruction
        written = max(written, primitive.arity)
    assert both <= TIMES * written + GUARD


def test_the_ratio_does_not_grow_with_depth() -> None:
    ratios = []
    for depth in (50, 400):
        text = "x"
        for i in range(depth):
            text = f"tanh({0.1 * (i % 7) + 0.5}*({text}) + y)"
        value, _, both = instructions(parse(text))
        ratios.append(both / value)
    assert max(ratios) < TIMES
    assert abs(ratios[0] - ratios[1]) < 0.1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("exp(x)", 1),  # its derivative is itself, and nan where it is
        ("sin(x)", 2),
        ("sqrt(x)", 3),
        ("tanh(x)", 3),
        ("hypot(x, y)", 3),
        ("x^y", 3),
        ("x*y", 4),
        ("log(x)", 5),  # 1/x is no nan where the logarithm is
        ("x1*x2 + sin(x1)", 8),
    ],
)
def test_a_gradient_has_no_instruction_to_spare(text: str, wanted: int) -> None:
    assert instructions(parse(text))[2] == wanted
