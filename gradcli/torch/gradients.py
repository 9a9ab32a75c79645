"""The functions of ``torch.autograd``: derivatives of recorded tensors."""

from __future__ import annotations

from typing import Any

from gradcli.eager.creation import zeros_like
from gradcli.eager.pullback import pullback

__all__ = ["backward", "grad"]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,  # noqa: ARG001
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """Return the derivatives of outputs with respect to inputs; no ``grad`` is changed.

    Args:
        outputs: a tensor, or several, whose derivatives are added.
        inputs: a tensor, or several.
        grad_outputs: the cotangent of each output; 1 by default, for single numbers.
        retain_graph: has no effect: a graph lives as long as its root.
        create_graph: whether to record the computation of the derivatives.
        allow_unused: whether an input may have no effect; then None is its derivative.
        materialize_grads: whether zeros stand for None.

    Raises:
        RuntimeError: an output isn't one number and has no cotangent, or an input has no effect.

    >>> from gradcli import tensor
    >>> x = tensor(3.0, requires_grad=True)
    >>> grad(x**2, x)
    (tensor(6.),)
    """
    several = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    targets = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    given = list(grad_outputs) if isinstance(grad_outputs, (list, tuple)) else [grad_outputs]
    given = given if len(given) == len(several) else [None] * len(several)
    found: list[Any] = [None] * len(targets)
    for output, cotangent in zip(several, given, strict=True):
        if cotangent is None and output.array.size != 1:
            raise RuntimeError(f"the derivative of an array of shape {output.shape} needs grad_outputs")
        if not output.requires_grad:
            raise RuntimeError("an output doesn't depend on a tensor that requires a gradient")
        parts = pullback(output, 1.0 if cotangent is None else cotangent, targets, create_graph=create_graph)
        found = [part if one is None else one if part is None else one + part
                 for one, part in zip(found, parts, strict=True)]  # fmt: skip
    if materialize_grads:
        return tuple([zeros_like(x) if one is None else one for one, x in zip(found, targets, strict=True)])
    if not allow_unused and [one for one in found if one is None]:  # `any` is PyTorch's here
        raise RuntimeError("an input has no effect on the outputs; allow_unused=True makes its derivative None")
    return tuple(found)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Add the derivatives of tensors to the ``grad`` of every leaf that requires a gradient.

    Args:
        tensors: a tensor, or several.
        grad_tensors: the cotangent of each; 1 by default, for single numbers.
        retain_graph: has no effect: a graph lives as long as its root.
        create_graph: whether to record the computation of the gradients.

    Raises:
        RuntimeError: there are more cotangents than tensors, or fewer; or as for `Tensor.backward`.
    """
    several = list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
    given = list(grad_tensors) if isinstance(grad_tensors, (list, tuple)) else [grad_tensors] * len(several)
    if len(given) != len(several):
        raise RuntimeError(f"there are {len(given)} cotangents for {len(several)} tensors")
    for tensor, cotangent in zip(several, given, strict=True):
        tensor.backward(cotangent, retain_graph, create_graph)
