"""The graphs of the results of a compiled function, and their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradcli.errors import UsageError
from gradcli.graph import Node, differentiate
from gradcli.graph.differentiate import no_value_no_derivative
from gradcli.graph.hessians import second_derivatives

__all__ = ["refuse_same_names", "results_of"]


def results_of(root: Node, targets: Sequence[Node], kind: str, directions: Sequence[Node]) -> list[tuple[str, Node]]:
    """Return the name and the graph of each result.

    Args:
        root: the function.
        targets: the variables with respect to which it is differentiated.
        kind: the choice of results; see `gradcli.compile`.
        directions: for ``"jvp"``, the direction of each target.

    Raises:
        UsageError: a direction and a variable have the same name.

    >>> from gradcli import parse
    >>> root = parse("x^2*y").root
    >>> x, y = root.graph.variable("x"), root.graph.variable("y")
    >>> [name for name, _ in results_of(root, [x, y], "hessian", [])]
    ['value', 'd_x', 'd_y', 'd_x_x', 'd_x_y', 'd_y_y']
    """
    found: list[tuple[str, Node]] = [] if kind == "gradient" else [("value", root)]
    if kind == "jvp":
        moved = differentiate.jvp(root, dict(zip(targets, directions, strict=True)))
        found.append(("jvp", no_value_no_derivative(moved, root)))
        refuse_same_names([str(node.name) for node in (*targets, *directions)], "both a variable and a direction")
    elif kind != "value":
        names = [f"d_{target.name}" for target in targets]
        found += zip(names, differentiate.gradient(root, targets), strict=True)
        rows = second_derivatives(root, targets) if kind == "hessian" else []
        for i, row in enumerate(rows):
            found += [(f"{names[i]}_{target.name}", one) for target, one in zip(targets[i:], row, strict=True)]
    return found


def refuse_same_names(names: Sequence[str], meanings: str) -> None:
    """Raise an error if a name occurs twice.

    Args:
        names: the names.
        meanings: the two things that such a name is the name of.

    Raises:
        UsageError: a name occurs twice.
    """
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise UsageError(f"`{twice}` is the name of {meanings}", hint="rename a variable")
