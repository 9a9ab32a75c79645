"""Derivatives of a recorded tensor with respect to any tensors, by a sweep backward or forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.eager.sweeps import expanded, forward_sweep
from gradcli.eager.tensor import Tensor, cotangents, lifted
from gradcli.primitives import functions as f

__all__ = ["pullback", "pushforward"]


def pullback(
    root: Tensor, cotangent: Any, targets: Sequence[Tensor], *, create_graph: bool = False
) -> list[Tensor | None]:
    """Return the derivatives of a tensor with respect to other tensors, which need not be leaves.

    No ``grad`` is changed.

    Args:
        root: the result of recorded operations.
        cotangent: the cotangent of ``root``: one number, or an array in the shape of ``root``.
        targets: tensors that ``root`` may depend on.
        create_graph: whether to record the computation of the derivatives, so that they can be differentiated
            themselves.

    Returns:
        The derivative with respect to each target; None if ``root`` doesn't depend on it.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> square = x * x
    >>> pullback(square.sum(), 1.0, [square, x])
    [tensor([1., 1.]), tensor([2., 4.])]
    """
    found = cotangents(root, lifted(cotangent), set(targets), records=create_graph)
    return [found.get(target) for target in targets]


def pushforward(root: Tensor, tangents: Mapping[Tensor, Any]) -> Tensor:
    """Return the derivative of a recorded tensor along a direction, by a forward sweep that is recorded itself.

    Args:
        root: the result of recorded operations.
        tangents: a dictionary from leaves to their tangents, each in the shape of the leaf; the tangents of other
            leaves are 0.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> pushforward((x * x).sum(), {x: Tensor([1.0, 10.0])}).item()
    42.0
    """
    directions = {leaf: expanded(lifted(tangent), leaf.shape) for leaf, tangent in tangents.items()}
    result: Tensor | None = forward_sweep(root, directions)
    if result is not None:
        return result
    # Nothing moves: the derivative is 0, but where there is no value there is no derivative.
    return Tensor(f.where(f.equal(root._array, root._array), 0.0, root._array))
