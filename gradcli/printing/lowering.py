"""Lowering: a graph of functions of the registry becomes a graph of functions that a language has.

A language has some functions of its own.  For every other function, the kernel of the function is called with
`CodeNames` in place of NumPy: these are functions with NumPy's names that add nodes to a graph.  So the code computes
what gradcli computes, by the same formula.  A short formula takes the place of the function.  A long formula becomes a
helper, which is defined once next to the code.  For a function without such a kernel, an error is raised.

In a lowered graph, conditions are truth values of the language, and `NUMBER` turns a truth value into a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from gradcli.errors import UsageError
from gradcli.graph import Graph, Node, toposort
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.kernels import error_functions
from gradcli.primitives.kernels.array_kernels import kernel_of
from gradcli.primitives.kernels.array_support import Namespace
from gradcli.primitives.kernels.float_kernels import FLOATS
from gradcli.records import NamedTuple

__all__ = ["NUMBER", "SELECT", "CodeFunction", "Helper", "Lowering", "is_truth", "not_exported"]

#: A formula of at most this many operations is written where it is used; a longer one becomes a helper.
_SHORT: Final = 8
#: The exponents for which a power is written as products, a quotient or a root.
_PLAIN_EXPONENTS: Final = (2.0, 3.0, -1.0, 0.5)


def not_exported(part: str, language: str) -> UsageError:
    """Return the error for a part that a language lacks."""
    return UsageError(f"{part} can't be exported to {language}", kind="unsupported_function")


class CodeFunction(Primitive):
    """A function that occurs only in lowered graphs: it has a name and operands, but no derivative.

    >>> CodeFunction("copysign(x, y)").operands
    ('x', 'y')
    """

    __slots__ = ()

    def __init__(
        self, signature: str, condition: tuple[int, ...] = (), value: Callable[..., float] = lambda *_: math.nan
    ) -> None:
        self.signature = signature
        self.name, _, inside = signature.removesuffix(")").partition("(")
        self.operands = tuple(inside.split(", ")) if inside else ()
        self.arity = len(self.operands)
        self.condition = condition
        self.is_truth = False
        self.value = value


#: The function that returns one of two operands, chosen by a truth value.
SELECT: Final = CodeFunction("select(c, x, y)", condition=(0,))
#: The function that turns a truth value into 0 or 1.
NUMBER: Final = CodeFunction("number(x)")
_COPYSIGN: Final = CodeFunction("copysign(x, y)", value=math.copysign)
#: The remainder of a division that is rounded towards zero.
_FMOD: Final = CodeFunction("fmod(x, y)")
#: NumPy's name of a function -> the primitive that is written for it, if a language has it.
_ELEMENTARY: Final[dict[str, Primitive]] = {
    **{one.array: one for one in REGISTRY.declared() if isinstance(one.array, str) and not one.internal},
    **{one.name: one for one in REGISTRY.declared()},
    "copysign": _COPYSIGN,
    "fmod": _FMOD,
}


def _maximum(xp: Any, x: Any, y: Any) -> Any:
    """The larger operand; nan if one is nan, and y if both are equal."""
    if _is_plain(y):
        return xp.where(x <= y, y, x)
    return xp.where(y < x if _is_plain(x) else (x > y) | (x != x), x, y)


def _minimum(xp: Any, x: Any, y: Any) -> Any:
    if _is_plain(y):
        return xp.where(x >= y, y, x)
    return xp.where(y > x if _is_plain(x) else (x < y) | (x != x), x, y)


def _is_plain(operand: Any) -> bool:
    """Whether an operand is a constant, and not nan: then only the other operand can be nan."""
    return isinstance(operand, float) and operand == operand


def _copysign(xp: Any, x: Any, y: Any) -> Any:
    size = xp.abs(x)
    return xp.where((y < 0.0) | (y == 0.0) & (1.0 / y < 0.0), -size, size)


def _round(xp: Any, x: Any) -> Any:
    """The nearest integer; halves are rounded to even.  Adding 2^52 drops the bits after the point."""
    size = xp.abs(x)
    return xp.where(size < 2.0**52, xp.copysign((size + 2.0**52) - 2.0**52, x), x)


def _mod(xp: Any, x: Any, y: Any) -> Any:
    """The floored remainder, which has the sign of y."""
    rest = xp.fmod(x, y)
    moved = xp.where((rest != 0.0) & ((rest < 0.0) != (y < 0.0)), rest + y, rest)
    return xp.where(rest == 0.0, xp.copysign(0.0, y), moved)


def _cbrt(xp: Any, x: Any) -> Any:
    """The cube root by a power, and one step of Newton's method, which makes the roots of cubes exact.

    Very large and very small numbers are scaled first, because the exponent 1/3 is rounded: without scaling, the power
    of 1e300 would be wrong by 60 units in the last place.
    """
    size = xp.abs(x)
    up, down = size < 1e-100, size > 1e100
    scaled = size * xp.where(up, 2.0**300, xp.where(down, 2.0**-300, 1.0))
    root = xp.power(scaled, 1.0 / 3.0)
    better = root - (root * root * root - scaled) / (3.0 * root * root)
    better = better * xp.where(up, 2.0**-100, xp.where(down, 2.0**100, 1.0))
    return xp.copysign(xp.where((size > 0.0) & (size < math.inf), better, size), x)


#: Functions that compiled code takes from the C library, written with simpler ones for languages without them.
_FORMULAS: Final[dict[str, Callable[..., Any]]] = {
    "max": _maximum,
    "min": _minimum,
    "copysign": _copysign,
    "round": _round,
    "mod": _mod,
    "cbrt": _cbrt,
    "square": lambda xp, x: x * x,
    "exp2": lambda xp, x: xp.power(2.0, x),
    "erf": error_functions.erf,
    "erfc": error_functions.erfc,
}


class Symbol:
    """A value in code, as the array kernels see it: an array without elements."""

    dtype = "float64"
    shape = ()

    def __init__(self, names: CodeNames, node: Node) -> None:
        self.names = names
        self.node = node

    def astype(self, _kind: Any) -> Symbol:
        """Return the value: all numbers in code are doubles, and truth values become numbers where they are needed."""
        return self

    def __bool__(self) -> bool:
        raise NotImplementedError("a value in code isn't known")

    __hash__ = object.__hash__


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    def method(self: Symbol, *others: Any) -> Any:
        return self.names.applied(name, (*others, self) if reflected else (self, *others))

    return method


for _special, _name in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div"}.items():
    setattr(Symbol, f"__{_special}__", _operator(_name))
    setattr(Symbol, f"__r{_special}__", _operator(_name, reflected=True))
for _special, _name in {
    "neg": "neg", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
    "ne": "not_equal", "and": "logical_and", "or": "logical_or", "invert": "logical_not",
}.items():  # fmt: skip
    setattr(Symbol, f"__{_special}__", _operator(_name))
for _special, _name in {"and": "logical_and", "or": "logical_or"}.items():
    setattr(Symbol, f"__r{_special}__", _operator(_name))


class CodeNames(Namespace):
    """NumPy's names as functions that add operations to a graph; operations on floats alone are computed at once.

    Args:
        lowering: the object that adds the operations.
        graph: the graph that they are added to.
    """

    writes_code = True
    float32: Final = "float32"
    float64: Final = "float64"
    floating: Final = "floating"
    nan: Final = math.nan

    def __init__(self, lowering: Lowering, graph: Graph) -> None:
        self.lowering = lowering
        self.graph = graph

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in _ELEMENTARY:
            raise NotImplementedError(name)

        def function(*operands: Any) -> Any:
            if not any(isinstance(one, Symbol) for one in operands):
                return getattr(FLOATS, name, _ELEMENTARY[name].value)(*operands)
            return self.applied(_ELEMENTARY[name].name, operands)

        setattr(self, name, function)
        return function

    @staticmethod
    def result_type(*_kinds: str) -> str:
        """Return the type of all numbers in code."""
        return "float64"

    @staticmethod
    def issubdtype(_kind: str, _of: str) -> bool:
        """Return True: all types are types of floats."""
        return True

    def applied(self, name: str, operands: Sequence[Any]) -> Any:
        """Return the value of a function of which at least one operand is a `Symbol`."""
        known = _known_truth(name, *operands) if len(operands) == 2 else None
        if known is not None:
            return known
        nodes, primitive = [self.node(one) for one in operands], _ELEMENTARY[name]
        constants = [node.constant for node in nodes]
        if all(constant is not None for constant in constants):
            value = primitive.value(*constants)
            return bool(value) if primitive.is_truth else Symbol(self, self.graph.constant(value))
        return Symbol(self, self.lowering.elementary(self.graph, primitive, nodes))

    def node(self, operand: Any) -> Node:
        """Return an operand as a node of the graph."""
        return operand.node if isinstance(operand, Symbol) else self.graph.constant(operand)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return x where the condition holds, else y."""
        if isinstance(condition, (bool, float)):
            taken = x if condition else y
            # The kernel may ask the result for its type, which a float doesn't have.
            return Symbol(self, self.node(taken)) if isinstance(x, Symbol) or isinstance(y, Symbol) else taken
        return Symbol(self, self.lowering.select(condition.node, self.node(x), self.node(y)))


def _known_truth(name: str, x: Any, y: Any) -> Any:
    """Return the operand or the constant that a function of truth values is equal to; None if there is none."""
    if name in ("logical_and", "logical_or"):
        for one, other in ((x, y), (y, x)):
            if isinstance(one, (bool, float)):
                return other if bool(one) == (name == "logical_and") else bool(one)
    if name in ("equal", "not_equal") and isinstance(y, float) and y == 0.0 and is_truth(x.node):
        return x if name == "not_equal" else ~x
    return None


def is_truth(node: Node) -> bool:
    """Whether the value of a lowered node is a truth value of the language."""
    return node.primitive is not None and getattr(node.primitive, "is_truth", False)


class Helper(NamedTuple):
    """A function that a program defines, because its language lacks it.

    Attributes:
        name: its name in the program.
        operands: the names of its operands.
        root: the lowered formula of its value.
    """

    name: str
    operands: tuple[str, ...]
    root: Node


class Lowering:
    """The lowering of graphs for one language.

    Args:
        language: the name of the language, for messages.
        known: the names of the functions that it can write.
        reserved: names that helpers can't have.
        folds: whether operations on constants are computed.

    Attributes:
        graph: the lowered graph.
        helpers: the helpers; a helper comes after the helpers that it calls.
    """

    def __init__(
        self, language: str, known: Collection[str], reserved: Collection[str] = (), *, folds: bool = True
    ) -> None:
        self.language = language
        self.known = known
        self.reserved = set(reserved)
        self.folds = folds
        self.graph = Graph()
        self.helpers: dict[Any, Helper] = {}
        self._functions: dict[Any, CodeFunction] = {}

    def lowered(self, roots: Iterable[Node], names: dict[Node, str]) -> list[Node]:
        """Return graphs with the same values, in which only functions of the language occur.

        Args:
            roots: graphs of numbers.
            names: the name in the program of each variable.

        Raises:
            UsageError: the language has no way to write a function.

        >>> from gradcli.evaluate.expression import parse
        >>> from gradcli.printing.text import to_text
        >>> root = parse("relu(x)").root
        >>> lowering = Lowering("X", {"less_equal"})
        >>> [found] = lowering.lowered([root], {node: "x" for node in root.graph.nodes if node.is_variable})
        >>> found.primitive.name, [to_text(one) for one in found.operands]
        ('select', ['x <= 0', '0', 'x'])
        """
        roots = list(roots)
        graph, image = self.graph, dict[Node, Node]()
        for node in toposort(roots):
            primitive = node.primitive
            if primitive is None:
                constant = node.constant
                image[node] = graph.variable(names[node]) if constant is None else graph.constant(constant, node.name)
                continue
            assert isinstance(primitive, Primitive)
            operands = [image[operand] for operand in node.operands]
            try:
                image[node] = self.applied(graph, primitive, operands[: primitive.arity])
                for operand in operands[primitive.arity :]:
                    image[node] = self.applied(graph, primitive, [image[node], operand])
            except NotImplementedError:
                raise not_exported(f"the function `{primitive.name}`", self.language) from None
        return [self._typed(NUMBER, (image[root],))[0] for root in roots]

    def applied(self, graph: Graph, primitive: Primitive, operands: Sequence[Node]) -> Node:
        """Return a function of the registry on lowered operands."""
        values = [operand.constant for operand in operands]
        if self.folds and all(value is not None for value in values):
            return graph.constant(primitive.value(*values))
        if primitive.chosen and is_truth(operands[primitive.condition[0]]):
            return self.select(*[operands[place] for place in (*primitive.condition, *primitive.chosen)])
        is_plain = primitive is f.pow and values[1] in _PLAIN_EXPONENTS
        if primitive.name in self.known and not is_plain:
            return self.elementary(graph, primitive, operands)
        kernel = kernel_of(primitive)
        if kernel is None:
            return self.elementary(graph, _ELEMENTARY[str(primitive.array)], operands)
        return self._written(graph, primitive, kernel, operands, folds=True)

    def elementary(self, graph: Graph, primitive: Primitive, operands: Sequence[Node]) -> Node:
        """Return a function that a language may have, else the formula that replaces it."""
        if primitive.name in self.known:
            return graph.add(primitive, self._typed(primitive, operands))
        if primitive.name not in _FORMULAS:
            raise NotImplementedError(primitive.name)
        return self._written(graph, primitive, _FORMULAS[primitive.name], operands, folds=False)

    def select(self, condition: Node, x: Node, y: Node) -> Node:
        """Return the node of x where the condition is true, and of y elsewhere."""
        if x is y:
            return x
        if condition.primitive is f.logical_not:
            return self.select(condition.operands[0], y, x)
        return condition.graph.add(SELECT, self._typed(SELECT, (condition, x, y)))

    def _typed(self, primitive: Primitive, operands: Sequence[Node]) -> list[Node]:
        """Return the operands with conversions where a truth value must be a number, or a number a truth value."""
        found = []
        for place, node in enumerate(operands):
            if place in primitive.condition and not is_truth(node):
                is_number = node.primitive is NUMBER
                node = node.operands[0] if is_number else node.graph.add(f.not_equal, (node, node.graph.constant(0.0)))
            elif place not in primitive.condition and is_truth(node):
                node = node.graph.add(NUMBER, (node,))
            found.append(node)
        return found

    def _written(
        self, graph: Graph, primitive: Primitive, kernel: Any, operands: Sequence[Node], *, folds: bool
    ) -> Node:
        """Return the formula of a kernel on the operands, or the call of a helper that computes it.

        Args:
            folds: whether constant operands are written into a helper as numbers; else they are arguments of the
                helper.
        """
        constants = {place: one.constant for place, one in enumerate(operands) if one.constant is not None}
        fixed = constants if folds else {}
        key = (primitive.name, *[(place, value.hex()) for place, value in fixed.items()])
        if key not in self._functions:
            order, image = self._traced(primitive, kernel, operands, constants)
            if sum(node.primitive is not None for node in order) <= _SHORT:
                return self._placed(order, image, graph)
            self._helper(key, primitive, kernel, operands, fixed)
        helper = self._functions[key]
        return graph.add(helper, self._typed(helper, [one for i, one in enumerate(operands) if i not in fixed]))

    def _traced(
        self, primitive: Primitive, kernel: Any, operands: Sequence[Node], fixed: Mapping[int, float]
    ) -> tuple[list[Node], dict[Node, Node]]:
        """Return the formula of a kernel in a new graph, and a dictionary from its variables to the operands."""
        apart = Graph()
        code = CodeNames(self, apart)
        names = primitive.operands
        inputs = {place: apart.variable(names[place]) for place in range(len(operands)) if place not in fixed}
        given = [Symbol(code, inputs[i]) if i in inputs else fixed[i] for i in range(len(operands))]
        found = code.node(kernel(code, *given))
        return toposort([found]), {variable: operands[place] for place, variable in inputs.items()}

    def _placed(self, order: Sequence[Node], image: dict[Node, Node], graph: Graph) -> Node:
        """Return a short formula with the operands in place of its variables."""
        for node in order:
            primitive = node.primitive
            if primitive is None:
                image.setdefault(node, graph.constant(node.constant or 0.0))
            else:
                assert isinstance(primitive, Primitive)
                image[node] = graph.add(primitive, self._typed(primitive, [image[one] for one in node.operands]))
        return image[order[-1]]

    def _helper(
        self, key: Any, primitive: Primitive, kernel: Any, operands: Sequence[Node], fixed: Mapping[int, float]
    ) -> None:
        """Define a helper, in which the operands in ``fixed`` are constants and all others are arguments."""
        order, _ = self._traced(primitive, kernel, operands, fixed)
        whole = [f"_{one + 0.0:.0f}" for one in fixed.values() if 0.0 <= one < 1e3 and one == one // 1.0]
        name = "".join([primitive.name, *whole])
        while name in self.reserved:
            name += "_"
        self.reserved.add(name)
        names = tuple([word for place, word in enumerate(primitive.operands) if place not in fixed])
        self.helpers[key] = Helper(name, names, order[-1])
        self._functions[key] = CodeFunction(f"{name}({', '.join(names)})")
