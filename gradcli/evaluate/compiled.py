"""Compiled functions of many points at once: an expression and its derivatives as one kernel that runs over arrays.

`compile` parses a text, or calls a Python function once with the nodes of a graph.  The graph is differentiated, and a
kernel of `gradcli.execute.kernel` runs one program for the value and all derivatives.  At each point, the results are
those of `gradcli.grad`, also at edges, with strong zeros and with nan.  Arrays with one axis, and contiguous arrays,
are read and written in place; others are converted part by part.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.errors import CallError, LimitError, UnavailableError, UsageError, choice
from gradcli.evaluate.compiled_results import refuse_same_names, results_of
from gradcli.evaluate.expression import Expression, parse
from gradcli.evaluate.point import missing_variables, target_nodes, unknown_variable
from gradcli.evaluate.tracing import trace
from gradcli.execute.kernel import EXECUTORS, Kernel, kernel_for, require_compiler
from gradcli.execute.memory import fresh_arrays, near_pairs
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Node, toposort
from gradcli.language.parsed import CONSTANTS, ParsedExpression
from gradcli.primitives import Primitive
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.evaluate.compiled_hessian import Hessian
    from gradcli.evaluate.compiled_orders import Orders
    from gradcli.evaluate.scipy_functions import ScipyFunctions
    from gradcli.execute.llvm.calls import Calls

__all__ = ["DERIVATIVES", "Compiled", "compile"]

np: Final = backend_named("numpy").xp
#: The choices of results of a compiled function.
DERIVATIVES: Final = ("value", "gradient", "value+gradient", "hessian", "jvp")
_TYPES: Final = ("float64", "float32")
_Array: Final = np.ndarray
#: The code of all ufuncs that were handed out, since NumPy doesn't keep it.
_UFUNCS: Final[list[Calls]] = []
#: How many numbers of an array are converted for a kernel at a time.
_CONVERTED_AT_ONCE: Final = 1 << 17


def compile(  # noqa: A001  (as `re.compile`)
    function: str | Expression | Callable[..., Any],
    wrt: str | Sequence[str] | None = None,
    derivatives: str = "value+gradient",
    *,
    dtype: Any = "float64",
    executor: str = "auto",
    threads: int | None = None,
    order: int = 1,
    variables: Sequence[str] | None = None,
) -> Compiled:
    """Compile an expression, with derivatives, to a function of arrays.

    Args:
        function: the text of an expression of numbers, a parsed one, or a Python function of numbers.  A Python
            function is called once, with symbols in place of its parameters, so it can't branch on their values; it may
            choose with ``gradcli.functions.where``.  A parameter with a default keeps its default.
        wrt: the variables with respect to which to differentiate; all of them by default.
        derivatives: ``"value"``, ``"gradient"``, ``"value+gradient"``, ``"hessian"`` (with value and gradient) or
            ``"jvp"``, the value and the derivative along a direction ``d_<variable>``.
        dtype: ``"float64"`` or ``"float32"``, the type of all computations and results, whatever the type of the input.
        executor: ``"llvm"`` for machine code, ``"numpy"``, or ``"auto"`` for machine code if possible, else NumPy.
        threads: the number of threads; by default as many as the process may use, if there are enough rows.
        order: the highest order of derivatives by each variable itself.  If it is above 1, a call returns the value and
            a dictionary of lists by variable, with the derivatives of order 1, 2 and so on; one that has lost its
            digits is nan.
        variables: the variables in the order of positional arguments; by default the order in which they appear first.

    Raises:
        ExpressionError: the text is not a valid expression, or it contains functions of arrays.
        UsageError: the Python function can't be traced, or an option has another value than those above.
        LimitError: the order is above 200, or a derivative of this order is too large.

    >>> import numpy as np
    >>> function = compile("x1*x2+sin(x1)")
    >>> value, gradient = function(x1=np.array([0.0, 2.0]), x2=3)
    >>> value, gradient["x1"]
    (array([0.        , 6.90929743]), array([4.        , 2.58385316]))
    >>> compile(lambda x, y: x**2 * y, derivatives="hessian")([1, 2], 3)[2]["x"]["y"]
    array([2., 4.])
    >>> compile("exp(2*x)", order=3)([0.0])[1]["x"]
    [array([2.]), array([4.]), array([8.])]
    """
    choice(str(derivatives), DERIVATIVES, "choice of derivatives")
    choice(str(executor), EXECUTORS, "executor")
    wrt = (wrt,) if isinstance(wrt, str) else wrt
    if wrt is not None and not (isinstance(wrt, Sequence) and all(isinstance(name, str) for name in wrt)):
        raise UsageError(f"`wrt` is the name of a variable, or several names, not {wrt!r}")
    if threads is not None and (type(threads) is not int or threads < 1):
        raise UsageError(f"the number of threads is a natural number, not {threads!r}")
    if type(order) is not int or order < 1:
        raise UsageError(f"the order of derivatives is a natural number, not {order!r}", argument="order")
    if isinstance(function, str):
        expression = parse(function)
    else:
        expression = function if isinstance(function, Expression) else trace(function)
    expression.refuse_arrays("a compiled function")
    name = str(np.dtype(dtype)) if isinstance(dtype, type) else str(dtype)
    name = choice(name, _TYPES, "type of numbers")
    ordered = None if variables is None else tuple(variables)
    if ordered is not None and (len(ordered) != len(expression.variables) or {*ordered} != {*expression.variables}):
        names = ", ".join(expression.variables)
        raise UsageError(f"`variables` must hold the variables of the expression, each once: {names}", kind="usage")
    wrt = ordered if wrt is None else tuple(wrt)
    return Compiled(expression, _Options(wrt, derivatives, name, executor, threads, order, ordered))


class _Options(NamedTuple):
    """The options of `compile`, which a pickle keeps."""

    wrt: tuple[str, ...] | None
    derivatives: str
    dtype: str
    executor: str
    threads: int | None
    order: int = 1
    variables: tuple[str, ...] | None = None


class Compiled:
    """A function of arrays that gives values and derivatives, point by point.

    It can be pickled (as its text and options), and so be sent to other processes.

    Attributes:
        variables: the names of the expression's variables, in the order of positional arguments.
        wrt: the variables with respect to which it is differentiated.
        derivatives: the choice of results; see `compile`.
        inputs: the names of the arguments: the variables, and for ``"jvp"`` their directions ``d_<variable>``.
        names: the names of the results: ``"value"``, ``"d_x"``, ``"d_x_y"``, and ``"jvp"`` for the derivative along a
            direction.
        dtype: the type of the results.
    """

    def __init__(self, expression: Expression, options: _Options) -> None:
        targets = list(dict.fromkeys(target_nodes(expression, options.wrt)))
        self.variables: tuple[str, ...] = options.variables or tuple(expression.variables)
        self.wrt: tuple[str, ...] = tuple(str(target.name) for target in targets)
        self.derivatives = options.derivatives
        self.dtype = options.dtype
        self._options = options._replace(wrt=self.wrt)
        self._expression = expression
        self._dtype = np.dtype(options.dtype)
        self._no_uniforms = np.empty(0, self._dtype)
        self._inputs: list[Node] = target_nodes(expression, self.variables)
        self.inputs = self.variables
        if self.derivatives == "jvp":
            self.inputs += tuple(f"d_{name}" for name in self.wrt)
            self._inputs += [expression.graph.fresh_variable(f"d_{name}") for name in self.wrt]
        self._orders: Orders | None = None
        if options.order > 1:
            from gradcli.evaluate.compiled_orders import Orders

            self._orders = Orders(expression.root, self._inputs, targets, options)
            self._inputs, found = self._orders.inputs, self._orders.found
        else:
            found = results_of(expression.root, targets, self.derivatives, self._inputs[len(self.variables) :])
        refuse_same_names([name for name, _ in found], "two derivatives")
        self.names: tuple[str, ...] = tuple([name for name, _ in found])
        self._roots: list[Node] = [node for _, node in found]
        if self._orders is not None and self._orders.irregular is not None:
            self._roots.append(self._orders.irregular)
        self._variants: dict[tuple[str, ...], Compiled] = {}  # the key: names of constants that were given values
        self._kernels: dict[tuple[int, ...], Kernel] = {}  # the key: the positions of uniforms

    @property
    def text(self) -> str:
        """The expression as text."""
        return str(self._expression)

    @property
    def executor(self) -> str:
        """The executor that runs it: ``"llvm"`` or ``"numpy"``."""
        return self._kernel(()).executor

    @property
    def note(self) -> str | None:
        """The reason why no machine code runs, if the executor was chosen automatically and isn't ``"llvm"``."""
        return self._kernel(()).note

    def program(self, uniforms: Sequence[int] = ()) -> Program:
        """Return the program of all results.

        Args:
            uniforms: the positions of the inputs that are the same in all rows; in the program, they come last.
        """
        chosen = set(uniforms)
        columns = [node for i, node in enumerate(self._inputs) if i not in chosen]
        variables = [*columns, *[self._inputs[i] for i in uniforms]]
        return Program(Tape(self._roots, variables), len(columns), dtype=self.dtype)

    def _kernel(self, uniforms: tuple[int, ...]) -> Kernel:
        kernel = self._kernels.get(uniforms)
        if kernel is None:
            kernel = self._kernels[uniforms] = kernel_for(self.program(uniforms), self._options.executor)
        return kernel

    def __call__(self, /, *arrays: Any, out: Any = None, **named: Any) -> Any:
        """Return values and derivatives at all points.

        Args:
            arrays: an array, a column of a table or a number for each of `inputs`, in this order; shapes broadcast as
                in NumPy.
            named: arguments by name instead of by position.
            out: arrays that the results are written into, with their shape and type: one for each of `names`, or one
                array if there is one name.  They may share memory with the inputs.

        Returns:
            For ``"value"``, an array.  For ``"gradient"``, a dictionary of arrays by variable.  For
            ``"value+gradient"`` and ``"hessian"``, a tuple of the value, the gradient, and for the latter a dictionary
            of dictionaries, in which ``[x][y]`` and ``[y][x]`` are the same array.  For ``"jvp"``, a tuple of the value
            and the derivative.  If no input is an array, there are numbers instead of arrays.

        Raises:
            UsageError: an input is missing, unknown or not an array of numbers, or the shapes or ``out`` don't fit.
        """
        quick = self._few_rows(arrays, named) if out is None else None
        if quick is not None:
            return self._structured(quick)
        unknown = [name for name in named if name not in self.inputs and name in CONSTANTS]
        if unknown and len(arrays) <= len(self.inputs):
            return self._with_variables(tuple(unknown))(
                **dict(zip(self.inputs, arrays, strict=False)), out=out, **named
            )
        if named or len(arrays) != len(self.inputs):
            arrays = self._bound(arrays, named)
        if out is not None and not isinstance(out, (tuple, list)):
            out = (out,)
        return self._structured(self._run(arrays, out))

    @functools.cached_property
    def _calls(self) -> Calls | None:
        if self._orders is not None and self._orders.irregular is not None:
            return None  # some points are computed by a second program
        return self._kernel(()).calls

    @functools.cached_property
    def _of_matrix(self) -> Any:
        return self._calls and self._calls.of_matrix

    @functools.cached_property
    def _most_rows(self) -> int:
        """The most rows that are worth a quick call."""
        return self._calls.most_rows if self._calls else 0

    @functools.cached_property
    def _quick(self) -> Any:
        """The function of arrays of few rows; None if there is none."""
        return self._calls and self._calls.ufunc

    def _few_rows(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> Sequence[Any] | None:
        """Return the results for few rows; None if an argument isn't an array that can be taken as it is."""
        if named:
            if arrays or len(named) != len(self.inputs):
                return None
            try:
                arrays = [named[name] for name in self.inputs]
            except KeyError:
                return None
        elif len(arrays) != len(self.inputs):
            return None
        most = self._most_rows
        for one in arrays:
            if type(one) is not _Array or one.dtype is not self._dtype or one.ndim != 1 or len(one) > most:
                return None
        try:
            found = self._quick(*arrays)
        except (TypeError, ValueError):  # there is no such function, or the shapes don't fit
            return None
        return (found,) if len(self.names) == 1 else found

    def columns(self, matrix: Any, out: Any = None) -> Any:
        """Return all results as one array.

        Args:
            matrix: shape (inputs, rows), with the numbers of an input in each row of the array, in the order of
                `inputs`; or (inputs,) for one point.
            out: the array that the results are written into, with the shape and the type of the result.

        Returns:
            shape (names, rows), in the order of `names`: the value, then the derivatives; or (names,) for one point.

        Raises:
            UsageError: the shape of ``matrix`` doesn't fit, it doesn't hold numbers, or ``out`` doesn't fit.

        >>> compile("x*y").columns([[1.0, 2.0], [3.0, 4.0]])
        array([[3., 8.],
               [3., 4.],
               [1., 2.]])
        """
        is_quick = type(matrix) is _Array and matrix.dtype is self._dtype and matrix.ndim == 2
        if is_quick and matrix.shape[1] <= self._most_rows:
            try:
                if out is None:
                    return self._of_matrix(matrix)
                if type(out) is _Array and out.dtype is self._dtype and out.shape == (len(self.names), matrix.shape[1]):
                    return self._of_matrix(matrix, out)
            except (TypeError, ValueError):  # the shape doesn't fit, or `out` can't be written into; see below
                pass
        array = self._array("matrix", matrix)
        if array.ndim not in (1, 2) or len(array) != len(self.inputs):
            expected = f"({len(self.inputs)}, rows): a row for each of {', '.join(self.inputs)}"
            raise UsageError(f"the array has the shape {array.shape}, not {expected}", kind="shape")
        shape = (len(self.names), *array.shape[1:])
        if out is None:
            out = np.empty(shape, self._dtype)
        elif not isinstance(out, np.ndarray) or out.shape != shape:
            is_array = isinstance(out, np.ndarray)
            found = f"has the shape {out.shape}" if is_array else f"is {type(out).__name__}, not an array of NumPy"
            raise UsageError(f"the argument `out` {found}; the results have the shape {shape}", kind="bad_out")
        rows = out.reshape(len(self.names), -1) if array.ndim == 1 else out
        self._run(list(array.reshape(len(self.inputs), -1)), list(rows))
        return out

    def point(self, /, *numbers: float) -> list[float]:
        """Return all results at one point, in the order of `names`.

        Args:
            numbers: a number for each of `inputs`, in this order.

        Raises:
            UsageError: there are too few or too many numbers, or one of them isn't a number.

        >>> compile("x1*x2 + sin(x1)").point(2.0, 3.0)
        [6.909297426825682, 2.5838531634528574, 2.0]
        """
        if self._point is not None:
            try:
                return self._point(*numbers)  # type: ignore[no-any-return]
            except TypeError:
                self._bound(numbers, {})
        for name, number in zip(self.inputs, numbers, strict=False):
            if np.ndim(number):
                raise UsageError(f"the value of `{name}` isn't a number")
        return [float(one) for one in self._run(self._bound(numbers, {}), None)]

    @functools.cached_property
    def _point(self) -> Any:
        return self._calls and self._calls.point

    @functools.cached_property
    def ufunc(self) -> Any:
        """The function as a ufunc of NumPy, for libraries that work with ufuncs, such as pandas, xarray and Dask.

        It has an operand for each of `inputs` and a result for each of `names`.  It runs on one thread, and its code is
        kept until the process ends.

        Raises:
            UnavailableError: there is no machine code for it, or llvmlite is not installed.
            LimitError: it has more than 32 operands and results.

        >>> function = compile("x*y", derivatives="value").ufunc
        >>> function([1.0, 2.0], 3.0), function.outer([1.0, 2.0], [3.0, 4.0])
        (array([3., 6.]), array([[3., 4.],
               [6., 8.]]))
        """
        calls = self._machine_code("a ufunc")
        if calls.ufunc is None:
            raise LimitError(
                f"a ufunc has at most 32 operands and results, not {len(self.inputs)} and {len(self.names)}",
                hint="`columns` takes an array of all inputs, and has no such limit",
            )
        _UFUNCS.append(calls)
        return calls.ufunc

    def hessian(self, point: Any, *, sparse: bool = False) -> Any:
        """Return the matrix of second derivatives at a point.

        Only the entries that depend on the point, or are no 0, are computed: those of a thousand variables in
        microseconds, if each of them meets a few others.

        Args:
            point: shape (inputs,), a number for each of `variables`; or (..., inputs) for several points.
            sparse: return a ``scipy.sparse.csr_array``, of one point.

        Returns:
            shape (..., wrt, wrt), with a row and a column for each of `wrt`.

        Raises:
            UsageError: the shape of ``point`` doesn't fit, or it doesn't hold numbers.
            UnavailableError: a sparse matrix is asked for, and SciPy is not installed.
            LimitError: the formulas of the second derivatives are too large; `hvp` may still do.

        >>> compile("x^2*y + z").hessian([3.0, 5.0, 7.0])
        array([[10.,  6.,  0.],
               [ 6.,  0.,  0.],
               [ 0.,  0.,  0.]])
        """
        return self._second.sparse(point) if sparse else self._second.dense(point)

    def hessian_structure(self) -> tuple[Any, Any]:
        """Return the rows and the columns of the entries that `hessian_values` gives: row by row, both halves.

        All other entries are 0 wherever the function has a value.

        >>> compile("x^2*y + z").hessian_structure()
        (array([0, 0, 1]), array([0, 1, 0]))
        """
        return self._second.structure

    def hessian_values(self, point: Any, out: Any = None) -> Any:
        """Return the entries of the matrix of second derivatives at the places of `hessian_structure`.

        Args:
            point: shape (inputs,), a number for each of `variables`; or (..., inputs) for several points.
            out: the array that the results are written into, with the shape and the type of the result.

        Returns:
            shape (..., entries).

        Raises:
            UsageError: the shape of ``point`` doesn't fit, it doesn't hold numbers, or ``out`` doesn't fit.
            LimitError: the formulas of the second derivatives are too large; `hvp` may still do.

        >>> compile("x^2*y + z").hessian_values([3.0, 5.0, 7.0])
        array([10.,  6.,  6.])
        """
        return self._second.values(point, out)

    def hvp(self, point: Any, direction: Any, out: Any = None) -> Any:
        """Return the product of the matrix of second derivatives and a vector, at the cost of a few gradients.

        Args:
            point: shape (inputs,), a number for each of `variables`; or (..., inputs) for several points.
            direction: shape (wrt,), a number for each of `wrt`; or (..., wrt).
            out: the array that the results are written into, with the shape and the type of the result.

        Returns:
            shape (..., wrt).

        Raises:
            UsageError: the shape of an argument doesn't fit, or it doesn't hold numbers.

        >>> compile("x^2*y + z").hvp([3.0, 5.0, 7.0], [1.0, 10.0, 100.0])
        array([70.,  6.,  0.])
        """
        return self._second.product(point, direction, out)

    @functools.cached_property
    def _second(self) -> Hessian:
        from gradcli.evaluate.compiled_hessian import Hessian

        expression, options = self._expression, self._options
        inputs, targets = target_nodes(expression, self.variables), target_nodes(expression, self.wrt)
        return Hessian(expression.root, inputs, targets, options.dtype, options.executor)

    def as_scipy(self, *, sparse: bool = False) -> ScipyFunctions:
        """Return functions for `scipy.optimize` and `scipy.integrate`; see `ScipyFunctions`.

        Args:
            sparse: let ``hess`` return a ``scipy.sparse.csr_array``, for methods that take one, such as
                ``"trust-constr"``.

        Raises:
            UsageError: it isn't compiled with its value and its gradient, or not by all variables.
        """
        from gradcli.evaluate.scipy_functions import ScipyFunctions

        return ScipyFunctions(self, sparse)

    def with_derivatives(self, derivatives: str) -> Compiled:
        """Return the function compiled with another choice of results; see `compile`."""
        return Compiled(self._expression, self._options._replace(derivatives=derivatives))

    def integrand(self) -> Any:
        """Return the function of C, ``double (int, double *)``, that takes all inputs to the first result.

        Raises:
            UnavailableError: there is no machine code for it, or llvmlite is not installed.
        """
        return self._machine_code("an integrand").integrand

    def _machine_code(self, purpose: str) -> Calls:
        """Return the ways to call the machine code.

        Args:
            purpose: what it is needed for, for the message.

        Raises:
            UnavailableError: there is none.
        """
        if self._calls is None or not self._calls.fits:
            require_compiler(purpose)
            reason = self.note or "the executor is NumPy"
            if self.executor == "llvm":
                reason = "the expression is too large" if self._calls else "some points need a second program"
            raise UnavailableError(f"{purpose} is machine code, and there is none: {reason}", kind="no_machine_code")
        return self._calls

    def _with_variables(self, names: tuple[str, ...]) -> Compiled:
        """Return the function in which constants with these names are variables.

        It is compiled at the first call with these names.
        """
        if names not in self._variants:
            given = self._options.variables
            options = self._options._replace(variables=given and (*given, *names))
            self._variants[names] = Compiled(self._expression.with_variables(names), options)
        return self._variants[names]

    def run(self, columns: Mapping[str, Any], out: Sequence[Any] | None = None) -> list[Any]:
        """Return the results in the order of `names`.

        Args:
            columns: an array or a number for each of `inputs`; further entries are ignored.
            out: the arrays that the results are written into, as in a call.

        >>> compile("x^2").run({"x": [1, 2], "note": None})
        [array([1., 4.]), array([2., 4.])]
        """
        return self._run(self._bound((), {name: columns[name] for name in self.inputs if name in columns}), out)

    def _bound(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the arguments in the order of the inputs."""
        if len(arrays) > len(self.inputs):
            takes = f"{len(self.inputs)} ({', '.join(self.inputs)})" if self.inputs else "none"
            raise UsageError(f"too many arguments: {len(arrays)}, but the function takes {takes}", kind="usage")
        found = dict(zip(self.inputs, arrays, strict=False))
        for name, array in named.items():
            if name in found:
                raise UsageError(f"`{name}` is given by position and by name", kind="usage")
            if name not in self.inputs:
                raise unknown_variable(name, self.inputs)
            found[name] = array
        missing = [name for name in self.inputs if name not in found]
        if missing:
            is_option = "out" in missing
            hint = (
                "`out=` is the argument for the arrays of results; give the variable `out` by position"
                if is_option
                else None
            )
            raise missing_variables(missing, hint)
        return tuple([found[name] for name in self.inputs])

    def _structured(self, results: Sequence[Any]) -> Any:
        """Return the results in the form that a call returns."""
        kind = self.derivatives
        if self._orders is not None:
            return results[0], self._orders.by_variable(self.wrt, results)
        if kind == "value":
            return results[0]
        if kind == "value+gradient":
            return results[0], dict(zip(self.wrt, results[1:], strict=True))
        if kind == "gradient":
            return dict(zip(self.wrt, results, strict=True))
        if kind == "jvp":
            return results[0], results[1]
        rest = iter(results[1:])
        gradient = {name: next(rest) for name in self.wrt}
        matrix: dict[str, dict[str, Any]] = {row: dict.fromkeys(self.wrt) for row in self.wrt}
        for i, row in enumerate(self.wrt):
            for column in self.wrt[i:]:
                matrix[row][column] = matrix[column][row] = next(rest)
        return results[0], gradient, matrix

    # Arrays

    def _run(self, inputs: Sequence[Any], out: Sequence[Any] | None) -> list[Any]:
        arrays: list[Any] = []
        columns: list[Any] = []
        uniforms: list[int] = []
        shape: tuple[int, ...] = ()
        is_plain = True  # whether the kernel can take every array without a copy
        for place, one in enumerate(inputs):
            if type(one) is not np.ndarray or one.dtype != self._dtype:
                one = self._array(self.inputs[place], one)
            arrays.append(one)
            if one.ndim == 0:
                uniforms.append(place)
                continue
            shape = shape if columns else one.shape
            is_plain = is_plain and one.shape == shape and self._is_flat(one)
            columns.append(one)
        if not columns:  # there is one point
            columns, uniforms = [np.array(one, self._dtype) for one in arrays], []
        if not is_plain:
            shape = self._broadcast(arrays)
            if out is None and all(one.shape == shape and self._is_flat(one.T) for one in columns):
                return [one.T for one in self._run([one.T for one in arrays], None)]
        kernel = self._kernel(tuple(uniforms))
        shared = np.array([arrays[place] for place in uniforms], self._dtype) if uniforms else self._no_uniforms
        if out is None:
            results = fresh_arrays(len(self.names), shape or (1,), self._dtype)
        else:
            results = self._checked(out, shape)
            columns = self._apart(columns, results)
            is_plain = is_plain and all(map(self._is_flat, results))
        if is_plain and len(shape) == 1:
            self._run_kernel(kernel, columns, shared, uniforms, results)
        elif is_plain:
            flat = [one.reshape(-1) for one in results]
            self._run_kernel(kernel, [one.reshape(-1) for one in columns], shared, uniforms, flat)
        else:
            self._run_converted(kernel, [np.broadcast_to(one, shape) for one in columns], shared, uniforms, results)
        return [one[0] for one in results] if out is None and not shape else results

    def _run_kernel(
        self, kernel: Kernel, columns: Sequence[Any], shared: Any, uniforms: Sequence[int], results: Sequence[Any]
    ) -> None:
        """Run on columns of one axis, and the numbers of the uniforms, whose places among the inputs are given."""
        if self._orders is None or self._orders.irregular is None:
            kernel.run(columns, shared, results, self._options.threads)
            return
        every = [*results, np.empty(len(results[0]))]
        kernel.run(columns, shared, every, self._options.threads)
        self._orders.mend(columns, uniforms, shared, every)

    def _run_converted(
        self, kernel: Kernel, columns: Sequence[Any], shared: Any, uniforms: Sequence[int], results: Sequence[Any]
    ) -> None:
        """Run on arrays of the same shape, but of any layout and type.

        The first axis is cut into parts, which are converted one after the other.
        """
        shape = results[0].shape
        step = max(1, _CONVERTED_AT_ONCE // max(1, math.prod(shape[1:])))
        for low in range(0, shape[0], step):
            part = slice(low, low + step)
            with np.errstate(over="ignore"):  # numbers that are too large for the type become infinite
                flat = [np.require(column[part], self._dtype, ["C", "A"]).reshape(-1) for column in columns]
            targets = [result[part] for result in results]
            written = [one.reshape(-1) if self._is_flat(one) else np.empty(one.size, self._dtype) for one in targets]
            self._run_kernel(kernel, flat, shared, uniforms, written)
            for target, one in zip(targets, written, strict=True):
                if not self._is_flat(target):
                    target[...] = one.reshape(target.shape)

    def _is_flat(self, array: Any) -> bool:
        """Whether a kernel can take an array as it is: in its type, and with one axis or contiguous."""
        flags = array.flags
        return bool(array.dtype == self._dtype and flags.aligned and (array.ndim == 1 or flags.c_contiguous))

    def _array(self, name: str, given: Any) -> Any:
        """Return the argument for an input as an array of real numbers.

        Raises:
            UsageError: the argument isn't such an array.
        """
        hint = None
        try:
            if hasattr(given, "filled"):  # a masked array of NumPy
                given = given.astype(np.float64).filled(np.nan)
            array = np.asarray(given)
            if array.dtype.kind == "O" and not any(isinstance(one, (str, bytes)) for one in array.flat):
                # These are Python's numbers, or a column with gaps.
                is_column = hasattr(given, "to_numpy")
                array = given.to_numpy(np.float64, na_value=np.nan) if is_column else np.asarray(given, np.float64)
        except (TypeError, ValueError, OverflowError, RuntimeError) as problem:
            # Our message and PyTorch's tell what to do with a tensor that requires a gradient.
            hint = str(problem) if isinstance(problem, (CallError, RuntimeError)) else None
            array = None
        if array is None or given is None:
            raise UsageError(f"the value of `{name}` isn't an array of numbers", hint=hint)
        if array.dtype.kind not in "fiub":
            what = {"U": "text", "S": "text", "O": "text", "c": "complex numbers"}.get(
                array.dtype.kind, array.dtype.name
            )
            raise UsageError(f"the value of `{name}` holds {what}, not real numbers")
        return array if array.dtype != self._dtype else np.asarray(array, self._dtype)

    def _broadcast(self, inputs: Sequence[Any]) -> tuple[int, ...]:
        shapes = [np.shape(one) for one in inputs]
        try:
            shape: tuple[int, ...] = np.broadcast_shapes(*shapes)
        except ValueError:
            named = dict(zip(self.inputs, shapes, strict=True))
            text = ", ".join(f"`{name}` has {shape}" for name, shape in named.items() if shape)
            raise UsageError(f"the shapes of the arrays don't fit together: {text}", kind="shape") from None
        return shape

    def _checked(self, out: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
        """Return the arrays to write into.

        Raises:
            UsageError: the number of arrays, a type or a shape is wrong, or an array is read-only.
        """

        if len(out) != len(self.names):
            message = f"`out` holds {len(out)} arrays, but there are {len(self.names)} results"
            raise UsageError(message, kind="bad_out", hint=f"one for each of {', '.join(self.names)}")
        for name, one in zip(self.names, out, strict=True):
            if not isinstance(one, np.ndarray):
                problem = f"is {type(one).__name__}, not an array of NumPy"
            elif one.dtype != self._dtype:
                problem = f"holds {one.dtype}, but the results are {self.dtype}"
            elif one.shape != shape:
                problem = f"has the shape {one.shape}, but the results have {shape}"
            elif not one.flags.writeable:
                problem = "is read-only"
            else:
                continue
            raise UsageError(f"the argument `out` for `{name}` {problem}", kind="bad_out")
        return list(out)

    def _apart(self, columns: Sequence[Any], results: Sequence[Any]) -> list[Any]:
        """Return the columns; columns that share memory with a result are copied.

        Raises:
            UsageError: two results share memory.
        """
        kept, count, every = list(columns), len(columns), [*columns, *results]
        for first, second in near_pairs(every):
            if first < count <= second:
                kept[first] = columns[first].copy()
            elif first >= count and np.shares_memory(every[first], every[second]):
                hint = "each result needs an array of its own"
                raise UsageError("two arrays of `out` share memory", kind="bad_out", hint=hint)
        return kept

    # Pickling

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._saved_text(), self.variables, self._options)

    def _saved_text(self) -> str:
        """Return a text that parses to the same function.

        Raises:
            UsageError: no text has the same derivatives; this happens for the derivative of an expression with edges.
        """
        source, _, notation, definitions = self._expression.source
        if source and notation is None and not definitions:
            again = parse(source, variables=self.variables)
            inputs = [again.graph.variable(name) for name in self.variables]
            ours = Tape([self._expression.root], self._inputs[: len(self.variables)])
            if Program(Tape([again.root], inputs), 0).key == Program(ours, 0).key:
                return source
        if any(isinstance(node.primitive, Primitive) and node.primitive.internal for node in toposort(self._roots[:1])):
            raise UsageError(
                f"`{self.text}` can't be pickled, because its text would lose the derivatives at edges",
                kind="pickle",
                hint="compile a text with `diff(EXPR, x)` in it",
            )
        return self.text

    def __repr__(self) -> str:
        return f"<compiled {self.text}: {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        from gradcli.markup import table
        from gradcli.printing.displayed import displayed

        rows = [["function", displayed(self._expression.root).html or self.text]]
        rows += [["arguments", ", ".join(self.inputs)], ["results", ", ".join(self.names)], ["numbers", self.dtype]]
        return table([], rows)


def _restored(text: str, variables: tuple[str, ...], options: _Options) -> Compiled:
    """Return the compiled function of a pickle."""
    found = parse(text, variables=variables)
    return Compiled(Expression(ParsedExpression(found.source, found.root, variables, found.spans)), options)
