"""Polynomials as dictionaries: arithmetic, division and factors are exact."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.graph.polynomials import (
    ONE,
    Form,
    added,
    content,
    dense,
    divided,
    factored,
    lowest_powers,
    magnitude,
    merged,
    multiplied,
    raised,
    scaled,
    whole,
)

X, Y = ((0, 1),), ((1, 1),)


def polynomial(coefficients: list[int]) -> Form:
    return {((0, place),) if place else ONE: one for place, one in enumerate(coefficients) if one}


def times(one: list[int], other: list[int]) -> list[int]:
    found = [0] * (len(one) + len(other) - 1)
    for i, first in enumerate(one):
        for j, second in enumerate(other):
            found[i + j] += first * second
    return found


def test_monomials_are_multiplied_and_raised() -> None:
    assert merged(X, ((0, Fraction(-1, 2)), (1, 2))) == ((0, Fraction(1, 2)), (1, 2))
    assert merged(X, raised(X, -1)) == ONE
    assert raised(((0, Fraction(1, 2)),), 2) == X
    assert isinstance(raised(((0, Fraction(1, 2)),), 2)[0][1], int)


def test_a_sum_has_no_term_of_0() -> None:
    assert added([(1, {X: 1, Y: 2}), (-1, {X: 1})]) == {Y: 2}
    assert multiplied({X: 1, Y: 1}, {X: 1, Y: -1}) == {((0, 2),): 1, ((1, 2),): -1}
    assert scaled({X: Fraction(1, 2)}, 2, Y) == {((0, 1), (1, 1)): 1}


def test_whole_numbers_are_of_the_fast_type() -> None:
    assert type(whole(Fraction(4, 2))) is int
    assert whole(Fraction(1, 2)) == Fraction(1, 2)
    assert magnitude(Fraction(-1, 2)) == Fraction(1, 2)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=5), st.lists(st.integers(-9, 9), min_size=2, max_size=4))
def test_a_product_is_divided_by_its_factors(one: list[int], other: list[int]) -> None:
    first, second = polynomial(one), polynomial(other)
    if first and second:
        assert divided(multiplied(first, second), second) == first


def test_what_is_no_multiple_is_not_divided() -> None:
    assert divided({((0, 2),): 1, ONE: 1}, {X: 1, ONE: 1}) is None
    assert divided({((0, 2),): 1, ((1, 2),): -1}, {X: 1, Y: 1}) == {X: 1, Y: -1}


def test_the_content_and_the_lowest_powers_are_what_all_terms_have() -> None:
    assert content({X: Fraction(4, 3), Y: -2}) == Fraction(2, 3)
    assert lowest_powers({((0, 3), (1, -1)): 1, ((0, 1),): 5}) == ((0, 1), (1, -1))


ROOTS = st.lists(st.tuples(st.integers(-5, 5).filter(bool), st.integers(1, 3)), min_size=1, max_size=4)


@given(ROOTS, st.sampled_from([[1], [1, 0, 1], [2, 1, 1]]))
def test_multiple_factors_and_rational_roots_are_found(roots: list[tuple[int, int]], rest: list[int]) -> None:
    product = rest
    for root, below in roots:
        product = times(product, [-root, below])
    found = factored(product)
    assert sum(power for factor, power in found if len(factor) == 2) == len(roots)
    again: list[Fraction] = [Fraction(1)]
    for factor, power in found:
        for _ in range(power):
            again = times(again, list(map(Fraction, factor)))  # type: ignore[arg-type, assignment]
    ratio = Fraction(product[-1]) / again[-1]
    assert [ratio * one for one in again] == product


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({((0, 2),): 3, ONE: 1}, [1, 0, 3]),
        ({X: 1, Y: 1}, None),
        ({((0, Fraction(1, 2)),): 1}, None),
        ({((0, -1),): 1}, None),
    ],
)
def test_a_polynomial_in_one_symbol_has_a_list_of_coefficients(form: Form, expected: list[int] | None) -> None:
    assert dense(form, 0) == expected
