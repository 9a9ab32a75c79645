"""Compiled expressions as functions for SciPy: a minimiser's function, gradient and Hessian, and an integrand."""

from __future__ import annotations

import functools
from typing import Any, Final, Protocol

from gradcli.errors import UsageError, missing_extra
from gradcli.primitives.backends import backend_named

__all__ = ["ScipyFunctions"]

np: Final = backend_named("numpy").xp


class Function(Protocol):
    """The part of a compiled function that is used here; see `gradcli.evaluate.compiled.Compiled`."""

    variables: tuple[str, ...]
    wrt: tuple[str, ...]
    names: tuple[str, ...]
    derivatives: str

    def columns(self, matrix: Any, out: Any = None) -> Any:
        """Return all results at points that are the columns of a matrix."""

    def hessian(self, point: Any, *, sparse: bool = False) -> Any:
        """Return the matrix of second derivatives at a point."""

    def hvp(self, point: Any, direction: Any, out: Any = None) -> Any:
        """Return the product of this matrix and a vector."""

    def integrand(self) -> Any:
        """Return the function of C ``double (int, double *)``."""

    def with_derivatives(self, derivatives: str) -> Function:
        """Return the function with another choice of results."""


class ScipyFunctions:
    """Functions of a vector of all variables, in the order of `Compiled.variables`.

    This is the order in which they appear first, unless the function is compiled with ``variables=``.

    Args:
        compiled: a function that is compiled with its value and its gradient by all variables.
        sparse: whether `hess` returns a sparse matrix.

    Raises:
        UsageError: it is compiled for other results.

    >>> import gradcli
    >>> rosenbrock = gradcli.compile("100*(y - x^2)^2 + (1 - x)^2", variables=["x", "y"]).as_scipy()
    >>> rosenbrock.fun([0.0, 1.0]), rosenbrock.jac([0.0, 1.0]).tolist()
    (101.0, [-2.0, 200.0])
    >>> rosenbrock.hess([0.0, 1.0]).tolist()
    [[-398.0, -0.0], [-0.0, 200.0]]
    """

    def __init__(self, compiled: Function, sparse: bool = False) -> None:
        is_gradient = len(compiled.names) == 1 + len(compiled.variables) and compiled.derivatives == "value+gradient"
        if not is_gradient or compiled.wrt != compiled.variables:
            message = "functions for SciPy need the value and the derivatives with respect to all variables"
            hint = 'compile with `derivatives="value+gradient"`, and without `wrt` and `order`'
            raise UsageError(message, kind="usage", hint=hint)
        self._compiled = compiled
        self._columns = compiled.columns
        self._sparse = sparse

    def _found(self, x: Any) -> Any:
        return self._columns(np.asarray(x, np.float64).reshape(-1, 1))

    def fun(self, x: Any) -> float:
        """Return the value at a point, an array with a number for each variable."""
        return float(self._found(x)[0, 0])

    def jac(self, x: Any) -> Any:
        """Return the gradient at a point, an array with a derivative for each variable."""
        return self._found(x)[1:, 0]

    def fun_and_jac(self, x: Any) -> tuple[float, Any]:
        """Return the value and the gradient, for ``minimize(functions.fun_and_jac, x0, jac=True)``."""
        found = self._found(x)
        return float(found[0, 0]), found[1:, 0]

    def hess(self, x: Any) -> Any:
        """Return the matrix of second derivatives at a point."""
        return self._compiled.hessian(x, sparse=self._sparse)

    def hessp(self, x: Any, p: Any) -> Any:
        """Return the product of the matrix of second derivatives at a point and a vector."""
        return self._compiled.hvp(x, p)

    @functools.cached_property
    def integrand(self) -> Any:
        """The value as a `scipy.LowLevelCallable`, which `scipy.integrate.quad` and `nquad` call without Python.

        Raises:
            UnavailableError: SciPy or llvmlite is not installed, or there is no machine code for the expression.
        """
        try:
            from scipy import LowLevelCallable
        except ImportError:
            raise missing_extra("scipy", "science", "an integrand for SciPy") from None
        return LowLevelCallable(self._compiled.with_derivatives("value").integrand())
