"""Compiled functions of many points at once: an expression and its derivatives as one kernel that runs over arrays.

`compile` parses a text, or calls a Python function once with the nodes of a graph; the graph is differentiated, laid
out as one program for the value and all derivatives, and given to a kernel of `gradcli.execute.kernel`.  Each point
has what `gradcli.grad` has at this point, edges, strong zeros and nan included.  Arrays of one axis, and contiguous
ones, are read and written in place; the others are converted part by part.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gradcli.eager.tensor import Tensor
from gradcli.errors import CallError, UsageError, choice
from gradcli.evaluate.expression import Expression, parse
from gradcli.evaluate.point import missing_variables, target_nodes, unknown_variable
from gradcli.execute.kernel import EXECUTORS, Kernel, kernel_for
from gradcli.execute.memory import fresh_arrays, near_pairs
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.differentiate import no_value_no_derivative
from gradcli.primitives import Primitive
from gradcli.primitives.backends import backend_named
from gradcli.source import Source

__all__ = ["DERIVATIVES", "Compiled", "compile"]

np: Final = backend_named("numpy").xp
#: What a compiled function may compute.
DERIVATIVES: Final = ("value", "gradient", "value+gradient", "hessian", "jvp")
_TYPES: Final = ("float64", "float32")
#: The numbers of an array that are brought into the form of a kernel at a time.
_CONVERTED_AT_ONCE: Final = 1 << 17


def compile(  # noqa: A001  (as `re.compile`)
    function: str | Expression | Callable[..., Any],
    wrt: str | Sequence[str] | None = None,
    derivatives: str = "value+gradient",
    *,
    dtype: Any = "float64",
    executor: str = "auto",
    threads: int | None = None,
) -> Compiled:
    """Compile an expression, with derivatives, to a function of arrays.

    Args:
        function: the text of an expression in numbers, a parsed one, or a Python function of numbers.  A Python
            function is called once, with symbols for its parameters (those with a default keep it), so it must not
            branch on their values: ``gradcli.functions.where`` chooses.
        wrt: the variables to differentiate toward; all of them by default.
        derivatives: ``"value"``, ``"gradient"``, ``"value+gradient"``, ``"hessian"`` (with value and gradient) or
            ``"jvp"``, the value and the derivative along a direction ``d_<variable>``.
        dtype: ``"float64"`` or ``"float32"``: what is computed in, and the type of results whatever comes in.
        executor: ``"llvm"``, ``"numpy"``, or ``"auto"`` for the first that can.
        threads: how many to use; by default those of the process, where there are rows enough.

    Raises:
        ExpressionError: the text has no meaning, or it holds functions of arrays.
        UsageError: the function can't be traced, or an option has no such choice.

    >>> import numpy as np
    >>> function = compile("x1*x2+sin(x1)")
    >>> value, gradient = function(x1=np.array([0.0, 2.0]), x2=3)
    >>> value, gradient["x1"]
    (array([0.        , 6.90929743]), array([4.        , 2.58385316]))
    >>> compile(lambda x, y: x**2 * y, derivatives="hessian")([1, 2], 3)[2]["x"]["y"]
    array([2., 4.])
    """
    choice(str(derivatives), DERIVATIVES, "choice of derivatives")
    choice(str(executor), EXECUTORS, "executor")
    wrt = (wrt,) if isinstance(wrt, str) else wrt
    if wrt is not None and not (isinstance(wrt, Sequence) and all(isinstance(name, str) for name in wrt)):
        raise UsageError(f"`wrt` is the name of a variable, or several, not {wrt!r}", kind="bad_value")
    if threads is not None and (type(threads) is not int or threads < 1):
        raise UsageError(f"the number of threads is a natural number, not {threads!r}", kind="bad_value")
    if isinstance(function, str):
        expression = parse(function)
    else:
        expression = function if isinstance(function, Expression) else _traced(function)
    expression.refuse_arrays("a compiled function")
    name = str(np.dtype(dtype)) if isinstance(dtype, type) else str(dtype)
    options = (derivatives, choice(name, _TYPES, "type of numbers"), executor, threads)
    return Compiled(expression, wrt, *options)


def _traced(function: Callable[..., Any]) -> Expression:
    """What a Python function does to its parameters, as an expression in their names."""
    if not callable(function):
        message = f"an expression or a function is compiled, not {type(function).__name__}"
        raise UsageError(message, kind="bad_value")
    called = f"the function `{getattr(function, '__name__', type(function).__name__)}`"
    graph = Graph()
    names = function.operands if isinstance(function, Primitive) else _parameters(function, called)
    try:
        result = function(*[graph.variable(name) for name in names])
    except (TypeError, AttributeError) as error:
        raise _untraceable(called, error) from error
    if not isinstance(result, Node):
        got = "True or False" if isinstance(result, bool) else f"{type(result).__name__}"
        raise UsageError(
            f"{called} returned {got}, which says nothing about how it depends on its parameters",
            kind="bad_function",
            hint="it must return one number, computed with operators and the functions of `gradcli.functions`",
        )
    return Expression(Source("", called), result, names, {})


def _parameters(function: Callable[..., Any], called: str) -> list[str]:
    """The names of the parameters without a default.

    Raises:
        UsageError: there are others than those with a name and a place.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise UsageError(f"{called} does not say what its parameters are", kind="bad_function") from None
    names = []
    for parameter in parameters:
        if parameter.default is not parameter.empty:
            continue
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            written = str(parameter).partition(":")[0]
            raise UsageError(
                f"{called} has the parameter `{written}`, but each variable needs a name and a place",
                kind="bad_function",
                hint="for example `lambda x, y: x*y`",
            )
        names.append(parameter.name)
    return names


def _untraceable(called: str, error: Exception) -> UsageError:
    """Why a function can't be called with symbols, in the words of a user."""
    kind = error.kind if isinstance(error, CallError) else None
    if kind == "symbol_as_truth":
        return UsageError(
            f"{called} branches on a value, which is not known when it is compiled",
            kind="bad_function",
            hint="choose with `gradcli.functions.where(condition, a, b)`, or with its max, min and clip",
        )
    is_attribute = (
        isinstance(error, AttributeError) and isinstance(error.obj, Node) and hasattr(Tensor, error.name or "")
    )
    if kind == "symbol_as_array" or is_attribute:
        return UsageError(
            f"{called} treats a parameter as an array, but a compiled function is of numbers, one parameter for each",
            kind="bad_function",
            hint="it is then called with arrays of points; `gradcli.grad` differentiates functions of arrays",
        )
    return UsageError(
        f"{called} can't be called with symbols: {error}",
        kind="bad_function",
        hint="use operators, methods such as `x.sin()`, and the functions of `gradcli.functions`",
    )


class Compiled:
    """A function of arrays that gives values and derivatives, point by point.

    It can be pickled (as its text and options), so it can be sent to other processes.

    Attributes:
        text: the expression.
        variables: the names of its variables, in the order of positional arguments.
        wrt: the variables that it is differentiated toward.
        derivatives: what is computed; see `compile`.
        inputs: the names of the arguments: the variables, and for ``"jvp"`` their directions ``d_<variable>``.
        names: the names of the results: ``"value"``, ``"d_x"``, ``"d_x_y"``; for ``"jvp"`` the derivative is
            ``"jvp"``.
        dtype: of the results.
    """

    __slots__ = (
        "_dtype", "_executor", "_expression", "_inputs", "_kernels", "_nothing", "_roots", "_threads", "derivatives",
        "dtype", "inputs", "names", "variables", "wrt",
    )  # fmt: skip

    def __init__(
        self,
        expression: Expression,
        wrt: Sequence[str] | None,
        derivatives: str,
        dtype: str,
        executor: str,
        threads: int | None,
    ) -> None:
        targets = list(dict.fromkeys(target_nodes(expression, wrt)))
        self.variables: tuple[str, ...] = tuple(expression.variables)
        self.wrt: tuple[str, ...] = tuple(str(target.name) for target in targets)
        self.derivatives = derivatives
        self.dtype = dtype
        self._dtype = np.dtype(dtype)
        self._nothing = np.empty(0, self._dtype)
        self._executor = executor
        self._threads = threads
        self._expression = expression
        self._inputs: list[Node] = target_nodes(expression, self.variables)
        self.inputs = self.variables
        if derivatives == "jvp":
            self.inputs += tuple(f"d_{name}" for name in self.wrt)
            self._inputs += [expression.graph.fresh_variable(f"d_{name}") for name in self.wrt]
        found = _derivatives(expression.root, targets, derivatives, self._inputs[len(self.variables) :])
        self.names: tuple[str, ...] = tuple([name for name, _ in found])
        self._roots: list[Node] = [root for _, root in found]
        for names, what in ((self.inputs, "both a variable and a direction"), (self.names, "two of the derivatives")):
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise UsageError(f"`{twice}` names {what}", kind="bad_value", hint="rename a variable")
        #: Which inputs are uniforms -> the kernel for that.
        self._kernels: dict[tuple[int, ...], Kernel] = {}

    @property
    def text(self) -> str:
        """The expression as text."""
        return str(self._expression)

    @property
    def executor(self) -> str:
        """What runs it: ``"llvm"`` or ``"numpy"``."""
        return self._kernel(()).executor

    @property
    def note(self) -> str | None:
        """Why it is not compiled to machine code, if it isn't and ``executor`` left the choice open."""
        return self._kernel(()).note

    def program(self, uniforms: Sequence[int] = ()) -> Program:
        """The program of all results.

        Args:
            uniforms: the positions of the inputs that are the same in all rows; they come last.
        """
        chosen = set(uniforms)
        columns = [node for i, node in enumerate(self._inputs) if i not in chosen]
        variables = [*columns, *[self._inputs[i] for i in uniforms]]
        return Program(Tape(self._roots, variables), len(columns), dtype=self.dtype)

    def _kernel(self, uniforms: tuple[int, ...]) -> Kernel:
        kernel = self._kernels.get(uniforms)
        if kernel is None:
            kernel = self._kernels[uniforms] = kernel_for(self.program(uniforms), self._executor)
        return kernel

    def __call__(self, /, *arrays: Any, out: Any = None, **named: Any) -> Any:
        """Values and derivatives at all points.

        Args:
            arrays: an array, a column or a number for each of `inputs`, in their order; shapes broadcast as NumPy's do.
            named: the same by name.
            out: arrays of the results' shape and type to write into instead of new ones: one for each of `names`, or
                one array if there is one name.  They may share memory with the inputs.

        Returns:
            For ``"value"`` an array; for ``"gradient"`` a dictionary of arrays by variable; else a tuple: the value,
            then the dictionary, then for ``"hessian"`` a dictionary of dictionaries, whose two entries for a pair of
            variables are one array; for ``"jvp"`` the value and the derivative.  Without any array among the inputs
            these are numbers.

        Raises:
            UsageError: an input is missing, unknown or no array of numbers, shapes don't fit, or ``out`` does not.
        """
        if named or len(arrays) != len(self.inputs):
            arrays = self._bound(arrays, named)
        if out is not None and not isinstance(out, (tuple, list)):
            out = (out,)
        return self._structured(self._run(arrays, out))

    def run(self, columns: Mapping[str, Any], out: Sequence[Any] | None = None) -> list[Any]:
        """The results in the order of `names`.

        Args:
            columns: an array or a number for each of `inputs`; further entries are ignored.
            out: as for a call.

        >>> compile("x^2").run({"x": [1, 2], "note": None})
        [array([1., 4.]), array([2., 4.])]
        """
        return self._run(self._bound((), {name: columns[name] for name in self.inputs if name in columns}), out)

    def _bound(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order of the inputs."""
        if len(arrays) > len(self.inputs):
            takes = f"{len(self.inputs)} ({', '.join(self.inputs)})" if self.inputs else "none"
            raise UsageError(f"too many arguments: {len(arrays)}, where the function takes {takes}", kind="usage")
        found = dict(zip(self.inputs, arrays, strict=False))
        for name, array in named.items():
            if name in found:
                raise UsageError(f"`{name}` is given by place and by name", kind="usage")
            if name not in self.inputs:
                raise unknown_variable(name, self.inputs)
            found[name] = array
        missing = [name for name in self.inputs if name not in found]
        if missing:
            is_option = "out" in missing
            hint = "`out=` names the arrays for results; the variable is given by its place" if is_option else None
            raise missing_variables(missing, hint)
        return tuple([found[name] for name in self.inputs])

    def _structured(self, results: list[Any]) -> Any:
        """The results as a call returns them."""
        kind = self.derivatives
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
        matrix: dict[str, dict[str, Any]] = {name: {} for name in self.wrt}
        for i, row in enumerate(self.wrt):
            for column in self.wrt[i:]:
                matrix[row][column] = matrix[column][row] = next(rest)
        ordered = {row: {column: found[column] for column in self.wrt} for row, found in matrix.items()}
        return results[0], gradient, ordered

    # Arrays

    def _run(self, inputs: Sequence[Any], out: Sequence[Any] | None) -> list[Any]:
        arrays: list[Any] = []
        columns: list[Any] = []
        uniforms: list[int] = []
        shape: tuple[int, ...] = ()
        is_plain = True  # whether the kernel can take every array, flattened, as it is
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
        if not columns:  # one point
            columns, uniforms = [np.array(one, self._dtype) for one in arrays], []
        if not is_plain:
            shape = self._broadcast(arrays)
            if out is None and all(one.shape == shape and self._is_flat(one.T) for one in columns):
                return [one.T for one in self._run([one.T for one in arrays], None)]
        kernel = self._kernel(tuple(uniforms))
        shared = np.array([arrays[place] for place in uniforms], self._dtype) if uniforms else self._nothing
        if out is None:
            results = fresh_arrays(len(self.names), shape or (1,), self._dtype)
        else:
            results = self._checked(out, shape)
            columns = self._apart(columns, results)
            is_plain = is_plain and all(map(self._is_flat, results))
        if is_plain and len(shape) == 1:
            kernel.run(columns, shared, results, self._threads)
        elif is_plain:
            flat = [one.reshape(-1) for one in results]
            kernel.run([one.reshape(-1) for one in columns], shared, flat, self._threads)
        else:
            self._run_converted(kernel, [np.broadcast_to(one, shape) for one in columns], shared, results)
        return [one[0] for one in results] if out is None and not shape else results

    def _run_converted(self, kernel: Kernel, columns: Sequence[Any], shared: Any, results: Sequence[Any]) -> None:
        """Run on arrays of one shape but of any layout and type, a part of the first axis at a time."""
        shape = results[0].shape
        step = max(1, _CONVERTED_AT_ONCE // max(1, math.prod(shape[1:])))
        for low in range(0, shape[0], step):
            part = slice(low, low + step)
            flat = [self._converted(column[part]).reshape(-1) for column in columns]
            targets = [result[part] for result in results]
            written = [one.reshape(-1) if self._is_flat(one) else np.empty(one.size, self._dtype) for one in targets]
            kernel.run(flat, shared, written, self._threads)
            for target, one in zip(targets, written, strict=True):
                if not self._is_flat(target):
                    target[...] = one.reshape(target.shape)

    def _is_flat(self, array: Any) -> bool:
        """Whether an array is one axis of a kernel's numbers, or can be seen so without a copy."""
        flags = array.flags
        return bool(array.dtype == self._dtype and flags.aligned and (array.ndim == 1 or flags.c_contiguous))

    def _converted(self, array: Any) -> Any:
        """An array of numbers as a contiguous one in the type of the kernel; a number beyond it is infinite."""
        with np.errstate(over="ignore"):
            return np.require(array, self._dtype, ["C", "A"])

    def _array(self, name: str, given: Any) -> Any:
        """What was given for an input, as an array of real numbers.

        Raises:
            UsageError: it is none.
        """
        hint = None
        try:
            if hasattr(given, "filled"):  # NumPy's arrays with a mask
                given = given.astype(np.float64).filled(np.nan)
            array = np.asarray(given)
            if array.dtype.kind == "O" and not any(isinstance(one, (str, bytes)) for one in array.flat):
                # Numbers of Python, or a column with gaps.
                is_column = hasattr(given, "to_numpy")
                array = given.to_numpy(np.float64, na_value=np.nan) if is_column else np.asarray(given, np.float64)
        except (TypeError, ValueError, OverflowError, RuntimeError) as problem:
            hint = str(problem) if isinstance(problem, RuntimeError) else None  # PyTorch says what to do
            array = None
        if array is None or given is None:
            raise UsageError(f"the value of `{name}` is no array of numbers", kind="bad_value", hint=hint)
        if array.dtype.kind not in "fiub":
            what = {"U": "text", "S": "text", "O": "text", "c": "complex numbers"}.get(
                array.dtype.kind, array.dtype.name
            )
            raise UsageError(f"the value of `{name}` holds {what}, not real numbers", kind="bad_value")
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
        """The arrays to write into.

        Raises:
            UsageError: they are not what the results need.
        """

        def refuse(message: str, hint: str | None = None) -> UsageError:
            return UsageError(message, kind="bad_out", hint=hint)

        if len(out) != len(self.names):
            hint = f"one for each of {', '.join(self.names)}"
            raise refuse(f"`out` holds {len(out)} arrays, but there are {len(self.names)} results", hint)
        for name, one in zip(self.names, out, strict=True):
            if not isinstance(one, np.ndarray):
                raise refuse(f"`out` holds {type(one).__name__} for `{name}`, which is no array of NumPy")
            if one.dtype != self._dtype:
                raise refuse(f"the array for `{name}` holds {one.dtype}, but the results are {self.dtype}")
            if one.shape != shape:
                raise refuse(f"the array for `{name}` has the shape {one.shape}, but the results have {shape}")
            if not one.flags.writeable:
                raise refuse(f"the array for `{name}` is read-only")
        return list(out)

    def _apart(self, columns: Sequence[Any], results: Sequence[Any]) -> list[Any]:
        """The columns; as copies where a result may be written over them.

        Raises:
            UsageError: two results are written over each other.
        """
        kept, count, every = list(columns), len(columns), [*columns, *results]
        for first, second in near_pairs(every):
            if first < count <= second:
                kept[first] = columns[first].copy()
            elif first >= count and np.shares_memory(every[first], every[second]):
                hint = "each result needs an array of its own"
                raise UsageError("two arrays of `out` share memory", kind="bad_out", hint=hint)
        return kept

    # Copies

    def __reduce__(self) -> tuple[Any, ...]:
        options = (self.wrt, self.derivatives, self.dtype, self._executor, self._threads)
        return _restored, (self._saved_text(), self.variables, *options)

    def _saved_text(self) -> str:
        """A text that parses to the same function.

        Raises:
            UsageError: there is none, as for the derivative of an expression with its edges.
        """
        source = self._expression.source.text
        if source:
            again = parse(source, variables=self.variables)
            inputs = [again.graph.variable(name) for name in self.variables]
            ours = Tape([self._expression.root], self._inputs[: len(self.variables)])
            if Program(Tape([again.root], inputs), 0).key == Program(ours, 0).key:
                return source
        if any(isinstance(node.primitive, Primitive) and node.primitive.internal for node in toposort(self._roots[:1])):
            raise UsageError(
                f"`{self.text}` has no text that keeps its derivatives at edges, so it can't be pickled",
                kind="pickle",
                hint="compile a text with `diff(EXPR, x)` in it",
            )
        return self.text

    def __repr__(self) -> str:
        return f"<compiled {self.text}: {', '.join(self.names)}>"


def _restored(text: str, variables: tuple[str, ...], *options: Any) -> Compiled:
    """A compiled function from its pickle."""
    expression = parse(text, variables=variables)
    return Compiled(Expression(expression.source, expression.root, variables, expression.spans), *options)


def _derivatives(root: Node, targets: Sequence[Node], kind: str, directions: Sequence[Node]) -> list[tuple[str, Node]]:
    """The names and graphs of all results."""
    value = [("value", root)]
    if kind == "value":
        return value
    if kind == "jvp":
        moved = differentiate.jvp(root, dict(zip(targets, directions, strict=True)))
        return [*value, ("jvp", no_value_no_derivative(moved, root))]
    names = [f"d_{target.name}" for target in targets]
    first = list(zip(names, differentiate.gradient(root, targets), strict=True))
    if kind != "hessian":
        return first if kind == "gradient" else [*value, *first]
    second = [
        (f"{name}_{target.name}", no_value_no_derivative(differentiate.jvp(partial, {target: 1.0}), root))
        for i, (name, partial) in enumerate(zip(names, differentiate.vjp(root, 1.0, targets), strict=True))
        for target in targets[i:]
    ]
    return [*value, *first, *second]
