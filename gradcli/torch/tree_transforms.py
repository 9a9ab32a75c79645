"""The functions of ``torch.func``: derivatives of functions whose arguments and results are tensors in containers.

Arguments and results may be tuples, lists and dicts of tensors, as parameters of a net are.  The leaves of the
arguments become those of one call, and the leaves of the result one vector (`TreeCall`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.array_transforms import Call, directions, jacobians
from gradcli.eager.batching import vmap as _vmap
from gradcli.eager.pullback import pushforward
from gradcli.eager.record import enable_grad, no_grad
from gradcli.eager.tensor import Tensor
from gradcli.eager.trees import flattened, mapped
from gradcli.errors import CallError, UsageError
from gradcli.primitives import functions as f

__all__ = [
    "TreeCall", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize", "vjp", "vmap",
]  # fmt: skip

Function = Callable[..., Any]


class TreeCall:
    """One call of a function whose arguments and result are tensors in containers.

    Args:
        function: the function.
        arguments: all its arguments.
        argnums: the position, or positions, of those with respect to which to differentiate.
        options: its options.
        has_aux: whether it returns a pair, of which the second part isn't differentiated.

    Attributes:
        call: the call on the leaves, whose result is one tensor.
        aux: the second part of the result.

    Raises:
        CallError: a leaf of the result isn't a tensor.
        UsageError: there is no such argument.
    """

    def __init__(
        self,
        function: Function,
        arguments: Sequence[Any],
        argnums: int | Sequence[int],
        options: dict[str, Any],
        *,
        has_aux: bool = False,
    ) -> None:
        places = [argnums] if isinstance(argnums, int) else list(argnums)
        for place in places:
            if not -len(arguments) <= place < len(arguments):
                raise UsageError(
                    f"there is no argument {place} among {len(arguments)}; positions are counted from 0",
                    argument="argnums",
                )
        places = [place % len(arguments) for place in places]
        self.single = isinstance(argnums, int)
        leaves, self._build = flattened(tuple([arguments[place] for place in places]))
        self.aux: Any = None
        self._shapes: list[tuple[int, ...]] = []
        self._rebuild: Callable[[Sequence[Any]], Any] = list

        def flat(*given: Any) -> Any:
            full = list(arguments)
            for place, part in zip(places, self._build(given), strict=True):
                full[place] = part
            result = function(*full, **options)
            if has_aux:
                result, self.aux = result
            found, self._rebuild = flattened(result)
            for one in found:
                if not isinstance(one, Tensor):
                    raise CallError(f"a function to differentiate returns tensors, not {type(one).__name__}")
            self._shapes = [one.shape for one in found]
            return found[0] if len(found) == 1 else f.cat([f.reshape(one, (-1,)) for one in found])

        self.call = Call(flat, leaves, range(len(leaves)))
        self.aux = mapped(self._given, self.aux)

    def _given(self, leaf: Any) -> Any:
        return leaf.detach() if isinstance(leaf, Tensor) and not self.call.records else leaf

    def arguments(self, leaves: Sequence[Any]) -> Any:
        """Return leaves in the containers of the arguments; for one position, of this argument."""
        built = self._build(leaves)
        return built[0] if self.single else built

    def result(self, whole: Tensor) -> Any:
        """Return a tensor for the whole result in the containers of the result."""
        return self._rebuild([self._given(part) for part in self.parts(whole)])

    def parts(self, whole: Any, behind: tuple[int, ...] = ()) -> list[Any]:
        """Return the part of a tensor for each leaf of the result.

        Args:
            whole: a tensor whose first axes are those of the whole result.
            behind: the shape of the axes after these.
        """
        if len(self._shapes) == 1:
            return [whole]
        ends = [0]
        for shape in self._shapes:
            ends.append(ends[-1] + math.prod(shape))
        places = zip(self._shapes, ends, ends[1:], strict=False)
        return [f.reshape(whole[begin:end], (*shape, *behind)) for shape, begin, end in places]

    def cotangent(self, tree: Any) -> Any:
        """Return the cotangent of the whole result, from one in the containers of the result."""
        leaves, _ = flattened(tree)
        if [tuple(one.shape) for one in leaves] != self._shapes:
            raise UsageError(f"a cotangent has the shapes of the result, {self._shapes}")
        return leaves[0] if len(leaves) == 1 else f.cat([f.reshape(one, (-1,)) for one in leaves])

    def jacobian(self, *, forward: bool) -> Any:
        """Return the Jacobians in the containers of the result, and in each of them in those of the arguments."""
        found = [self.call.derivative(one) for one in jacobians(self.call, forward=forward)]
        columns = [self.parts(one, leaf.shape) for one, leaf in zip(found, self.call.leaves, strict=True)]
        return self._rebuild([self.arguments(list(row)) for row in zip(*columns, strict=True)])


def _with_aux(result: Any, call: TreeCall, has_aux: bool) -> Any:
    return (result, call.aux) if has_aux else result


def grad_and_value(func: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Return a function that returns the gradient of ``func``, and its value.

    Args:
        func: a function that returns one number.
        argnums: the position, or positions, of the arguments with respect to which to differentiate.
        has_aux: whether ``func`` returns ``(value, aux)``; then this pair takes the place of the value.

    >>> from gradcli import tensor
    >>> grad_and_value(lambda p: (p["w"] ** 2).sum())({"w": tensor([1.0, 2.0])})
    ({'w': tensor([2., 4.])}, tensor(5.))
    """

    def differentiated(*arguments: Any, **options: Any) -> tuple[Any, Any]:
        call = TreeCall(func, arguments, argnums, options, has_aux=has_aux)
        call.call.require_one_number()
        found = [call.call.derivative(one) for one in call.call.pulled_back(1.0)]
        return call.arguments(found), _with_aux(call.result(call.call.result), call, has_aux)

    return differentiated


def grad(func: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Return a function that returns the gradient of ``func``; see `grad_and_value`."""
    both = grad_and_value(func, argnums, has_aux)

    def differentiated(*arguments: Any, **options: Any) -> Any:
        found, value = both(*arguments, **options)
        return (found, value[1]) if has_aux else found

    return differentiated


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """Return the result of ``func``, and a function from its cotangent to a tuple of those of the arguments.

    >>> from gradcli import tensor
    >>> value, pull = vjp(lambda x, y: x * y, tensor([1.0, 2.0]), tensor(3.0))
    >>> pull(tensor([1.0, 1.0]))
    (tensor([3., 3.]), tensor(3.))
    """
    call = TreeCall(func, primals, tuple(range(len(primals))), {}, has_aux=has_aux)

    def pull(cotangents: Any) -> tuple[Any, ...]:
        found = call.call.pulled_back(call.cotangent(cotangents))
        return tuple(call.arguments([call.call.derivative(one) for one in found]))

    value = call.result(call.call.result)
    return (value, pull, call.aux) if has_aux else (value, pull)


def jvp(func: Function, primals: Sequence[Any], tangents: Sequence[Any], *, has_aux: bool = False) -> Any:
    """Return the result of ``func``, and its derivative along a direction.

    >>> from gradcli import tensor
    >>> jvp(lambda x: x**2, (tensor([1.0, 2.0]),), (tensor([1.0, 0.0]),))
    (tensor([1., 4.]), tensor([2., 0.]))
    """
    call = TreeCall(func, primals, tuple(range(len(primals))), {}, has_aux=has_aux)
    found = _moved(call, tangents)
    value = call.result(call.call.result)
    return (value, found, call.aux) if has_aux else (value, found)


def _moved(call: TreeCall, tangents: Any) -> Any:
    leaves, _ = flattened(tuple(tangents))
    if len(leaves) != len(call.call.leaves):
        raise UsageError(f"there are {len(leaves)} tangents for {len(call.call.leaves)} tensors", argument="tangents")
    direction = directions(call.call, leaves)
    with enable_grad() if call.call.records else no_grad():
        moved = pushforward(call.call.result, direction)
    return call.result(call.call.derivative(moved))


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """Return the result of ``func``, and its derivative as a function of a direction; ``func`` is called once."""
    call = TreeCall(func, primals, tuple(range(len(primals))), {})
    return call.result(call.call.result), lambda *tangents: _moved(call, tangents)


def _jacobian(func: Function, argnums: int | Sequence[int], has_aux: bool, forward: bool) -> Function:
    def differentiated(*arguments: Any, **options: Any) -> Any:
        call = TreeCall(func, arguments, argnums, options, has_aux=has_aux)
        return _with_aux(call.jacobian(forward=forward), call, has_aux)

    return differentiated


def jacrev(
    func: Function,
    argnums: int | Sequence[int] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,  # noqa: ARG001  (it has no effect on the result)
) -> Function:
    """Return a function that computes the Jacobian of ``func``, by a reverse sweep for each element of the result.

    >>> from gradcli import tensor
    >>> jacrev(lambda x: x**2)(tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    return _jacobian(func, argnums, has_aux, False)


def jacfwd(
    func: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    *,
    randomness: str = "error",  # noqa: ARG001  (the function is called once)
) -> Function:
    """Return a function that computes the Jacobian of ``func``, by a forward sweep for each element of the argument."""
    return _jacobian(func, argnums, has_aux, True)


def hessian(func: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return a function that computes the second derivatives of ``func``.

    >>> from gradcli import tensor
    >>> hessian(lambda x: (x**3).sum())(tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)


@functools.wraps(_vmap)
def vmap(
    func: Function, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None
) -> Function:
    return _vmap(func, in_dims, out_dims, randomness, chunk_size=chunk_size)
