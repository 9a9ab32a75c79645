"""What is being differentiated never turns into plain numbers in silence: right to 1e-12, or a sentence that helps.

The right values are closed forms, and those of JAX where a row says so.
"""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import Tensor, Value, derivative, grad, hessian, jvp, no_grad, value_and_grad, vjp
from gradcli import functions as f
from gradcli.errors import CallError, UsageError
from tests.support.loops import for_each

A = np.array([1.0, 2.0, 3.0])


def _added_in_place(x: Any) -> Any:
    total = np.zeros(2)
    total += x * x
    return total.sum()


def _best(x: Any) -> Any:
    return max(x, key=lambda one: one**2)


RIGHT: dict[str, tuple[Callable[[], Any], Any]] = {
    # NumPy's functions of a number
    "np.sin": (lambda: grad(np.sin)(1.0), math.cos(1.0)),
    "np.exp times x": (lambda: grad(lambda x: np.exp(x) * x)(1.0), 2.0 * math.e),
    "np.sqrt in value_and_grad": (
        lambda: value_and_grad(lambda x, y: x * np.sqrt(y))(1.0, 2.0),
        (math.sqrt(2.0), (math.sqrt(2.0), 0.5 / math.sqrt(2.0))),
    ),
    "np.sin in hessian": (
        lambda: hessian(lambda x, y: np.sin(x) * y)(1.0, 2.0),
        ((-2.0 * math.sin(1.0), math.cos(1.0)), (math.cos(1.0), 0.0)),
    ),
    "np.cos in jvp": (lambda: jvp(np.cos, (1.0,), (2.0,)), (math.cos(1.0), -2.0 * math.sin(1.0))),
    "np.log in vjp": (lambda: vjp(np.log, 2.0)[1](3.0), (1.5,)),
    "np.tanh in derivative": (
        lambda: derivative(np.tanh, 2)(0.5),
        -2.0 * math.tanh(0.5) / math.cosh(0.5) ** 2,
    ),
    "np.float64 on the left": (lambda: grad(lambda x: np.float64(3.0) * x**2)(2.0), 12.0),
    "np.where": (lambda: grad(lambda x: np.where(x > 0, x**2, 0.0))(3.0), 6.0),
    "np.clip": (lambda: grad(lambda x: np.clip(x, 0.0, 1.0) * x)(0.25), 0.5),
    "np.maximum": (lambda: grad(lambda x: np.maximum(x, 1.0) ** 2)(3.0), 6.0),
    "np.arctan2": (lambda: grad(np.arctan2)(1.0, 2.0), (0.4, -0.2)),
    "np.isnan decides": (lambda: grad(lambda x: x if np.isnan(x) else x**2)(3.0), 6.0),
    # NumPy's functions of arrays
    "np.dot": (lambda: grad(lambda x: np.dot(x, x))([1.0, 2.0]), [2.0, 4.0]),
    "np.where of an array": (lambda: grad(lambda x: np.where(x > 0, x, 0).sum())([1.0, -2.0]), [1.0, 0.0]),
    "np.concatenate": (lambda: grad(lambda x: (np.concatenate([x, x]) ** 2).sum())([1.0, 2.0]), [4.0, 8.0]),
    "np.stack": (lambda: grad(lambda x: (np.stack([x, 2 * x]) ** 2).sum())([1.0, 2.0]), [10.0, 20.0]),
    "np.sum and np.mean": (lambda: grad(lambda x: np.sum(x**2) * np.mean(x))([1.0, 2.0]), [5.5, 8.5]),
    "np.linalg.norm": (lambda: grad(np.linalg.norm)([3.0, 4.0]), [0.6, 0.8]),
    "np.power": (lambda: grad(lambda x: np.power(x, 3).sum())([1.0, 2.0]), [3.0, 12.0]),
    "np.arcsin": (lambda: grad(lambda x: np.arcsin(x).sum())([0.6]), [1.25]),
    "np.sort": (lambda: grad(lambda x: np.sort(x)[0] ** 2)([4.0, 3.0]), [0.0, 6.0]),
    "an array += x": (lambda: grad(_added_in_place)([1.0, 2.0]), [2.0, 4.0]),
    "an array on the left": (lambda: grad(lambda x: (A * x).sum())(A), A),
    # numbers, lists and arrays mixed
    "a number times an array": (lambda: grad(lambda x: (x * A).sum())(2.0), 6.0),
    "an array times a number": (lambda: grad(lambda x: np.sum(A * x**2))(2.0), 24.0),
    "a second derivative with an array": (lambda: derivative(lambda x: (A * x**3).sum(), 2)(2.0), 72.0),
    "a Hessian with an array": (
        lambda: hessian(lambda x, y: (A * x**3 * y).sum())(2.0, 3.0),
        ((216.0, 72.0), (72.0, 0.0)),
    ),
    "a derivative within one": (lambda: grad(lambda x: grad(lambda y: (x * y * A).sum() * y)(3.0))(2.0), 36.0),
    "a list of outer arguments": (lambda: grad(lambda x: f.sum(grad(lambda v: (v**3).sum())([x, x])))(2.0), 24.0),
    "an array of outer arguments": (lambda: grad(lambda x, y: (np.array([x, y]) ** 2).sum())(3.0, 4.0), (6.0, 8.0)),
    "np.arcsin of an array of arguments": (
        lambda: grad(lambda x, y: np.arcsin(np.array([x, y])).sum())(0.6, 0.0),
        (1.25, 1.0),
    ),
    "a tensor and a list": (
        lambda: [one.tolist() for one in grad(lambda x, y: (x * y).sum())(Tensor([1.0, 2.0]), [3.0, 4.0])],
        [[3.0, 4.0], [1.0, 2.0]],
    ),
    "several results": (lambda: jvp(lambda x: np.stack([x, x**2]), (3.0,), (1.0,)), ([3.0, 9.0], [1.0, 6.0])),
    "several results back": (lambda: vjp(lambda x: f.stack([x, x**2]), 3.0)[1]([1.0, 1.0]), (7.0,)),
    "a Jacobian row by row": (
        lambda: [grad(lambda x, i=i: np.dot([[1.0, 2.0], [3.0, 4.0]], x)[i])([1.0, 1.0]) for i in range(2)],
        [[1.0, 2.0], [3.0, 4.0]],
    ),
    "a method of arrays of a number": (lambda: grad(lambda x: (x**2).sum() * x.reshape(1)[0])(2.0), 12.0),
    # Python's own functions
    "max and min": (lambda: grad(lambda x, y: max(x, y, 2) ** 2 * min(x, y))(3.0, 4.0), (16.0, 24.0)),
    "max by a key": (lambda: grad(lambda x: _best(x) ** 2)([3.0, -4.0]), [0.0, -8.0]),
    "sum": (lambda: grad(lambda x, y: sum([x, y**2, 1]))(3.0, 4.0), (1.0, 8.0)),
    "sorted": (lambda: grad(lambda x: sorted(x)[0] ** 2)([4.0, 3.0]), [0.0, 6.0]),
    "abs and pow": (lambda: grad(lambda x: abs(x) * pow(x, 2))(-3.0), -27.0),
    "math.prod": (lambda: grad(lambda x, y: math.prod([x, y, x]))(3.0, 4.0), (24.0, 9.0)),
    "round, whose derivative is 0": (lambda: grad(lambda x: round(x) * x)(2.3), 2.0),
    "math.floor and math.ceil": (lambda: grad(lambda x: math.floor(x) * math.ceil(x) * x)(2.5), 6.0),
    "a comparison decides": (lambda: grad(lambda x: x**2 if x > 1 else -x)(3.0), 6.0),
    "an equality decides": (lambda: grad(lambda x: x**2 if x == 3 else -x)(3.0), 6.0),
    "a removable pole": (lambda: grad(lambda x: 1.0 - x if x == 0.0 else x.sin() / x)(0.0), -1.0),
    "x != x at nan": (lambda: grad(lambda x: 0.0 * x if x != x else x**2)(3.0), 6.0),
    "copy.deepcopy": (lambda: grad(lambda x: copy.deepcopy(x * x) * x)(3.0), 27.0),
    "detach is a constant": (lambda: grad(lambda x: float(x.detach()) * x)(3.0), 3.0),
    "detach of an array is a constant": (lambda: grad(lambda x: (x.detach().numpy() * x).sum())([3.0]), [3.0]),
    # expressions as functions
    "an expression": (lambda: grad(gradcli.parse("x^2"))(2.0), 4.0),
    "an expression of two variables": (lambda: hessian(gradcli.parse("x^2*y"))(2.0, 3.0), ((6.0, 4.0), (4.0, 0.0))),
    "an expression of arrays": (lambda: grad(gradcli.parse("sum(x^2)"))([1.0, 2.0]), [2.0, 4.0]),
    "an expression within a function": (lambda: grad(lambda x: gradcli.parse("x*y")(x=x, y=[1, 2]).sum())(2.0), 3.0),
    "argnums from the end": (lambda: grad(lambda x, y: (x * y).sum(), -1)([1.0, 2.0], [3.0, 4.0]), [1.0, 2.0]),
    "argnums twice": (lambda: grad(lambda x, y: (x * y).sum(), (0, 0))([1.0], [3.0]), ([3.0], [3.0])),
}


@for_each(("run", "expected"), RIGHT.values(), ids=RIGHT)
def test_the_derivative_is_right(run: Callable[[], Any], expected: Any) -> None:
    found = run()
    if isinstance(expected, tuple):
        assert len(found) == len(expected)
        for one, right in zip(found, expected, strict=True):
            assert np.asarray(one) == pytest.approx(np.asarray(right), rel=1e-12, abs=1e-12)
    else:
        assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=1e-12, abs=1e-12)


def _stored(x: Any) -> Any:
    found = np.zeros(2)
    found[0] = x
    return found.sum()


#: The sentence names a way that works: gradcli.functions, NumPy or detach().
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "math.sin": (lambda: grad(math.sin)(1.0), "gradcli.functions.sin or numpy.sin"),
    "math.exp times x": (lambda: grad(lambda x: math.exp(x) * x)(1.0), "gradcli.functions.sin or numpy.sin"),
    "math.sqrt of a product": (lambda: value_and_grad(lambda x, y: x * math.sqrt(y * x))(1.0, 2.0), "float()"),
    "math.sin in hessian": (lambda: hessian(lambda x, y: math.sin(x) * y)(1.0, 2.0), "float()"),
    "math.cos in jvp": (lambda: jvp(math.cos, (1.0,), (2.0,)), "float()"),
    "math.log in vjp": (lambda: vjp(math.log, 2.0), "float()"),
    "math.tanh in derivative": (lambda: derivative(math.tanh, 2)(0.5), "float()"),
    "math.hypot": (lambda: grad(math.hypot)(3.0, 4.0), "float()"),
    "math.pow": (lambda: grad(lambda x: math.pow(x, 2))(3.0), "float()"),
    "math.fsum": (lambda: grad(lambda x: math.fsum([x, x]))(3.0), "float()"),
    "math.isnan": (lambda: grad(lambda x: 0.0 if math.isnan(x) else x)(3.0), "float()"),
    "math.sin of an element": (lambda: grad(lambda x: math.sin(x[0]))([1.0, 2.0]), "gradcli.functions.sin"),
    "float of an element": (lambda: grad(lambda x: float(x[0]) * x[1])([3.0, 4.0]), "float()"),
    "float of an outer argument": (lambda: grad(lambda x: grad(lambda y: float(x) * y)(3.0))(2.0), "float()"),
    "complex": (lambda: grad(lambda x: complex(x).real)(3.0), "float()"),
    "int": (lambda: grad(lambda x: int(x) * x)(3.2), "gradcli.functions.floor or ceil"),
    "int of an element": (lambda: grad(lambda x: int(x[0]) * x[0])([3.2]), "gradcli.functions.floor or ceil"),
    "np.float64": (lambda: grad(lambda x: np.float64(x) * x)(3.0), "float()"),
    "item of a number": (lambda: grad(lambda x: x.item() * x)(3.0), "detach().item()"),
    "item": (lambda: grad(lambda x: x[0].item() * x[0])([3.0]), "detach().item()"),
    "tolist": (lambda: grad(lambda x: sum(x.tolist()))([3.0]), "detach().tolist()"),
    "numpy": (lambda: grad(lambda x: x.numpy().sum())([3.0]), "detach().numpy()"),
    "np.asarray": (lambda: grad(lambda x: np.asarray(x).sum())([3.0]), "take the tensor itself"),
    "np.array of elements": (lambda: grad(lambda x: np.array([x[0], x[1]]).sum())([3.0, 4.0]), "functions.stack"),
    "an element of an array": (lambda: grad(_stored)(3.0), "float()"),
    "tensor": (lambda: grad(lambda x: gradcli.tensor(x).sum())([3.0]), "clone()"),
    "tensor of elements": (lambda: grad(lambda x: gradcli.tensor([x[0], 1.0]).sum())([3.0]), "functions.stack"),
    "scipy.special.itj0y0": (lambda: grad(_scipy_special().itj0y0)(1.0), "has no derivative here"),
    "scipy.special.logsumexp": (lambda: grad(_scipy_special().logsumexp)([1.0, 2.0]), "gradcli.functions"),
    "copy.copy": (lambda: grad(lambda x: copy.copy(x) * x)(3.0), "a copy would lose"),
    "copy.copy of an array": (lambda: grad(lambda x: copy.copy(x).sum())([3.0]), "clone()"),
    "copy.deepcopy of an array": (lambda: grad(lambda x: copy.deepcopy(x).sum())([3.0]), "clone()"),
    "pickle": (lambda: grad(lambda x: pickle.loads(pickle.dumps(x)))(3.0), "a copy would lose"),
    "a list of results": (lambda: grad(lambda x: [x, x])(2.0), "gradcli.functions.stack"),
    "no result": (lambda: grad(lambda x: None)(2.0), "not NoneType"),
    "text": (lambda: grad(lambda x: 2 * x)("2"), "not str"),
}


def _scipy_special() -> Any:
    return pytest.importorskip("scipy.special")


@for_each(("run", "words"), REFUSED.values(), ids=REFUSED)
def test_what_would_lose_the_derivative_says_what_to_write(run: Callable[[], Any], words: str) -> None:
    with pytest.raises(CallError) as caught:
        run()
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["expit", "erf", "erfc", "gammaln", "gamma", "psi", "log1p", "expm1", "cbrt"])
def test_scipys_universal_functions_are_known_by_their_names(name: str) -> None:
    ufunc, step = getattr(_scipy_special(), name), 1e-6
    numeric = (ufunc(1.3 + step) - ufunc(1.3 - step)) / (2.0 * step)
    assert grad(ufunc)(1.3) == pytest.approx(numeric, rel=1e-8)


def test_a_value_outside_of_a_derivative_is_a_number_as_in_micrograd() -> None:
    x = Value(2.0)
    assert float(x * x) == 4.0 == math.sqrt((x**4).data)
    assert int(x * 1.5) == 3
    seen = []
    grad(lambda y: (seen.append(y * y), y**3)[1])(2.0)
    assert float(seen[0]) == 4.0


def test_a_tensor_that_requires_a_gradient_gives_its_numbers_as_in_pytorch() -> None:
    x = Tensor([2.0], requires_grad=True)
    for call in (x.numpy, lambda: np.asarray(x * x)):
        with pytest.raises(CallError, match="detach"):
            call()
    assert (x.item(), (x * x).tolist(), int(x)) == (2.0, [4.0], 2)
    with pytest.warns(UserWarning, match="requires a gradient"):
        assert float(x) == 2.0
    with no_grad():
        assert x.numpy().tolist() == [2.0]


@pytest.mark.parametrize("argnums", [2, -3, (0, 5), True, 1.0])
def test_argnums_that_name_no_argument_are_refused(argnums: Any) -> None:
    for arguments in ((1.0, 2.0), ([1.0], [2.0])):
        with pytest.raises((UsageError, TypeError), match=r"argnums|iterable"):
            grad(lambda x, y: (x * y) if isinstance(x, Value) else (x * y).sum(), argnums)(*arguments)


@pytest.mark.parametrize("draw", [gradcli.draw_graph, gradcli.draw_dot])
def test_an_expression_is_drawn_and_a_number_is_refused(draw: Callable[[Any], Any]) -> None:
    assert "x" in draw(gradcli.parse("x")).source
    with pytest.raises(UsageError, match="a drawing shows an expression, a Value or a Tensor, not float"):
        draw(3.0)
