"""Compiled Hessians: their entries, their structure, and their products with vectors."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradcliError, LimitError, UsageError
from gradcli.evaluate.compiled_hessian import _largest, _terms
from gradcli.evaluate.point import hessian
from tests.support.functions_of_three import TEXTS
from tests.support.loops import for_each

EXECUTORS = ["numpy", "llvm"]

POINTS = [
    [0.4, 0.7, 1.3], [-0.4, 0.7, 1.3], [0.0, 0.0, 0.0], [1e200, 1e200, -1e200], [np.nan, 1.0, 2.0], [1.0, 1.0, 1.0],
    [np.inf, 1.0, -np.inf],
]  # fmt: skip


def rosenbrock(count: int) -> str:
    return " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(count - 1))


def compiled(text: str, **options):
    if options.get("executor") == "llvm":
        pytest.importorskip("llvmlite")
    return gradcli.compile(text, **options)


@for_each("executor", EXECUTORS)
@for_each("text", TEXTS)
def test_entries_are_those_of_grad(text: str, executor: str):
    function = compiled(text, executor=executor)
    names = function.variables
    every = np.array([point[: len(names)] for point in POINTS])
    for point, matrix in zip(every, function.hessian(every), strict=True):
        rows = hessian(gradcli.parse(text), dict(zip(names, point.tolist(), strict=True)))
        places = range(len(names))
        wanted = np.array([[rows[names[min(i, j)]][names[max(i, j)]] for j in places] for i in places])
        assert np.allclose(matrix, wanted, rtol=1e-14, atol=0.0, equal_nan=True)
        assert np.array_equal(function.hessian(point), matrix, equal_nan=True)
        direction = np.array([1.5, -2.0, 0.25][: len(names)])
        with np.errstate(all="ignore"):
            product = wanted @ direction
        assert np.allclose(function.hvp(point, direction), product, rtol=1e-12, atol=0.0, equal_nan=True)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("count", [2, 3, 50])
def test_a_band_matrix(count: int, executor: str):
    function = compiled(rosenbrock(count), executor=executor, variables=[f"x{i}" for i in range(count)])
    x = np.random.default_rng(count).standard_normal(count)
    diagonal = np.append(1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0, 0.0)
    wanted = np.diag(diagonal + np.append(0.0, np.full(count - 1, 200.0)))
    wanted -= np.diag(400.0 * x[:-1], 1) + np.diag(400.0 * x[:-1], -1)
    assert np.allclose(function.hessian(x), wanted, rtol=1e-13, atol=1e-11)
    rows, columns = function.hessian_structure()
    assert (abs(rows - columns) <= 1).all()
    assert len(rows) == 3 * count - 2
    assert (np.lexsort((columns, rows)) == np.arange(len(rows))).all()
    assert (function.hessian_values(x) == function.hessian(x)[rows, columns]).all()
    assert np.allclose(function.hvp(x, x), wanted @ x, rtol=1e-13, atol=1e-10)


def test_executors_agree():
    pytest.importorskip("llvmlite")
    text = rosenbrock(40) + " + log(1 + x3^2)*tanh(x4)"
    one, other = [gradcli.compile(text, executor=executor) for executor in EXECUTORS]
    x = np.random.default_rng(0).standard_normal((3, 40))
    assert np.allclose(one.hessian_values(x), other.hessian_values(x), rtol=1e-14, atol=0.0)


def test_a_sparse_matrix():
    sparse = pytest.importorskip("scipy.sparse")
    function = gradcli.compile(rosenbrock(30))
    x = np.linspace(-1.0, 1.0, 30)
    found = function.hessian(x, sparse=True)
    assert isinstance(found, sparse.csr_array)
    assert found.has_sorted_indices
    assert (found.toarray() == function.hessian(x)).all()
    with pytest.raises(UsageError, match="at one point"):
        function.hessian([x, x], sparse=True)


def test_chosen_variables_and_types():
    function = gradcli.compile("x^2*exp(y) + z", wrt=["y", "x"], dtype="float32")
    found = function.hessian([1, 2, 3])
    assert found.dtype == np.float32
    assert np.allclose(found, [[np.exp(2), 2 * np.exp(2)], [2 * np.exp(2), 2 * np.exp(2)]], rtol=1e-6)
    assert function.hvp([1, 2, 3], [1, 0]).tolist() == found[:, 0].tolist()
    assert gradcli.compile("3").hessian([]).shape == (0, 0)
    assert gradcli.compile("x + y").hessian_values([1.0, 2.0]).shape == (0,)
    assert np.isnan(gradcli.compile("x + y").hessian([np.inf, -np.inf])).all()


def test_out():
    function = gradcli.compile("x^3*y")
    out = np.empty(3)
    assert function.hessian_values(np.array([1.0, 2.0]), out) is out
    assert out.tolist() == [12.0, 3.0, 3.0]
    assert function.hessian_values([1, 2], out=out) is out
    assert function.hvp(np.array([1.0, 2.0]), np.array([1.0, 1.0]), out[:2]).tolist() == [15.0, 3.0]
    for bad, message in (
        (np.empty(2), "shape"), (np.empty(3, np.float32), "float32"), ([1.0] * 3, "list"),
        (np.broadcast_to(0.0, 3), "read-only"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=message):
            function.hessian_values([1.0, 2.0], out=bad)


@pytest.mark.parametrize("point", [[1.0], [1.0, 2.0, 3.0], 1.0, "x", None, [[1.0], [2.0]], [1.0, "y"], [1j, 2.0]])
def test_points_that_do_not_fit(point):
    function = gradcli.compile("x*y")
    with pytest.raises(GradcliError, match="point"):
        function.hessian(point)
    with pytest.raises(GradcliError, match=r"point|direction"):
        function.hvp([1.0, 2.0], point)


def test_shapes_of_point_and_direction():
    function = gradcli.compile("x^2*y")
    assert function.hvp([[1.0, 2.0], [3.0, 4.0]], [1.0, 0.0]).tolist() == [[4.0, 2.0], [8.0, 6.0]]
    with pytest.raises(UsageError, match="don't fit together"):
        function.hvp(np.ones((2, 2)), np.ones((3, 2)))


def test_too_large(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gradcli.limits.HESSIAN_NODES", 50)
    with pytest.raises(LimitError, match="second derivatives are too large"):
        gradcli.compile("exp(a*b*c*d*e*f*g*h)").hessian_values(np.ones(8))


@pytest.mark.parametrize(
    ("text", "largest"),
    [
        ("100*(x - y^2)^2 - square(x)", 1e60),
        ("x*1e200", 1e60),
        ("3", 1e100),
        ("x^60", 1e4),
        ("x^200", None),
        ("x^0.5", None),
        ("x/y", None),
        ("2^x", None),
        ("1e400*x", None),
    ],
)
def test_the_size_up_to_which_a_polynomial_has_a_value(text: str, largest: float | None):
    assert _largest(gradcli.parse(text).root, "float64") == largest


def test_terms():
    for text, count in (("x*y", 1), ("x + y - sin(x) + 1", 4), ("-(x + y)", 1)):
        assert len(_terms(gradcli.parse(text).root)) == count
