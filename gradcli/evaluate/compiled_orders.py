"""The derivatives up to an order by each variable itself, as results of a compiled function.

The kernel runs jets that are written down as a graph (`gradcli.execute.jet_graphs`).  At points where an operation
isn't smooth, such as a kink, a second kernel runs, made by repeated differentiation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.execute.jet_graphs import derivatives_of
from gradcli.execute.kernel import Kernel, kernel_for
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.graph import on_graph
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named

__all__ = ["Orders"]

np: Final = backend_named("numpy").xp
#: The nodes of derivatives by repeated differentiation, of which there may be many more for each further order.
_MOST_NODES: Final = 20_000


class Orders:
    """The graphs of a value and of derivatives up to an order, on a graph of their own.

    Args:
        root: the function.
        inputs: the variables.
        targets: the variables with respect to which it is differentiated.
        options: the options of `gradcli.compile`.

    Raises:
        UsageError: an option doesn't fit.
        LimitError: the order is too high, or the graph is too large.

    Attributes:
        inputs: the variables on the new graph.
        found: a list of the name of each result and its node: ``"value"``, ``"d_x"``, ``"d2_x"``, ``"d3_x"`` and so on.
        irregular: a condition for the points where these derivatives are wrong; None if there are none.
    """

    def __init__(self, root: Node, inputs: Sequence[Node], targets: Sequence[Node], options: Any) -> None:
        if options.derivatives != "value+gradient":
            raise UsageError(
                f"`order` gives the value and derivatives by each variable, and `derivatives` is {options.derivatives}",
                kind="conflicting_options",
            )
        if options.dtype != "float64":
            raise UsageError("derivatives of an order above 1 are computed in float64", argument="dtype")
        if options.order > limits.MAPPED_ORDER:
            most = limits.MAPPED_ORDER
            message = f"at many points, the order of a derivative is at most {most}, not {options.order:,}"
            raise limits.refusal("MAPPED_ORDER", message)
        image = on_graph(toposort([root, *inputs]), Graph())
        self.inputs = [image[node] for node in inputs]
        self._order = options.order
        self._targets = [image[target] for target in targets]
        self._root = image[root]
        self.found = [("value", self._root)]
        graph = self._root.graph
        irregular = graph.constant(0.0)
        for target in self._targets:
            every = derivatives_of(self._root, target, self._order)
            irregular = graph.lift(f.logical_or(irregular, every.irregular))
            for number, node in enumerate(every.nodes, 1):
                self.found.append((f"d{number if number > 1 else ''}_{target.name}", node))
        self.irregular = irregular if irregular.constant is None else None

    def mend(self, columns: Sequence[Any], uniforms: Sequence[int], shared: Any, results: Sequence[Any]) -> None:
        """Replace the derivatives at irregular points.

        Args:
            columns: the arrays of the inputs that differ from row to row.
            uniforms: the positions of the other inputs.
            shared: their numbers.
            results: the value, the derivatives, and the truth of `irregular` for each row.
        """
        rows = np.flatnonzero(results[-1])
        if not len(rows):
            return
        rest = iter(columns)
        numbers = dict(zip(uniforms, shared, strict=True))
        places = range(len(self.inputs))
        given = [np.full(len(rows), numbers[one]) if one in numbers else next(rest)[rows] for one in places]
        found = np.empty((len(results) - 2, len(rows)))
        self._at_every_point.run(given, np.empty(0), [*found])
        for result, right in zip(results[1:-1], found, strict=True):
            result[rows] = right

    @cached_property
    def _at_every_point(self) -> Kernel:
        """The kernel of derivatives by repeated differentiation, which knows all points.

        Orders whose graph is large are nan.
        """
        root, nodes = self._root, self._root.graph.nodes
        found: list[Node] = []
        for target in self._targets:
            before, known = len(nodes), len(found)
            for node in differentiate.derivatives(root, target, self._order):
                if len(nodes) - before > _MOST_NODES:
                    break
                found.append(differentiate.no_value_no_derivative(node, root))
            found += [root.graph.constant(math.nan)] * (known + self._order - len(found))
        return kernel_for(Program(Tape(found, self.inputs), len(self.inputs)), "numpy")

    def by_variable(self, names: Sequence[str], results: Sequence[Any]) -> dict[str, list[Any]]:
        """Return the derivatives as a list for each variable."""
        order = self._order
        return {name: [*results[1 + place * order :][:order]] for place, name in enumerate(names)}
