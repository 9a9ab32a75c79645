"""A function of one variable on arrays: its values, its derivatives, its rounding errors, and points to draw it at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.evaluate.expression import Expression
from gradcli.execute.kernel import Kernel, kernel_for
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Node, differentiate, substitute, toposort
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["Univariate", "refined", "univariate", "view_of"]

np: Final = backend_named("numpy").xp
#: Twice the largest relative error of one operation; the functions of libraries err by up to twice as much as `+`.
_UNIT: Final = 2.0**-52
#: Intervals are halved at most this often.
_MOST_ROUNDS: Final = 12
#: A curve is smooth enough if a cubic through its points and slopes misses it by less than this share of its height,
#: or of its value.
_TOLERANCE: Final = 1e-4
#: The share of the values that the view leaves out on each side, if there are poles.
_OUTLIERS: Final = 0.05


class Univariate:
    """A node of a graph as a function of one variable.

    Attributes:
        root: the node.
        variable: the variable.
        order: the order of the derivative that is evaluated; 0 for the function itself.

    >>> from gradcli.evaluate.expression import parse
    >>> function = univariate(parse("a*x^2"), "x", {"a": 3.0})
    >>> function.values(np.array([0.0, 2.0])), function.derivative(1).at(2.0)
    (array([ 0., 12.]), 12.0)
    """

    def __init__(self, root: Node, variable: Node, order: int = 0) -> None:
        self.root, self.variable, self.order = root, variable, order
        self._derivatives: dict[int, Univariate] = {0: self}

    def derivative(self, order: int) -> Univariate:
        """Return a derivative of this function."""
        if order not in self._derivatives:
            self._derivatives[order] = Univariate(self.root, self.variable, self.order + order)
        return self._derivatives[order]

    @property
    def as_function(self) -> Univariate:
        """The same function as one that is not differentiated: its ``root`` is the formula of this derivative."""
        return self if not self.order else Univariate(self.node, self.variable)

    @cached_property
    def node(self) -> Node:
        """The node that is evaluated."""
        if not self.order:
            return self.root
        found = differentiate.derivative(self.root, self.variable, self.order)
        return differentiate.no_value_no_derivative(found, self.root)

    @cached_property
    def is_constant(self) -> bool:
        """Whether the variable does not occur."""
        return self.variable not in toposort([self.node])

    @cached_property
    def _tape(self) -> Tape:
        return Tape([self.node], [self.variable])

    def at(self, x: float) -> float:
        """Return the value at one point, computed on floats."""
        value = self._tape.run([x])[self._tape.outputs[0]]
        return float(value)

    def is_defined_at(self, x: float) -> bool:
        """Whether every step of the computation at one point gives a finite number."""
        return all(-np.inf < value < np.inf for value in self._tape.run([x]))

    @cached_property
    def _kernel(self) -> Kernel:
        return kernel_for(Program(self._tape, 1), "numpy")

    def values(self, x: Floats) -> Floats:
        """Return the values at many points."""
        return _run(self._kernel, x)

    @cached_property
    def _noise_kernel(self) -> Kernel:
        root = self.node
        operations = [
            node
            for node in toposort([root])
            if isinstance(node.primitive, Primitive) and not node.primitive.is_locally_constant
        ]
        total: Any = root.graph.constant(0.0)
        for node, adjoint in zip(operations, differentiate.vjp(root, 1.0, operations), strict=True):
            total = total + f.abs(adjoint * node)
        return kernel_for(Program(Tape([root.graph.lift(_UNIT * total)], [self.variable]), 1), "numpy")

    def noise(self, x: Floats) -> Floats:
        """Return a bound on the rounding error of each value, to first order; 0 where there is no such bound.

        The bound is a sum over all operations: the rounding error of each one, times the derivative of the result with
        respect to it.
        """
        found: Floats = np.nan_to_num(_run(self._noise_kernel, x), nan=0.0, posinf=np.inf)
        return found


def univariate(expression: Expression, variable: str, at: Mapping[str, float]) -> Univariate:
    """Return an expression as a function of one variable; the other variables have the values of ``at``."""
    graph = expression.graph
    given = {graph.variable(name): graph.constant(value) for name, value in at.items()}
    root = substitute(expression.root, given, exactly=True) if given else expression.root
    return Univariate(root, graph.variable(variable))


def _run(kernel: Kernel, x: Floats) -> Floats:
    result: Floats = np.empty(len(x))
    if len(x):
        kernel.run([x], np.empty(0), [result], 1)
    return result


def view_of(values: Floats) -> tuple[float, float]:
    """Return the lowest and the highest value to show; very large values, as near a pole, are left out.

    >>> view_of(np.array([1.0, 3.0, np.nan]))
    (1.0, 3.0)
    """
    finite = np.sort(values[np.isfinite(values)])
    if not len(finite):
        return 0.0, 0.0
    low, high = float(finite[0]), float(finite[-1])
    cut = int(_OUTLIERS * len(finite))
    inner = (float(finite[cut]), float(finite[-1 - cut]))
    # Only what is far outside of the rest is left out.
    width = max(inner[1] - inner[0], 1e-300)
    return (
        inner[0] - width / 4 if inner[0] - low > 3 * width else low,
        inner[1] + width / 4 if high - inner[1] > 3 * width else high,
    )


def refined(function: Univariate, x: Floats) -> tuple[Floats, bool]:
    """Add points to a grid where the function bends, until a cubic between neighbours follows it.

    Args:
        function: the function.
        x: the grid, in ascending order.

    Returns:
        The grid with more points, and whether it shows the function everywhere except at single points.
    """
    slope = function.derivative(1)
    low, high = view_of(function.values(x))
    height = max(high - low, 1e-300)
    left, right = x[:-1], x[1:]
    found = [x]
    count, crowd = len(x), 0
    for _ in range(_MOST_ROUNDS):
        middle = left + (right - left) / 2
        is_new = (middle > left) & (middle < right)
        left, middle, right = left[is_new], middle[is_new], right[is_new]
        ends, values, slopes = np.stack([left, right]), [], []
        for one in ends:
            values.append(function.values(one))
            slopes.append(slope.values(one))
        actual = function.values(middle)
        with np.errstate(all="ignore"):
            cubic = (values[0] + values[1]) / 2 + (right - left) * (slopes[0] - slopes[1]) / 8
            is_smooth = np.abs(actual - cubic) <= _TOLERANCE * np.maximum(height, np.abs(actual))
            is_smooth |= np.isnan(values[0]) & np.isnan(values[1]) & np.isnan(actual)
        bends = is_smooth == 0
        found.append(middle[bends])
        left = np.concatenate([left[bends], middle[bends]])
        right = np.concatenate([middle[bends], right[bends]])
        count += int(bends.sum())
        crowd = len(left)
        if not crowd or count > limits.CURVE_POINTS:
            break
    # At a kink or a jump, a few intervals are halved to the end; where the function oscillates, many are.
    return np.unique(np.concatenate(found)), crowd <= 256
