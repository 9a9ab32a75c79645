"""``torch.autograd.Function``: functions of tensors with derivatives of the user's own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.promotion import rank_of
from gradcli.eager.record import CLOCK, MODE, Record, enable_grad, no_grad
from gradcli.eager.tensor import Tensor
from gradcli.errors import UsageError
from gradcli.primitives import ArrayPrimitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionCtx:
    """The context in which `Function.forward` keeps things for `Function.backward`; it may have any attributes.

    Attributes:
        needs_input_grad: for each argument, whether it is a tensor that requires a gradient.
        saved_tensors: the tensors that were kept by `save_for_backward`.
    """

    needs_input_grad: tuple[bool, ...] = ()
    saved_tensors: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self._constants: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep arguments and results; with ``create_graph`` the derivative passes through them, too."""
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Make results constants for derivatives."""
        self._constants = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Ask for zeros (True) in place of gradients that are None.  They are zeros anyway."""

    def mark_dirty(self, *_: Any) -> None:
        """Refuse to change arguments in place.

        Raises:
            UsageError: always.
        """
        raise UsageError("a function with a derivative of its own returns new tensors; it can't change its arguments")


class Function:
    """A function of tensors whose value and derivative are methods of a subclass.

    Args of `forward` and results of `backward` correspond: a gradient for each argument, None where there is none.

    >>> from gradcli.torch.autograd import Function
    >>> class Cube(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, gradient):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x * x * gradient
    >>> x = Tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    @staticmethod
    def forward(*arguments: Any) -> Any:
        """Return the value; it is computed with recording switched off.

        The first argument is the context, unless the class has a method ``setup_context``.
        """
        raise NotImplementedError("a subclass of Function has a method forward")

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Return the gradients of the arguments, given those of the results."""
        raise NotImplementedError("a subclass of Function has a method backward")

    #: The context is filled by ``setup_context(ctx, inputs, output)``, if a subclass has this method.
    setup_context: Callable[..., None] | None = None

    @classmethod
    def apply(cls, *arguments: Any) -> Any:
        """Compute the value, and record it if an argument requires a gradient.

        Returns:
            What `forward` returns: a tensor, or a tuple.

        Raises:
            RuntimeError: later, in the sweep backward: there isn't one gradient for each argument, or a gradient
                doesn't fit the shape of its argument.
        """
        context = FunctionCtx()
        context.needs_input_grad = tuple([isinstance(one, Tensor) and one.requires_grad for one in arguments])
        with no_grad():
            if cls.setup_context is None:
                output = cls.forward(context, *arguments)
            else:
                output = cls.forward(*arguments)
                cls.setup_context(context, arguments, output)
        if not (MODE.recording and any(context.needs_input_grad)):
            return output
        several = isinstance(output, tuple)
        results = [
            one.detach() if any(one is given for given in arguments) and isinstance(one, Tensor) else one
            for one in (output if several else (output,))
        ]
        if any(_is_differentiable(one, context) for one in results):
            _Application(cls, context, arguments, results).record()
        return tuple(results) if several else results[0]


def _is_differentiable(result: Any, context: FunctionCtx) -> bool:
    constants = context._constants
    return isinstance(result, Tensor) and rank_of(result.dtype) > 1 and not any(result is one for one in constants)


class _Application:
    """One call of a `Function`, and the rules that make it an operation.

    The operation has one result: the elements of all differentiable results of the function, one after the other.
    """

    def __init__(
        self, function: type[Function], context: FunctionCtx, arguments: tuple[Any, ...], outputs: list[Any]
    ) -> None:
        self.function, self.context, self.arguments, self.outputs = function, context, arguments, outputs
        self.results = [one for one in outputs if _is_differentiable(one, context)]
        self.places = [i for i, one in enumerate(arguments) if isinstance(one, Tensor)]
        # The rules for the operands are called one after the other with one cotangent.
        self._known: tuple[Any, list[Any]] = (None, [])

    def record(self) -> None:
        """Let the results be what the operation has computed."""
        tensors = tuple([self.arguments[i] for i in self.places])
        operands = ", ".join(f"x{i}" for i in range(1, len(tensors) + 1))
        name = self.function.__name__
        primitive = ArrayPrimitive(
            signature=f"{name}({operands})",
            about=f"The function {name} of the user's own.",
            value=self._value,
            vjp=tuple([functools.partial(self._contribution, i) for i in range(len(tensors))]),
            jvp=self._refuse,
            prepare=None,
            reach="all",
            infix=None,
            internal=True,
            options=None,
            example=None,
            edges=(),
            smooth_power=None,
        )
        made_by: Record = (primitive, tensors, tuple([one._array for one in tensors]), {})
        if len(self.results) == 1:
            (only,) = self.results
            only._order, only._made_by = next(CLOCK), made_by
            return
        with no_grad():
            joined = f.cat([f.reshape(one, (-1,)) for one in self.results])
        joined._order, joined._made_by = next(CLOCK), made_by
        for one, part in zip(self.results, self._parts(joined), strict=True):
            one._order, one._made_by = part._order, part._made_by

    def _parts(self, joined: Any) -> list[Any]:
        """The parts of a joined vector, each in the shape and the type of its result."""
        if len(self.results) == 1:
            return [joined]
        parts, start = [], 0
        for one in self.results:
            end = start + one._array.size
            part = f.reshape(f.index(joined, (slice(start, end),)), one.shape)
            parts.append(part if part.dtype == one.dtype else f.cast(part, one.dtype))
            start = end
        return parts

    def _value(self, backend: Any, *arrays: Any) -> Any:
        """The value for other numbers in place of the tensors."""
        given = dict(zip(self.places, arrays, strict=True))
        arguments = [Tensor.of_array(given[i]) if i in given else one for i, one in enumerate(self.arguments)]
        found = self.function.apply(*arguments)
        every = zip(found if isinstance(found, tuple) else (found,), self.outputs, strict=True)
        results = [one._array for one, before in every if any(before is result for result in self.results)]
        return results[0] if len(results) == 1 else backend.xp.concatenate([one.reshape(-1) for one in results])

    def _contribution(self, place: int, cotangent: Any, *_: Any) -> Any:
        known, found = self._known
        if known is not cotangent:
            found = self._gradients(cotangent)
            self._known = cotangent, found
        if place == len(self.places) - 1:
            self._known = (None, [])
        return found[place]

    def _gradients(self, cotangent: Any) -> list[Any]:
        """The gradients of the tensors among the arguments, recorded if the cotangent is a tensor."""
        records = isinstance(cotangent, Tensor)
        whole = cotangent if records else Tensor.of_array(backend_of(cotangent).freeze(cotangent))
        with enable_grad() if records else no_grad():
            parts = iter(self._parts(whole))
            given = [
                next(parts) if any(one is result for result in self.results) else _zeros(one) for one in self.outputs
            ]
            found = self.function.backward(self.context, *given)
            gradients = found if isinstance(found, tuple) else (found,)
            if len(gradients) < len(self.arguments) or any(one is not None for one in gradients[len(self.arguments) :]):
                raise RuntimeError(
                    f"backward of {self.function.__name__} returned {len(gradients)} gradients, but its forward took "
                    f"{len(self.arguments)} arguments; return one for each, None where there is none"
                )
            fitting = [self._fitting(gradients[i], self.arguments[i], i) for i in self.places]
        return fitting if records else [one._array for one in fitting]

    def _fitting(self, gradient: Any, argument: Tensor, place: int) -> Any:
        """A gradient in the shape and the type of its argument; what is larger is summed, as after broadcasting."""
        if gradient is None:
            return _zeros(argument)
        if not isinstance(gradient, Tensor):
            raise RuntimeError(
                f"backward of {self.function.__name__} returned a {type(gradient).__name__} for argument {place + 1}; "
                f"a gradient is a tensor or None"
            )
        if gradient.shape != argument.shape:
            if not _broadcasts(argument.shape, gradient.shape):
                raise RuntimeError(
                    f"backward of {self.function.__name__} returned a gradient of shape {tuple(gradient.shape)} for "
                    f"argument {place + 1}, which has the shape {tuple(argument.shape)}"
                )
            gradient = f.sum_to(gradient, argument.shape)
        return gradient if gradient.dtype == argument.dtype else f.cast(gradient, argument.dtype)

    def _refuse(self, *_: Any) -> Any:
        raise RuntimeError(
            f"{self.function.__name__} has a rule for gradients, but none for tangents; use reverse mode"
        )


def _zeros(tensor: Any) -> Any:
    """Zeros in the shape and type of a tensor; None for anything else."""
    if not isinstance(tensor, Tensor):
        return None
    backend = backend_of(tensor._array)
    return Tensor.of_array(backend.freeze(backend.xp.zeros(tensor.shape, tensor.dtype)))


def _broadcasts(shape: Sequence[int], wide: Sequence[int]) -> bool:
    """Whether an array of a shape broadcasts to a wider shape."""
    behind = tuple(wide)[len(wide) - len(shape) :]
    return len(shape) <= len(wide) and all(n in (1, m) for n, m in zip(shape, behind, strict=True))


class _Once(Function):
    """The identity for gradients that can't be differentiated again."""

    @staticmethod
    def forward(_ctx: Any, count: int, *tensors: Any) -> Any:
        return tuple([one.clone() for one in tensors[count:]])

    @staticmethod
    def backward(*_: Any) -> Any:
        raise RuntimeError("this function can be differentiated only once, as once_differentiable says")


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method ``backward`` whose results can't be differentiated again; a second derivative is an error."""

    @functools.wraps(backward)
    def once(ctx: Any, *gradients: Any) -> Any:
        with no_grad():
            found = backward(ctx, *gradients)
        if not MODE.recording:
            return found
        every = found if isinstance(found, tuple) else (found,)
        moving = iter(_Once.apply(len(gradients), *gradients, *[one for one in every if one is not None]))
        return tuple([None if one is None else next(moving) for one in every])

    return once
