"""NumPy's functions that move, combine and choose, on arrays and on what is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import functions, value_and_grad
from gradcli.errors import CallError, ShapeError
from tests.support.loops import for_each

X = np.array([[0.3, 1.2, 2.5], [3.1, -0.7, 1.9]])
B = np.arange(6.0).reshape(2, 3)
C = np.arange(24.0).reshape(2, 3, 4) / 7.0
W = np.arange(16.0).reshape(4, 4)

CASES: dict[str, Callable[[Any], Any]] = {
    "flips": lambda x: np.sum(np.flipud(x) * B) + np.sum(np.fliplr(x) * B),
    "rot90": lambda x: np.sum(np.rot90(x) @ B) + np.sum(np.rot90(x, 2, axes=(1, 0)) * B),
    "rollaxis": lambda x: np.sum(np.rollaxis(x[:, :, None] * C, 2) ** 3 * np.rollaxis(C, 2, 0)),
    "rollaxis to the right": lambda x: np.sum(np.rollaxis(x[:, :, None] * C, 0, 2) * np.rollaxis(C, 0, 2)),
    "triangles": lambda x: np.sum(np.tril(x, -1) ** 3 * B) + np.sum(np.triu(x, k=1) ** 3),
    "triangles of several matrices": lambda x: np.sum(np.tril(x[:, :, None] * C) ** 2),
    "diagonals": lambda x: np.sum(np.diagonal(x, 1) ** 2) + np.sum(np.diagonal(x[..., None] * C, 0, 2, 1) ** 2),
    "diag of a matrix": lambda x: np.sum(np.diag(x @ B.T) ** 2),
    "diag of a vector": lambda x: np.sum(np.diag(x[0], 1) ** 2 * W + np.diag(x[1], -1) ** 2 * W),
    "diagflat": lambda x: np.sum(np.diagflat(x[0], 1) ** 2 * W),
    "trace": lambda x: np.trace(x @ B.T) ** 2 + np.sum(np.trace(x[..., None] * C, 1, axis1=1, axis2=2) ** 2),
    "repeat": lambda x: np.sum(np.repeat(x, 2) * np.arange(12.0)) + np.sum(np.repeat(x, 3, axis=1) ** 2),
    "repeat so many times each": lambda x: np.sum(np.repeat(x, np.array([1, 3]), axis=0) ** 3),
    "tile": lambda x: np.sum(np.tile(x, 2) * np.tile(B, 2)) + np.sum(np.tile(x, (2, 1, 2)) ** 2),
    "tile of few axes": lambda x: np.sum(np.tile(x[:, :, None], (2,)) ** 2),
    "atleast_2d": lambda x: np.sum(np.atleast_2d(x[0]) ** 2 * B) + np.sum(np.atleast_2d(x) ** 3),
    "atleast_3d": lambda x: np.sum(np.atleast_3d(x[0]) * C) + np.sum(np.atleast_3d(x) * C),
    "pad": lambda x: np.sum(np.pad(x, 1) ** 2) + np.sum(np.pad(x, (2, 0)) * 3.0),
    "pad each axis": lambda x: np.sum(np.cumsum(np.pad(x, ((1, 0), (0, 2)))) ** 2),
    "dot": lambda x: np.sum(np.dot(x, B[0]) ** 2) + np.sum(np.dot(x, 2.0)) ** 2 + np.dot(x[0], x[1]),
    "dot of several matrices": lambda x: np.sum(np.dot(x, C) ** 2),
    "inner": lambda x: np.sum(np.inner(x, B) ** 2) + np.sum(np.inner(3.0, x)) + np.inner(x[0], x[1]),
    "vdot": lambda x: np.vdot(x, B) ** 2,
    "tensordot": lambda x: np.sum(np.tensordot(x, C) ** 2) + np.sum(np.tensordot(x, x[0], 0) ** 2),
    "tensordot along axes": lambda x: np.sum(np.tensordot(C, x, axes=([1, 0], [-1, 0])) ** 2),
    "tensordot along one axis": lambda x: np.sum(np.tensordot(x, B, axes=(0, 0)) ** 2),
    "kron": lambda x: np.sum(np.kron(x, B) ** 2) + np.sum(np.kron(B[0], x) ** 2),
    "einsum": lambda x: np.sum(np.einsum("ij,kj->ik", x, B) ** 2) + np.sum(np.einsum("ij,ij", x, x)),
    "einsum with dots": lambda x: np.sum(np.einsum("...j,jk...->k...", x, B.T[:, :, None]) ** 2),
    "einsum by numbers": lambda x: np.sum(np.einsum(x, [0, 1], B, [2, 1], [0, 2]) ** 2),
    "einsum by numbers without a result": lambda x: np.sum(np.einsum(x, [0, 1], x, [0, 1]) ** 2),
    "cross": lambda x: np.sum(np.cross(x, B) ** 2) + np.sum(np.cross(x.T, B, axisa=0) ** 2),
    "cross along an axis": lambda x: np.sum(np.cross(x.T, B.T, axis=0) ** 3 * x.T),
    "select": lambda x: np.sum(np.select([x > 2.0, x > 1.0], [x**2, x**3], 5.0)),
    "partition": lambda x: np.sum(np.partition(x[0], 1)[1] ** 2),
    "nan_to_num": lambda x: np.sum(np.nan_to_num(x + np.array([0.0, np.inf, np.nan]), posinf=3.0) ** 2),
    "parts of numbers": lambda x: np.sum(np.imag(x) * x) + np.sum(np.real(x) ** 2),
    "linspace": lambda x: np.sum(np.linspace(x[0], x[1], 4) ** 2) + np.sum(np.linspace(1.0, x[0, 0], 1)),
    "gradient": lambda x: np.sum(np.gradient(x, axis=1) ** 2) + np.sum(np.gradient(x[0], 0.5) ** 3),
    "gradient along all axes": lambda x: sum(np.sum(one**3) for one in np.gradient(x, 0.5, 2.0)),
}


@for_each("name", CASES)
def test_a_value_is_numpys_and_a_gradient_is_that_of_difference_quotients(name: str) -> None:
    function = CASES[name]
    value, gradient = value_and_grad(function)(X)
    assert value == pytest.approx(function(X), rel=1e-13)
    steps = [1e-5 * one.reshape(X.shape) for one in np.eye(X.size)]
    quotients = [(function(X + step) - function(X - step)) / 2e-5 for step in steps]
    assert gradient.ravel() == pytest.approx(quotients, rel=1e-7, abs=1e-7)


def test_an_angle_is_a_half_turn_below_zero() -> None:
    assert value_and_grad(lambda x: np.sum(np.angle(x) * x))(X)[1].tolist() == np.angle(X).tolist()


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "a border of another kind": (lambda x: np.pad(x, 1, mode="edge"), CallError, "for mode='edge'"),
    "vectors of two elements": (lambda x: np.cross(x[:2], x[1:3]), ShapeError, "of three elements"),
    "steps that differ": (lambda x: np.gradient(x, np.array([0.0, 1.0, 3.0, 4.0])), CallError, "for equal steps"),
    "a difference of one element": (lambda x: np.gradient(x[:1]), ShapeError, "at least two elements"),
    "a type": (lambda x: np.einsum("i->", x, dtype=np.float32), CallError, "numpy.einsum takes no `dtype`"),
    "an order of axes of which NumPy's isn't PyTorch's": (
        lambda x: np.reshape(x, (1, 2, 2))[0, :, [0, 1]], IndexError, "NumPy and PyTorch",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("function", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_would_mean_something_else_is_refused(
    function: Callable[[Any], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        value_and_grad(lambda x: functions.sum(function(x)))([1.0, 2.0, 4.0, 8.0])
