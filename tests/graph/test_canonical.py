"""One fraction: what is common comes out, the rest is multiplied out, and what cancels is cancelled."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph.canonical import canonical, expanded, factors, together
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.symbols import Unfit
from gradcli.printing.text import to_text


def ring_of(text: str) -> tuple[Ring, Layout, dict]:  # type: ignore[type-arg]
    root = parse(text).root
    ring = Ring(root.graph.variable("x"))
    return ring, Layout(ring, root.graph), ring.read(root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/x - 1/x^2", "(x - 1)/x^2"),
        ("x*sqrt(1 + x^2) - x^3/sqrt(1 + x^2)", "x/sqrt(x^2 + 1)"),
        ("(x + 1)^2 - (x - 1)^2", "4*x"),
        ("exp(x) + exp(2*x)", "(exp(x) + 1)*exp(x)"),
        ("exp(-x)/(1 + exp(-x))^2", "exp(x)/(exp(x) + 1)^2"),
        ("sin(x)^2*y + cos(x)^2*y", "y"),
        ("sec(x)^2 - 1", "tan(x)^2"),
        ("1 - tanh(x)^2", "sech(x)^2"),
        ("cosh(x)^2 - sinh(x)^2", "1"),
        ("x^4 - 5*x^2 + 4", "(x - 1)*(x + 1)*(x - 2)*(x + 2)"),
        ("x^2/(x + 1) - 1/(x + 1)", "x - 1"),
        ("x - x", "0"),
    ],
)
def test_a_sum_is_one_fraction(text: str, expected: str) -> None:
    ring, layout, form = ring_of(text)
    outside, rest = canonical(ring, form)
    assert to_text(layout.node(ring.product(outside, factors(ring, rest)) if rest else {})) == expected


def test_a_fraction_times_its_polynomial_is_the_sum() -> None:
    ring, _, form = ring_of("x/y + y/x")
    outside, rest = together(ring, form)
    [(monomial, coefficient)] = outside.items()
    assert ring.times(rest, monomial, coefficient) == form


def test_sums_are_multiplied_out_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, layout, form = ring_of("(x + y)^3")
    assert to_text(layout.node(expanded(ring, form))) == "x^3 + 3*x^2*y + 3*x*y^2 + y^3"
    monkeypatch.setattr("gradcli.limits.FORM_TERMS", 3)
    with pytest.raises(Unfit):
        expanded(ring, form)
