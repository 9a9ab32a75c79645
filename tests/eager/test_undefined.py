"""`gradcli.eager.undefined`: the sentence about a derivative that is nan."""

from __future__ import annotations

import warnings

import pytest

from gradcli.eager.undefined import warn_undefined
from gradcli.primitives import REGISTRY

SIN, SQRT, HYPOT = REGISTRY["sin"], REGISTRY["sqrt"], REGISTRY["hypot"]


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ([(SIN, [1.0], 0.84), (SQRT, [0.0], 0.0)], "; see sqrt(0.0): the square root has an infinite slope at 0"),
        ([(HYPOT, [0.0, 0.0], 0.0), (SQRT, [0.0], 0.0)], "; see sqrt(0.0): the square root has an infinite slope at 0"),
        ([(SIN, [1.0], 0.84), (HYPOT, [0.0, 0.0], 0.0)], "; see hypot(0.0, 0.0): the length has a kink at the origin"),
        ([(SIN, [1.0], 0.84), ("mine", [0.0], 0.0)], ""),
    ],
)
def test_the_operation_to_blame_is_named(operations: list[tuple[object, list[float], float]], words: str) -> None:
    with pytest.warns(RuntimeWarning) as told:
        warn_undefined(2.0, operations)
    assert str(told[0].message).startswith(f"a derivative is nan, though the function has the value 2.0{words}")
    assert told[0].filename == __file__


def test_the_package_tells_itself_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec("warn_undefined(2.0, [])", {"warn_undefined": warn_undefined, "__name__": "gradcli.train.engines"})
