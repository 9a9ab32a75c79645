"""Answers to the problems of `gradcli quiz`: right ones in other forms, and wrong ones by the usual mistakes.

    python -m tests.support.quiz_answers [COUNT] [SEED]

judges for each of COUNT problems (200) six other forms of the derivative, three wrong answers by the usual mistakes,
and three slips of the pen.  It prints how many right ones are accepted, how many wrong ones are refused, how many
mistakes are named, and every answer that is judged wrongly.  SymPy makes three of the forms.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from typing import Any

from gradcli.evaluate.answers import check_answer
from gradcli.evaluate.exercises import LEVELS, Exercise, exercises
from gradcli.evaluate.mistakes import MISTAKES, Problem
from gradcli.graph import differentiate
from gradcli.graph.simplify import simplify
from gradcli.printing.latex import to_latex
from gradcli.printing.text import to_text

__all__ = ["forms_by_gradcli", "forms_by_sympy", "problems", "slips", "wrong_answers"]


def problems(count: int, seed: int) -> Iterator[Exercise]:
    """The same number of problems of each level."""
    for level in LEVELS:
        source = exercises(level, seed)
        for _ in range(count // len(LEVELS)):
            yield next(source)


def forms_by_gradcli(exercise: Exercise) -> dict[str, str]:
    """The derivative before it is simplified, in LaTeX, and as somebody types it."""
    text = exercise.derivative
    return {
        "unsimplified": str(exercise.question.derivative(exercise.variable)),
        "LaTeX": to_latex(exercise.formula),
        "typed": re.sub(r"(?<![\w.^/])(\d+)\*(?=[a-z(])", r"\1", text).replace("^", "**").replace(" ", "   "),
    }


def forms_by_sympy(exercise: Exercise) -> dict[str, str]:
    """The derivative by SymPy: multiplied out, as a product, and simplified."""
    import sympy

    x = sympy.Symbol(exercise.variable)
    text = str(exercise.question).replace("^", "**").replace("log10(x)", "(log(x)/log(10))")
    names: dict[str, Any] = {exercise.variable: x}
    found = sympy.diff(sympy.sympify(text, locals=names), x)
    return {
        "expanded": str(sympy.expand(found)),
        "factored": str(sympy.factor(found)),
        "simplified": str(sympy.simplify(found)),
    }


def wrong_answers(exercise: Exercise, count: int, draw: random.Random) -> dict[str, str]:
    """The names of some mistakes, drawn at random, with the answers that they give."""
    root = exercise.question.root
    target = root.graph.variable(exercise.variable)
    truth = differentiate.derivative(root, target)
    problem = Problem(root, target, 1, truth, truth, [target], [])
    found: dict[str, str] = {}
    for mistake in draw.sample(MISTAKES, len(MISTAKES)):
        claims = [one.claimed for one in mistake.attempts(problem) if one.judged is None]
        answers = [to_text(simplify(one).root) for one in claims if one is not truth]
        answer = next((one for one in answers if one not in found.values()), None)
        if answer is not None and not check_answer(exercise.question, answer, exercise.variable).is_right:
            found[mistake.name] = answer
        if len(found) == count:
            break
    return found


def slips(exercise: Exercise, count: int, draw: random.Random) -> list[str]:
    """The derivative with a sign, a number or a function that is not the right one."""
    text = exercise.derivative
    swapped = {"+": "-", "-": "+", "sin": "cos", "cos": "sin", "tan": "sec", "sec": "tan", "exp": "log", "sqrt": "exp"}
    places = [*re.finditer(r"(?<= )[+-](?= )|\b(?:sin|cos|tan|sec|exp|sqrt)\b|(?<![\w.])\d+\b(?!\*[a-z]+\()", text)]
    found = []
    for place in draw.sample(places, min(count, len(places))):
        word = place.group()
        other = str(int(word) + draw.choice((1, 2, 10))) if word.isdigit() else swapped[word]
        found.append(f"{text[: place.start()]}{other}{text[place.end() :]}")
    return found


def main(count: int, seed: int) -> None:
    """Print the shares, and what is judged wrongly."""
    right = accepted = wrong = refused = named = slipped = noticed = explained = 0
    draw = random.Random(seed)
    for exercise in problems(count, seed):
        forms = {**forms_by_gradcli(exercise), **forms_by_sympy(exercise)}
        for name, answer in forms.items():
            verdict = check_answer(exercise.question, answer, exercise.variable).verdict
            right, accepted = right + 1, accepted + (verdict == "equal")
            if verdict != "equal":
                print(f"{verdict}: {exercise.question}, {name}: {answer}")
        for name, answer in wrong_answers(exercise, 3, draw).items():
            found = check_answer(exercise.question, answer, exercise.variable)
            wrong, refused, named = wrong + 1, refused + (found.verdict == "wrong"), named + (found.mistake is not None)
            if found.mistake is None:
                print(f"{found.verdict}, not named: {exercise.question}, {name}: {answer}")
        for answer in slips(exercise, 3, draw):
            found = check_answer(exercise.question, answer, exercise.variable)
            slipped, noticed = slipped + 1, noticed + (found.verdict == "wrong")
            explained += found.mistake is not None
            if found.verdict != "wrong":
                print(f"{found.verdict}: {exercise.question}, a slip: {answer}")
    print(
        f"{accepted} of {right} right answers accepted, {refused} of {wrong} wrong ones refused, {named} mistakes named"
    )
    print(f"{noticed} of {slipped} slips of the pen refused, {explained} of them named as a mistake")


if __name__ == "__main__":
    main(*[int(word) for word in [*sys.argv[1:], *["200", "1"][len(sys.argv) - 1 :]]])
