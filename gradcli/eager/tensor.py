"""`Tensor`: an array that records the operations applied to it, with PyTorch's conventions.

The result of an operation is a tensor that refers to its primitive, its operands and their arrays, and to nothing else,
neither to a closure nor to itself.  A tensor copies the array that it is made from and makes the copy read-only.  Only
methods that change a tensor in place write to its memory, and a backward pass that needs the old numbers is refused
(`gradcli.eager.storage`).  Values are computed by the registry's kernels, derivatives by its rules: the rules of
pointwise primitives run through `gradcli.execute.array_rules`, and functions of arrays have their own ``vjp`` and
``jvp``.  Methods under PyTorch's names are in the files ``tensor_....py`` beside this one.

>>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
>>> (x.tanh() @ x).sum().backward()
>>> x.grad.shape
(2, 2)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Set
from typing import Any, Final

from gradcli.eager import (  # noqa: F401  (they enter their functions into tables)
    numpy_functions,
    sparse,
    tensor_indexing,
    tensor_parts,
    tensor_products,
    tensor_reductions,
)
from gradcli.eager.hooks import ACCUMULATED, HOOKED, HookHandle, Marked, add_hook, after_accumulation
from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import METHODS, one_or_several
from gradcli.eager.record import (
    CLOCK,
    MODE,
    Operation,
    Recorded,
    derivative_lost,
    enable_grad,
    no_grad,
)
from gradcli.eager.storage import CHANGES, memory_of, write
from gradcli.eager.sweeps import reverse_sweep
from gradcli.eager.tensor_data import Device, copied, keep_derivative, plain
from gradcli.eager.tensor_elements import misfit, mixed, of_whole_numbers
from gradcli.eager.tensor_updates import updates_of
from gradcli.eager.tensor_views import RECORDED, refresh, remember
from gradcli.errors import ShapeError
from gradcli.execute.array_rules import contributions
from gradcli.primitives import REGISTRY, ArrayPrimitive, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import Backend, backend_named, backend_of, common_backend
from gradcli.primitives.operators import COMPARISON_OPERATORS, install_binary, named

__all__ = ["Tensor", "cotangents", "lifted", "np", "one_or_several"]

_new: Final = object.__new__
# The tensors that keep their gradient although they aren't leaves.
_retaining: Final = Marked()
_NONE: Final[Set[Tensor]] = frozenset()
_PROCESSOR: Final = Device()
_NUMPY: Final = backend_named("numpy")
#: The package NumPy.
np: Final = _NUMPY.xp
_NUMPY_TYPES: Final = frozenset(_NUMPY.types())
_NUMPY_OPERANDS: Final = _NUMPY_TYPES | {float}


class Tensor(Recorded):
    """An n-dimensional array of floats in a recorded computation.

    Args:
        data: numbers in nested lists, an array, or a tensor; it is copied.
        requires_grad: whether `backward` sets the gradient of this tensor.
        dtype: ``"float16"``, ``"float32"`` or ``"float64"``, or an integer type for an array of indices.  By default,
            arrays of floats keep their type, and everything else becomes 64-bit floats.

    Attributes:
        grad: the gradient, a tensor, after `backward`; None before.
        label: a name for drawings.

    Raises:
        UsageError: the data isn't numbers, or has rows of different lengths.

    >>> a = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (a * a).sum().backward()
    >>> a.grad
    tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_hooks", "_late_hooks", "_view_of", "grad", "label")
    operand_rank = 3

    grad: Tensor | None
    label: str

    def __init__(self, data: Any, requires_grad: bool = False, dtype: Any = None) -> None:
        _set(self, copied(data, dtype))
        if requires_grad:
            self.requires_grad = True

    # The array

    @property
    def data(self) -> Tensor:
        """A tensor with the same memory that is a constant for derivatives.

        Assigning a tensor lets this tensor use the memory of the other one; assigning an array or numbers makes a copy
        in the type of this tensor.
        """
        return self.detach()

    @data.setter
    def data(self, data: Any) -> None:
        before = self._array
        if isinstance(data, Tensor):
            self._array = data.detach()._array
        else:
            self._array = copied(data, before.dtype, backend_of(before))

    def rebind(self, array: Any) -> None:
        """Change the numbers in place to those of an array of the same shape, although this tensor is a leaf."""
        own = self._array
        if own.__class__ is np.ndarray and own.base is None:  # the usual case, without the calls of `write`
            CHANGES.note(own)
            own.setflags(True)
            own[...] = array
            own.setflags(False)
        else:
            self._array = write(own, array)

    @property
    def device(self) -> Device:
        """The processor."""
        return _PROCESSOR

    @property
    def mT(self) -> Tensor:  # noqa: N802  (PyTorch's name)
        """A stack of matrices, each transposed."""
        return METHODS["adjoint"](self)  # type: ignore[no-any-return]

    #: The same, because floats are their own conjugates.
    mH = mT  # noqa: N815  (PyTorch's name)

    @property
    def T(self) -> Tensor:  # noqa: N802  (NumPy's name)
        """The tensor with its axes in reverse order."""
        return f.transpose(self)  # type: ignore[no-any-return]

    def numpy(self) -> Any:
        """Return the numbers as a NumPy array, which may be read-only.

        Raises:
            CallError: the tensor requires a gradient, and a plain array would lose it.
        """
        if self.requires_grad and MODE.recording:
            raise derivative_lost("numpy()", "functions of NumPy take the tensor itself, or use detach().numpy()")
        return backend_of(self._array).to_numpy(self._array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.requires_grad and MODE.recording:
            raise derivative_lost(
                "a plain array of a tensor",
                "use the functions of NumPy or gradcli.functions that take the tensor itself, gradcli.functions.stack "
                "for numpy.array([...]), or detach() for a constant",
            )
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def item(self) -> float:
        """Return the only number in a tensor.

        Raises:
            ShapeError: there are several numbers, or none.
            CallError: the tensor depends on an argument of a function that is being differentiated.
        """
        keep_derivative(self, "item()", "compute with the tensor itself, or use detach().item() for a constant")
        return self._number()

    def _number(self) -> float:
        array = self._array
        if array.size != 1:
            raise ShapeError(f"a tensor of shape {self.shape} isn't one number")
        return array.item()  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """Return the numbers in nested lists.

        Raises:
            CallError: the tensor depends on an argument of a function that is being differentiated.
        """
        keep_derivative(self, "tolist()", "iterate over the tensor itself, or use detach().tolist() for constants")
        return backend_of(self._array).to_numpy(self._array).tolist()

    # Recording

    @property
    def requires_grad(self) -> bool:
        """Whether this tensor is a leaf that gets a gradient, or depends on such a leaf."""
        if RECORDED.known:
            refresh(self)
        return self._order != 0

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if flag and rank_of(self._array.dtype) < 2:
            raise RuntimeError(
                "only floats have gradients, and these are whole numbers; write 1.0 for 1, or use float()"
            )
        if not flag and self._made_by is not None:
            raise RuntimeError("requires_grad of the result of an operation can't be set to False; use detach()")
        if self._made_by is None:
            self._order = -1 if flag else 0

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether `backward` sets the gradient of this tensor, and return the tensor."""
        self.requires_grad = requires_grad
        return self

    def set_requires_grad(self, flag: bool = True) -> Tensor:
        """Set whether `backward` sets the gradient of this tensor, and return the tensor."""
        return self.requires_grad_(flag)

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor is not the result of a recorded operation."""
        return self._made_by is None

    @property
    def grad_fn(self) -> Operation | None:
        """The operation that made this tensor, if it was recorded."""
        if self._made_by is None:
            return None
        primitive, operands, inputs, options = self._made_by
        return Operation(primitive, operands, inputs, options or {})

    def retain_grad(self) -> Tensor:
        """Let `backward` set the gradient of this tensor although it isn't a leaf, and return the tensor.

        Raises:
            RuntimeError: the tensor doesn't require a gradient.
        """
        if not self._order:
            raise RuntimeError("only a tensor that requires a gradient can retain it")
        if self._made_by is not None:
            _retaining.add(self)
        return self

    @property
    def retains_grad(self) -> bool:
        """Whether this tensor isn't a leaf and `backward` sets its gradient."""
        return self in _retaining

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> HookHandle:
        """Call a function with the gradient of this tensor whenever a backward pass computes it.

        A tensor that the function returns takes the place of the gradient, also for the operands of this tensor.

        Returns:
            A handle, whose ``remove()`` ends this.

        Raises:
            RuntimeError: the tensor doesn't require a gradient.

        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> y = x * x
        >>> handle = y.register_hook(lambda gradient: 10 * gradient)
        >>> y.sum().backward()
        >>> x.grad
        tensor([20., 40.])
        """
        if not self._order:
            raise RuntimeError("only a tensor that requires a gradient has hooks")
        return add_hook(self, hook, HOOKED)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> HookHandle:
        """Call a function with this leaf whenever `backward` has added to its ``grad``.

        Returns:
            A handle, whose ``remove()`` ends this.

        Raises:
            RuntimeError: the tensor doesn't require a gradient, or isn't a leaf.
        """
        if self._order >= 0:
            raise RuntimeError("only a leaf that requires a gradient has hooks that are called after `backward`")
        return add_hook(self, hook, ACCUMULATED)

    def detach(self) -> Tensor:
        """Return a tensor with the same memory that is a constant for derivatives."""
        backend = backend_of(self._array)
        if not isinstance(self._array, backend.array):  # a single number of NumPy has no memory to share
            self._array = backend.freeze(backend.xp.array(self._array))
        return _made(self._array)

    @staticmethod
    def of_array(array: Any) -> Tensor:
        """Return a constant with a read-only array, which is not copied."""
        return _made(array)

    def zero_grad(self) -> None:
        """Set the gradient to None."""
        self.grad = None

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,  # noqa: ARG002
        create_graph: bool = False,
        *,
        fast: bool = False,
    ) -> None:
        """Add the derivative of this tensor to the ``grad`` of every leaf that requires a gradient.

        Args:
            gradient: the cotangent of this tensor, in its shape; for a single number, it is 1 by default.
            retain_graph: PyTorch's option, which has no effect: a graph lives as long as its root.
            create_graph: whether to record the computation of the gradients, so that they can be differentiated
                themselves.
            fast: whether to use rules that call fewer transcendental functions; their absolute error may be 1e-15.

        If a gradient has a nan, though this tensor has none, a ``RuntimeWarning`` names the operation.

        Raises:
            RuntimeError: nothing was recorded, the cotangent of an array is missing, or an array that ``create_graph``
                needs has been replaced.

        >>> x = Tensor(2.0, requires_grad=True)
        >>> (x**3).backward(create_graph=True)
        >>> slope, x.grad = x.grad, None
        >>> slope.backward()
        >>> slope.item(), x.grad.item()
        (12.0, 12.0)
        """
        if not self.requires_grad:
            raise RuntimeError("this tensor doesn't depend on a tensor that requires a gradient")
        if gradient is None:
            if self._array.size != 1:
                raise RuntimeError(f"backward() of an array of shape {self.shape} needs a gradient in its shape")
            gradient = _made(backend_of(self._array).one(self._array.dtype))
        else:
            gradient = lifted(gradient)
            if gradient.shape not in (self.shape, ()):
                raise RuntimeError(f"a gradient of shape {gradient.shape} doesn't fit a tensor of shape {self.shape}")
        owners = {id(memory_of(gradient._array))}
        for tensor, found in cotangents(self, gradient, None, records=create_graph, fast=fast).items():
            if tensor.grad is not None:
                with enable_grad() if create_graph else no_grad():
                    found = tensor.grad + found
            elif not create_graph:  # a gradient may be changed in place, so it shares its memory with nothing
                array = found._array
                address = id(array)
                if address in owners or getattr(array, "base", None) is not None:
                    found._array = copied(array, None, backend_of(array))
                else:
                    owners.add(address)
            tensor.grad = found
            if ACCUMULATED.known and tensor in ACCUMULATED:
                after_accumulation(tensor)

    # Applying primitives

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Tensor:
        """Apply a pointwise primitive to tensors, arrays and numbers, and record it."""
        tensors, arrays, backend = _split(operands, self._array)
        try:
            array = backend.kernel(primitive)(*arrays)
        except ValueError:
            raise misfit(primitive.name, *arrays) from None
        if primitive.chosen:  # an operand that only chooses is recorded as a plain array
            rules = contributions(primitive, len(operands))
            tensors = tuple([tensor if rule else None for tensor, rule in zip(tensors, rules, strict=True)])
        return _result(backend.freeze(array), primitive, tensors, arrays)

    def apply_one(self, primitive: ArrayPrimitive, options: dict[str, Any]) -> Tensor:
        """Apply a primitive on one array to this tensor, and record it; it is faster than `apply_array`."""
        if RECORDED.known:
            refresh(self)
        x = self._array
        if primitive.prepare is not None:
            options = primitive.prepare(x, **options)
        backend = backend_of(x)
        result = backend.freeze(primitive.value(backend, x, **options))
        if self._order and not primitive.is_locally_constant:
            return _recorded(result, primitive, (self,), (x,), options)
        made = _made(result)
        if not self._order and getattr(result, "base", None) is not None:
            remember(made, self, primitive, options)
        return made

    def apply_array(self, primitive: ArrayPrimitive, operands: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
        """Apply a primitive on arrays, and record it."""
        if len(operands) == 1 and isinstance(operands[0], Tensor):
            return operands[0].apply_one(primitive, options)
        tensors, arrays, backend = _split(operands, self._array)
        for tensor in tensors:  # `None in tensors` would compare their elements
            if tensor is None:
                arrays = tuple([backend.asarray(array) for array in arrays])
                break
        if primitive.prepare is not None:
            options = primitive.prepare(*arrays, **options)
        array = primitive.value(backend, *arrays, **options)
        return _result(backend.freeze(array), primitive, tensors, arrays, options)

    # Python's own

    def __matmul__(self, other: Any) -> Tensor:
        return f.matmul(self, other)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Any) -> Tensor:
        return f.matmul(other, self)  # type: ignore[no-any-return]

    def __getitem__(self, key: Any) -> Tensor:
        return f.index(self, tensor_indexing.in_pytorchs_order(self, key))  # type: ignore[no-any-return]

    __hash__ = object.__hash__

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise ShapeError(f"a tensor of shape {self.shape} has no truth value; use all() or any()")
        return bool(self._number())

    def __float__(self) -> float:
        keep_derivative(
            self,
            "float()",
            "instead of the functions of math use those of gradcli.functions or NumPy, for example "
            "gradcli.functions.sin or numpy.sin, or use detach() for a constant",
        )
        if self._order and MODE.recording:
            warnings.warn(
                "float() makes a plain number of a tensor that requires a gradient; if this is meant, use detach() or "
                "item()",
                stacklevel=2,
            )
        return float(self._number())

    def __int__(self) -> int:
        keep_derivative(self, "int()", "use gradcli.functions.floor or ceil, or detach() for a constant")
        return int(self._number())

    def __index__(self) -> int:
        if rank_of(self._array.dtype) > 1 or self._array.size != 1:
            raise TypeError("only a single whole number is an index")
        return int(self._number())

    def __format__(self, spec: str) -> str:
        """Format a single number as a number of Python."""
        return format(self._number(), spec) if not self.shape else super().__format__(spec)

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any())

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        """Copy a leaf and its gradient.

        Raises:
            RuntimeError: this isn't a leaf.
        """
        if self._made_by is not None:
            raise RuntimeError("only leaves can be copied; use detach()")
        keep_derivative(self, "a copy", "use clone(), or detach() for a constant")
        twin = _new(self.__class__)
        _set(twin, copied(self._array, None, backend_of(self._array)))
        twin._order = self._order
        twin.grad = None if self.grad is None else METHODS["clone"](self.grad.detach())
        return twin

    def __reduce_ex__(self, protocol: Any) -> Any:
        keep_derivative(self, "a copy", "use clone(), or detach() for a constant")
        return super().__reduce_ex__(protocol)

    def __repr__(self) -> str:
        from gradcli.eager.tensor_text import tensor_text

        return tensor_text(self)

    def _repr_html_(self) -> str:
        from gradcli.eager.tensor_text import tensor_html

        return tensor_html(self)


# Making tensors


def _set(tensor: Tensor, array: Any) -> None:
    tensor._array = array
    tensor._order = 0
    tensor._made_by = tensor._cotangent = tensor.grad = None


def _made(array: Any) -> Tensor:
    """Return a constant with this array, which is not copied.  `_set` is not called, to save time in each operation."""
    tensor = _new(Tensor)
    tensor._array = array
    tensor._order = 0
    tensor._made_by = tensor._cotangent = tensor.grad = None
    return tensor


def _split(operands: tuple[Any, ...], like: Any) -> tuple[tuple[Tensor | None, ...], tuple[Any, ...], Backend]:
    """Return the tensors among operands (None for others), the arrays and numbers of all, and their backend.

    Args:
        operands: tensors, arrays and numbers.
        like: an array of the backend to which arrays of NumPy and lists are converted.

    Raises:
        TypeError: an operand is of another type, or the arrays belong to two backends.
    """
    tensors: list[Tensor | None] = []
    arrays: list[Any] = []
    if RECORDED.known:
        refresh(*operands)
    for operand in operands:
        if isinstance(operand, Tensor):
            tensors.append(operand)
            arrays.append(operand._array)
        else:
            tensors.append(None)
            arrays.append(plain(operand, like))
    return tuple(tensors), tuple(arrays), common_backend(arrays)


def _result(
    array: Any, primitive: Any, tensors: tuple[Tensor | None, ...], arrays: tuple[Any, ...], options: Any = None
) -> Tensor:
    """Return the result of an operation as a tensor, which is recorded if an operand requires a gradient."""
    for tensor in tensors:
        if tensor is not None and tensor._order:
            # A truth value or an index has no derivative; that of floor is 0.
            if primitive.is_locally_constant and getattr(primitive, "is_truth", True):
                break
            return _recorded(array, primitive, tensors, arrays, options)
    return _made(array)


def _recorded(
    array: Any, primitive: Any, tensors: tuple[Tensor | None, ...], arrays: tuple[Any, ...], options: Any = None
) -> Tensor:
    """Return the result of an operation on a tensor that requires a gradient; record it unless recording is off."""
    if not MODE.recording:
        return _made(array)
    result = _new(Tensor)
    result._array = array
    result._order = next(CLOCK)
    result._made_by = (primitive, tensors, arrays, options)
    result._cotangent = result.grad = None
    return result


def lifted(operand: Any) -> Tensor:
    """Return a tensor as it is, and numbers or an array as a new tensor."""
    return operand if isinstance(operand, Tensor) else Tensor(operand)


# The reverse sweep


def cotangents(
    root: Tensor, cotangent: Tensor, targets: Set[Tensor] | None, *, records: bool, fast: bool = False
) -> dict[Tensor, Tensor]:
    """Return the results of a reverse sweep as tensors."""
    kept = frozenset(_retaining) if _retaining.known else _NONE
    if records:
        with enable_grad():
            return reverse_sweep(root, cotangent, targets, kept, fast=fast)
    found = reverse_sweep(root, cotangent._array, targets, kept, fast=fast)
    freeze = backend_of(root._array).freeze
    return {tensor: _made(freeze(array)) for tensor, array in found.items()}


# Methods that are made from the registry


def _operator(primitive: Primitive) -> tuple[Callable[[Tensor, Any], Any], Callable[[Tensor, Any], Any]]:
    """Return the methods of a binary operator, such as ``__add__`` and ``__radd__``.

    The methods of `Operand` do the same by a call of `Tensor.apply`; these methods are faster.
    """
    kernel = _NUMPY.kernel(primitive)
    takes_whole_numbers = primitive.name in ("add", "sub", "mul")  # as they are, if both have one type

    def method(self: Tensor, other: Any) -> Any:
        if RECORDED.known:
            refresh(self, other)
        x = self._array
        if isinstance(other, Tensor):
            tensors: tuple[Tensor | None, ...] = self, other
            y, requires_grad = other._array, self._order or other._order
            if x.dtype is not y.dtype or not (takes_whole_numbers or requires_grad or rank_of(x.dtype) == 2):
                return mixed(primitive, self, other)
        else:
            y = other if other.__class__ is float else plain(other, x)
            tensors, requires_grad = (self, None), self._order
            if not requires_grad and rank_of(x.dtype) < 2:
                return mixed(primitive, self, other)
        if x.__class__ not in _NUMPY_TYPES or y.__class__ not in _NUMPY_OPERANDS:
            return self.apply(primitive, (self, other))
        try:
            array = kernel(x, y)
        except ValueError:
            raise misfit(primitive.name, x, y) from None
        except TypeError:  # NumPy doesn't subtract truth values
            return mixed(primitive, self, other)
        array.setflags(False)
        return _recorded(array, primitive, tensors, (x, y)) if requires_grad else _made(array)

    def reflected(self: Tensor, other: Any) -> Any:
        if RECORDED.known:
            refresh(self)
        x = self._array
        if other.__class__ is float:
            y = other
        elif isinstance(other, Tensor):
            return method(other, self)
        else:
            y = plain(other, x)
        if x.__class__ not in _NUMPY_TYPES or y.__class__ not in _NUMPY_OPERANDS:
            return self.apply(primitive, (other, self))
        if not self._order and rank_of(x.dtype) < 2:
            return mixed(primitive, other, self)
        try:
            array = kernel(y, x)
        except ValueError:
            raise misfit(primitive.name, y, x) from None
        array.setflags(False)
        return _recorded(array, primitive, (None, self), (y, x)) if self._order else _made(array)

    return method, reflected


def _unary(primitive: Primitive) -> Callable[[Tensor], Tensor]:
    """Return the method of a function of one operand; it is faster than `Tensor.apply`."""

    def method(self: Tensor) -> Tensor:
        if RECORDED.known:
            refresh(self)
        array = self._array
        backend = backend_of(array)
        if not self._order and rank_of(array.dtype) < 2:
            whole = of_whole_numbers(primitive, array)
            if whole is not None:
                return _made(backend.freeze(whole))
            array = backend.astype(array, backend.default_dtype)
        result = backend.freeze(backend.kernel(primitive)(array))
        if self._order:
            return _recorded(result, primitive, (self,), (array,))
        return _made(result)

    return named(method, primitive.name, primitive.about)


def _comparison(primitive: Primitive) -> Callable[[Tensor, Any], Any]:
    """Return the method of a comparison, whose result is a tensor of truth values."""

    def method(self: Tensor, other: Any) -> Any:
        x = self._array
        if isinstance(other, Tensor):
            y = other._array
        elif other.__class__ in (float, int, bool):
            y = other
        elif hasattr(other, "__array__") or isinstance(other, (list, tuple)):
            y = plain(other, x)
        else:
            return NotImplemented
        backend = common_backend((x, y))
        try:
            return _made(backend.freeze(backend.function(str(primitive.array))(x, y)))
        except ValueError:
            raise misfit(primitive.name, x, y) from None

    return method


def _method_of(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return the method of a function of arrays."""

    def method(self: Tensor, *arguments: Any, **options: Any) -> Any:
        return function(self, *arguments, **options)

    return named(method, name, getattr(function, "about", None) or (function.__doc__ or "").partition("\n")[0])


install_binary(Tensor, _operator)
for _special, _name in {**COMPARISON_OPERATORS, "eq": "equal", "ne": "not_equal"}.items():
    setattr(Tensor, f"__{_special}__", _comparison(REGISTRY[_name]))
for _one in REGISTRY.declared():
    if _one.arity == 1 and not _one.internal and not _one.variadic and _one.name not in REGISTRY.arrays:
        setattr(Tensor, _one.name, _unary(_one))
for _special in ("neg", "abs"):
    setattr(Tensor, f"__{_special}__", _unary(REGISTRY[_special]))

for _name, _function in REGISTRY.arrays.items():
    if not getattr(_function, "internal", False) and _name not in (*vars(Tensor), "cat", "stack"):
        setattr(Tensor, _name, _method_of(_function, _name))
for _name, _function in METHODS.items():
    setattr(Tensor, _name, _function)
for _name, _function in updates_of(Tensor).items():  # they are made of the methods
    setattr(Tensor, _name, _function)
