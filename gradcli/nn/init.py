"""PyTorch's functions that fill a parameter with its first numbers, under the names of ``torch.nn.init``.

A function changes the tensor in place, also one that requires a gradient, and returns it.  Random numbers come from the
generator that `manual_seed` starts, or from the option ``generator``.

>>> from gradcli import nn
>>> layer = nn.Linear(3, 2)
>>> nn.init.zeros_(layer.bias)
tensor([0., 0.], requires_grad=True)
"""

from __future__ import annotations

import math
from typing import Any

from gradcli.eager.record import no_grad
from gradcli.errors import ShapeError, UsageError
from gradcli.nn.initializers import fans

__all__ = [
    "calculate_gain", "constant_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_", "orthogonal_",
    "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_",
]  # fmt: skip


def _filled(tensor: Any, numbers: Any) -> Any:
    with no_grad():
        return tensor.copy_(type(tensor).of_array(numbers) if hasattr(numbers, "dtype") else numbers)


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Fill with numbers between a and b, all equally likely."""
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """Fill with normally distributed numbers."""
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Any:
    """Fill with normally distributed numbers, those outside [a, b] drawn again; the bounds are numbers, not deviations.

    Raises:
        UsageError: nearly no number lies within the bounds.
    """
    import numpy as np

    if not a < b or (a - mean) / std > 6 or (mean - b) / std > 6:
        raise UsageError(f"normal numbers around {mean} with deviation {std} don't lie between {a} and {b}")
    numbers = np.empty(tensor.shape)
    missing = np.ones(tensor.shape, bool)
    while missing.any():
        drawn = normal_(tensor, mean, std, generator).detach().numpy()
        numbers = np.where(missing, drawn, numbers)
        missing = (numbers < a) | (numbers > b)
    return _filled(tensor, numbers)


def constant_(tensor: Any, val: float) -> Any:
    """Fill with one number."""
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor: Any) -> Any:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Any:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def eye_(tensor: Any) -> Any:
    """Fill a matrix with ones on the diagonal and zeros elsewhere.

    Raises:
        ShapeError: the tensor isn't a matrix.
    """
    import numpy as np

    if tensor.ndim != 2:
        raise ShapeError(f"only a matrix has ones on its diagonal, not a tensor of shape {tensor.shape}")
    return _filled(tensor, np.eye(*tensor.shape))


#: The gain of each activation: how much a layer has to enlarge its inputs, so that their deviation stays.
_GAINS = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
    "tanh": 5.0 / 3.0,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the gain of an activation, by which the scale of the weights before it is multiplied.

    Args:
        nonlinearity: its name.
        param: the slope of ``"leaky_relu"`` below 0, by default 0.01.

    Raises:
        UsageError: the activation is unknown.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1.0 + slope * slope))
    if nonlinearity not in _GAINS:
        raise UsageError(f"no gain is known for {nonlinearity!r}; choose one of leaky_relu, {', '.join(_GAINS)}")
    return _GAINS[nonlinearity]


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Fill with uniform numbers whose variance is ``gain^2 2/(inputs + outputs)`` (Glorot and Bengio, 2010)."""
    bound = gain * math.sqrt(6.0 / sum(fans(tensor.shape)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Fill with normal numbers whose variance is ``gain^2 2/(inputs + outputs)``."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor.shape))), generator)


def _deviation(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise UsageError(f"a mode is 'fan_in' or 'fan_out', not {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor.shape)[mode == "fan_out"])


def kaiming_uniform_(
    tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Fill with uniform numbers whose variance is ``gain^2/inputs``, or ``/outputs`` (He et al., 2015).

    Args:
        a: the slope of a leaky relu below 0.
        mode: ``"fan_in"`` or ``"fan_out"``.
        nonlinearity: the activation, a name for `calculate_gain`.
    """
    bound = math.sqrt(3.0) * _deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Fill with normal numbers whose variance is that of `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _deviation(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Fill with an orthogonal matrix times a gain; of more than two axes, those after the first count as one.

    Raises:
        ShapeError: there are fewer than two axes.
    """
    import numpy as np

    if tensor.ndim < 2:
        raise ShapeError(f"only a matrix is orthogonal, not a tensor of shape {tensor.shape}")
    drawn = normal_(tensor, generator=generator).detach().numpy().reshape(tensor.shape[0], -1)
    q, r = np.linalg.qr(drawn.T if drawn.shape[0] < drawn.shape[1] else drawn)
    q = q * np.sign(np.diag(r))
    return _filled(tensor, gain * (q.T if drawn.shape[0] < drawn.shape[1] else q).reshape(tensor.shape))
