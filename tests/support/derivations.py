"""Derivations line by line, checked by other means than those that made them.

    python -m tests.support.derivations

derives all derivatives of the calculus course and of random formulas, short and with every rule, and prints how many
lines there are, and each line that is wrong.

Both sides of a line are texts of the expression language.  They are parsed and compared at points, and the names of the
rules are found a second time from the text of the left side, by Python's own parser.
"""

from __future__ import annotations

import ast
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.evaluate.derivative_formulas import formulas_of
from gradcli.evaluate.expression import Expression
from gradcli.graph.derivation import Step, derivation
from gradcli.graph.formula import derivative_formula
from gradcli.printing.text import text_length, to_text
from tests.support.calculus_course import COURSE
from tests.support.fuzz_formulas import case

__all__ = ["derived", "differences", "misnomers"]

#: The words for the moves behind the rules; others begin with "use", "write with" or "write without".
MOVES: Final = frozenset(
    {
        "insert the derivative", "insert the derivatives", "multiply and order", "collect like terms",
        "take out the common factor", "write as one fraction", "multiply out", "multiply out and collect",
        "cancel the common factor", "factor", "divide term by term", "group the terms", "use double angles",
        "simplify each term", "combine the powers", "add the remaining case", "simplify",
    }
)  # fmt: skip


def derived(text: str, order: int = 1, *, name: str = "x", every: bool = False) -> list[Step]:
    """Return the lines of the derivation of an expression."""
    root = parse(text).root
    target = root.graph.variable(name)
    formulas = [derivative_formula(root, target, number, text_length).root for number in range(1, order + 1)]
    return derivation(root, target, formulas, text_length, every=every)


def differences(steps: Sequence[Step], count: int = 4, *, is_random: bool = False) -> Iterator[str]:
    """Yield a line for each equation whose sides have different values at a random point, or no value at any.

    Args:
        steps: the lines of a derivation.
        count: the points at which a line is tried.
        is_random: whether the function is a random one, with parts that have a value nowhere or a constant one: then
            only points count at which both sides have a value, and there may be none.
    """
    for step in steps:
        left, right = to_text(step.before), to_text(step.after)
        sides = parse(left), parse(right)
        generator = random.Random(left)
        compared = 0
        for _ in range(400):
            at = {name: generator.uniform(0.05, 3.0) * generator.choice((1.0, 1.0, -1.0)) for name in ("x", "y")}
            one, other = (_value(side, at) for side in sides)
            if not math.isfinite(one) or (is_random and not math.isfinite(other)):
                continue
            compared += 1
            if not abs(one - other) <= (1e-8 if is_random else 1e-9) * max(1.0, abs(one)):
                yield f"{step.rule}: {left} = {right}, but {one} and {other} at {at}"
                break
            if compared == count:
                break
        if not compared and not is_random:
            yield f"{step.rule}: {left} = {right} has no value at any point"


def _value(side: Expression, at: dict[str, float]) -> float:
    return side(**{name: at[name] for name in side.variables})


def misnomers(steps: Sequence[Step], *, every: bool = False) -> Iterator[str]:
    """Yield a line for each line of a derivation with another rule than its left side asks for.

    Args:
        steps: the lines of a derivation.
        every: whether each rule has a line of its own.
    """
    for step in steps:
        left = to_text(step.before)
        names = step.rule.split(", ")
        tree = _tree(left)
        if not (isinstance(tree, ast.Call) and _called(tree) == "diff"):
            if step.rule not in MOVES and not step.rule.startswith(("use ", "write with ", "write without ")):
                yield f"{left}: {step.rule} is not a move"
            continue
        formula, variable = tree.args
        assert isinstance(variable, ast.Name)
        expected = rules_of(formula, variable.id, every=every)
        if every and names[-1] == "inverse function":
            names[-1] = expected[-1]
        if names[0] == "sum rule":
            terms = {name for term in _terms(formula) for name in rules_of(term, variable.id)}
            if expected[:1] != ["sum rule"] or not {*names[1:]} <= terms:
                yield f"{left}: {step.rule}, not {expected}"
        elif names[:2] == ["constant factor", "sum rule"]:
            if expected != names[:2]:
                yield f"{left}: {step.rule}, not {expected}"
        elif names != expected and names != expected[:1]:
            yield f"{left}: {step.rule}, not {expected}"


def rules_of(formula: ast.expr, variable: str, *, every: bool = False) -> list[str]:
    """Return the names of the rules for the derivative of a formula, as Python's parser reads it."""
    if not _moves(formula, variable):
        return ["locally constant" if _has(formula, variable) else "constant rule"]
    if isinstance(formula, ast.Name):
        return ["derivative of the variable"]
    if not every and all(isinstance(core, ast.Name) for core in _cores(formula, variable)):
        return ["derivative of a linear function"]
    constants, above, below = _factors(formula, variable)
    names = ["constant factor"] if constants else []
    if len(above) == 1 and not below:
        return names + _of_one(above[0], variable)
    if not above:
        [divisor] = below if len(below) == 1 else [None]
        inner = _inner_of_power(divisor, variable) if divisor is not None else None
        if inner is None:
            return [*names, "reciprocal rule"]
        return [*names, *_chain(inner, variable), "power rule"]
    return [*names, "quotient rule" if below else "product rule"]


def _of_one(core: ast.expr, variable: str) -> list[str]:
    """Return the rules for what is neither a product nor a quotient."""
    if isinstance(core, ast.Name):
        return []
    if isinstance(core, ast.BinOp) and isinstance(core.op, (ast.Add, ast.Sub)):
        return ["sum rule"]
    if isinstance(core, ast.BinOp) and isinstance(core.op, ast.Pow):
        base, exponent = _moves(core.left, variable), _moves(core.right, variable)
        if base and exponent:
            return ["logarithmic differentiation"]
        inner = core.left if base else core.right
        return [*_chain(inner, variable), "power rule" if base else "exponential rule"]
    if isinstance(core, ast.BinOp):
        assert isinstance(core.op, ast.Mod)
        return [*_chain_of([core.left, core.right], variable), "derivative of mod"]
    assert isinstance(core, ast.Call)
    name = _called(core)
    if name in ("where", "max", "min", "clip", "relu", "hard_tanh"):
        return ["case by case" if name == "where" else f"derivative of {name}"]
    title = {"exp": "exponential rule", "log": "logarithm rule"}.get(name, f"derivative of {name}")
    return [*_chain_of(core.args, variable), title]


def _chain_of(operands: Sequence[ast.expr], variable: str) -> list[str]:
    moving = {ast.dump(operand): operand for operand in operands if _moves(operand, variable)}
    return _chain(next(iter(moving.values())), variable) if len(moving) == 1 else ["chain rule"]


def _chain(inner: ast.expr, variable: str) -> list[str]:
    return [] if isinstance(inner, ast.Name) and inner.id == variable else ["chain rule"]


def _inner_of_power(divisor: ast.expr, variable: str) -> ast.expr | None:
    """Return the base if a divisor is a power or a root, or the variable itself."""
    if isinstance(divisor, ast.Name):
        return divisor
    if isinstance(divisor, ast.BinOp) and isinstance(divisor.op, ast.Pow) and not _moves(divisor.right, variable):
        return divisor.left
    is_root = isinstance(divisor, ast.Call) and _called(divisor) in ("sqrt", "square")
    return divisor.args[0] if is_root and isinstance(divisor, ast.Call) else None


def _factors(formula: ast.expr, variable: str) -> tuple[bool, list[ast.expr], list[ast.expr]]:
    """Return whether a product has constant factors but 1, and the other factors and divisors."""
    constants, sides = False, ([], [])  # type: ignore[var-annotated]
    stack = [(formula, 0)]
    while stack:
        node, side = stack.pop()
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            constants = True
            stack.append((node.operand, side))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
            behind = side if isinstance(node.op, ast.Mult) else 1 - side
            stack += [(node.right, behind), (node.left, side)]
        elif _moves(node, variable):
            sides[side].append(node)
        elif not (isinstance(node, ast.Constant) and node.value == 1):
            constants = True
    return constants, sides[0], sides[1]


def _terms(formula: ast.expr) -> list[ast.expr]:
    stack, found = [formula], []
    while stack:
        node = stack.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            stack += [node.left, node.right]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            stack.append(node.operand)
        else:
            found.append(node)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
                stack += [one for one in (node.left, node.right) if _is_sum(one)]
    return found


def _is_sum(formula: ast.expr) -> bool:
    return isinstance(formula, ast.BinOp) and isinstance(formula.op, ast.Add | ast.Sub)


def _cores(formula: ast.expr, variable: str) -> list[ast.expr]:
    """Return the terms of a sum that are not constant, without their constant factors."""
    found, stack = [], [formula]
    while stack:
        node = stack.pop()
        if not _moves(node, variable):
            continue
        _, above, below = _factors(node, variable)
        if len(above) == 1 and not below:
            node = above[0]
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
                stack += [node.left, node.right]
                continue
        found.append(node)
    return found


def _moves(formula: ast.expr, variable: str) -> bool:
    """Whether a formula depends on a variable, and not only by functions that are locally constant."""
    if isinstance(formula, ast.Compare | ast.BoolOp):
        return False
    if isinstance(formula, ast.UnaryOp) and isinstance(formula.op, ast.Not):
        return False
    if isinstance(formula, ast.Call) and _called(formula) in ("floor", "ceil", "round", "trunc", "sign", "step"):
        return False
    if isinstance(formula, ast.Name):
        return formula.id == variable
    parts = formula.args if isinstance(formula, ast.Call) else [*ast.iter_child_nodes(formula)]
    return any(_moves(part, variable) for part in parts if isinstance(part, ast.expr))


def _has(formula: ast.expr, variable: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == variable for node in ast.walk(formula))


def _called(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name)
    return call.func.id


def _tree(text: str) -> ast.expr:
    return ast.parse(text.replace("x!", "factorial(x)").replace("^", "**"), mode="eval").body


def _report(every: bool) -> bool:
    rules: Counter[str] = Counter()
    wrong: list[str] = []
    seconds: list[float] = []
    count = 0
    for text in COURSE:
        for order in (1, 2, 3):
            begin = time.process_time()
            steps = derived(text, order, every=every)
            seconds.append(time.process_time() - begin)
            count += len(steps)
            rules.update(step.rule for step in steps)
            wrong += [*differences(steps), *misnomers(steps, every=every)]
    for rule, times in rules.most_common():
        print(f"{times:6}  {rule}")
    print(
        f"{len(seconds)} derivatives in {count} lines; {sum(seconds):.1f} s, the slowest {max(seconds):.2f} s; "
        f"{rules['simplify']} moves have no word of their own"
    )
    number = lines = 0
    for number in range(400):
        parsed = parse(case(number)[0])
        try:
            found = formulas_of(parsed, parsed.variables)
        except GradcliError:
            continue
        for name, last in found.rows[0].items():
            target = parsed.graph.variable(name)
            steps = derivation(parsed.root, target, [last], text_length, every=every)
            lines += len(steps)
            wrong += differences(steps, is_random=True)
    print(f"{number + 1} random formulas in {lines} lines")
    print("\n".join(wrong) or "every line is right")
    return bool(wrong)


if __name__ == "__main__":
    results = [_report(every) for every in (False, True)]
    sys.exit(any(results))
