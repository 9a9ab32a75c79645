"""The operators and methods that every operand shares: Python's operators, and one method for each primitive.

A class that can record operations (a graph's ``Node``, the eager ``Value``) inherits `Operand`, sets ``operand_rank``
and implements ``apply``.  A method is called on the first operand that is not static: ``x.polygamma(1)`` is
polygamma(1, x).  ``==`` and the hash use the identity of objects, so that operands can be members of sets; the function
`equal` compares values.

Type checkers find the types of the methods in the stub ``operators.pyi``.
"""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final

from gradcli.primitives.registry import REGISTRY, Primitive

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Operand", "install_binary", "install_methods", "method_names", "named"]


class Operand:
    """The base class of all recorded operands; its methods are installed from the registry."""

    __slots__ = ()
    operand_rank = 0

    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        """Apply a primitive to operands; this object is one of them."""
        raise NotImplementedError

    def __pos__(self) -> Self:
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Apply a universal function of NumPy, as ``numpy.sin(x)`` and ``numpy.array([1.0, 2.0]) * x`` ask for."""
        if method == "__call__" and not options and inputs[-1] is self and ufunc.__name__ in _REFLECTED:
            result = getattr(self, _REFLECTED[ufunc.__name__])(inputs[0])
            if result is not NotImplemented:
                return result
        from gradcli.primitives.numpy_calls import call_ufunc

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        """Apply another function of NumPy, such as ``numpy.where`` or ``numpy.concatenate``."""
        from gradcli.primitives.numpy_calls import call_function

        return call_function(function, arguments, options)

    if TYPE_CHECKING:

        def _unary(self) -> Self: ...
        def _binary(self, other: Operand | float) -> Self: ...

        __neg__ = __abs__ = __floor__ = __ceil__ = __round__ = _unary
        __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __mod__ = _binary
        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmod__ = _binary
        __lt__ = __le__ = __gt__ = __ge__ = _binary


BINARY_OPERATORS: Final = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow", "mod": "mod"}
#: NumPy's name of a binary operator -> the method for an array or a number of NumPy on the left.
_REFLECTED: Final = {str(REGISTRY[name].array): f"__r{special}__" for special, name in BINARY_OPERATORS.items()}
COMPARISON_OPERATORS: Final = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
UNARY_OPERATORS: Final = {"neg": "neg", "abs": "abs", "floor": "floor", "ceil": "ceil", "round": "round"}


def _method(primitive: Primitive, name: str) -> Callable[..., Any]:
    static = len(primitive.static)

    def method(self: Operand, *others: Any) -> Any:
        return primitive(*others[:static], self, *others[static:])

    return named(method, name, primitive.about)


def named(method: Callable[..., Any], name: str, about: str) -> Callable[..., Any]:
    """Give a method its name and its docstring, and return it."""
    method.__name__ = method.__qualname__ = name
    method.__doc__ = about
    return method


def install_binary(kind: type[Operand], methods: Callable[[Primitive], tuple[Any, Any]]) -> None:
    """Give a class the methods of the binary operators.

    Args:
        kind: the class.
        methods: a function that returns the two methods of an operator, such as ``__add__`` and ``__radd__``.
    """
    for special, name in BINARY_OPERATORS.items():
        method, reflected = methods(REGISTRY[name])
        setattr(kind, f"__{special}__", method)
        setattr(kind, f"__r{special}__", reflected)


def _binary(primitive: Primitive, *, reflected: bool) -> Callable[[Any, Any], Any]:
    def method(self: Operand, other: Any) -> Any:
        operands = (other, self) if reflected else (self, other)
        if other.__class__ is self.__class__ or isinstance(other, (float, int)):
            return self.apply(primitive, operands)  # no operand has a higher rank
        if not isinstance(other, Operand) and not hasattr(other, "__float__"):
            return NotImplemented
        return primitive(*operands)

    return method


def method_names(primitive: Primitive) -> list[str]:
    """Return the names of the method of a primitive: its name, and the spellings that are valid names in Python.

    NumPy calls the methods of the elements of an array of objects by NumPy's names, such as ``arcsin``.
    """
    return [word for word in (primitive.name, *primitive.spellings) if word.isidentifier() and not iskeyword(word)]


def _install(primitive: Primitive) -> None:
    if not primitive.internal:
        for word in method_names(primitive):
            setattr(Operand, word, _method(primitive, word))


def _declaring(word: str) -> Callable[..., Any]:
    """Return a method that declares a function of this name; the declaration replaces the method."""

    def method(self: Operand, *others: Any) -> Any:
        REGISTRY.find(word)
        return getattr(self, word)(*others)

    return method


def install_methods() -> None:
    """Give `Operand` its operators, and a method for each public primitive, including later ones."""
    install_binary(Operand, lambda one: (_binary(one, reflected=False), _binary(one, reflected=True)))
    for special, name in COMPARISON_OPERATORS.items():
        setattr(Operand, f"__{special}__", _binary(REGISTRY[name], reflected=False))
    for special, name in UNARY_OPERATORS.items():
        setattr(Operand, f"__{special}__", _method(REGISTRY[name], f"__{special}__"))
    for primitive in REGISTRY.declared():
        _install(primitive)
    REGISTRY.install = _install
    for word in REGISTRY.undeclared():
        setattr(Operand, word, _declaring(word))
