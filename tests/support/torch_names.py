"""One call under PyTorch's names, made with PyTorch and with `gradcli.torch`, and compared.

`benchmarks/opinfo.py` compares far more; here are the calls that show each meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch

__all__ = ["assert_same", "error_of", "tensors"]

Call = Callable[..., Any]
#: The operands of the calls: x and y are matrices of floats, v a vector, i whole numbers, b truth values.
OPERANDS: dict[str, Any] = {
    "x": [[0.5, -1.5, 2.0], [3.0, -0.25, 1.25]],
    "y": [[1.5, 0.5, -2.0], [-1.0, 4.0, 0.75]],
    "v": [2.0, -3.0, 0.5],
    "i": [[0, 2, 1], [1, 0, 0]],
    "b": [[True, False, True], [False, False, True]],
}


def tensors(library: Any) -> dict[str, Any]:
    """The operands as tensors of a library; those of floats require gradients."""
    made = {name: library.tensor(np.array(numbers)) for name, numbers in OPERANDS.items()}
    for name in "xyv":
        made[name].requires_grad_()
    return made


def _results(library: Any, call: Call) -> tuple[list[Any], list[Any]]:
    given = tensors(library)
    names = call.__code__.co_varnames[1 : call.__code__.co_argcount]
    result = call(library, *[given[name] for name in names])
    parts = list(result) if isinstance(result, (list, tuple)) else [result]
    floats = [part for part in parts if getattr(part, "requires_grad", False)]
    if floats:
        total = sum([(part * (part.detach() + 1.0)).sum() for part in floats])
        total.backward()
    return parts, [given[name].grad for name in names]


def _as_array(thing: Any) -> Any:
    return np.asarray(thing.detach() if hasattr(thing, "detach") else thing)


def assert_same(call: Call) -> None:
    """Check that a call gives the same in both libraries: numbers, shapes, types and gradients.

    Args:
        call: a function of the library, and of operands by their names.
    """
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        theirs, their_gradients = _results(torch, call)
    finally:
        torch.set_default_dtype(before)
    ours, our_gradients = _results(gradcli.torch, call)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        mine, right = _as_array(one), _as_array(other)
        assert (mine.shape, mine.dtype) == (right.shape, right.dtype)
        np.testing.assert_allclose(mine, right, rtol=1e-12, atol=1e-14)
        assert getattr(one, "requires_grad", False) == getattr(other, "requires_grad", False)
    for one, other in zip(our_gradients, their_gradients, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(_as_array(one), _as_array(other), rtol=1e-12, atol=1e-14)


def error_of(library: Any, call: Call) -> BaseException | None:
    """The error that a call raises with a library; None if it raises none."""
    given = tensors(library)
    try:
        call(library, *[given[name] for name in call.__code__.co_varnames[1 : call.__code__.co_argcount]])
    except Exception as error:
        return error
    return None
