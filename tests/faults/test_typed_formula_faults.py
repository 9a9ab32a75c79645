"""Formulas as people type them: most are accepted, none is misread in silence, and a refusal shows what is meant."""

from __future__ import annotations

import re

import pytest

from gradcli.errors import ExpressionError
from gradcli.evaluate.expression import Expression, parse
from tests.support.formulas_as_typed import FORMULAS
from tests.support.loops import for_each


def accepted(text: str) -> Expression | None:
    try:
        return parse(text)
    except ExpressionError:
        return None


def is_meant(expression: Expression | None, meaning: str) -> bool:
    return expression is not None and str(expression) == str(parse(meaning))


@for_each(("text", "meaning"), FORMULAS)
def test_a_formula_is_read_as_meant_or_noted_or_refused_with_what_is_meant(text: str, meaning: str) -> None:
    expression = accepted(text)
    if expression is not None:
        assert is_meant(expression, meaning) or expression.notes
        return
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    # The first reading in the hint is the whole formula, or it replaces the part that it is the product of.
    first = re.findall("`([^`]*)`", caught.value.hint or "")[0]
    part = first.replace("*(", "(").replace("π*r", "πr")
    assert is_meant(accepted(text.replace(part, first) if part in text else first), meaning)


def test_at_least_125_of_150_are_accepted_as_typed() -> None:
    share = sum(is_meant(accepted(text), meaning) for text, meaning in FORMULAS) / len(FORMULAS)
    assert len(FORMULAS) >= 150
    assert share >= 125 / 150
