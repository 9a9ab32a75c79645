"""The special points of functions are all found, none is invented, and each is where it is."""

import math
import random
from math import e, pi, sqrt

import pytest

from gradcli import limits
from gradcli.evaluate.curve_features import KINDS, Features, features_of
from gradcli.evaluate.expression import parse
from gradcli.evaluate.univariate import univariate
from tests.support.loops import for_each

inf = math.inf


def features(text: str, low: float = -3.0, high: float = 3.0, **at: float) -> Features:
    return features_of(univariate(parse(text, variables={"x"}), "x", at), low, high)


#: Extrema of gamma, and the inflection point of log(gamma) etc. are computed by mpmath in the test itself; other places
#: are closed formulas, or roots of the equations beside them.
TAN = 4.493409457909064 / 2 / pi  # tan(t) = t
SINC_BEND = 2.0815759778181006  # (2 - x^2) sin(x) = 2 x cos(x)
#: expression -> kind -> places between -3 and 3, where nothing else is special
CASES: dict[str, dict[str, list[float]]] = {
    # smooth
    "x": {"zero": [0]},
    "2": {},
    "x^2": {"zero": [0], "minimum": [0]},
    "x^3": {"zero": [0], "inflection": [0]},
    "x^4": {"zero": [0], "minimum": [0]},
    "x^3 - 3x": {"zero": [-sqrt(3), 0, sqrt(3)], "maximum": [-1], "minimum": [1], "inflection": [0]},
    "x^3 - 3x^2 + 3x - 1": {"zero": [1], "inflection": [1]},
    "(x^2 - 2)^2": {
        "zero": [-sqrt(2), sqrt(2)],
        "minimum": [-sqrt(2), sqrt(2)],
        "maximum": [0],
        "inflection": [-sqrt(2 / 3), sqrt(2 / 3)],
    },
    "(x - 1)*(x - 1.000001)": {"zero": [1, 1.000001], "minimum": [1.0000005]},
    "x^100": {"zero": [0], "minimum": [0]},
    "exp(-x^2)": {"maximum": [0], "inflection": [-sqrt(0.5), sqrt(0.5)]},
    "exp(x) - 1 - x": {"zero": [0], "minimum": [0]},
    "cos(x) - 1": {"zero": [0], "maximum": [0], "inflection": [-pi / 2, pi / 2]},
    "sin(x)^2 + cos(x)^2": {},
    "1/(1 + exp(-x))": {"inflection": [0]},
    "tanh(50x)": {"zero": [0], "inflection": [0]},
    "1/((x - 0.125)^2 + 1e-8)": {"maximum": [0.125], "inflection": [0.125 - 1e-4 / sqrt(3), 0.125 + 1e-4 / sqrt(3)]},
    "log(1 + x^2)": {"zero": [0], "minimum": [0], "inflection": [-1, 1]},
    "softplus(x)": {},
    "erf(x)": {"zero": [0], "inflection": [0]},
    # poles
    "1/x": {"pole": [0]},
    "1/x^2": {"pole": [0]},
    "1/(x^2 - 1)": {"pole": [-1, 1], "maximum": [0]},
    "1/(x^2 - 2x + 1)": {"pole": [1]},
    "1/(x^2 - 2)^2": {"pole": [-sqrt(2), sqrt(2)], "minimum": [0]},
    "x/(x^2 - 1)": {"pole": [-1, 1], "zero": [0], "inflection": [0]},
    "tan(x)": {"pole": [-pi / 2, pi / 2], "zero": [0], "inflection": [0]},
    "tan(x)^2": {"pole": [-pi / 2, pi / 2], "zero": [0], "minimum": [0]},
    "sec(x)": {"pole": [-pi / 2, pi / 2], "minimum": [0]},
    "csc(x)": {"pole": [0], "maximum": [-pi / 2], "minimum": [pi / 2]},
    "cot(x)": {"pole": [0], "zero": [-pi / 2, pi / 2], "inflection": [-pi / 2, pi / 2]},
    "1/sin(x)": {"pole": [0], "maximum": [-pi / 2], "minimum": [pi / 2]},
    "gamma(x)": {
        "pole": [-3, -2, -1, 0],
        "maximum": [-2.6107208684441446, -0.5040830082644554],
        "minimum": [-1.5734984731623904, 1.4616321449683624],
    },
    "log(x)": {"pole": [0], "zero": [1]},
    "log(abs(x))": {"pole": [0], "zero": [-1, 1]},
    "log(x^2)": {"pole": [0], "zero": [-1, 1]},
    "atanh(x)": {"pole": [-1, 1], "zero": [0], "inflection": [0]},
    "exp(1/x)": {"pole": [0], "inflection": [-0.5]},
    "1/log(x)": {"end": [0], "pole": [1], "inflection": [e**-2]},
    # holes
    "sin(x)/x": {"hole": [0], "inflection": [-SINC_BEND, SINC_BEND]},
    "(x^2 - 1)/(x - 1)": {"hole": [1], "zero": [-1]},
    "x/x": {"hole": [0]},
    "exp(-1/x^2)": {"hole": [0], "inflection": [-sqrt(2 / 3), sqrt(2 / 3)]},
    "where(x == 0, 5, x)": {"hole": [0]},
    # kinks
    "abs(x)": {"kink": [0], "zero": [0], "minimum": [0]},
    "abs(x^2 - 2)": {
        "kink": [-sqrt(2), sqrt(2)],
        "zero": [-sqrt(2), sqrt(2)],
        "minimum": [-sqrt(2), sqrt(2)],
        "maximum": [0],
    },
    "abs(abs(x) - 1)": {"kink": [-1, 0, 1], "zero": [-1, 1], "minimum": [-1, 1], "maximum": [0]},
    "abs(sin(x))": {"kink": [0], "zero": [0], "minimum": [0], "maximum": [-pi / 2, pi / 2]},
    "max(x, x^2)": {"kink": [0, 1], "zero": [0], "minimum": [0]},
    "max(x, -x, 1)": {"kink": [-1, 1]},
    "clip(x, -1, 1)": {"kink": [-1, 1], "zero": [0]},
    "relu(x)": {"kink": [0], "zero": [-3]},
    "x*abs(x)": {"zero": [0], "inflection": [0]},
    "abs(x)^2": {"zero": [0], "minimum": [0]},
    "sqrt(abs(x))": {"kink": [0], "zero": [0], "minimum": [0]},
    "cbrt(x)": {"vertical tangent": [0], "zero": [0]},
    "hypot(x, 0)": {"kink": [0], "zero": [0], "minimum": [0]},
    # ends of the domain
    "sqrt(x)": {"end": [0], "zero": [0]},
    "sqrt(x^2 - 1)": {"end": [-1, 1], "zero": [-1, 1]},
    "sqrt(1e-6 - x^2)": {"end": [-0.001, 0.001], "zero": [-0.001, 0.001], "maximum": [0]},
    "x^x": {"end": [0], "minimum": [1 / e]},
    "xlogy(x, x)": {"end": [0], "zero": [0, 1], "minimum": [1 / e]},
    "asin(x)": {"end": [-1, 1], "zero": [0], "inflection": [0]},
    "acosh(x)": {"end": [1], "zero": [1]},
    # jumps
    "floor(x)": {"jump": [-3, -2, -1, 0, 1, 2, 3], "zero": [0]},
    "round(x)": {"jump": [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], "zero": [-0.5]},
    "sign(x)": {"jump": [0], "zero": [0]},
    "x % 1": {"jump": [-3, -2, -1, 0, 1, 2, 3], "zero": [-3, -2, -1, 0, 1, 2, 3]},
    "step(x - 1)": {"jump": [1], "zero": [-3]},
    "atan(1/x)": {"jump": [0]},
    "x/abs(x)": {"jump": [0]},
    "where(x < 1, x, 2x)": {"jump": [1], "zero": [0]},
    "where(x < 0, -1, where(x > 1, 1, x))": {"jump": [0], "zero": [0], "kink": [1]},
    "floor(cos(x))": {"jump": [-pi / 2, pi / 2], "hole": [0], "zero": [-pi / 2, 0]},
    "ceil(x) - floor(x)": {"hole": [-3, -2, -1, 0, 1, 2, 3], "zero": [-3, -2, -1, 0, 1, 2, 3]},
    "1/floor(x)": {"jump": [-3, -2, -1, 2, 3], "end": [0, 1]},
    "atan2(x, -1)": {"jump": [0]},
}


@for_each("text", CASES)
def test_all_special_points_are_found_and_none_is_invented(text: str) -> None:
    found = features(text)
    places: dict[str, list[float]] = {}
    for one in found.found:
        places.setdefault(one.kind, []).append(one.x)
    assert {kind: len(x) for kind, x in places.items()} == {kind: len(x) for kind, x in CASES[text].items()}
    for kind, expected in CASES[text].items():
        assert places[kind] == pytest.approx(expected, rel=1e-12, abs=1e-12), kind
    assert found.incomplete == []


#: expression, kind, number among those of this kind -> value, left, right
SIDES = [
    ("1/x", "pole", 0, None, -inf, inf),
    ("1/x^2", "pole", 0, None, inf, inf),
    ("tan(x)", "pole", 0, None, inf, -inf),
    ("log(x)", "pole", 0, None, None, -inf),
    ("exp(1/x)", "pole", 0, None, 0.0, inf),
    ("sin(x)/x", "hole", 0, None, 1.0, 1.0),
    ("(1 - cos(x))/x^2", "hole", 0, None, 0.5, 0.5),
    ("(x^2 - 1)/(x - 1)", "hole", 0, None, 2.0, 2.0),
    ("where(x == 0, 5, x)", "hole", 0, 5.0, 0.0, 0.0),
    ("floor(x)", "jump", 3, 0.0, -1.0, 0.0),
    ("sign(x)", "jump", 0, 0.0, -1.0, 1.0),
    ("step(x)", "jump", 0, 0.5, 0.0, 1.0),
    ("atan(1/x)", "jump", 0, None, -pi / 2, pi / 2),
    ("abs(x)", "kink", 0, 0.0, -1.0, 1.0),
    ("abs(x^2 - 1)", "kink", 1, 0.0, -2.0, 2.0),
    ("max(x, x^2)", "kink", 1, 1.0, 1.0, 2.0),
    ("sqrt(abs(x))", "kink", 0, 0.0, -inf, inf),
    ("cbrt(x)", "vertical tangent", 0, 0.0, inf, inf),
    ("sqrt(x)", "end", 0, 0.0, None, 0.0),
    ("1/log(x)", "end", 0, None, None, 0.0),
    ("acos(x)", "end", 0, pi, None, pi),
    ("sin(1/x)", "oscillation", 0, None, None, None),
]


@pytest.mark.parametrize(("text", "kind", "number", "value", "left", "right"), SIDES)
def test_a_point_has_its_value_and_what_comes_from_both_sides(
    text: str, kind: str, number: int, value: float | None, left: float | None, right: float | None
) -> None:
    one = [one for one in features(text).found if one.kind == kind][number]
    for found, expected in zip((one.value, one.left, one.right), (value, left, right), strict=True):
        assert found == (expected if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-12))


def drawn_places(generator: random.Random, count: int) -> list[float]:
    """Some numbers between -2.9 and 2.9 with one to six digits behind the point."""
    places: list[float] = []
    while len(places) < count:
        place = round(generator.uniform(-2.9, 2.9), generator.choice([1, 2, 6]))
        if all(abs(place - other) > 1e-3 for other in places):
            places.append(place)
    return sorted(places)


def whole_numbers(low: float, high: float) -> range:
    return range(math.ceil(low - 1e-12), math.floor(high + 1e-12) + 1)


@pytest.mark.parametrize("seed", range(5))
def test_places_that_were_put_into_a_formula_are_found(seed: int) -> None:
    generator = random.Random(seed)

    def check(text: str, kind: str, expected: list[float]) -> None:
        found = features(text)
        assert [one.x for one in found.found if one.kind == kind] == pytest.approx(expected, rel=1e-12, abs=1e-12), text
        assert found.incomplete == []

    def from_(place: float) -> str:
        return f"(x - {place})" if place >= 0.0 else f"(x + {-place})"

    places = drawn_places(generator, generator.randint(2, 7))
    poles = sorted(generator.sample(places, generator.randint(1, len(places) - 1)))
    zeros = [place for place in places if place not in poles]
    quotient = f"{'*'.join(map(from_, zeros))}/({'*'.join(map(from_, poles))})"
    check(quotient, "zero", zeros)
    check(quotient, "pole", poles)
    check(" + ".join(f"{generator.choice(['1', '3', '0.5'])}*abs{from_(place)}" for place in places), "kink", places)
    steps, shift = generator.choice([0.5, 0.7, 1.0, 2.0, 3.0]), round(generator.uniform(0.0, 1.0), 2)
    levels = whole_numbers(shift - 3.0 * steps, shift + 3.0 * steps)
    check(f"floor({steps}*x + {shift})", "jump", [(level - shift) / steps for level in levels])
    speed = generator.choice([1, 2, 5, 17, 40])
    turns = whole_numbers((shift - 3.0 * speed) / math.pi, (shift + 3.0 * speed) / math.pi)
    check(f"sin({speed}*x + {shift})", "zero", [(turn * math.pi - shift) / speed for turn in turns])
    first, second = places[:2]
    check(f"sin{from_(first)}/{from_(first)} + abs{from_(second)}", "hole", [first])
    check(f"sqrt{from_(first)} + 1/{from_(second)}", "end", [first])
    check(f"where(x < {first}, x, where(x < {second}, x^2 + 9, 20))", "jump", [first, second])


def test_smooth_points_have_their_values_and_slopes() -> None:
    zero, minimum = features("x^2 - 4", 0.0, 3.0).found[::-1]
    assert (zero.kind, zero.x, zero.value, zero.slope) == ("zero", 2.0, 0.0, 4.0)
    assert (minimum.kind, minimum.x, minimum.value) == ("minimum", 0.0, -4.0)
    (bend,) = [one for one in features("1/(1 + exp(-x))").found if one.kind == "inflection"]
    assert (bend.value, bend.slope) == (0.5, 0.25)


def test_a_zero_may_be_an_interval() -> None:
    (zero,) = [one for one in features("relu(x - 1)").found if one.kind == "zero"]
    assert (zero.x, zero.to) == (-3.0, 1.0)
    assert features("0*x").found == [features("x - x").found[0]]


def test_poles_that_are_too_many_are_not_listed_and_the_list_says_so() -> None:
    found = features("tan(1/x)")
    assert {"pole", "zero"} <= {*found.incomplete}
    outer = [one.x for one in found.found if one.kind == "pole"]
    assert outer[0] == pytest.approx(-2 / pi, rel=1e-12)
    poles = [2 / (pi * number) for number in range(-41, 42, 2)]
    assert all(any(math.isclose(x, pole, rel_tol=1e-12) for pole in poles) for x in outer)


@pytest.mark.parametrize("text", ["sin(1/x)", "x*sin(1/x)", "x^2*sin(1/x)"])
def test_zeros_that_accumulate_are_listed_as_far_as_they_can_be_told_apart(text: str) -> None:
    found = features(text)
    assert "zero" in found.incomplete
    zeros = [one.x for one in found.found if one.kind == "zero" and one.x > 0.0]
    assert zeros == pytest.approx([1 / (pi * number) for number in range(len(zeros), 0, -1)], rel=1e-12)


def test_no_oscillation_is_invented_where_doubles_are_far_apart() -> None:
    found = features("tan(x) + abs(x)", 1e15, 1.0000001e15)
    assert found.incomplete
    assert not any(one.kind == "oscillation" for one in found.found)


def test_there_is_a_bound_on_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CURVE_FEATURES", 5)
    found = features("sin(10x)")
    assert [one.kind for one in found.found].count("zero") == 5
    assert found.incomplete == ["zero", "minimum", "maximum", "inflection"]
    assert features("floor(10x)").incomplete[0] == "jump"


def test_other_variables_have_values() -> None:
    zeros = [one.x for one in features("a*x^2 - b", a=4.0, b=1.0).found if one.kind == "zero"]
    assert zeros == [-0.5, 0.5]


def test_points_of_one_place_come_in_the_order_of_their_kinds() -> None:
    found = features("abs(x)*sign(x - 1)").found
    assert found == sorted(found, key=lambda one: (one.x, KINDS.index(one.kind)))


def test_a_curve_is_broken_where_its_function_is() -> None:
    assert features("1/x + floor(x)", 0.5, 2.5).breaks == [1.0, 2.0]
    assert features("abs(x)").breaks == []
