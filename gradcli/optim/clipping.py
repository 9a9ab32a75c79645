"""Clipping: a gradient that is too long is shortened, without a change of its direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.optim.classes import array_of, flat
from gradcli.primitives import functions as f

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clipped", "clipping_factor"]

# PyTorch's constant: because of it a clipped gradient is a little shorter than the limit.
MARGIN = 1e-6


def clipping_factor(norm: Any, max_norm: float) -> Any:
    """Return the factor for a gradient with this Euclidean norm; the norm is a number, a node or a recorded value.

    >>> clipping_factor(0.5, 1.0), clipping_factor(5.0, 1.0)
    (1.0, 0.19999996...)
    """
    # Not min(): a norm that is nan must show in the gradient.
    return f.where(norm + MARGIN <= max_norm, 1.0, max_norm / (norm + MARGIN))


def clipped(gradients: Sequence[Any], max_norm: float) -> tuple[list[Any], float]:
    """Scale arrays (or numbers), which together are one vector, to a norm of at most ``max_norm``.

    Return them and the old norm.

    >>> clipped([3.0, 4.0], 1.0)
    ([0.59999988..., 0.79999984...], 5.0)
    """
    import numpy as np

    norm = math.sqrt(np.square(flat(gradients)).sum())
    factor = clipping_factor(norm, max_norm)
    return [array * factor for array in gradients], norm


def clip_grad_norm_(parameters: Any, max_norm: float) -> float:
    """Shorten the gradients of parameters, which together are one vector, to a norm of at most ``max_norm``.

    Args:
        parameters: one tensor or value, or several; parameters without a gradient are left out.
        max_norm: the greatest norm allowed.

    Returns:
        The norm before clipping.

    >>> from gradcli import Value
    >>> x = Value(2.0)
    >>> (x**3).backward()
    >>> clip_grad_norm_([x], 1.0), round(x.grad, 5)
    (12.0, 1.0)
    """
    several = [parameters] if hasattr(parameters, "grad") else parameters
    owners = [parameter for parameter in several if parameter.grad is not None]
    arrays, norm = clipped([array_of(owner.grad) for owner in owners], max_norm)
    for owner, array in zip(owners, arrays, strict=True):
        if hasattr(owner.grad, "rebind"):
            owner.grad.rebind(array)
        elif hasattr(owner.grad, "data"):
            owner.grad.data = array
        else:
            owner.grad = array
    return norm


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
    """Change the elements of gradients that are below -clip_value or above clip_value to these bounds.

    Args:
        parameters: one tensor or value, or several; parameters without a gradient are left out.
        clip_value: the bound.

    >>> from gradcli import Value
    >>> x = Value(2.0)
    >>> (x**3).backward()
    >>> clip_grad_value_(x, 1.5)
    >>> x.grad
    1.5
    """
    for owner in [parameters] if hasattr(parameters, "grad") else parameters:
        if owner.grad is None:
            continue
        bounded = f.clip(array_of(owner.grad), -float(clip_value), float(clip_value))
        if hasattr(owner.grad, "rebind"):
            owner.grad.rebind(bounded)
        else:
            owner.grad = bounded
