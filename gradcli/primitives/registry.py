"""The registry: one `define(...)` declares a function of mathematics, and everything else loops over the registry.

How to add a function
---------------------
Write one block in the file of its family in ``gradcli/primitives/families/``; nothing else needs a change.  At the end
of ``special.py``, this block is all that ``log_beta`` needs:

    define(
        "log_beta(x, y)",
        about="The logarithm of the absolute value of the beta function.",
        value=lambda x, y: (
            gamma_family.lgamma(FLOATS, x) + gamma_family.lgamma(FLOATS, y) - gamma_family.lgamma(FLOATS, x + y)
        ),
        array=lambda xp, x, y: gamma_family.lgamma(xp, x) + gamma_family.lgamma(xp, y) - gamma_family.lgamma(xp, x + y),
        partials=lambda x, y, z: (f.digamma(x) - f.digamma(x + y), f.digamma(y) - f.digamma(x + y)),
        domain="x and y not 0 or a negative integer",
        cancels="where one operand is far above the other",
        oracle=lambda mp, x, y: mp.re(mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)),
        samples=(((0.5, 5.0), (0.5, 5.0)),),
        example="log_beta(2, 3)  # -2.4849066497880004",
    )

The command line parses, evaluates, differentiates to any order, prints, draws, checks, maps and exports it; `Value` and
`Tensor` have it as a method; ``gradcli functions`` lists it; and every test of all functions includes it.

A rule (``partials``, ``active``, an edge) is a Python function of the operands and the output, written with the
functions ``f`` and the operators that a user of the library has, so the order of files does not matter.  It is traced
once (`gradcli.graph.rule`), and the trace is what evaluates, prints and differentiates again.

The fields of `define`
----------------------
Every function needs

    signature       the name in expressions and in Python, and the names of the operands: ``"atan2(y, x)"``.  With
                    ``...`` behind them, more operands than named are allowed: ``"max(x, y, ...)"``.
    about           one sentence on its meaning.
    group           the heading under which the reference lists it; the file of a family says it once for all.
    value           the float kernel.  It follows IEEE 754 and never raises.
    partials        ``(*operands, output) -> tuple``: the derivative with respect to each operand, or
                    `locally_constant`.

A function that users may call also needs these, so that it is tested and documented:

    example         an expression and its value, ``"hypot(3, 4)  # 5.0"``.
    samples         boxes, one interval for each operand, from which tests draw points.  Without it, each operand is
                    between -10 and 10.
    oracle          ``(mp, *operands)``: the function by mpmath's names, from which tests compute values and derivatives
                    with 60 digits and more.  Where branches join smoothly, compare ``mp.mpf(x)``; at ``x == y`` the
                    comparisons ``x < y`` and ``x > y`` say that there is no derivative.  Without it, mpmath's function
                    of the same name is taken.

All others may be left out:

    array           the function on arrays: NumPy's name, a name of `KERNELS` in ``kernels/array_kernels.py``, or
                    ``(xp, *operands)`` with the namespace of a library; a formula of several operands is computed in
                    double precision.  Without it, the function of the same name is taken from `KERNELS` or NumPy.  If
                    neither has one, the float kernel runs on each element, and an expression that holds the function
                    runs on NumPy and is not compiled.  The tests insist that gradcli's own functions have a kernel.
    fast_partials   the derivatives in a form that calls fewer transcendental functions; its absolute error is at most
                    1e-15.  Without it, training takes the exact form.
    active          ``(*operands, output) -> tuple``: whether each operand is selected at this point, as by max; an
                    operand that isn't selected contributes exactly 0.  Without it, all are selected.
    condition       the operands that are read as truth values: false if they are 0, else true.  Blanks separate them.
    chosen          the two operands between which the condition chooses: first the one where it holds.
    is_truth        whether the value is always 0 or 1.  Without these three, arrays of truth values become numbers.
    domain          where a value exists, in words for the reader; the words change no number.  Without them, the
                    function has a value everywhere, so that arrays need not be searched for a missing value.
    edges           the points where the formula of the derivative needs a note or a correction; the first edge that
                    applies counts.  A point without an edge has no note, and the formula gives its derivative.
    cancels         where terms cancel, so that digits are lost, in words.  Without it, tests demand all digits of the
                    function at all scales, up to 1e300; with it, they demand ten digits at its samples.
    ulps            the largest error of ``value``, in units in its last place; 0 for a choice of an operand, and by
                    default 2.  The bound on rounding errors (`gradcli.evaluate.error_bars`) adds it to each result.
    static          operands that are constants and never differentiated, such as the order of polygamma.
    spellings       further names.
    infix           the operator, if there is one.
    latex           a template with the operands' names in braces.  Without it, the name is written upright, followed
                    by the operands in parentheses.  A formula of other functions is in braces, which are not seen on
                    paper: ``{{e^{{{x}}} - 1}}``.  The braces let gradcli read the formula back as this one function.
    rewrite         ``(*operands) -> operand or None``: identities that are exact in IEEE arithmetic, up to the sign
                    of 0.
    complements     a dictionary from multiples to rules for 1 + multiple * function in which nothing cancels, such as
                    ``{-1.0: lambda x: ...}``.  Derivatives of expressions that subtract the function from a number are
                    computed by these rules.
    logarithm       a rule for the logarithm of a function that is positive everywhere.  The rule keeps its digits where
                    the function is close to 1, and is finite where the function underflows.
    begins_identities   whether an identity of ``graph/identities.py`` begins with the function, as
                    atanh(tanh(x)) = x does with atanh.  A function with ``complements`` or a ``logarithm`` does not
                    need it.
    exponent        ``(*operands)``: the exponent, if the operation is a power of its first operand, else None.
    smooth_power    a `SmoothPower`, for a function that has a kink, but whose even powers have none.
    system          a `System` of differential equations, from which the power series of a special function follow in
                    little time.  Without it, they follow from the rule, or from derivatives of every order.
    is_even         whether f(-x) = f(x) and f is smooth, so that f(|x|) is differentiated as f(x).
    squared         a rule for the square by that of another function: sin has ``lambda x: 1.0 - f.cos(x) ** 2``.
    doubled         a rule for f(2 x) by functions of x.
    quotient        a rule for the function as a quotient or a reciprocal of others, as tan(x) = sin(x)/cos(x).  A
                    printed derivative takes whichever side of these three is shorter.
    in_powers       the function as a formula in powers, for a function such as hypot, which has a kink and occurs in
                    rules and identities.  In the normal form of a printed derivative, this formula replaces it.
    exact           ``(*operands)``: a formula of the value by other functions, or its values at special points, such
                    as those of sin at multiples of pi/12.  A Taylor polynomial gets closed forms from it.  Without it,
                    a coefficient such as f(1) is written as f(1); but an odd function is known to be 0 at 0.
    inverse         the name of the function that it inverts: asin has ``"sin"``.  `gradcli diff --every` shows how its
                    derivative follows from that of this function.
    expands         a readable equivalent, for an internal function that a printer must not show; with a ``guard`` at
                    points where it has no value, but the function has one.
    keeps_digits    whether an internal function keeps digits that its form for readers (``expands``) loses: a series
                    in floats then uses the function itself.
    transparent     whether the value of the function is its first operand, with few exceptions: a printer shows that
                    operand, unless the function ``expands``, and no note blames the function.
    instead_of      expressions that fail at a point, and formulas with this function to write instead; a note suggests
                    one that has a value at the point and equals the expression next to it.
    internal        whether it is hidden from users.

Two optional pieces are tables elsewhere: a kernel on complex numbers (``kernels/complex_kernels.py``), without which
``gradcli check`` leaves out the complex step, and the spellings of programming languages (``gradcli/printing/``),
without which ``gradcli export`` writes the array kernel out, or says what the language lacks.

A function of arrays is one `define_array(...)`: it says how a cotangent passes back through it (``vjp``) and a tangent
forward (``jvp``), both written in differentiable operations.  What can be written with other functions needs no rules:
see `compose` and `compose_for_expressions`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from gradcli.errors import CallError
from gradcli.primitives.declared import (
    Declared,
    Edge,
    Infix,
    Pointwise,
    Reach,
    Rewrite,
    Rule,
    SmoothPower,
    System,
    locally_constant,
    richest,
)

__all__ = [
    "REGISTRY",
    "ArrayFunction",
    "ArrayPrimitive",
    "Composition",
    "Functions",
    "Primitive",
    "Registry",
    "compose",
    "compose_for_expressions",
    "define",
    "define_array",
    "functions",
]


class Primitive(Pointwise):
    """One function of numbers: its value, its derivatives and its other properties.

    Calling a primitive applies it: floats give a float, an array gives an array of values, and a recorded operand (a
    ``Node`` of a graph, a ``Value``, a ``Tensor``) gives a result of the same kind.

    >>> from gradcli.primitives import REGISTRY
    >>> REGISTRY["hypot"](3.0, 4.0)
    5.0
    >>> REGISTRY["hypot"].signature
    'hypot(x, y)'
    """

    __slots__ = ()

    def takes(self, count: int) -> bool:
        """Whether ``count`` operands fit."""
        return count == self.arity or (self.variadic and count > self.arity)

    def __call__(self, *operands: Any, **options: Any) -> Any:
        """Apply the primitive to floats or arrays, or let the operand of the highest rank apply it.

        Raises:
            CallError: the number of operands does not fit.
        """
        if options or not self.takes(len(operands)):
            if self.name in REGISTRY.arrays:
                return REGISTRY.arrays[self.name](*operands, **options)
            if options:
                raise CallError(f"{self.signature} has no option {next(iter(options))!r}")
            raise CallError(f"{self.signature} takes {self.arity} operands, got {len(operands)}")
        best = richest(operands)
        if best is not None:
            return best.apply(self, operands)
        if any(hasattr(operand, "shape") for operand in operands):
            from gradcli.primitives.backends import common_backend

            return common_backend(operands).kernel(self)(*operands)
        return self.value(*map(float, operands))

    def __repr__(self) -> str:
        return f"<primitive {self.signature}>"


class ArrayFunction(Declared):
    """One function of arrays: the part of its declaration that graphs and printers need.

    Operands are differentiated; *options* (an axis, a shape, a stride) never are.  An option is given by its name, or
    by its position after the operands.
    """

    options: dict[str, Any]

    __slots__ = tuple(__annotations__)

    def __init__(self, *, options: Mapping[str, Any] | None, **fields: Any) -> None:
        super().__init__(**fields, group="array")
        self.options = dict(options or {})
        # The call as a reader writes it: ``sum(x, axis=None, keepdims=False)``.
        named = [f"{name}={default}" for name, default in self.options.items()]
        self.signature = f"{', '.join([self.signature.removesuffix(')'), *named])})"

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Apply the function to arrays and tensors."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<array function {self.signature}>"


class Composition(ArrayFunction):
    """A function of arrays that is composed of other functions and gets its derivatives from these."""

    __slots__ = ("function",)
    function: Callable[..., Any]

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Apply the function to arrays and tensors."""
        return self.function(*given, **options)


class ArrayPrimitive(ArrayFunction):
    """One function of arrays: its value, and how cotangents and tangents pass through it.

    Like a pointwise primitive it can be called with arrays or with recorded operands.

    >>> import numpy
    >>> from gradcli.primitives import functions
    >>> functions.sum(numpy.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """

    value: Rule
    vjp: Rule | tuple[Rule, ...]
    jvp: Rule
    prepare: Rule | None
    reach: Reach
    smooth_power: SmoothPower | None
    #: Whether it is linear in each of its operands, so that the derivative toward one reads only the others.
    is_multilinear: bool

    __slots__ = tuple(__annotations__)

    def __init__(self, *, jvp: Rule | None, **fields: Any) -> None:
        super().__init__(**fields)
        self.jvp = jvp or self._multilinear
        self.is_locally_constant = self.vjp is locally_constant
        self.is_multilinear = jvp is None and not self.is_locally_constant

    def _multilinear(self, tangents: tuple[Any, ...], _output: Any, *operands: Any, **options: Any) -> Any:
        """The jvp of a function that is linear in each operand: one term for each operand that has a tangent."""
        terms = [
            self(*operands[:i], tangent, *operands[i + 1 :], **options)
            for i, tangent in enumerate(tangents)
            if tangent is not None
        ]
        return functools.reduce(operator.add, terms)

    def split(self, given: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the operands and the options separately; an option that is not given has its default.

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
        for name in options:
            if name not in self.options:
                raise CallError(f"{self.signature} has no option {name!r}")
        return operands, {**self.options, **dict(zip(self.options, positional, strict=False)), **options}

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Apply the primitive to arrays, or let the operand of the highest rank apply it.

        Raises:
            CallError: the operands do not fit.
            ShapeError: the shapes do not fit.
        """
        operands, options = self.split(given, options)
        best = richest(operands)
        if best is not None:
            return best.apply_array(self, operands, options)
        from gradcli.primitives.backends import common_backend

        backend = common_backend(operands)
        arrays = [backend.asarray(operand) for operand in operands]
        if self.prepare is not None:
            options = self.prepare(*arrays, **options)
        return self.value(backend, *arrays, **options)

    def rules(self, count: int) -> tuple[Rule, ...]:
        """The vjp for each of ``count`` operands: a function ``(cotangent, output, *operands, **options)``."""
        return self.vjp if isinstance(self.vjp, tuple) else tuple([self.vjp(i) for i in range(count)])


class Registry(dict[str, Primitive]):
    """All primitives by name; there are further tables for spellings and operator symbols.

    The dictionary itself holds the primitives on numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self._arrays: dict[str, Callable[..., Any]] = {}
        self._offered: dict[str, ArrayFunction] = {}
        #: The function that gives operands the method of a new primitive; `gradcli.primitives.operators` sets it.
        self.install: Callable[[Primitive], None] = lambda primitive: None
        #: The function that declares the functions of arrays; the package sets it, since their files import this one.
        self.declare_arrays: Callable[[], None] | None = None
        #: A word -> the function that declares its family, for families that few expressions use; see `declare_later`.
        self._later: dict[str, Callable[[], None]] = {}
        self._order: list[str] = []
        #: The number of primitives that are declared at once.
        self._first: int = 0
        self.spelled: dict[str, Primitive] = {}
        self.prefix: dict[str, Primitive] = {}
        self.binary: dict[str, Primitive] = {}
        self.postfix: dict[str, Primitive] = {}

    @property
    def arrays(self) -> dict[str, Callable[..., Any]]:
        """The primitives on arrays and the functions composed of them, which are declared at the first use.

        Some have the name of a primitive on numbers: ``max`` of one operand reduces an array.
        """
        declare, self.declare_arrays = self.declare_arrays, None
        if declare is not None:
            declare()
        return self._arrays

    @property
    def offered(self) -> dict[str, ArrayFunction]:
        """The functions of arrays in the language of expressions: those that have an example."""
        return self._offered if self.arrays else {}

    def declare_later(self, words: Sequence[str], declare: Callable[[], None]) -> None:
        """Let a family be declared when one of its words is met, or when all primitives are asked for.

        Args:
            words: all names and spellings of the family, in the order of their declaration.
            declare: the function that declares it.
        """
        self._first = self._first or len(self)
        self._later.update(dict.fromkeys(words, declare))
        self._order += words

    def undeclared(self) -> list[str]:
        """The words of the families that are still to be declared and that can be names in Python."""
        return [word for word in self._later if word.isidentifier()]

    def _declare(self, word: str) -> bool:
        """Declare the family of a word; False if no family that is still to be declared has it."""
        declare = self._later.get(word)
        if declare is None:
            return False
        self._later = {word: one for word, one in self._later.items() if one is not declare}
        declare()
        return True

    def _declare_all(self) -> None:
        """Declare all families, and put their primitives in one order, whichever family was used first."""
        if self._order:
            for word in list(self._later):
                self._declare(word)
            order, self._order = self._order, []
            for word in order:
                if super().__contains__(word):
                    self[word] = self.pop(word)

    def get(self, name: str, default: Any = None) -> Any:
        """The primitive with this name, or the default."""
        if name in self._later:
            self._declare(name)
        return super().get(name, default)

    def __missing__(self, name: str) -> Primitive:
        if self._declare(name):
            return self[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (name in self._later and self.get(str(name)) is not None)

    def __iter__(self) -> Iterator[str]:
        self._declare_all()
        return super().__iter__()

    def keys(self) -> Any:
        """The names of all primitives, internal ones too."""
        self._declare_all()
        return super().keys()

    def values(self) -> Any:
        """All primitives, internal ones too."""
        self._declare_all()
        return super().values()

    def items(self) -> Any:
        """All primitives, internal ones too, with their names."""
        self._declare_all()
        return super().items()

    def declared(self) -> list[Primitive]:
        """The primitives that are declared at once, internal ones too.

        A family that is declared later takes part in no identity between functions, and has no function that NumPy has.
        """
        return list(islice(super().values(), self._first or None))

    def add_array(self, name: str, function: Callable[..., Any], offered: ArrayFunction | None = None) -> None:
        """Enter a function of arrays, with its properties for the language of expressions.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._arrays:
            raise ValueError(f"{name!r} is the name of two functions of arrays")
        self._arrays[name] = function
        if offered is not None:
            self._offered[name] = offered

    def add(self, primitive: Primitive) -> Primitive:
        """Enter a primitive, and return it.

        Raises:
            ValueError: a name, spelling or symbol is taken.
        """
        for word in (primitive.name, *primitive.spellings):
            if word in self.spelled:
                raise ValueError(f"{word!r} is the name of two primitives")
            self.spelled[word] = primitive
        self[primitive.name] = primitive
        if primitive.infix is not None:
            sides = {"prefix": self.prefix, "postfix": self.postfix}
            table = sides.get(primitive.infix.side, self.binary)
            if primitive.infix.symbol in table:
                raise ValueError(f"{primitive.infix.symbol!r} is the operator of two primitives")
            table[primitive.infix.symbol] = primitive
        self.install(primitive)
        return primitive

    def find(self, word: str) -> Primitive | None:
        """The primitive that a user may call by this word, under its name or another spelling."""
        primitive = self.spelled.get(word)
        if primitive is None and self._declare(word):
            primitive = self.spelled.get(word)
        return None if primitive is None or primitive.internal else primitive

    def public(self) -> list[Primitive]:
        """The primitives that a user may call, in the order of their declaration."""
        return [primitive for primitive in self.values() if not primitive.internal]

    def words(self) -> list[str]:
        """Every word by which a user may call a primitive."""
        self._declare_all()
        return [word for word, primitive in self.spelled.items() if not primitive.internal]


REGISTRY: Final = Registry()


class Functions:
    """The primitives as attributes, so that a rule may use any function, even one that is declared later.

    >>> functions.hypot(3, 4)
    5.0
    """

    def __getattr__(self, name: str) -> Any:
        found = REGISTRY.get(name) or REGISTRY.arrays.get(name)
        if found is None:
            raise AttributeError(f"there is no function {name!r}")
        self.__dict__[name] = found  # the next time Python finds it itself
        return found

    def __repr__(self) -> str:
        return "<the functions of mathematics, such as functions.sin and functions.sum>"


functions: Final = Functions()


def define(
    signature: str,
    *,
    about: str,
    group: str,
    value: Callable[..., float],
    array: str | Callable[..., Any] | None = None,
    partials: Rule,
    fast_partials: Rule | None = None,
    active: Rule | None = None,
    domain: str | None = None,
    condition: str = "",
    chosen: str = "",
    is_truth: bool = False,
    edges: Sequence[Edge] = (),
    spellings: Sequence[str] = (),
    static: Sequence[str] = (),
    infix: Infix | None = None,
    latex: str | None = None,
    expands: Rule | None = None,
    transparent: bool = False,
    instead_of: Sequence[Rewrite] = (),
    rewrite: Rule | None = None,
    complements: Mapping[float, Rule] = MappingProxyType({}),
    logarithm: Rule | None = None,
    begins_identities: bool = False,
    exponent: Rule | None = None,
    smooth_power: SmoothPower | None = None,
    system: System | None = None,
    is_even: bool = False,
    squared: Rule | None = None,
    doubled: Rule | None = None,
    quotient: Rule | None = None,
    inverse: str | None = None,
    in_powers: Rule | None = None,
    exact: Rule | None = None,
    oracle: Callable[..., Any] | None = None,
    cancels: str | None = None,
    ulps: float = 2.0,
    samples: Sequence[tuple[tuple[float, float], ...]] | None = None,
    example: str | None = None,
    keeps_digits: bool = False,
    internal: bool = False,
) -> Primitive:
    """Declare a primitive, enter it into the registry and return it; the top of this file explains the fields.

    Raises:
        ValueError: a name or an operator is declared twice.
    """
    return REGISTRY.add(Primitive(**locals()))


def define_array(
    signature: str,
    *,
    about: str,
    value: Rule,
    vjp: Rule | tuple[Rule, ...],
    jvp: Rule | None = None,
    prepare: Rule | None = None,
    reach: Reach = "terms",
    infix: Infix | None = None,
    internal: bool = False,
    options: Mapping[str, Any] | None = None,
    example: str | None = None,
    edges: Sequence[Edge] = (),
    smooth_power: SmoothPower | None = None,
) -> ArrayPrimitive:
    """Declare a function of arrays, enter it into the registry and return it.

    Args:
        signature: the name and the operands, ``"matmul(x, y)"``; with ``...`` behind them any number of operands, which
            may be given as one list.
        about: one sentence on its meaning.
        value: ``(backend, *arrays, **options) -> array``.
        vjp: one rule for each operand, ``(cotangent, output, *operands, **options)``, which gives the contribution to
            the operand's cotangent, in the operand's shape or one that broadcasts to it; for a variadic primitive, a
            function of the operand's position that gives the rule; or `locally_constant`.
        jvp: ``(tangents, output, *operands, **options)``: the tangent of the output; a tangent of None is 0.  It is
            left out for a function that is linear in each of its operands, or locally constant.
            Both rules are written in differentiable operations, and run on arrays and on tensors.  A cotangent has the
            shape of the output, a tangent the shape of its operand.
        prepare: ``(*operands, **options) -> options``: checks shapes and gives options their canonical form.
        reach: the way in which a sweep finds the elements of an operand that a derivative reaches.  The sweep has a
            mask in the shape of the output: 1 for the elements that the derivative reaches, else 0.  With
            ``"elements"``, the derivative reaches the elements of the operand where the vjp of the mask is not 0.
            ``"terms"`` is the same for sums of products, but the vjp is computed with 1 in place of every
            operand.  With ``"reduced"``, the derivative reaches the elements from which an element in the mask is
            computed by a reduction along the option ``axis``; with ``"chosen"``, only those of them where the vjp is
            not 0.  With ``"axis"``, it reaches a whole line along the option ``axis`` if the mask has an element of it;
            with ``"all"``, it reaches all elements.
        infix: the operator, if there is one.
        internal: whether it is hidden from users.
        options: the options with their defaults.
        example: an expression and its value, ``"sum([1, 2])  # 3.0"``, for a function that expressions may use.
        edges: the places where the rules choose among several derivatives; the conditions are functions of arrays,
            ``(*operands, **options)``, and broadcast against the output.
        smooth_power: for a function of one array with a kink: the power of the function that is smooth there.

    Raises:
        ValueError: the name is declared twice.
    """
    primitive = ArrayPrimitive(**locals())
    REGISTRY.add_array(primitive.name, primitive, primitive if example is not None else None)
    return primitive


def compose(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function that is composed of primitives on arrays into the registry, under its own name."""
    REGISTRY.add_array(function.__name__, function)
    return function


def compose_for_expressions(
    example: str, edges: Sequence[Edge] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that enters a composed function for use in expressions; all its options must have defaults.

    Args:
        example: an expression and its value.
        edges: as in `define_array`.
    """

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        code, defaults = function.__code__, function.__defaults__ or ()
        arity = code.co_argcount - len(defaults)
        composition = Composition(
            signature=f"{function.__name__}({', '.join(code.co_varnames[:arity])})",
            options=dict(zip(code.co_varnames[arity:], defaults, strict=False)),
            about=(function.__doc__ or "").partition("\n")[0],
            infix=None,
            internal=False,
            example=example,
            edges=edges,
            is_locally_constant=False,
            function=function,
        )
        REGISTRY.add_array(function.__name__, function, composition)
        return function

    return enter
