"""Functions for SciPy: its minimisers find the minimum with them, and its integrals need no Python."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.errors import UsageError

optimize = pytest.importorskip("scipy.optimize")
ROSENBROCK = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(1, 8))
VARIABLES = [f"x{i}" for i in range(1, 9)]
START = np.array([1.3, 0.7, 0.8, 1.9, 1.2, 1.1, 0.9, 1.4])


@pytest.mark.parametrize("executor", ["llvm", "numpy"])
def test_the_functions_are_those_of_scipy(executor: str) -> None:
    if executor == "llvm":
        pytest.importorskip("llvmlite")
    functions = gradcli.compile(ROSENBROCK, variables=VARIABLES, executor=executor).as_scipy()
    assert functions.fun(START) == pytest.approx(optimize.rosen(START), rel=1e-14)
    np.testing.assert_allclose(functions.jac(START), optimize.rosen_der(START), rtol=1e-13, atol=1e-12)
    np.testing.assert_allclose(functions.hess(START), optimize.rosen_hess(START), rtol=1e-13, atol=1e-12)
    value, slope = functions.fun_and_jac(START)
    assert value == functions.fun(START)
    assert np.array_equal(slope, functions.jac(START))


def test_minimisers_find_the_minimum() -> None:
    functions = gradcli.compile(ROSENBROCK, variables=VARIABLES).as_scipy()
    for found in (
        optimize.minimize(functions.fun_and_jac, START, jac=True, method="L-BFGS-B"),
        optimize.minimize(functions.fun, START, jac=functions.jac, hess=functions.hess, method="trust-exact"),
    ):
        np.testing.assert_allclose(found.x, 1.0, atol=1e-4)


def test_an_integrand_is_machine_code() -> None:
    pytest.importorskip("llvmlite")
    integrate = pytest.importorskip("scipy.integrate")
    found, _ = integrate.quad(gradcli.compile("exp(-x^2)").as_scipy().integrand, -np.inf, np.inf)
    assert found == pytest.approx(np.sqrt(np.pi), rel=1e-9)
    found, _ = integrate.nquad(gradcli.compile("x*y^2").as_scipy().integrand, [(0, 1), (0, 3)])
    assert found == pytest.approx(4.5, rel=1e-12)


@pytest.mark.parametrize(
    "options", [{"derivatives": "value"}, {"wrt": ["x"]}, {"derivatives": "hessian"}, {"order": 2}]
)
def test_other_results_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="need the value and the derivatives with respect to all variables"):
        gradcli.compile("x*y", **options).as_scipy()  # type: ignore[arg-type]


def test_a_sparse_hessian_and_products_with_it() -> None:
    text = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(30))
    function = gradcli.compile(text)
    one, other = function.as_scipy(sparse=True), function.as_scipy()
    x, p = np.linspace(-1.0, 1.0, 31), np.linspace(0.0, 2.0, 31)
    assert (one.hess(x).toarray() == other.hess(x)).all()
    assert np.allclose(one.hessp(x, p), other.hess(x) @ p, rtol=1e-13)
    start = np.full(31, 0.9)
    for options in (
        {"hess": one.hess, "method": "trust-constr"},
        {"hess": other.hess, "method": "trust-exact"},
        {"hessp": one.hessp, "method": "trust-krylov"},
    ):
        found = optimize.minimize(one.fun, start, jac=one.jac, **options)
        assert np.allclose(found.x, 1.0, atol=1e-4)
