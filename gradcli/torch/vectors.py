"""The parameters of a net as one vector, under the names of ``torch.nn.utils``.

>>> import gradcli.torch as torch
>>> net = torch.nn.Linear(2, 1)
>>> vector_to_parameters(torch.tensor([1.0, 2.0, 3.0]), net.parameters())
>>> parameters_to_vector(net.parameters()).tolist(), net.bias.tolist()
([1.0, 2.0, 3.0], [3.0])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradcli.eager.pytorch_names import FUNCTIONS
from gradcli.errors import ShapeError

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """Return the elements of all parameters in one vector, which depends on them."""
    return FUNCTIONS["cat"]([one.reshape(-1) for one in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Set parameters to the elements of a vector, one parameter after the other.

    Raises:
        ShapeError: the vector has fewer elements than the parameters, or more; then nothing is changed.
    """
    several = list(parameters)
    sizes = [one.numel() for one in several]
    if vec.shape != (sum(sizes),):
        raise ShapeError(f"a vector of shape {vec.shape} doesn't hold the {sum(sizes)} elements of the parameters")
    for one, part in zip(several, vec.detach().split(sizes), strict=True):
        one.data = part.reshape(one.shape).clone()
