"""A tensor as text, and as a table for notebooks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

__all__ = ["tensor_html", "tensor_text"]

#: A text shows the ends of a tensor with more numbers, and so does a notebook.
_MOST_IN_TEXT: Final = 1000
_MOST_IN_HTML: Final = 200


def tensor_text(tensor: Any) -> str:
    """Return the repr of a `Tensor`.

    >>> from gradcli import tensor
    >>> tensor_text(tensor([1.0, 2.0], requires_grad=True))
    'tensor([1., 2.], requires_grad=True)'
    """
    body = np.array2string(tensor.detach().numpy(), separator=", ", prefix="tensor(", threshold=_MOST_IN_TEXT)
    kind = _kind(tensor)
    notes = [] if kind == "float64" else [f"dtype={kind}"]
    if tensor.grad_fn is not None:
        notes.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        notes.append("requires_grad=True")
    return f"tensor({', '.join([body, *notes])})"


def tensor_html(tensor: Any) -> str:
    """Return the numbers of a `Tensor`, and those of its gradient if it has one, as a table with its shape.

    >>> from gradcli import tensor
    >>> "tensor of shape 2, float64" in tensor_html(tensor([1.0, 2.0]))
    True
    """
    from gradcli.markup import table

    shape = " × ".join(map(str, tensor.shape))
    caption = f"tensor of shape {shape}, {_kind(tensor)}" if shape else f"tensor of one number, {_kind(tensor)}"
    if tensor.grad_fn is not None:
        caption += f", made by {tensor.grad_fn.name}"
    shown = [tensor] if tensor.grad is None else [tensor, tensor.grad]
    texts = [np.array2string(one.detach().numpy(), separator=", ", threshold=_MOST_IN_HTML) for one in shown]
    return table(["numbers", "gradient"] if len(shown) > 1 else [], [texts], caption)


def _kind(tensor: Any) -> str:
    """Return the name of the type of numbers."""
    return str(tensor.dtype).rsplit(".", 1)[-1]
