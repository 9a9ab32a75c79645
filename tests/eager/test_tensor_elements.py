"""Functions of single elements under PyTorch's names."""

from __future__ import annotations

from typing import Any

from tests.support.loops import for_each
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "add with alpha": lambda t, x, y: t.add(x, y, alpha=2),
    "rsub": lambda t, x: t.rsub(x, 2.0),
    "div rounded down": lambda t, x, y: t.div(x, y, rounding_mode="floor"),
    "div rounded to 0": lambda t, i: [
        t.div(i - 3, two, rounding_mode="trunc") for two in (2, -2, t.tensor([2, -1, 5]))
    ],
    "div of large whole numbers": lambda t, i: t.div(i + (2**62 + 1), 1, rounding_mode="trunc"),
    "floor division": lambda t, x, i: [(x // 2.0).detach(), i // 2, 7 // (i + 1)],
    "remainders": lambda t, x, y, i: [x % y, t.fmod(x, y), (i - 1) % 2, t.fmod(i - 1, 2)],
    "powers of whole numbers": lambda t, i: [i**2, 2**i, i**2.0],
    "round to decimals": lambda t, x: t.round(x * 1.234567, decimals=2).detach(),
    "clamp": lambda t, x: [t.clamp(x, min=0.0), t.clamp(x, max=1.0), x.clamp(-1, 1)],
    "clamp of whole numbers": lambda t, i: i.clamp(max=1),
    "lerp": lambda t, x, y: t.lerp(x, y, 0.25),
    "addcdiv": lambda t, x, y, v: t.addcdiv(x, y, v, value=0.5),
    "comparisons": lambda t, x, y: [x == y, x != 0.5, x > y, t.le(x, y), t.eq(x, x)],
    "logic": lambda t, b, i: [b & (i > 0), b | (i > 0), b ^ True, ~b, i & 1, t.logical_not(i)],
    "where": lambda t, b, x, y: [t.where(b, x, y), x.where(b, y), t.where(b, x, 0.0)],
    "where of a condition": lambda t, b: t.where(b),
    "masked_fill": lambda t, x, b: x.masked_fill(b, -1.0),
    "nan_to_num": lambda t, x: t.nan_to_num(x / 0.0 * 0.0 + x, nan=3.0).detach(),
    "conversions": lambda t, x, i: [x.long(), i.float(), i.double() * x, x.to(t.float32).detach(), i.bool()],
    "means of neighbours": lambda t, x, y: [t.maximum(x, y), t.minimum(x, y)],
    "copysign": lambda t, x, y: t.copysign(x, y),
    "equality of tensors": lambda t, x, y: [t.equal(x, x), t.equal(x, y), t.allclose(x, x + 1e-9)],
    "heaviside": lambda t, x, y: t.heaviside(x.detach(), y.detach()),
    "incomplete gamma": lambda t, y: [
        t.special.gammainc(y.detach().abs(), y.abs() + 0.5),
        y.detach().abs().igammac(abs(y) + 0.5),
    ],
    "softplus": lambda t, x: t.nn.functional.softplus(x, beta=2.0),
}


@for_each("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])
