"""The derivative of a number with respect to an array, as a formula: that of sum(x^2) is 2*x for every shape of x.

The shapes of variables are not known.  So the shape of a node is written as a set of other nodes: it is what their
shapes give when they are broadcast.  The set of a*x is {a, x}, and a number has the empty set.  The reverse sweep
passes a cotangent back through functions of numbers as for numbers, and through sums, norms and products of matrices by
their own rules.  If the formula is right only for some shapes, it gets a condition, such as "A is a matrix".  An array
of ones in the shape of x is written as x^0.

Products and sums are shortened as for numbers.  Meanwhile, each function of arrays in them counts as a variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from gradcli import limits
from gradcli.graph.formula import generic_values, shortest_form, with_exact_constants
from gradcli.graph.graph import Graph, Node, readable, substitute, toposort, unfolded
from gradcli.graph.kinks import exponent_of, smooth_partials, without_kinks
from gradcli.graph.normal_form import Ring
from gradcli.graph.rule import differentiable_operands, local_partials
from gradcli.graph.simplify import simplify_derivative
from gradcli.primitives import REGISTRY, ArrayFunction, Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["ArrayFormula", "NoFormula", "ShapeCondition", "array_formula"]

Shape = frozenset[Node]

_NUMBER: Final[Shape] = frozenset()
#: The functions that make a number of an array, if they have no options.
_TO_NUMBER: Final = frozenset({"sum", "mean", "norm", "prod", "max", "min", "var", "std", "logsumexp"})


class ShapeCondition(NamedTuple):
    """A condition on the shape of a node.

    Attributes:
        kind: ``"number"``, ``"vector"`` or ``"matrix"``; ``"same"`` for a node with the shape of another one;
            ``"fits"`` for a number or a node with the shape of another one.
        node: the node.
        other: the other node, if there is one.
    """

    kind: str
    node: Node
    other: Node | None = None


class NoFormula(Exception):
    """The error for a function of arrays whose derivative has no formula that is right for every shape.

    Attributes:
        node: the operation.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.node = node


class ArrayFormula(NamedTuple):
    """A derivative with respect to an array.

    Attributes:
        root: the formula.
        conditions: the conditions on shapes under which the formula is right.
    """

    root: Node
    conditions: tuple[ShapeCondition, ...]


def array_formula(root: Node, target: Node, length: Callable[[Node], int]) -> ArrayFormula:
    """Return the derivative of a number that is computed from arrays, as a formula.

    Args:
        root: the function, whose value is one number.
        target: the variable.
        length: a function that returns the length of a formula's text.

    Raises:
        NoFormula: the derivative of a function of arrays depends on shapes in a way that the language can't express.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import text_length, to_text
    >>> for text in ("sum(x^2)", "dot(a, x)", "norm(x)^2", "sum((A@x - b)^2)", "mean(exp(x))"):
    ...     root = parse(text).root
    ...     print(to_text(array_formula(root, root.graph.variable("x"), text_length).root))
    2*x
    a
    2*x
    2*(transpose(A) @ (A @ x - b))
    exp(x)/sum(x^0)
    """
    typed = {abs(node.constant) for node in toposort([root]) if node.constant is not None and node.name is None}
    image = unfolded(toposort([root]))
    graph = image[root].graph
    variable = graph.variable(str(target.name))
    try:
        return _Sweep(without_kinks(image[root], [variable]), variable, typed, length).result()
    except NoFormula as error:
        raise NoFormula(next((node for node, copy in image.items() if copy is error.node), root)) from None


class _Sweep:
    """The reverse sweep of one derivative.

    Attributes:
        root: the function, on a graph that keeps constants as they are.
        target: the variable.
        shapes: the known shapes of nodes.
        vectors: the nodes that are vectors, because their product is a number.
        conditions: the conditions on shapes so far.
    """

    def __init__(self, root: Node, target: Node, typed: set[float], length: Callable[[Node], int]) -> None:
        self.root = root
        self.target = target
        self.typed = typed
        self.length = length
        self.graph: Graph = root.graph
        self.order = toposort([root])
        self.shapes: dict[Node, Shape] = {}
        self.vectors: set[Node] = set()
        self.conditions: dict[ShapeCondition, None] = {}
        self._cotangents: dict[Node, tuple[Node, Shape]] = {}
        self._find_numbers()
        self.moving = {target}
        for node in self.order:
            if not self.moving.isdisjoint([node.operands[i] for i in differentiable_operands(node)]):
                self.moving.add(node)

    def _find_numbers(self) -> None:
        """Record which nodes are numbers: the root, and all from which it is computed element by element."""
        shapes = self.shapes
        stack = [self.root]
        products: list[Node] = []
        while stack:
            node = stack.pop()
            if node not in shapes:
                shapes[node] = _NUMBER
                if isinstance(node.primitive, Primitive):
                    stack += node.operands
                elif _name_of(node) in ("dot", "matmul"):
                    products.append(node)
        for node in self.order:
            if isinstance(node.primitive, ArrayFunction):
                for operand in node.operands:
                    self._are("number", [one for one in toposort([operand]) if one.is_variable and one in shapes])
        for node in products:
            if _name_of(node) == "matmul":
                self._are("number", [node])
            self.vectors.update(node.operands)
            # Both operands of a product that is a number have one shape.
            leaves = [one for one in node.operands if not isinstance(one.primitive, Primitive) and not one.constant]
            known = [shapes[one] for one in leaves if one in shapes]
            for leaf in leaves:
                shapes.setdefault(leaf, known[0] if known else frozenset(leaves[:1]))

    def result(self) -> ArrayFormula:
        """Return the derivative and its conditions."""
        target = self.target
        self._cotangents[self.root] = (self.graph.constant(1.0), _NUMBER)
        for node in reversed(self.order):
            if node in self.moving and node is not target and node in self._cotangents:
                for operand, cotangent, shape in self._passed(node, *self._cotangents[node]):
                    if operand in self.moving:
                        self._add(operand, cotangent, shape)
        found, shape = self._cotangents.get(target, (self.graph.constant(0.0), _NUMBER))
        own = self.shape(target)
        if not own <= shape and shape:
            other = min(shape, key=lambda node: node.index)
            self.conditions[ShapeCondition("same", other, target)] = None
            own = frozenset({other})
        elif not own <= shape:
            found = self.graph.add(f.mul, (found, self._ones(target))) if found.constant else found * self._ones(target)
        if len(toposort([found])) > limits.SIMPLIFIED_NODES:
            return ArrayFormula(readable(found), tuple(self.conditions))
        short = self._shortened(found)
        keeps_shape = own <= self.shape(short) or self._parts(short) == self._parts(found)
        return ArrayFormula(short if keeps_shape else readable(found), tuple(self.conditions))

    def _parts(self, root: Node) -> Shape:
        """Return the shapes of the variables and the functions of arrays in a formula."""
        stays = self._is_atom
        order = toposort([root], lambda node: () if stays(node) else node.operands)
        return _NUMBER.union(*[self.shape(node) for node in order if stays(node) or node.is_variable])

    @staticmethod
    def _is_atom(node: Node) -> bool:
        """Whether an operation counts as a variable while a formula is shortened: a function of arrays, or ones."""
        return isinstance(node.primitive, ArrayFunction) or (
            node.primitive is f.pow and node.operands[1].constant == 0.0
        )

    # Shapes

    def shape(self, root: Node) -> Shape:
        """Return the shape of a node, as the set of the nodes whose shapes are broadcast to it."""
        shapes = self.shapes
        for node in toposort([root], lambda node: () if node in shapes else node.operands):
            if node in shapes:
                continue
            if node.primitive is None:
                shapes[node] = _NUMBER if node.constant is not None else frozenset({node})
            elif isinstance(node.primitive, Primitive):
                shapes[node] = _NUMBER.union(*[shapes[operand] for operand in node.operands])
            elif node.primitive.name == "dot":
                self._are("vector", node.operands)
                shapes[node] = _NUMBER
            else:
                is_number = node.primitive.name in _TO_NUMBER and not node.options
                shapes[node] = _NUMBER if is_number else frozenset({node})
        return shapes[root]

    def _are(self, kind: str, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if not (kind == "vector" and node in self.vectors):
                self.conditions[ShapeCondition(kind, node)] = None

    def _ones(self, node: Node) -> Node:
        """Return ones in the shape of a node."""
        if len(self.shape(node)) == 1:
            [node] = self.shape(node)
        found = self.graph.add(f.pow, (node, self.graph.constant(0.0)))
        self.shapes[found] = self.shape(node)
        return found

    # The sweep

    def _add(self, operand: Node, cotangent: Node, shape: Shape) -> None:
        before = self._cotangents.get(operand)
        if before is not None:
            cotangent, shape = self.graph.lift(before[0] + cotangent), before[1] | shape
        self._cotangents[operand] = (cotangent, shape)

    def _passed(self, node: Node, cotangent: Node, shape: Shape) -> Iterable[tuple[Node, Node, Shape]]:
        """Return the operands of a node, each with the cotangent that passes back to it and the cotangent's shape."""
        if isinstance(node.primitive, Primitive):
            return self._through_numbers(node, cotangent, shape)
        assert node.primitive is not None
        name, [operand, *others] = node.primitive.name, node.operands
        if node.options or name not in ("sum", "mean", "norm", "dot", "matmul", "transpose"):
            raise NoFormula(node)
        if name == "sum":
            return [(operand, cotangent, _NUMBER)]
        if name == "mean":
            return [(operand, self.graph.lift(cotangent / self._call("sum", self._ones(operand))), _NUMBER)]
        if name == "norm":
            slope = f.guard(operand / node, f.equal(node, 0.0), 0.0)
            return [(operand, self.graph.lift(cotangent * slope), self.shape(operand))]
        if name == "transpose":
            turned = self._call("transpose", cotangent) if shape else cotangent
            return [(operand, turned, self.shape(operand) if self.shape(node) <= shape else self.shape(turned))]
        if name == "dot" or not self.shape(node):
            self._are("vector", node.operands)
            other = others[0]
            return [
                (one, self.graph.lift(cotangent * two), self.shape(one))
                for one, two in ((operand, other), (other, operand))
            ]
        return self._through_matrices(node, cotangent, shape)

    def _through_numbers(self, node: Node, cotangent: Node, shape: Shape) -> Iterable[tuple[Node, Node, Shape]]:
        base, exponent = node.operands[0], exponent_of(node.primitive, node.operands)
        smooth = smooth_partials(node)
        if exponent is not None and exponent >= 2.0 and _name_of(base) == "norm" and not base.options:
            # A power of a norm has no kink where the exponent is at least 2.
            factor = exponent if exponent == 2.0 else exponent * base ** (exponent - 2.0)
            inner = base.operands[0]
            yield inner, self.graph.lift(cotangent * (factor * inner)), self.shape(inner)
            return
        if smooth is not None:
            operands, partials = smooth
            conditions: list[Node | None] = [None] * len(operands)
        else:
            operands, (partials, conditions) = node.operands, local_partials(node, guarded=True)
        whole = self.shape(node)
        for i in differentiable_operands(node) if smooth is None else range(len(operands)):
            operand, condition = operands[i], conditions[i]
            if operand not in self.moving or (condition is not None and condition.constant == 0.0):
                continue
            passed = self.graph.lift(cotangent * partials[i])
            if condition is not None:
                passed = f.where(condition, passed, 0.0)
            found, own = shape | self.shape(passed), self.shape(operand)
            if not own and whole:
                passed = passed if whole <= found else self._times(passed, self._ones(node))
                passed, found = self._call("sum", passed), _NUMBER
            for other in sorted(whole - own if own else (), key=lambda one: one.index):
                inside = min(own, key=lambda one: one.index) if len(own) == 1 else operand
                self.conditions[ShapeCondition("fits", other, inside)] = None
            yield operand, passed, found

    def _through_matrices(self, node: Node, cotangent: Node, shape: Shape) -> Iterable[tuple[Node, Node, Shape]]:
        """Pass a cotangent back through a product of matrices, or of a matrix and a vector."""
        first, second = node.operands
        if not shape:
            cotangent = self._times(cotangent, self._ones(node))
        elif not self.shape(node) <= shape:
            self.conditions[ShapeCondition("same", min(shape, key=lambda one: one.index), node)] = None
        scale, cotangent = self._scale(cotangent)
        is_row = first in self.vectors or (self._is_vector(first) and not self._is_vector(second))
        is_column = not is_row and self._is_vector(second)
        # A product that is a vector, of a vector that is known to be one, has a matrix as its other operand.
        is_known = node in self.vectors and (first if is_row else second) in self.vectors
        passed: list[tuple[Node, Node]] = []
        if first in self.moving:
            if is_column:
                passed.append((first, self._times(self._call("reshape", cotangent, shape=(-1.0, 1.0)), second)))
                self._are("vector", [second])
            else:
                passed.append((first, self._call("matmul", cotangent, self._call("transpose", second))))
                self._are("matrix", [] if is_row and is_known else [second])
            self._are("matrix", [] if is_row or is_known else [first])
        if second in self.moving:
            if is_row:
                passed.append((second, self._times(self._call("reshape", first, shape=(-1.0, 1.0)), cotangent)))
                self._are("vector", [first])
                self._are("matrix", [] if is_known else [second])
            else:
                passed.append((second, self._call("matmul", self._call("transpose", first), cotangent)))
                self._are("matrix", [] if is_known else [first])
        for operand, product in passed:
            self.shapes[product] = self.shape(operand)
            yield operand, self._times(scale, product), self.shape(operand)

    def _is_vector(self, node: Node) -> bool:
        """Whether an operand is known to be a vector, or is a variable whose name begins with a lower-case letter."""
        return node in self.vectors or (node.is_variable and not str(node.name)[:1].isupper())

    def _scale(self, root: Node) -> tuple[Node, Node]:
        """Return the numbers by which an array is multiplied, and the rest."""
        scale: Any = self.graph.constant(1.0)
        while root.primitive is f.mul:
            numbers = [operand for operand in root.operands if not self.shape(operand)]
            if len(numbers) != 1:
                break
            scale = scale * numbers[0]
            root = root.operands[1] if root.operands[0] is numbers[0] else root.operands[0]
        return self.graph.lift(scale), root

    def _times(self, one: Node, other: Node) -> Node:
        return self.graph.lift(one * other)

    def _call(self, name: str, *operands: Node, **options: Any) -> Node:
        if name == "transpose" and _name_of(operands[0]) == "transpose" and not operands[0].options:
            return operands[0].operands[0]
        return self.graph.add(REGISTRY.offered[name], operands, tuple(options.items()))

    # The shortest form

    def _shortened(self, root: Node) -> Node:
        """Return a formula in its shortest form; the formulas inside of functions of arrays are shortened, too."""
        atoms: dict[Node, Node] = {}
        for node in toposort([root]):
            if self._is_atom(node):
                assert node.primitive is not None
                operands = []
                for operand in node.operands:
                    short = self._short(operand, atoms)
                    # y/y is 1, but has another shape.
                    keeps_shape = self._parts(short) == self._parts(operand)
                    operands.append(short if keeps_shape else substitute(readable(operand), atoms, exactly=True))
                atoms[node] = self.graph.add(node.primitive, operands, node.options)
                self.shapes[atoms[node]] = self.shape(node)
        return self._short(root, atoms)

    def _short(self, root: Node, atoms: dict[Node, Node]) -> Node:
        if root in atoms or root.primitive is None:
            return atoms.get(root, root)
        order = toposort([root], lambda node: () if node in atoms else node.operands)
        names = {node: self.graph.fresh_variable(f"t{node.index}") for node in order if node in atoms}
        back = {fresh: atoms[node] for node, fresh in names.items()}
        plain = with_exact_constants(readable(substitute(root, names), with_guards=True), self.typed)
        simple = simplify_derivative(plain).root

        def restored(node: Node) -> Node:
            return substitute(node, back, exactly=True)

        points = generic_values(simple, [node for node in toposort([simple]) if node.is_variable])
        ring = partial(Ring, self.target)
        found = shortest_form(simple, [], ring, self.typed, points, lambda node: self.length(restored(node)))
        return restored(found)


def _name_of(node: Node) -> str | None:
    return node.primitive.name if node.primitive is not None else None
