"""The registry: every function of mathematics is one `define(...)`, and everything else loops over the registry.

A declaration holds what is true of a function: its value, its partial derivatives, where it has a value, the points at
which the formula of a derivative needs help, its spellings, and where to sample it.  A rule (``partials``, ``active``,
an edge) is a Python function of the operands and the output, written with the same functions and operators that a user
of the library has; it is traced once, and the trace is what evaluates, prints and differentiates again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gradcli.errors import CallError

if TYPE_CHECKING:
    from gradcli.primitives.array_functions import ArrayFunction

__all__ = [
    "REGISTRY",
    "Edge",
    "Functions",
    "Infix",
    "Primitive",
    "Registry",
    "Rewrite",
    "constant",
    "define",
    "functions",
    "locally_constant",
]

Rule = Callable[..., Any]


def richest(operands: Sequence[Any]) -> Any:
    """The operand of the highest rank, which applies a primitive to all of them; None if none can record."""
    best, rank = None, 0
    for operand in operands:
        found = getattr(operand, "operand_rank", 0)
        if found > rank:
            best, rank = operand, found
    return best


class Infix(NamedTuple):
    """How an operator is written between, before or after its operands; a higher level binds tighter.

    ``side`` is the operand that may be of the same level without parentheses: ``"left"``, ``"right"``, ``"none"`` for
    operators of two operands, ``"prefix"`` and ``"postfix"`` for those of one.
    """

    symbol: str
    level: int
    side: str


class Edge(NamedTuple):
    """A point (or line) where a function has a value but its formula of the derivative needs a word or a number.

    Attributes:
        at: the place as a reader writes it, such as ``"x = 0"``.
        kind: ``"kink"``, ``"jump"``, ``"pole"``, ``"end"`` (of the domain), ``"slope"`` (an infinite one inside the
            domain) or ``"branch cut"``.
        when: the condition on the operands.
        partials: the partial derivatives there, one for each operand; None where the formula is right by itself.
        about: one clause that says what is returned and why; it becomes the note of a result.
        toward: the operands whose derivative this is about; empty for all of them.
    """

    at: str
    kind: str
    when: Rule
    about: str
    partials: Rule | None = None
    toward: tuple[str, ...] = ()


class Rewrite(NamedTuple):
    """An expression that loses its value at a point where this primitive keeps it, and what to write instead."""

    pattern: Rule
    instead: str


def locally_constant(*operands_and_output: Any) -> tuple[float, ...]:
    """The rule of functions such as floor: the derivative is 0 wherever it exists, so nothing is differentiated."""
    return (0.0,) * (len(operands_and_output) - 1)


class Declared:
    """What a function of numbers or of arrays says of itself; `define` and `define_array` explain the fields."""

    name: str
    operands: tuple[str, ...]
    about: str
    group: str
    edges: tuple[Edge, ...]
    variadic: bool
    infix: Infix | None
    example: str | None
    internal: bool
    #: The number of operands; of a variadic function, the smallest number.
    arity: int
    #: Whether the derivative is 0 wherever it exists, so that no derivative passes through.
    is_locally_constant: bool

    __slots__ = tuple(__annotations__)

    def __init__(self, **fields: Any) -> None:
        for field, content in fields.items():
            setattr(self, field, content)
        self.arity = len(self.operands)


class Primitive(Declared):
    """One function of numbers: its value, its derivatives and all that is known about it.

    Calling a primitive applies it to whatever it is given: floats give a float, an array an array of the values, and
    an operand that can record (a ``Node`` of a graph, a ``Value``, a ``Tensor``) gives another of its kind.

    >>> from gradcli.primitives import REGISTRY
    >>> REGISTRY["hypot"](3.0, 4.0)
    5.0
    >>> REGISTRY["hypot"].signature
    'hypot(x, y)'
    """

    value: Callable[..., float]
    array: str | Callable[..., Any] | None
    partials: Rule
    fast_partials: Rule | None
    active: Rule | None
    domain: str
    spellings: tuple[str, ...]
    static: tuple[str, ...]
    latex: str | None
    latex_level: int | None
    expands: Rule | None
    transparent: bool
    instead_of: tuple[Rewrite, ...]
    rewrite: Rule | None
    samples: tuple[tuple[tuple[float, float], ...], ...]

    __slots__ = tuple(__annotations__)

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.is_locally_constant = self.partials is locally_constant

    @property
    def signature(self) -> str:
        """The call as a reader writes it: ``atan2(y, x)``, ``max(x, y, ...)``."""
        return f"{self.name}({', '.join(self.operands)}{', ...' if self.variadic else ''})"

    def takes(self, count: int) -> bool:
        """Whether ``count`` operands fit."""
        return count == self.arity or (self.variadic and count > self.arity)

    def __call__(self, *operands: Any, **options: Any) -> Any:
        """Apply to floats or arrays, or let the operand of the highest rank apply it.

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
            from gradcli.primitives.backends.backend import common_backend

            return common_backend(operands).kernel(self)(*operands)
        return self.value(*map(float, operands))

    def __repr__(self) -> str:
        return f"<primitive {self.signature}>"


class Registry(dict[str, Primitive]):
    """All primitives by name; spellings and operator symbols are looked up beside the names.

    The primitives on numbers are the dictionary itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._arrays: dict[str, Callable[..., Any]] = {}
        self._offered: dict[str, ArrayFunction] = {}
        self.spelled: dict[str, Primitive] = {}
        self.prefix: dict[str, Primitive] = {}
        self.binary: dict[str, Primitive] = {}
        self.postfix: dict[str, Primitive] = {}

    @property
    def arrays(self) -> dict[str, Callable[..., Any]]:
        """The primitives on arrays and the functions composed of them, which are declared when one is first asked for.

        Some have the name of a primitive on numbers: ``max`` of one operand reduces an array.
        """
        if not self._arrays:
            from importlib import import_module

            for family in ("shapes", "reductions", "products"):
                import_module(f"gradcli.primitives.families.{family}")
        return self._arrays

    @property
    def offered(self) -> dict[str, ArrayFunction]:
        """The functions of arrays in the language of expressions: those that have an example."""
        return self._offered if self.arrays else {}

    def add_array(self, name: str, function: Callable[..., Any], offered: ArrayFunction | None = None) -> None:
        """Enter a function of arrays, and what the language of expressions knows of it.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._arrays:
            raise ValueError(f"{name!r} is the name of two functions of arrays")
        self._arrays[name] = function
        if offered is not None:
            self._offered[name] = offered

    def add(self, primitive: Primitive) -> None:
        """Enter a primitive.

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

    def find(self, word: str) -> Primitive | None:
        """The primitive that a user may call by this word, under its name or another spelling."""
        primitive = self.spelled.get(word)
        return None if primitive is None or primitive.internal else primitive

    def public(self) -> list[Primitive]:
        """The primitives that a user may call, in the order of their declaration."""
        return [primitive for primitive in self.values() if not primitive.internal]

    def words(self) -> list[str]:
        """Every word that a user may call a primitive by."""
        return [word for word, primitive in self.spelled.items() if not primitive.internal]


REGISTRY: Final = Registry()


class Functions:
    """The primitives as attributes, so that a rule may name any function whatever the order of the files.

    >>> functions.hypot(3, 4)
    5.0
    """

    def __getattr__(self, name: str) -> Any:
        found = REGISTRY.get(name) or REGISTRY.arrays.get(name)
        if found is None:
            raise AttributeError(f"there is no function {name!r}")
        self.__dict__[name] = found  # the next time Python finds it itself
        return found


functions: Final = Functions()


def constant(operand: Any) -> float | None:
    """The number that an operand is, if it is a constant; only the nodes of a graph know."""
    return getattr(operand, "constant", None)


def define(
    name: str,
    operands: str,
    *,
    about: str,
    group: str,
    value: Callable[..., float],
    array: str | Callable[..., Any] | None = None,
    partials: Rule,
    fast_partials: Rule | None = None,
    active: Rule | None = None,
    domain: str = "all reals",
    edges: Sequence[Edge] = (),
    spellings: Sequence[str] = (),
    static: Sequence[str] = (),
    variadic: bool = False,
    infix: Infix | None = None,
    latex: str | None = None,
    latex_level: int | None = None,
    expands: Rule | None = None,
    transparent: bool = False,
    instead_of: Sequence[Rewrite] = (),
    rewrite: Rule | None = None,
    samples: Sequence[tuple[tuple[float, float], ...]] = (),
    example: str | None = None,
    internal: bool = False,
) -> Primitive:
    """Declare a primitive, enter it into the registry and return it.

    Args:
        name: the name in expressions and in Python.
        operands: the names of the operands, separated by spaces.
        about: one sentence on its meaning.
        group: the heading under which the reference lists it.
        value: the float kernel.  It follows IEEE 754 and never raises.
        array: the same on arrays: NumPy's name for it, or ``(xp, *operands)`` with the backend's namespace; without
            it the float kernel is called for each element.
        partials: ``(*operands, output) -> tuple``: the partial derivative toward each operand, or `locally_constant`.
        fast_partials: the same in a form that is right to 1e-15 absolute but saves a transcendental function.
        active: ``(*operands, output) -> tuple``: for a function that selects, whether each operand is selected at
            this point (a condition, True or False).  An operand that is not selected contributes exactly 0.
        domain: where a value exists, in words of mathematics.
        edges: the points where the formula needs help; the first that applies counts.
        spellings: further names.
        static: operands that must be constants and are never differentiated.
        variadic: more operands than named are allowed.
        infix: the operator, if there is one.
        latex: a template with the operands' names in braces.
        latex_level: how tightly the template binds, if it is neither an operator's nor closed by itself.
        expands: a readable equivalent, for an internal primitive that a printer must not show.
        transparent: a printer shows the first operand instead.
        instead_of: expressions that this primitive improves on at a point.
        rewrite: ``(*operands) -> operand or None``: identities that are exact in IEEE arithmetic, up to the sign of 0.
        samples: boxes, one interval for each operand, from which tests draw.
        example: an expression and its value, ``"hypot(3, 4)  # 5.0"``.
        internal: not offered to users.

    Raises:
        ValueError: a name or an operator is declared twice.
    """
    primitive = Primitive(
        name=name,
        operands=tuple(operands.split()),
        about=about,
        group=group,
        value=value,
        array=array,
        partials=partials,
        fast_partials=fast_partials,
        active=active,
        domain=domain,
        edges=tuple(edges),
        spellings=tuple(spellings),
        static=tuple(static),
        variadic=variadic,
        infix=infix,
        latex=latex,
        latex_level=latex_level,
        expands=expands,
        transparent=transparent,
        instead_of=tuple(instead_of),
        rewrite=rewrite,
        samples=tuple(samples),
        example=example,
        internal=internal,
    )
    REGISTRY.add(primitive)
    return primitive
