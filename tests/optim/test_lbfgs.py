"""L-BFGS turned inside out: the points are SciPy's, and whoever receives them stays in control."""

from __future__ import annotations

import itertools
import sys
import threading
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError
from gradcli.optim import OPTIMIZERS
from gradcli.optim.lbfgs import descend

START = np.array([-1.2, 1.0, -0.5])


def options(**given: Any) -> dict[str, Any]:
    return OPTIMIZERS["lbfgs"].configured(**given)


def rosenbrock(point: Any) -> tuple[float, Any]:
    optimize = pytest.importorskip("scipy.optimize")
    return float(optimize.rosen(point)), optimize.rosen_der(point)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "L-BFGS"]


def test_the_points_are_those_of_scipy() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    expected: list[Any] = []
    optimize.minimize(
        rosenbrock,
        START,
        method="L-BFGS-B",
        jac=True,
        callback=lambda point: expected.append(point.copy()),
        options={"maxiter": 15, "gtol": 1e-7, "ftol": 1e-9, "maxcor": 100},
    )
    found = list(descend(rosenbrock, START, options(max_iter=15)))
    assert len(found) == 15
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("given", "iterations"),
    [({"max_iter": 3}, range(3, 4)), ({"max_iter": 500}, range(10, 100)), ({"tolerance_grad": 1e9}, range(1))],
)
def test_an_option_ends_the_descent(given: dict[str, Any], iterations: range) -> None:
    assert len(list(descend(rosenbrock, START, options(**given)))) in iterations


def test_the_function_runs_in_the_thread_of_the_caller() -> None:
    seen = set()

    def function(point: Any) -> tuple[float, Any]:
        seen.add(threading.current_thread())
        return rosenbrock(point)

    list(descend(function, START, options()))
    assert seen == {threading.current_thread()}


def test_a_descent_that_nobody_wants_any_more_leaves_no_thread() -> None:
    points = descend(rosenbrock, START, options(max_iter=500))
    assert len(list(itertools.islice(points, 3))) == 3
    assert threads() == ["L-BFGS"]
    points.close()
    assert threads() == []


def test_what_the_function_raises_arrives_and_leaves_no_thread() -> None:
    calls = itertools.count()

    def function(point: Any) -> tuple[float, Any]:
        if next(calls) == 4:
            raise KeyboardInterrupt
        return rosenbrock(point)

    with pytest.raises(KeyboardInterrupt):
        list(descend(function, START, options()))
    assert threads() == []


def test_without_scipy_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(UnavailableError, match="L-BFGS needs the package `scipy`, which is not installed"):
        next(descend(rosenbrock, START, options()))
