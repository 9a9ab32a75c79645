"""What names and texts mean on paper."""

from __future__ import annotations

import pytest

from gradcli.evaluate.expression import parse
from gradcli.language.readings import function_before, leading_name, likely_text, meaning_of_name
from tests.support.loops import for_each


@for_each(
    ("name", "variables", "meaning"),
    [
        ("mgh", (), "m*g*h"),
        ("ab", ("a", "b"), "a*b"),
        ("abcd", ("a", "b", "c", "d"), "a*b*c*d"),
        ("abcd", (), None),
        ("x1x2", (), "x1*x2"),
        ("x_1x_2", (), "x_1*x_2"),
        ("ωt", (), "ω*t"),
        ("mω", (), "m*ω"),
        ("pix", (), "pi*x"),
        ("omegat", (), "omega*t"),
        ("sinx", (), "sin(x)"),
        ("sin2x", (), "sin(2*x)"),
        ("sinwt", (), "sin(w*t)"),
        ("arctanx", (), "arctan(x)"),
        ("logy", (), "log(y)"),
        ("coswidth", ("width",), "cos(width)"),
        *[
            (name, (), None)
            for name in ("x", "x1", "w12", "theta", "gamma", "dt", "dx", "Δx", "rate", "costs", "v_max")
        ],
        *[
            (name, (), None)
            for name in ("pi", "tau", "v_max", "alpha1", "lr0", "max_value", "single", "x₁", "_", "__a")
        ],
    ],
)
def test_a_name_means_a_product_or_a_call_or_itself(name: str, variables: tuple[str, ...], meaning: str | None) -> None:
    assert meaning_of_name(name, variables) == meaning


def test_words_are_names_where_products_have_signs() -> None:
    assert meaning_of_name("eps") == "e*p*s"
    assert meaning_of_name("eps", has_signs=True) is None
    assert meaning_of_name("wt", has_signs=True) == "w*t"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("½mv²", "1/2*m*v^2"),
        ("m v^2 / r", "m*v^2 / r"),
        ("2 sin x cos 2x", "2*sin(x)*cos(2*x)"),
        ("sin^2 x + cos² x", "sin(x)^2 + cos(x)^2"),
        ("sin²(x) y", "sin²(x)*y"),
        ("ln x + 1", "ln(x) + 1"),
        ("p(1 - p)", "p*(1 - p)"),
        ("x y and z w", "x*y and z*w"),
        ("x if x > 0 else -x", "where(x > 0, x, -x)"),
        ("math.exp(-x)", "exp(-x)"),
        ("x⁻² y", "x^-2*y"),
        ("1/2 m v^2", "1/2*m*v^2"),
        ("y := x z", "y = x*z"),
    ],
)
def test_a_text_is_written_as_it_was_most_likely_meant(text: str, meaning: str) -> None:
    assert likely_text(text) == meaning
    parse(meaning)


def test_the_names_at_the_ends_of_a_text() -> None:
    assert (leading_name("mv² + 1"), leading_name("2x"), leading_name("")) == ("mv", "", "")
    assert (function_before("2 sin"), function_before("2x"), function_before("beta")) == ("sin", None, None)
