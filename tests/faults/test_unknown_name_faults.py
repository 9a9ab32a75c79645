"""A name that an expression lacks is an error, and a value that is given wins over a constant of the same name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import compile as compiled
from gradcli import parse
from gradcli.errors import UsageError

#: The calls, the name that is refused, and the hint.
UNKNOWN: dict[str, tuple[Callable[[], Any], str, str]] = {
    "derivative in capitals": (lambda: parse("x^2*y").derivative("X"), "X", "did you mean `x`?"),
    "derivative, mistyped": (lambda: parse("rate^2*y").derivative("raet"), "raet", "did you mean `rate`?"),
    "derivative of a derivative": (lambda: parse("x^2").derivative("x").derivative("q"), "q", "its variables: x"),
    "derivative without variables": (lambda: parse("1+1").derivative("x"), "x", "it has no variables"),
    "derivative by a constant": (
        lambda: parse("x*tau").derivative("tau"),
        "tau",
        "`tau` is a constant here; parse(text, variables=['tau']) makes it a variable",
    ),
    "a value too many": (lambda: parse("x*y")(x=2, y=3, zz=1), "zz", "its variables: x, y"),
    "a value for a mistyped name": (lambda: parse("rate*y")(rte=2, y=3), "rte", "did you mean `rate`?"),
    "a value by position and a mistyped one": (lambda: parse("x+y")(2, yy=3), "yy", "did you mean `y`?"),
    "gradient": (lambda: parse("x*y").gradient(x=2, y=3, Y=1), "Y", "did you mean `y`?"),
    "a constant that isn't there": (lambda: parse("e^x")(x=1, pi=3), "pi", "its variables: x"),
    "a name that a definition has": (lambda: parse("r = 2*x; r^2")(x=1, r=3), "r", "its variables: x"),
    "arrays": (lambda: parse("sum(v)")(v=[1, 2], w=3), "w", "did you mean `v`?"),
    "compile": (lambda: compiled("x*y")(x=1.0, y=2.0, zz=3.0), "zz", "its variables: x, y"),
    "compile, a constant that isn't there": (lambda: compiled("x*y")(x=1.0, y=2.0, e=3.0), "e", "its variables: x, y"),
    "compile with wrt": (lambda: compiled("x*y", wrt=["z"]), "z", "its variables: x, y"),
}


@pytest.mark.parametrize(("run", "name", "hint"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_name_that_the_expression_lacks_is_refused(run: Callable[[], Any], name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        run()
    assert (caught.value.message, caught.value.kind) == (f"the expression has no variable `{name}`", "unknown_variable")
    if not (name == "w" and caught.value.hint != hint):
        assert caught.value.hint == hint


#: Closed forms.
GIVEN: dict[str, tuple[Callable[[], Any], Any]] = {
    "tau": (lambda: parse("exp(-t/tau)")(t=1, tau=2), math.exp(-0.5)),
    "e": (lambda: parse("a*(1-e^2)")(a=1, e=0.5), 0.75),
    "pi": (lambda: parse("pi*x")(x=2, pi=3), 6.0),
    "phi": (lambda: parse("sin(w*t+phi)")(w=1, t=2, phi=-2), 0.0),
    "the constant, if it isn't given": (lambda: parse("exp(-t/tau)")(t=1), math.exp(-1.0 / math.tau)),
    "two of them": (lambda: parse("e*tau")(e=2, tau=5), 10.0),
    "arrays": (lambda: parse("sum(e*x)")(x=[1, 2], e=[3, 4]), 11.0),
    "gradient": (lambda: parse("a*(1-e^2)").gradient(a=1, e=0.5), {"a": 0.75, "e": -1.0}),
    "a derivative": (lambda: parse("t^2/tau").derivative("t")(t=3, tau=2), 3.0),
    "a derivative of a power": (lambda: parse("x^e").derivative("x")(x=3, e=2), 6.0),
    "a second derivative": (lambda: parse("x^3*e").derivative("x").derivative("x")(x=2, e=10), 120.0),
    "compiled": (lambda: compiled("exp(-t/tau)", derivatives="value")(t=1.0, tau=2.0), math.exp(-0.5)),
    "compiled, by position": (lambda: compiled("exp(-t/tau)", derivatives="value")(1.0, tau=2.0), math.exp(-0.5)),
    "compiled, with its gradient": (
        lambda: compiled("a*(1-e^2)", derivatives="gradient")(a=1.0, e=0.5),
        {"a": 0.75},
    ),
    "by position": (lambda: parse("x^2*y")(3, 2), 18.0),
    "by position and by name": (lambda: parse("x^2*y")(3, y=2), 18.0),
}


@pytest.mark.parametrize(("run", "expected"), GIVEN.values(), ids=GIVEN)
def test_a_value_that_is_given_wins_over_a_constant(run: Callable[[], Any], expected: Any) -> None:
    found = run()
    if isinstance(expected, dict):
        assert {name: float(one) for name, one in found.items()} == pytest.approx(expected, rel=1e-15)
    else:
        assert np.asarray(found) == pytest.approx(expected, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: parse("x*y")(1, 2, 3), "3 values for 2 variables"),
        (lambda: parse("x*y")(1, x=2), "`x` is given by position and by name"),
        (lambda: parse("x*y").derivative("x", 1.5), "a whole number of at least 0, not 1.5"),
        (lambda: parse("x*y").derivative("x", -1), "a whole number of at least 0, not -1"),
    ],
)
def test_values_that_do_not_fit_are_refused(run: Callable[[], Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run()
