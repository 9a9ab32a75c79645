"""Changes in place: what shares memory, and what can't be differentiated after a change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.pullback import pushforward
from gradcli.eager.record import CLOCK
from gradcli.eager.storage import CHANGES, changed_since, memory_of, shares_memory, write
from gradcli.eager.tensor import Tensor


def test_views_share_the_memory_that_their_last_base_owns() -> None:
    array = np.zeros((2, 3))
    view = array.T[1:]
    assert memory_of(view) is array
    assert shares_memory(view, array[0])
    assert not shares_memory(view, array.copy())


def test_a_change_is_noted_with_its_time() -> None:
    array = np.zeros(3)
    before = next(CLOCK)
    assert write(array, [1.0, 2.0, 3.0]) is array
    assert changed_since(array[1:], before)
    assert not changed_since(array, CHANGES.last)
    assert not changed_since(np.zeros(3), before)
    write(array, 7.0, key=(1,))
    assert array.tolist() == [1.0, 7.0, 3.0]
    assert not array.flags.writeable


def test_an_expanded_array_is_not_changed_in_place() -> None:
    x = Tensor([1.0]).expand(3)
    with pytest.raises(RuntimeError, match=r"^several elements of an expanded tensor lie at one place"):
        x.zero_()
    assert x.clone().zero_().tolist() == [0.0] * 3


CHANGED = {
    "an operand": (lambda x, y: y * y, True),
    "the result": (lambda x, y: y.exp(), False),
    "an operand that no rule reads": (lambda x, y: y + 1.0, None),
    "an operand of a sum": (lambda x, y: y.sum(), None),
    "a view": (lambda x, y: y.reshape(2, 1), True),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_a_rule_reads_may_not_change(case: str) -> None:
    function, changes_operand = CHANGED[case]
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    z = function(x, y)
    with gradcli.no_grad():
        (z if changes_operand is False else y).mul_(3.0)
    sweeps: list[Any] = [lambda: z.sum().backward(), lambda: pushforward(z, {x: Tensor([1.0, 1.0])})]
    if changes_operand is None:
        sweeps[0]()
        assert x.grad is not None
        return
    for sweep in sweeps:
        with pytest.raises(RuntimeError, match=r"^the derivative needs .* changed in place after it was computed"):
            sweep()


def test_what_is_computed_after_a_change_is_differentiated() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        (x * x).sum().backward()
        assert x.grad is not None
        with gradcli.no_grad():
            x -= 0.25 * x.grad
        x.grad.zero_()
    assert x.tolist() == [0.125, 0.25]


def test_a_memory_that_is_freed_takes_its_time_away() -> None:
    before = len(CHANGES.times)
    for _ in range(50):
        x = Tensor(np.zeros(3))
        x[0] = 1.0
    assert len(CHANGES.times) <= before + 2
