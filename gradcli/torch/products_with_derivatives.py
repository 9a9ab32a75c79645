"""The functions of ``torch.autograd.functional``: of functions of one tensor or of several, which return such.

Each takes ``create_graph``, whether to record the computation of the result, and ``strict``, whether an output that
doesn't depend on an input is an error rather than a derivative of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.array_transforms import directions, second_derivatives
from gradcli.eager.pullback import pullback, pushforward
from gradcli.eager.record import enable_grad, no_grad
from gradcli.eager.sweeps import ancestors
from gradcli.eager.tensor import Tensor
from gradcli.torch.tree_transforms import TreeCall

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]
Tensors = Tensor | tuple[Tensor, ...]


def _called(func: Function, inputs: Any, create_graph: bool, strict: bool) -> tuple[TreeCall, bool]:
    """Call a function; return the call, and whether there is one input that isn't in a tuple.

    Raises:
        RuntimeError: an input isn't a tensor; or, if it matters, an output doesn't depend on it.
    """
    single = isinstance(inputs, Tensor)
    given = tuple(inputs) if isinstance(inputs, (list, tuple)) else (inputs,)
    if any(not isinstance(one, Tensor) for one in given):
        raise RuntimeError("inputs are tensors")
    if not create_graph:
        given = tuple([one.detach() for one in given])
    call = TreeCall(func, given, tuple(range(len(given))), {})
    call.call.records = call.call.records and create_graph
    if strict:
        known = set(ancestors(call.call.result))
        if not all(leaf in known for leaf in call.call.leaves):
            raise RuntimeError("an output doesn't depend on an input, which strict=True forbids")
    return call, single


def _vector(v: Any, shapes: Sequence[tuple[int, ...]], what: str) -> list[Any]:
    """Return the tensors of a vector; without it, 1 for a single number.

    Raises:
        RuntimeError: it is missing, or has other shapes.
    """
    if v is None:
        if len(shapes) != 1 or (any(shapes[0]) and set(shapes[0]) != {1}):
            raise RuntimeError(f"v is needed unless {what} is one number")
        return [Tensor(1.0).expand(shapes[0])]  # type: ignore[attr-defined]
    found = [v] if isinstance(v, Tensor) else list(v)
    if [one.shape for one in found] != list(shapes):
        raise RuntimeError(f"v has the shapes {[one.shape for one in found]}, but {what} has {list(shapes)}")
    return found


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,  # noqa: ARG001  (it has no effect on the result)
    strategy: str = "reverse-mode",
) -> Any:
    """Return the Jacobian of a function: a tensor, or tuples for several outputs and several inputs.

    Raises:
        RuntimeError: an input isn't a tensor, the strategy is unknown, or `strict` forbids the result.

    >>> from gradcli import tensor
    >>> jacobian(lambda x: x**2, tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise RuntimeError(f"the strategy is 'reverse-mode' or 'forward-mode', not {strategy!r}")
    call, single = _called(func, inputs, create_graph, strict)
    found = call.jacobian(forward=strategy == "forward-mode")
    if not single:
        return found
    return tuple([row[0] for row in found]) if isinstance(call.result(call.call.result), tuple) else found[0]


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,  # noqa: ARG001
    outer_jacobian_strategy: str = "reverse-mode",  # noqa: ARG001
) -> Any:
    """Return the second derivatives of a function of one number: a tensor, or rows of blocks for several inputs.

    Raises:
        RuntimeError: an input isn't a tensor, the result isn't one number, or `strict` forbids it.
    """
    call, single = _called(func, inputs, create_graph, strict)
    _one_number(call)
    blocks = second_derivatives(call.call.result, call.call.leaves, create_graph=call.call.records)
    found = tuple([tuple([call.call.derivative(one) for one in row]) for row in blocks])
    return found[0][0] if single else found


def _one_number(call: TreeCall) -> None:
    if call.call.result.array.size != 1:
        raise RuntimeError(f"the function must return one number, not an array of shape {call.call.result.shape}")


def _form(found: Sequence[Any], single: bool) -> Any:
    return found[0] if single else tuple(found)


def vjp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return the result of a function, and the product of a vector and its Jacobian.

    Raises:
        RuntimeError: an input isn't a tensor, the vector doesn't fit, or `strict` forbids the result.

    >>> from gradcli import tensor
    >>> vjp(lambda x: x**2, tensor([1.0, 2.0]), tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    call, single = _called(func, inputs, create_graph, strict)
    given = _vector(v, [one.shape for one in call.parts(call.call.result)], "the result")
    found = call.call.pulled_back(call.cotangent(tuple(given)))
    return call.result(call.call.result), _form([call.call.derivative(one) for one in found], single)


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return the result of a function, and the product of its Jacobian and a vector.

    Raises:
        RuntimeError: an input isn't a tensor, the vector doesn't fit, or `strict` forbids the result.
    """
    call, _ = _called(func, inputs, create_graph, strict)
    direction = directions(call.call, _vector(v, [leaf.shape for leaf in call.call.leaves], "the input"))
    with enable_grad() if call.call.records else no_grad():
        moved = pushforward(call.call.result, direction)
    return call.result(call.call.result), call.result(call.call.derivative(moved))


def hvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return the result of a function of one number, and the product of its Hessian and a vector.

    Raises:
        RuntimeError: an input isn't a tensor, the vector or the result doesn't fit, or `strict` forbids it.

    >>> from gradcli import tensor
    >>> hvp(lambda x: (x**3).sum(), tensor([1.0, 2.0]), tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    call, single = _called(func, inputs, create_graph, strict)
    _one_number(call)
    given = _vector(v, [leaf.shape for leaf in call.call.leaves], "the input")
    direction = directions(call.call, given)
    found = []
    for leaf, slope in zip(
        call.call.leaves, pullback(call.call.result, 1.0, call.call.leaves, create_graph=True), strict=True
    ):
        if slope is None or not slope.requires_grad:
            found.append(Tensor(leaf.array * 0.0))
            continue
        with enable_grad() if call.call.records else no_grad():
            found.append(call.call.derivative(pushforward(slope, direction)))
    return call.result(call.call.result), _form(found, single)


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return the result of a function of one number, and the product of a vector and its Hessian, which is symmetric.

    Raises:
        RuntimeError: as for `hvp`.
    """
    return hvp(func, inputs, v, create_graph, strict)
