"""Functions of arrays: each is one `define_array(...)`, or composed of others and entered by `compose`.

A function of numbers has partial derivatives; one of arrays says instead how a cotangent passes back through it (its
vjp) and a tangent forward (its jvp), both written in differentiable operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcli.errors import CallError
from gradcli.primitives.registry import REGISTRY, Declared, Edge, Infix, Rule, locally_constant, richest

__all__ = ["ArrayFunction", "ArrayPrimitive", "Composition", "compose", "compose_for_expressions", "define_array"]


class ArrayFunction(Declared):
    """One function of arrays, as far as a graph and a reader need to know it.

    Operands are differentiated, *options* (an axis, a shape, a stride) never; an option is given by its name, or by
    position behind the operands.
    """

    options: dict[str, Any]

    __slots__ = tuple(__annotations__)

    @property
    def signature(self) -> str:
        """The call as a reader writes it: ``sum(x, axis=None, keepdims=False)``."""
        words = [*self.operands, *(["..."] if self.variadic else [])]
        return f"{self.name}({', '.join([*words, *(f'{name}={default}' for name, default in self.options.items())])})"

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Apply to arrays and tensors."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<array function {self.signature}>"


class Composition(ArrayFunction):
    """A function of arrays that is written with other ones, and gets its derivatives from them."""

    __slots__ = ("function",)
    function: Callable[..., Any]

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Apply to arrays and tensors."""
        return self.function(*given, **options)


class ArrayPrimitive(ArrayFunction):
    """One function of arrays: its value, and how cotangents and tangents pass through it.

    Like a pointwise primitive it applies to whatever it is given.

    >>> import numpy
    >>> from gradcli.primitives import functions
    >>> functions.sum(numpy.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """

    value: Rule
    vjp: Rule | tuple[Rule, ...]
    jvp: Rule
    prepare: Rule | None
    selects: bool

    __slots__ = tuple(__annotations__)

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.is_locally_constant = self.vjp is locally_constant

    def split(self, given: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Operands and options apart; an option that is not given has its default.

        Raises:
            CallError: the operands do not fit, or an option is unknown.
        """
        if len(given) == self.arity and not options and not self.variadic:
            return given, self.options
        if self.variadic:
            operands = tuple(given[0]) if len(given) >= 1 and isinstance(given[0], (list, tuple)) else given
            positional = given[1:] if operands is not given else ()
        else:
            operands, positional = given[: self.arity], given[self.arity :]
        if len(operands) < self.arity or len(positional) > len(self.options):
            raise CallError(f"{self.signature} was given {len(given)} arguments")
        complete = dict(self.options)
        complete.update(zip(self.options, positional, strict=False))
        for name, content in options.items():
            if name not in self.options:
                raise CallError(f"{self.signature} has no option {name!r}")
            complete[name] = content
        return operands, complete

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Apply to arrays, or let the operand of the highest rank apply it.

        Raises:
            CallError: the operands do not fit.
            ShapeError: the shapes do not fit.
        """
        operands, options = self.split(given, options)
        best = richest(operands)
        if best is not None:
            return best.apply_array(self, operands, options)
        from gradcli.primitives.backends.backend import common_backend

        backend = common_backend(operands)
        arrays = [backend.asarray(operand) for operand in operands]
        if self.prepare is not None:
            options = self.prepare(*arrays, **options)
        return self.value(backend, *arrays, **options)

    def rules(self, count: int) -> tuple[Rule, ...]:
        """The vjp toward each of ``count`` operands: ``(cotangent, output, *operands, **options)``."""
        return self.vjp if isinstance(self.vjp, tuple) else tuple([self.vjp(i) for i in range(count)])


def define_array(
    name: str,
    operands: str,
    *,
    about: str,
    value: Rule,
    vjp: Rule | tuple[Rule, ...],
    jvp: Rule,
    prepare: Rule | None = None,
    selects: bool = False,
    variadic: bool = False,
    infix: Infix | None = None,
    internal: bool = False,
    options: Mapping[str, Any] | None = None,
    example: str | None = None,
    edges: Sequence[Edge] = (),
) -> ArrayPrimitive:
    """Declare a function of arrays, enter it into the registry and return it.

    Args:
        name: the name in expressions and in Python.
        operands: the names of the operands, separated by spaces.
        about: one sentence on its meaning.
        value: ``(backend, *arrays, **options) -> array``.
        vjp: one rule for each operand, ``(cotangent, output, *operands, **options)``, which gives what is added to the
            operand's cotangent, in the operand's shape or one that broadcasts to it; of a variadic primitive a function
            of the operand's position that gives the rule; or `locally_constant`.
        jvp: ``(tangents, output, *operands, **options)``: the tangent of the output; a tangent of None is 0.
            Both are written in differentiable operations, and run on arrays as on tensors.  Cotangents have the shape
            of the output, tangents those of the operands.
        prepare: ``(*operands, **options) -> options``: checks shapes and gives options their canonical form.
        selects: whether an element of an operand reaches only some elements of the output, so that the vjp of 0s and 1s
            tells which elements are reached.
        variadic: any number of operands, which may be given as one list.
        infix: the operator, if there is one.
        internal: not offered to users.
        options: the options with their defaults.
        example: an expression and its value, ``"sum([1, 2])  # 3.0"``, for a function that expressions may use.
        edges: where the rules choose among several derivatives; the conditions are functions of arrays,
            ``(*operands, **options)``, and broadcast against the output.

    Raises:
        ValueError: the name is declared twice.
    """
    primitive = ArrayPrimitive(
        name=name,
        operands=tuple(operands.split()),
        options=dict(options or {}),
        about=about,
        value=value,
        vjp=vjp,
        jvp=jvp,
        prepare=prepare,
        selects=selects,
        variadic=variadic,
        infix=infix,
        internal=internal,
        group="array",
        example=example,
        edges=tuple(edges),
    )
    REGISTRY.add_array(name, primitive, primitive if example is not None else None)
    return primitive


def compose(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function that is composed of primitives on arrays under its own name."""
    REGISTRY.add_array(function.__name__, function)
    return function


def compose_for_expressions(
    operands: str, example: str, options: str = "", edges: Sequence[Edge] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The same for a function that expressions may use.

    Args:
        operands: the names of the arguments that are operands, separated by spaces.
        example: an expression and its value.
        options: the names of the arguments that are options.
        edges: as of `define_array`.
    """

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        defaults = dict(zip(names[::-1], (function.__defaults__ or ())[::-1], strict=False))
        composition = Composition(
            name=function.__name__,
            operands=tuple(operands.split()),
            options={name: defaults[name] for name in options.split()},
            about=(function.__doc__ or "").partition("\n")[0],
            variadic=False,
            infix=None,
            internal=False,
            group="array",
            example=example,
            edges=tuple(edges),
            is_locally_constant=False,
            function=function,
        )
        REGISTRY.add_array(function.__name__, function, composition)
        return function

    return enter
