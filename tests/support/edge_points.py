"""The gradient at edge points, as tables: kinks, ends, poles, jumps and infinities."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["INFINITIES", "ROWS", "TABLE", "Row", "xy"]

INF, NAN = math.inf, math.nan
LN2 = 0.6931471805599453


class Row(NamedTuple):
    """An expression at a point, its gradient in the order of the variables, and the kinds of its notes."""

    text: str
    point: dict[str, float]
    gradient: tuple[float, ...]
    notes: tuple[str, ...] = ()
    value: float | None = None

    def __str__(self) -> str:
        return f"{self.text} at {', '.join(f'{name}={value!r}' for name, value in self.point.items())}"


def xy(x: float, y: float) -> dict[str, float]:
    """Return the point of two variables."""
    return {"x": x, "y": y}


KINKS_AND_TIES = [
    Row("abs(x)", {"x": 0.0}, (0.0,), ("kink",)),
    Row("relu(x)", {"x": 0.0}, (0.0,), ("kink",)),
    Row("max(x, 0)", {"x": 0.0}, (0.5,), ("kink",)),
    Row("max(x, y)", xy(1.0, 1.0), (0.5, 0.5), ("kink",)),
    Row("min(x, y)", xy(1.0, 1.0), (0.5, 0.5), ("kink",)),
    Row("max(x, y, z)", {"x": 1.0, "y": 1.0, "z": 0.0}, (0.5, 0.5, 0.0), ("kink",)),
    Row("max(x, y, z)", {"x": 2.0, "y": 2.0, "z": 2.0}, (1 / 3, 1 / 3, 1 / 3), ("kink",)),
    Row("max(x, y)", xy(0.0, -0.0), (0.5, 0.5), ("kink",)),
    Row("max(x, y)", xy(NAN, 1.0), (NAN, NAN), ("undefined",), NAN),
    Row("max(x, y)", xy(1.0, NAN), (NAN, NAN), ("undefined",), NAN),
    Row("min(x, y)", xy(NAN, 1.0), (NAN, NAN), ("undefined",), NAN),
    Row("sign(x)", {"x": 0.0}, (0.0,), ("jump",), 0.0),
    Row("step(x)", {"x": 0.0}, (0.0,), ("jump",), 0.5),
    Row("floor(x)", {"x": 2.0}, (0.0,), ("jump",), 2.0),
    Row("floor(x)", {"x": 2.5}, (0.0,), (), 2.0),
    Row("ceil(x)", {"x": 2.0}, (0.0,), ("jump",), 2.0),
    Row("round(x)", {"x": 2.5}, (0.0,), ("jump",), 2.0),
    Row("round(x)", {"x": 3.5}, (0.0,), ("jump",), 4.0),
    Row("mod(x, y)", xy(6.0, 3.0), (1.0, -2.0), ("jump",), 0.0),
    Row("mod(x, y)", xy(-7.0, 3.0), (1.0, 3.0), (), 2.0),
    Row("mod(x, y)", xy(7.0, -3.0), (1.0, 3.0), (), -2.0),
    Row("mod(x, y)", xy(5.0, 0.0), (NAN, NAN), ("domain",), NAN),
    Row("hypot(x, y)", xy(0.0, 0.0), (0.0, 0.0), ("kink",)),
    Row("sqrt(x*x)", {"x": 0.0}, (NAN,), ("end",)),
    Row("sqrt(x^2)", {"x": 0.0}, (NAN,), ("end",)),
    Row("leaky_relu(x)", {"x": 0.0}, (0.01,), ("kink",)),
    Row("selu(x)", {"x": 0.0}, (1.0507009873554805,), ("kink",)),
    Row("elu(x)", {"x": 0.0}, (1.0,)),
    Row("hard_tanh(x)", {"x": 1.0}, (0.0,), ("kink",)),
    Row("hard_tanh(x)", {"x": -1.0}, (0.0,), ("kink",)),
    Row("softsign(x)", {"x": 0.0}, (1.0,)),
    Row("clip(x, -1, 1)", {"x": 1.0}, (0.5,), ("kink",)),
    Row("clip(x, -1, 1)", {"x": -1.0}, (0.5,), ("kink",)),
    Row("clip(x, y, 9)", xy(1.0, 1.0), (0.5, 0.5), ("kink",)),
    Row("clip(x, y, z)", {"x": 1.0, "y": 1.0, "z": 1.0}, (1 / 3, 1 / 3, 1 / 3), ("kink",)),
    Row("clip(x, y, z)", {"x": 0.0, "y": 2.0, "z": 2.0}, (0.0, 0.5, 0.5), ("kink",)),
    Row("clip(x, y, z)", {"x": 1.0, "y": 2.0, "z": 1.0}, (0.0, 0.0, 1.0), (), 1.0),
]

ENDS_AND_SLOPES = [
    Row("sqrt(x)", {"x": 0.0}, (INF,), ("end",)),
    Row("sqrt(x)", {"x": -0.0}, (INF,), ("end",)),
    Row("sqrt(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("cbrt(x)", {"x": 0.0}, (INF,), ("slope",)),
    Row("cbrt(x)", {"x": -0.0}, (INF,), ("slope",)),
    Row("log(x)", {"x": 0.0}, (INF,), ("end",), -INF),
    Row("log(x)", {"x": -0.0}, (INF,), ("end",), -INF),
    Row("log(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("log2(x)", {"x": -0.0}, (INF,), ("end",), -INF),
    Row("log2(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("log10(x)", {"x": -0.0}, (INF,), ("end",), -INF),
    Row("log10(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("log1p(x)", {"x": -1.0}, (INF,), ("end",), -INF),
    Row("log1p(x)", {"x": -2.0}, (NAN,), ("domain",), NAN),
    Row("1/x", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("1/x", {"x": -0.0}, (-INF,), ("pole",), -INF),
    Row("asin(x)", {"x": 1.0}, (INF,), ("end",)),
    Row("asin(x)", {"x": -1.0}, (INF,), ("end",)),
    Row("asin(x)", {"x": 2.0}, (NAN,), ("domain",), NAN),
    Row("acos(x)", {"x": 1.0}, (-INF,), ("end",)),
    Row("acos(x)", {"x": -1.0}, (-INF,), ("end",)),
    Row("acos(x)", {"x": -2.0}, (NAN,), ("domain",), NAN),
    Row("acosh(x)", {"x": 1.0}, (INF,), ("end",)),
    Row("acosh(x)", {"x": 0.5}, (NAN,), ("domain",), NAN),
    Row("atanh(x)", {"x": 1.0}, (INF,), ("pole",), INF),
    Row("atanh(x)", {"x": -1.0}, (INF,), ("pole",), -INF),
    Row("atanh(x)", {"x": 2.0}, (NAN,), ("domain",), NAN),
    Row("atan2(x, y)", xy(0.0, 0.0), (NAN, NAN), ("jump",)),
    Row("atan2(x, y)", xy(0.0, -1.0), (-1.0, 0.0), ("branch cut",)),
    Row("exp(x)", {"x": 1000.0}, (INF,), ("overflow",), INF),
    Row("tan(x)", {"x": math.pi / 2}, (2.6670937881135714e32,)),
    Row("csc(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("cot(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("csch(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("coth(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("gamma(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("gamma(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("lgamma(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("digamma(x)", {"x": 0.0}, (INF,), ("pole",), -INF),
    Row("digamma(x)", {"x": -2.0}, (NAN,), ("domain",), NAN),
    Row("x!", {"x": -2.0}, (NAN,), ("domain",), NAN),
]

POWERS = [
    Row("x^y", xy(0.0, 0.0), (0.0, NAN), ("jump",), 1.0),
    Row("x^y", xy(0.0, 2.0), (0.0, 0.0), (), 0.0),
    Row("x^y", xy(0.0, 1.0), (1.0, 0.0), (), 0.0),
    Row("x^y", xy(0.0, 0.5), (INF, 0.0), ("end",), 0.0),
    Row("x^y", xy(0.0, -1.0), (-INF, -INF), ("pole",), INF),
    Row("x^y", xy(-2.0, 3.0), (12.0, NAN), ("end",), -8.0),
    Row("x^y", xy(-2.0, 0.5), (NAN, NAN), ("domain",), NAN),
    Row("x^y", xy(2.0, 0.0), (0.0, LN2), (), 1.0),
    Row("x^2", {"x": -3.0}, (-6.0,)),
    Row("x^3", {"x": -3.0}, (27.0,)),
    Row("x^(-1)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("x^0.5", {"x": 0.0}, (INF,), ("end",)),
    Row("x^0", {"x": 0.0}, (0.0,)),
    Row("x^1", {"x": 0.0}, (1.0,)),
    Row("0^x", {"x": 0.0}, (NAN,), ("jump",), 1.0),
    Row("0^x", {"x": 2.0}, (0.0,), (), 0.0),
    Row("(-2)^x", {"x": 3.0}, (NAN,), ("end",), -8.0),
]

SINGULARITIES_AND_BRANCHES = [
    Row("x*log(x)", {"x": 0.0}, (NAN,), ("end", "domain"), NAN),
    Row("xlogy(x, x)", {"x": 0.0}, (-INF,), ("end",), 0.0),
    Row("xlogy(x, y)", xy(0.0, 0.0), (-INF, 0.0), ("end",), 0.0),
    Row("xlogy(x, y)", xy(0.0, 5.0), (math.log(5.0), 0.0), (), 0.0),
    Row("x/x", {"x": 0.0}, (NAN,), ("domain",), NAN),
    Row("sin(x)/x", {"x": 0.0}, (NAN,), ("domain",), NAN),
    Row("sinc(x)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("where(x>0, sqrt(x), 0)", {"x": 0.0}, (0.0,), ("kink",), 0.0),
    Row("where(x>0, sqrt(x), 0)", {"x": -1.0}, (0.0,), (), 0.0),
    Row("where(x>0, log(x), 0)", {"x": 0.0}, (0.0,), ("jump",), 0.0),
    Row("where(x!=0, sin(x)/x, 1)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("where(x!=0, sin(where(x!=0, x, 1))/where(x!=0, x, 1), 1)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("log(exp(x))", {"x": 1000.0}, (NAN,), ("overflow",), INF),
    # A strong zero covers all that the branch is made of, and a selection is a branch too.
    Row("where(x>0, exp(sqrt(x))/x, x)", {"x": 0.0}, (1.0,), ("jump",), 0.0),
    Row("max(sqrt(x), 1)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("clip(1/x, 0, 9)", {"x": 0.0}, (0.0,), (), 9.0),
    Row("relu(-sqrt(x) - 1)", {"x": 0.0}, (0.0,), (), 0.0),
    # But an infinite slope times a value of 0 is no strong zero.
    Row("sqrt(x)*cbrt(x)", {"x": 0.0}, (NAN,), ("slope", "end"), 0.0),
]

# A function that has a value at infinity has the limit of its slope there.
INFINITIES = [
    Row("silu(x)", {"x": INF}, (1.0,)),
    Row("silu(x)", {"x": -INF}, (0.0,)),
    Row("mish(x)", {"x": INF}, (1.0,)),
    Row("mish(x)", {"x": -INF}, (0.0,)),
    Row("gelu(x)", {"x": INF}, (1.0,)),
    Row("gelu(x)", {"x": -INF}, (0.0,)),
    Row("gelu_tanh(x)", {"x": INF}, (1.0,)),
    Row("gelu_tanh(x)", {"x": -INF}, (0.0,)),
    Row("softplus(x)", {"x": INF}, (1.0,)),
    Row("sigmoid(x)", {"x": INF}, (0.0,)),
    Row("tanh(x)", {"x": -INF}, (0.0,)),
    Row("erf(x)", {"x": INF}, (0.0,)),
    Row("atan(x)", {"x": INF}, (0.0,)),
    Row("asinh(x)", {"x": -INF}, (0.0,)),
    Row("hypot(x, y)", xy(INF, 1.0), (1.0, 0.0)),
    Row("log(x)", {"x": INF}, (0.0,)),
    Row("sqrt(x)", {"x": INF}, (0.0,)),
    Row("relu(x)", {"x": INF}, (1.0,)),
    Row("exp(x)", {"x": -INF}, (0.0,)),
    Row("sinc(x)", {"x": INF}, (0.0,), (), 0.0),
]

TABLE = [*KINKS_AND_TIES, *ENDS_AND_SLOPES, *POWERS, *SINGULARITIES_AND_BRANCHES]
ROWS = [*TABLE, *INFINITIES]
