"""Balls of special functions: proved digits with parameters that are no integers, and ends of domains."""

from __future__ import annotations

import pytest

pytest.importorskip("flint")

from gradcli import parse
from gradcli.errors import NotFiniteError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("gammainc(0.1, x)", "0.94140244589013352203826746306"),
        ("betainc(0.1, 2.7, x)", "0.99001320743473280490997874560"),
        ("beta(0.1, x)", "11.3230869752157537214559449516"),
    ],
)
def test_a_parameter_is_the_decimal_that_is_typed(text: str, wanted: str) -> None:
    found = parse(text).evaluate(digits=len(wanted) - 1, x=0.5)
    assert str(found).startswith(wanted[:-1])


@pytest.mark.parametrize("text", ["beta(x, 2)", "lbeta(2, x)"])
def test_a_function_without_a_value_has_no_digits(text: str) -> None:
    with pytest.raises(NotFiniteError):
        parse(text).evaluate(digits=20, x=-1.5)
