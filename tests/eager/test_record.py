"""`gradcli.eager.record`: the switch of recording, by blocks, by decorators and by threads."""

from __future__ import annotations

import threading

import pytest

from gradcli.eager.record import enable_grad, is_grad_enabled, no_grad
from gradcli.eager.tensor import Tensor


def test_nothing_is_recorded_within_no_grad_whatever_happens_in_it() -> None:
    x = Tensor(1.0, requires_grad=True)
    with no_grad():
        assert not (x * x).requires_grad
        with enable_grad():
            assert (x * x).requires_grad
            with no_grad():
                assert not is_grad_enabled()
            assert is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert is_grad_enabled()


def test_no_grad_decorates_a_function_also_one_that_calls_itself() -> None:
    x = Tensor(1.0, requires_grad=True)

    @no_grad()
    def deep(n: int) -> Tensor:
        return x * x if n == 0 else deep(n - 1)

    assert not deep(3).requires_grad
    assert is_grad_enabled()
    block = no_grad()
    with block, block:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_no_grad_of_one_thread_does_not_stop_another() -> None:
    inside, done, seen = threading.Event(), threading.Event(), []

    def other() -> None:
        inside.wait()
        seen.append(is_grad_enabled())
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        done.wait()
    thread.join()
    assert seen == [True]
