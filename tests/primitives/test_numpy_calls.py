"""NumPy's functions on what is being differentiated: the same code runs on NumPy, gradcli and JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import Tensor, Value, grad
from gradcli.errors import CallError
from gradcli.primitives import REGISTRY, functions
from gradcli.primitives.numpy_calls import ADAPTERS
from tests.support.loops import for_each

X = np.array([[0.3, 1.2, 2.5], [3.1, 0.7, 1.9]])
B = np.arange(6.0).reshape(2, 3)

#: The body of a function of a matrix and of a library, which gives one number.
CASES: dict[str, Callable[[Any, Any], Any]] = {
    "add and multiply": lambda np, x: np.sum(np.add(x, B) * np.multiply(2.0, x)),
    "subtract from an array": lambda np, x: np.sum(np.subtract(B, x) ** 2),
    "divide an array": lambda np, x: np.sum(np.divide(B, x)),
    "an array on the left": lambda np, x: (B * x - x / (B + 1.0)).sum(),
    "power": lambda np, x: np.sum(np.power(x, 3.0)),
    "float_power": lambda np, x: np.sum(np.float_power(x, 1.5)),
    "mod": lambda np, x: np.sum(np.mod(x, 2.0) * B),
    "exp, log, sqrt, tanh": lambda np, x: np.sum(np.exp(-x) + np.log(x) + np.sqrt(x) + np.tanh(x)),
    "arcsin and arctan2": lambda np, x: np.sum(np.arcsin(x / 4.0) + np.arctan2(x, 2.0)),
    "arccosh": lambda np, x: np.sum(np.arccosh(x + 1.0)),
    "hypot and logaddexp": lambda np, x: np.sum(np.hypot(x, B) + np.logaddexp(x, B) + np.logaddexp2(x, B)),
    "the real part": lambda np, x: np.sum(np.real(x) ** 2) if np.isreal(x).all() else np.sum(x),
    "absolute and reciprocal": lambda np, x: np.sum(np.abs(x - 1.0) + np.reciprocal(x)),
    "degrees": lambda np, x: np.sum(np.deg2rad(x) * np.degrees(x)),
    "positive and conjugate": lambda np, x: np.sum(np.positive(x) * np.conjugate(x) * np.real(x)),
    "maximum and minimum": lambda np, x: np.sum(np.maximum(x, 1.0) * np.minimum(x, 2.0)),
    "sinc": lambda np, x: np.sum(np.sinc(x)),
    "clip": lambda np, x: np.sum(np.clip(x, 0.5, 2.0) ** 2),
    "clip from below": lambda np, x: np.sum(np.clip(x, min=1.0) ** 2),
    "clip from above": lambda np, x: np.sum(np.clip(x, None, 1.5) ** 2),
    "where": lambda np, x: np.sum(np.where(x > 1.0, x**2, -x)),
    "round": lambda np, x: np.sum(np.round(x) * x),
    "round to one digit": lambda np, x: np.sum(np.round(x, 1) * x),
    "sum along an axis": lambda np, x: np.sum(np.sum(x, 1, keepdims=True) * x),
    "mean": lambda np, x: np.sum(np.mean(x, axis=0) ** 2),
    "var": lambda np, x: np.sum(np.var(x, axis=1)),
    "std with ddof": lambda np, x: np.sum(np.std(x, axis=1, ddof=1)),
    "max and min": lambda np, x: np.sum(np.max(x, axis=1)) - np.min(x),
    "amax and amin": lambda np, x: np.sum(np.amax(x, axis=0)) - np.amin(x),
    "ptp": lambda np, x: np.ptp(x) ** 2,
    "prod": lambda np, x: np.sum(np.prod(x, axis=0)),
    "average": lambda np, x: np.average(x) ** 2,
    "average with weights": lambda np, x: np.sum(np.average(x, axis=1, weights=np.array([1.0, 2.0, 3.0])) ** 2),
    "cumsum of all": lambda np, x: np.sum(np.cumsum(x) ** 2),
    "cumsum along an axis": lambda np, x: np.sum(np.cumsum(x, axis=0) ** 2),
    "matmul": lambda np, x: np.sum(np.matmul(x, B.T) ** 2),
    "an array @": lambda np, x: ((B.T @ x) ** 2).sum(),
    "outer": lambda np, x: np.sum(np.outer(x[0], x[1]) ** 2),
    "norm": lambda np, x: np.linalg.norm(x) ** 3,
    "norm of rows": lambda np, x: np.sum(np.linalg.norm(x, axis=1)),
    "norm of order 1": lambda np, x: np.linalg.norm(x[0], 1) ** 2,
    "concatenate": lambda np, x: np.sum(np.concatenate([x, x[:1]], axis=0) ** 3),
    "concatenate with a plain array": lambda np, x: np.sum(np.concatenate([B, x], axis=1) ** 2),
    "concatenate all": lambda np, x: np.sum(np.concatenate([x, B], axis=None) ** 2),
    "stack": lambda np, x: np.sum(np.stack([x, 2.0 * x], axis=-1) ** 2),
    "stack of numbers": lambda np, x: np.sum(np.stack([x[0, 0], x[1, 2]]) ** 2),
    "vstack and hstack": lambda np, x: np.sum(np.vstack([x, x[0]]) ** 2) + np.sum(np.hstack([x, B]) ** 2),
    "column_stack": lambda np, x: np.sum(np.column_stack([x[0], x[1]]) ** 2),
    "append": lambda np, x: np.sum(np.append(x, x[0]) ** 2),
    "expand_dims and squeeze": lambda np, x: np.sum(np.squeeze(np.expand_dims(x, 0)) ** 2),
    "reshape and ravel": lambda np, x: np.sum(np.reshape(x, (3, 2)) @ B) + np.sum(np.ravel(x) ** 2),
    "transpose, moveaxis, swapaxes": lambda np, x: np.sum(
        (np.transpose(x) + np.moveaxis(x, 0, 1) + np.swapaxes(x, 0, 1)) @ B
    ),
    "flip": lambda np, x: np.sum(np.flip(x) * B) + np.sum(np.flip(x, 1) * B),
    "roll": lambda np, x: np.sum(np.roll(x, 1) * B) + np.sum(np.roll(x, 2, axis=1) * B),
    "take": lambda np, x: np.sum(np.take(x, np.array([0, 3])) ** 2) + np.sum(np.take(x, np.array([0, 2]), axis=1) ** 2),
    "split": lambda np, x: np.sum(np.split(x, [1], axis=1)[1] ** 2),
    "split into equal parts": lambda np, x: np.sum(np.split(x, 3, axis=1)[2] ** 2),
    "sort": lambda np, x: np.sum(np.sort(x, axis=0) * B) + np.sum(np.sort(x) * B),
    "diff": lambda np, x: np.sum(np.diff(x) ** 2) + np.sum(np.diff(x, axis=0) ** 2),
    "trapezoid": lambda np, x: np.sum(np.trapezoid(x) ** 2),
    "trapezoid over places": lambda np, x: np.sum(np.trapezoid(x, np.array([0.0, 1.0, 4.0])) ** 2),
    "broadcast_to": lambda np, x: np.sum(np.broadcast_to(x, (2, 2, 3)) ** 2),
    "pad": lambda np, x: np.sum(np.pad(x, 1) ** 2),
    "copy and atleast_1d": lambda np, x: np.sum(np.copy(x) * np.atleast_1d(x)),
    "reduce": lambda np, x: np.sum(np.add.reduce(x) ** 2) + np.sum(np.multiply.reduce(x, axis=1)),
    "reduce by maximum": lambda np, x: np.sum(np.maximum.reduce(x, axis=1)),
    "ufunc outer": lambda np, x: np.sum(np.multiply.outer(x, B) ** 2),
    "vecdot": lambda np, x: np.sum(np.vecdot(x, B) ** 2),
    "the index of the largest": lambda np, x: x[0][np.argmax(x[0])] ** 2,
    "a branch on isnan": lambda np, x: np.sum(x**2) if not np.isnan(x).any() else np.sum(x),
    "a branch on allclose": lambda np, x: np.sum(x**2) if np.allclose(x, X) else np.sum(x),
    "zeros_like and shape": lambda np, x: np.sum((np.zeros_like(x) + x) ** np.ndim(x)) * np.shape(x)[0],
}


#: JAX compiles the others as a whole, which is quicker than each of their operations; these ask for a value.
ASKS_FOR_A_VALUE = {"the real part", "a branch on isnan", "a branch on allclose"}


@for_each("name", CASES)
def test_values_are_numpys_and_gradients_are_those_of_jax(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    function = CASES[name]
    with np.errstate(all="ignore"):
        assert float(function(np, Tensor(X, requires_grad=True)).detach()) == pytest.approx(
            float(function(np, X)), rel=1e-13
        )
    derivative = jax.grad(lambda x: function(jax.numpy, x))
    expected = (derivative if name in ASKS_FOR_A_VALUE else jax.jit(derivative))(jax.numpy.asarray(X))
    found = grad(lambda x: function(np, x))(X)
    assert found == pytest.approx(np.asarray(expected), rel=1e-12, abs=1e-12)


#: The same for functions of one number; sums and norms of one number make it an array first.
NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "sin": lambda np, x: np.sin(x),
    "a number of NumPy on the left": lambda np, x: np.float64(2.0) * x**2 - np.float64(3.0) / x,
    "power and maximum": lambda np, x: np.power(np.maximum(x, 0.5), 3.0),
    "clip, where and sinc": lambda np, x: np.clip(x, 0.0, 2.0) * np.where(x > 0.0, x**2, 0.0) * np.sinc(x),
    "round": lambda np, x: np.round(x, 1) * x,
    "an array times a number": lambda np, x: (B * x**2).sum(),
    "a number times an array": lambda np, x: np.sum(x**3 * B / (x + B + 1.0)),
    "stack": lambda np, x: np.sum(np.stack([x, x**2]) ** 2),
    "concatenate": lambda np, x: np.sum(np.concatenate([B[0] * x, B[1]]) ** 2),
    "norm": lambda np, x: np.linalg.norm(np.stack([x, 2.0 * x, x**2])),
    "linspace": lambda np, x: np.sum(np.linspace(0.0, x, 4) ** 2),
    "isfinite": lambda np, x: x**2 if np.isfinite(x) else x,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_functions_of_one_number_have_the_derivatives_of_jax(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    function = NUMBERS[name]
    expected = float(jax.grad(lambda x: function(jax.numpy, x))(1.3))
    assert grad(lambda x: function(np, x))(1.3) == pytest.approx(expected, rel=1e-12)


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "out of a ufunc": (lambda x: np.add(x, x, out=np.zeros(3)), "numpy.add takes no `out`"),
    "where of a ufunc": (lambda x: np.exp(x, where=np.array([True, False, True])), "takes no `where`"),
    "dtype of a ufunc": (lambda x: np.exp(x, dtype=np.float32), "takes no `dtype`"),
    "out": (lambda x: np.sum(x, out=np.zeros(())), "numpy.sum takes no `out`"),
    "where": (lambda x: np.sum(x, where=np.array([True, False, True])), "numpy.sum takes no `where`"),
    "dtype": (lambda x: np.mean(x, dtype=np.float32), "numpy.mean takes no `dtype`"),
    "initial": (lambda x: np.max(x, initial=5.0), "takes no `initial`"),
    "order": (lambda x: np.reshape(x, (3, 1), order="F"), "takes no `order`"),
    "a further argument": (lambda x: np.pad(x, 1, constant_values=2.0), "takes no `constant_values`"),
    "out of concatenate": (lambda x: np.concatenate([x, x], out=np.zeros(6)), "numpy.concatenate takes no `out`"),
    "a ufunc that isn't there": (lambda x: np.trunc(x), "numpy.trunc has no derivative here"),
    "a function that isn't there": (lambda x: np.median(x), "numpy.median has no derivative here"),
    "one of linalg": (lambda x: np.linalg.det(np.outer(x, x)), "numpy.linalg.det has no derivative here"),
    "a method that isn't there": (lambda x: np.add.reduceat(x, [0, 1]), "add.reduceat"),
    "a number of operands that differs": (lambda x: np.heaviside(x, 0.5), "numpy.heaviside has no derivative here"),
    "a norm of matrices": (lambda x: np.linalg.norm(np.outer(x, x), 2), "ord='fro'"),
}


@pytest.mark.parametrize(("function", "words"), REFUSED.values(), ids=REFUSED)
def test_what_would_mean_something_else_is_refused_by_its_name(function: Callable[[Any], Any], words: str) -> None:
    with pytest.raises(CallError) as caught:
        grad(lambda x: functions.sum(function(x)))([1.0, 2.0, 4.0])
    assert words in str(caught.value)


def test_a_function_that_joins_the_registry_needs_no_entry() -> None:
    """Each universal function of NumPy with the name, the spelling or the kernel of a public function is found."""
    for primitive in REGISTRY.public():
        for word in (primitive.name, *primitive.spellings, str(primitive.array)):
            ufunc = getattr(np, word, None)
            if isinstance(ufunc, np.ufunc) and ufunc.nin == primitive.arity and not primitive.variadic:
                assert word not in ADAPTERS or ADAPTERS[word] is primitive
                operands = [Value(0.5)] * primitive.arity
                expected = primitive(*[0.5] * primitive.arity)
                assert ufunc(*operands).data == pytest.approx(expected, nan_ok=True, rel=0.0), word


def test_an_array_of_objects_keeps_the_values_in_it() -> None:
    x, y = Value(2.0), Value(3.0)
    (np.array([x, y]) * y).sum().backward()
    assert (x.grad, y.grad) == (3.0, 8.0)
    (y * np.array([x, y])).sum().backward()
    assert (x.grad, y.grad) == (3.0, 8.0)
    np.arcsin(np.array([Value(0.5)]) * Value(1.0))
    assert isinstance(np.stack([x, y])[0], Value)


def test_the_variance_of_values_is_one_of_them() -> None:
    assert grad(lambda x: np.var([x, 3.0 * x]) + np.std([x, 3.0 * x]))(2.0) == pytest.approx(5.0)


@pytest.mark.parametrize("name", ["j0", "j1", "y0", "y1", "i0", "i1", "logit"])
def test_scipys_functions_of_one_operand_are_those_of_gradcli(name: str) -> None:
    special = pytest.importorskip("scipy.special")
    function = getattr(special, name)
    assert function(Value(0.3)).data == pytest.approx(function(0.3), rel=1e-12)
    quotient = (function(0.3 + 1e-6) - function(0.3 - 1e-6)) / 2e-6
    assert grad(lambda x: function(x))(0.3) == pytest.approx(quotient, rel=1e-8)


def test_an_addition_in_place_makes_a_tensor_of_an_array() -> None:
    def total(x: Any) -> Any:
        found = np.zeros(3)
        found += 2.0 * x
        return found.sum()

    assert grad(total)([1.0, 2.0, 4.0]).tolist() == [2.0, 2.0, 2.0]
