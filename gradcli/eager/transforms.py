"""Derivatives of Python functions of numbers and of arrays.

The function is called once with `Value`s, so it may branch and loop.  The recorded operations become a graph, and the
graph is differentiated.  The derivative is computed with floats; if it uses an argument of an outer derivative, it is
computed with `Value`s and recorded.  So ``grad(grad(f))`` is right, and so is the derivative of an inner function that
uses the argument of an outer function.

If an argument is an array (a list, an array of NumPy, a tensor), the function is called with tensors instead, by
`gradcli.eager.array_transforms`; derivatives have the shapes of the arguments.  The same happens if a function of
numbers turns out to compute with arrays; it is then called again.

If an argument became a plain number, as in ``math.sin(x)``, the derivative would silently be 0, so an error is raised
(`gradcli.eager.record.ARGUMENTS`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradcli.eager.record import ARGUMENTS
from gradcli.eager.recording import Recording, recording_of
from gradcli.eager.trees import mapped
from gradcli.eager.value import Value, operation_order
from gradcli.errors import CallError, UsageError
from gradcli.graph import Graph, Node, differentiate
from gradcli.primitives import Operand

__all__ = ["derivative", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function = Callable[..., Any]


def _on_arrays() -> Any:
    """Import and return the module for functions of arrays, which needs NumPy."""
    from gradcli.eager import array_transforms

    return array_transforms


def _is_array(argument: Any) -> bool:
    """Whether an argument is an array: a list, an array of NumPy with axes, or a tensor."""
    is_tensor = isinstance(argument, Operand) and hasattr(argument, "shape")
    return is_tensor or isinstance(argument, (list, tuple)) or bool(getattr(argument, "shape", None))


def _number(argument: Any) -> float:
    """Return the number of an argument, or of the result of a function that doesn't depend on its arguments.

    Raises:
        CallError: the argument or the result isn't a number.
    """
    if isinstance(argument, Value):
        return argument.data
    if isinstance(argument, (str, bytes)) or not (hasattr(argument, "__float__") or hasattr(argument, "__index__")):
        raise CallError(
            f"a function to differentiate takes and returns numbers or arrays, not {type(argument).__name__}"
        )
    return float(argument)


def _record(function: Function, arguments: Sequence[Any]) -> Recording | None:
    """Call a function with numbers and return the recorded operations; None if it is a function of arrays."""
    if any(map(_is_array, arguments)):
        return None
    leaves = [Value(_number(argument)) for argument in arguments]
    ARGUMENTS.update(leaves)
    try:
        result = function(*leaves)
    except (CallError, AttributeError) as error:
        if not _is_about_arrays(error):
            raise
        return None
    finally:
        ARGUMENTS.difference_update(leaves)
    if isinstance(result, Value):
        return recording_of(operation_order(result), leaves)
    if _is_array(result) or hasattr(result, "dtype"):
        return None
    graph = Graph()
    variables = [graph.fresh_variable("argument") for _ in leaves]
    return Recording(graph.constant(_number(result)), variables, {})


def _is_about_arrays(error: CallError | AttributeError) -> bool:
    """Whether an error of a function means that it computes with arrays, so that its arguments must be tensors."""
    if isinstance(error, CallError):
        return error.kind == "number_as_array"
    return isinstance(error.obj, Value) and hasattr(_on_arrays().Tensor, error.name or "")


def _is_recorded(recording: Recording, arguments: Sequence[Any]) -> bool:
    """Whether an outer derivative needs the results as recorded values."""
    is_inner = not ARGUMENTS.isdisjoint(recording.captured.values())
    return is_inner or any(isinstance(one, Value) for one in arguments)


def _evaluate(recording: Recording, roots: Sequence[Node], arguments: Sequence[Any]) -> list[Any]:
    """Return the values of roots at the arguments: floats, or recorded values if an outer derivative needs them."""
    if _is_recorded(recording, arguments):
        return recording.evaluate(roots, arguments, records=True)
    found = recording.evaluate(roots, arguments, records=False)
    if any(one != one for one in found):
        recording.warn_if_undefined(arguments)
    return found


def _positions(argnums: int | Iterable[int] | None, count: int) -> list[int]:
    """Return the positions of the arguments with respect to which to differentiate, counted from 0.

    Raises:
        UsageError: there is no such argument.
    """
    if argnums is None:
        return list(range(count))
    positions = [argnums] if isinstance(argnums, int) else list(argnums)
    for position in positions:
        if not isinstance(position, int) or isinstance(position, bool) or not -count <= position < count:
            raise UsageError(
                f"`argnums` names the argument {position!r}, but the function was called with {count} "
                f"argument{'s' * (count != 1)}",
                hint="positions are counted from 0",
                argument="argnums",
            )
    return [position % count for position in positions]


def _bound(function: Function, options: dict[str, Any], has_aux: bool, further: list[Any]) -> Function:
    """Return a function with its options given; of its results ``(value, further)``, it puts the second into a list."""
    if not has_aux:
        return functools.partial(function, **options) if options else function

    def valued(*arguments: Any) -> Any:
        value, aux = function(*arguments, **options)
        further[:] = [aux]
        return value

    return valued


def _plain(aux: Any) -> Any:
    """Return further results of a function as they are for the caller: without what was recorded for the derivative."""
    return mapped(_unrecorded, aux)


def _unrecorded(leaf: Any) -> Any:
    if ARGUMENTS:  # an outer derivative may need it
        return leaf
    return leaf.data if isinstance(leaf, Value) else leaf.detach() if hasattr(leaf, "detach") else leaf


def value_and_grad(
    function: Function, argnums: int | Sequence[int] | None = None, *, has_aux: bool = False
) -> Function:
    """Return a function that computes the value of ``function`` and its partial derivatives.

    Args:
        function: a function of one or more numbers or arrays that returns a number, written with operators and the
            functions of ``gradcli.functions``.
        argnums: the position, or positions, of the arguments with respect to which to differentiate; by default all.
        has_aux: whether the function returns ``(value, further)``; then this pair takes the place of the value.

    Returns:
        A function of the same arguments and options that returns ``(value, gradient)``.  If ``argnums`` is one
        position, or if there is one argument, the gradient is a number or an array in the shape of the argument; else
        it is a tuple.

    >>> value_and_grad(lambda x, y: x * y + x.sin())(2, 3)
    (6.909297426825682, (2.5838531634528574, 2.0))
    """

    def differentiated(*arguments: Any, **options: Any) -> tuple[Any, Any]:
        single = isinstance(argnums, int) or (argnums is None and len(arguments) == 1)
        positions = _positions(argnums, len(arguments))
        further: list[Any] = []
        valued = _bound(function, options, has_aux, further)
        recording = _record(valued, arguments)
        if recording is None:
            value, gradients = _on_arrays().value_and_grad(valued, arguments, positions)
        else:
            gradient = differentiate.gradient(recording.root, [recording.variables[i] for i in positions])
            value, *gradients = _evaluate(recording, [recording.root, *gradient], arguments)
        return (value, _plain(further[0])) if has_aux else value, gradients[0] if single else tuple(gradients)

    return differentiated


def grad(function: Function, argnums: int | Sequence[int] | None = None, *, has_aux: bool = False) -> Function:
    """Return a function that computes the partial derivatives of ``function``.

    The arguments are those of `value_and_grad`, which returns the value as well.  With ``has_aux``, the result is a
    pair of the derivatives and what the function returned besides its value.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    >>> grad(lambda A, x: ((A @ x) ** 2).sum(), 1)([[1, 2], [3, 4]], [1, 1])
    array([48., 68.])
    """

    both = value_and_grad(function, argnums, has_aux=has_aux)

    def differentiated(*arguments: Any, **options: Any) -> Any:
        value, gradient = both(*arguments, **options)
        return (gradient, value[1]) if has_aux else gradient

    return differentiated


def derivative(function: Function, order: int | Sequence[int] = 1) -> Function:
    """Return a function that computes a derivative of any order.

    Args:
        function: as for `value_and_grad`: a function of one number, or, for a mixed derivative, of several.
        order: the order of the derivative; of a mixed derivative, the order with respect to each argument.

    Raises:
        UsageError: an order is negative.
        LimitError: the order is too high: the graph of the derivative is too large, or floats lose its digits.

    >>> derivative(lambda x: (-(x**2)).exp(), 4)(0.0)
    12.0
    >>> derivative(lambda x, y: x**3 * (2 * y).exp(), (2, 1))(2.0, 0.0)
    24.0
    """
    if isinstance(order, (list, tuple)):
        return _mixed(function, tuple(order))
    if not isinstance(order, int) or isinstance(order, bool) or order < 0:
        raise UsageError(f"the order of a derivative is a whole number of at least 0, not {order}", argument="order")

    def differentiated(argument: Any) -> Any:
        recording = _record(function, [argument])
        if recording is None:
            return _on_arrays().derivative(function, argument, order)
        target = recording.variables[0]
        roots = (
            []
            if _is_recorded(recording, [argument])
            else differentiate.lower_derivatives(recording.root, target, order)
        )
        if 0 < len(roots) < order:
            from gradcli.execute.taylor_mode import continued

            lower = _evaluate(recording, roots, [argument])
            found = continued(lower, recording.root, target, _point(recording, [argument]), order)
            if len(found) == order:
                return found[-1]
        root = differentiate.derivative(recording.root, target, order)
        return _evaluate(recording, [root], [argument])[0]

    return differentiated


def _point(recording: Recording, arguments: Sequence[Any]) -> dict[Node, float]:
    """Return the numbers of the variables of a recording."""
    given = dict(zip(recording.variables, map(float, arguments), strict=False))
    return {**given, **{node: value.data for node, value in recording.captured.items()}}


def _mixed(function: Function, order: tuple[int, ...]) -> Function:
    """Return a function that computes a mixed derivative."""
    from gradcli.execute.mixed import check_orders, mixed_at, mixed_node

    orders = check_orders({str(place): one for place, one in enumerate(order)})

    def differentiated(*arguments: Any) -> Any:
        if len(arguments) != len(order):
            raise UsageError(
                f"the orders {order} are for {len(order)} arguments, but the function was called with {len(arguments)}",
                argument="order",
            )
        recording = _record(function, arguments)
        if recording is None:
            raise UsageError("a mixed derivative is one of a function of numbers", kind="array")
        wanted = {recording.variables[int(place)]: one for place, one in orders.items()}
        if _is_recorded(recording, arguments):
            return _evaluate(recording, [mixed_node(recording.root, wanted)], arguments)[0]
        return mixed_at(recording.root, _point(recording, arguments), wanted)

    return differentiated


def jacobian(function: Function, argnums: int | Sequence[int] | None = None) -> Function:
    """Return a function that computes the derivative of each element of a result by each element of an argument.

    Args:
        function: as for `value_and_grad`, but it may return an array, or a list of numbers.
        argnums: as for `value_and_grad`.

    Returns:
        A function of the same arguments and options that returns an array whose shape is that of the result, followed
        by that of the argument; a tuple of them for several arguments.

    >>> jacobian(lambda x: x**2)([1, 2])
    array([[2., 0.],
           [0., 4.]])
    >>> jacobian(lambda r, t: [r * t.cos(), r * t.sin()])(2.0, 0.0)
    (array([1., 0.]), array([0., 2.]))
    """

    def differentiated(*arguments: Any, **options: Any) -> Any:
        single = isinstance(argnums, int) or (argnums is None and len(arguments) == 1)
        positions = _positions(argnums, len(arguments))
        found = _on_arrays().jacobian(_bound(function, options, False, []), arguments, positions)
        return found[0] if single else found

    return differentiated


def hvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of a function, and the product of its Hessian and a vector.

    The cost is a few times that of the function, whatever the number of its arguments.

    Args:
        function: as for `value_and_grad`.
        primals: the arguments of the function.
        tangents: the vector: for each argument a number or an array in its shape.

    Returns:
        The value, and the product in the form of the argument; a tuple for several arguments.

    Raises:
        UsageError: there are more tangents than arguments, or fewer.
        ShapeError: a tangent has another shape than its argument.

    >>> hvp(lambda x: (x**3).sum(), ([1, 2],), ([1, 10],))
    (9.0, array([  6., 120.]))
    """
    if len(primals) != len(tangents):
        raise UsageError(f"the number of tangents, {len(tangents)}, isn't the number of arguments, {len(primals)}")
    value, product = _on_arrays().hvp(function, primals, tangents)
    return value, product[0] if len(primals) == 1 else product


def hessian(function: Function, argnums: int | Sequence[int] | None = None) -> Function:
    """Return a function that computes the matrix of second derivatives of ``function``, as a tuple of rows.

    For arrays, the entries are blocks; the shape of a block is the shape of its first argument, followed by the shape
    of its second.  For a function of one array, and for ``argnums`` of one argument, the only block is returned.

    >>> hessian(lambda x, y: x**2 * y)(2.0, 3.0)
    ((6.0, 4.0), (4.0, 0.0))
    >>> hessian(lambda x: (x**3).sum())([1, 2])
    array([[ 6.,  0.],
           [ 0., 12.]])
    """

    def differentiated(*arguments: Any, **options: Any) -> Any:
        positions, valued = _positions(argnums, len(arguments)), _bound(function, options, False, [])
        recording = _record(valued, arguments)
        if recording is None:
            found = _on_arrays().hessian(valued, arguments, positions)
            return found[0][0] if isinstance(argnums, int) or len(arguments) == 1 else found
        variables = [recording.variables[position] for position in positions]
        gradient = differentiate.gradient(recording.root, variables)
        rows = [differentiate.gradient(partial, variables) for partial in gradient]
        values = iter(_evaluate(recording, [one for row in rows for one in row], arguments))
        matrix = tuple(tuple(next(values) for _ in variables) for _ in variables)
        return matrix[0][0] if isinstance(argnums, int) else matrix

    return differentiated


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of a function and its derivative along a direction, by one forward sweep.

    Args:
        function: as for `value_and_grad`, but it may return an array.
        primals: the arguments of the function.
        tangents: the direction: for each argument a number or an array in its shape.

    Raises:
        UsageError: there are more tangents than arguments, or fewer.
        ShapeError: a tangent has another shape than its argument.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    >>> jvp(lambda x: x**2, ([1, 2],), ([1, 0],))
    (array([1., 4.]), array([2., 0.]))
    """
    if len(primals) != len(tangents):
        raise UsageError(f"the number of tangents, {len(tangents)}, isn't the number of arguments, {len(primals)}")
    recording = _record(function, primals)
    if recording is None:
        return _on_arrays().jvp(function, primals, tangents)  # type: ignore[no-any-return]
    directions = [recording.root.graph.fresh_variable("tangent") for _ in tangents]
    moved = differentiate.jvp(recording.root, dict(zip(recording.variables, directions, strict=True)))
    moved = differentiate.no_value_no_derivative(moved, recording.root)
    recording.variables.extend(directions)
    value, tangent = _evaluate(recording, [recording.root, moved], [*primals, *tangents])
    return value, tangent


def vjp(function: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return the value of a function, and a function that computes vector-Jacobian products.

    Args:
        function: as for `value_and_grad`, but it may return an array.
        primals: the arguments of the function.

    Returns:
        The value, and a function of a cotangent in the value's shape that returns a tuple: for each argument, the
        derivative of the value multiplied by the cotangent.

    >>> value, pull = vjp(lambda A, x: A @ x, [[1, 2], [3, 4]], [1, 1])
    >>> value, pull([1, 0])[1]
    (array([3., 7.]), array([1., 2.]))
    """
    recording = _record(function, primals)
    if recording is None:
        return _on_arrays().vjp(function, primals)  # type: ignore[no-any-return]
    gradient = differentiate.gradient(recording.root, recording.variables)
    value, *partials = _evaluate(recording, [recording.root, *gradient], primals)
    return value, lambda cotangent: tuple([cotangent * partial for partial in partials])
