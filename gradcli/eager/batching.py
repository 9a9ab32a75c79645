"""`vmap`: a function of one example becomes a function of a batch of examples.

The function is called once for each example, and the results are stacked.  So every function can be mapped, with
branches, derivatives and changes in place; it is a way to write a program, not to make it faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.trees import flattened
from gradcli.errors import ShapeError, UsageError
from gradcli.primitives import Operand
from gradcli.primitives import functions as f

__all__ = ["vmap"]


def vmap(
    function: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "different",
    *,
    chunk_size: int | None = None,  # noqa: ARG001
) -> Callable[..., Any]:
    """Return a function that applies ``function`` to each example of a batch, and stacks the results.

    Args:
        function: a function of numbers, arrays or tensors, also in tuples, lists and dicts.
        in_dims: the axis of the examples in each argument: one axis for all, or one for each argument, in the same
            containers as the argument; None for an argument that is the same for all examples.
        out_dims: the axis of the examples in the result: one axis, or one for each part of the result.
        randomness: ``"different"`` random numbers for each example, the ``"same"``, or an ``"error"`` if the function
            draws any.
        chunk_size: PyTorch's option, which has no effect on the result.

    Raises:
        UsageError: there is no batch, or an option has another value than those above.
        ShapeError: the arguments have different numbers of examples, or none.

    >>> from gradcli import grad
    >>> vmap(lambda x, y: x * y, in_dims=(0, None))([1.0, 2.0], 10.0)
    array([10., 20.])
    >>> vmap(grad(lambda x: x**3))([1.0, 2.0])
    array([ 3., 12.])
    """
    if randomness not in ("different", "same", "error"):
        raise UsageError(f"randomness is 'different', 'same' or 'error', not {randomness!r}", argument="randomness")

    def batched(*arguments: Any, **named: Any) -> Any:
        given = tuple([_as_arrays(one) for one in arguments])
        leaves, build = flattened(given)
        axes = _axes(in_dims, given, "in_dims")
        leaves_with_axes = list(zip(leaves, axes, strict=True))
        counts = {leaf.shape[_place(axis, leaf)] for leaf, axis in leaves_with_axes if axis is not None}
        if not counts:
            raise UsageError("vmap needs an argument with a batch", argument="in_dims")
        if len(counts) > 1:
            raise ShapeError(f"the arguments of vmap have different numbers of examples: {sorted(counts)}")
        (count,) = counts
        if not count:
            raise ShapeError("vmap needs at least one example")
        draw = _Draws(randomness)
        results = []
        for number in range(count):
            draw.begin()
            parts = [leaf if axis is None else _example(leaf, axis, number) for leaf, axis in leaves_with_axes]
            results.append(function(*build(parts), **named))
            draw.end()
        return _stacked(results, out_dims)

    return batched


def _as_arrays(argument: Any) -> Any:
    """Return an argument; a list of numbers is an array."""
    if isinstance(argument, list) and not any(hasattr(one, "shape") or isinstance(one, dict) for one in argument):
        import numpy as np

        return np.asarray(argument)
    return argument


def _axes(dims: Any, tree: Any, name: str) -> list[Any]:
    """Return the axis for each leaf of arguments, or of results.

    Raises:
        UsageError: the containers of the axes are not those of the arguments.
    """
    if dims is None or (isinstance(dims, int) and not isinstance(dims, bool)):
        return [dims] * len(flattened(tree)[0])
    parts = list(tree.values()) if isinstance(tree, dict) else tree
    inner = [dims[key] for key in tree] if isinstance(tree, dict) and isinstance(dims, dict) else dims
    if not isinstance(inner, (tuple, list)) or not isinstance(parts, (tuple, list)) or len(inner) != len(parts):
        raise UsageError(f"`{name}` must have the form of what it is about, not {dims!r}", argument=name)
    return [one for dim, part in zip(inner, parts, strict=True) for one in _axes(dim, part, name)]


def _place(axis: int, leaf: Any) -> int:
    count = len(getattr(leaf, "shape", ()))
    if not -count <= axis < count:
        raise ShapeError(f"an array with {count} axes has no axis {axis} of examples")
    return axis % count


def _example(leaf: Any, axis: int, number: int) -> Any:
    return leaf[(slice(None),) * _place(axis, leaf) + (number,)]


def _stacked(results: Sequence[Any], out_dims: Any) -> Any:
    """Return the results for all examples as one, with the same containers as each."""
    columns = [flattened(result) for result in results]
    (first, build), count = columns[0], len(columns[0][0])
    if any(len(leaves) != count for leaves, _ in columns):
        raise UsageError("the function that is mapped must return the same containers for each example")
    axes = _axes(out_dims, results[0], "out_dims")
    stacked = []
    for place, axis in zip(range(count), axes, strict=True):
        parts = [leaves[place] for leaves, _ in columns]
        if axis is None:
            stacked.append(first[place])
        elif any(isinstance(one, Operand) for one in parts):
            stacked.append(f.stack(parts, axis=axis))
        else:
            import numpy as np

            stacked.append(np.stack([np.asarray(one) for one in parts], axis=axis))
    return build(stacked)


class _Draws:
    """The generator of random numbers from example to example."""

    def __init__(self, randomness: str) -> None:
        self.randomness = randomness
        self.start: Any = None
        if randomness != "different":
            from gradcli.eager.creation import generator

            self.source = generator().bit_generator

    def begin(self) -> None:
        """Restart the generator if all examples get the same numbers."""
        if self.randomness == "same" and self.start is not None:
            self.source.state = self.start
        elif self.randomness != "different":
            self.start = self.source.state

    def end(self) -> None:
        """Check that nothing was drawn if nothing may be.

        Raises:
            UsageError: something was drawn.
        """
        if self.randomness == "error" and self.source.state != self.start:
            raise UsageError(
                "the function that is mapped draws random numbers; say randomness='different' or 'same'",
                argument="randomness",
            )
