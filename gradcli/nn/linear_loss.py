"""A linear layer and the cross entropy of its outputs in one module, with PyTorch's name.

>>> from gradcli import randn, tensor
>>> LinearCrossEntropyLoss(4, 3)(randn(5, 4), tensor([0, 1, 2, 1, 0])).shape
()
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.eager.record import Recorded
from gradcli.errors import ShapeError, UsageError
from gradcli.nn.layers import Linear, placed
from gradcli.nn.losses import check
from gradcli.nn.modules import Module
from gradcli.nn.sequence_losses import LinearCrossEntropyOptions as Options
from gradcli.nn.sequence_losses import linear_cross_entropy
from gradcli.primitives import functions as f

__all__ = ["LinearCrossEntropyLoss"]

# ruff: noqa: A002  (PyTorch's `input`)


class LinearCrossEntropyLoss(Module):
    """A linear layer and the cross entropy of its outputs.

    Args:
        in_features: the number of features of a row.
        num_classes: the number of classes.
        out_features: the shape of the targets of one row; empty for one target.
        bias: whether the layer has a bias.
        reduction, weight, ignore_index, label_smoothing: those of `CrossEntropyLoss`.
        options: PyTorch's options for its way of computing; they have no effect on the result.

    Attributes:
        linear: the layer.

    Raises:
        UsageError: an option has no meaning.
        ShapeError: the weight has another shape.
    """

    @placed
    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: int | Sequence[int] = (),
        bias: bool = False,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: Options | None = None,
    ) -> None:
        check(reduction)
        if not 0.0 <= label_smoothing <= 1.0:
            raise UsageError(f"label_smoothing is a share from 0 to 1, not {label_smoothing}")
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise ShapeError(f"a weight has the shape {(num_classes,)}, not {tuple(weight.shape)}")
        self.num_classes = num_classes
        self.out_features = (out_features,) if isinstance(out_features, int) else tuple(out_features)
        self.reduction, self.ignore_index, self.label_smoothing = reduction, ignore_index, label_smoothing
        self.options, self.weight = options, weight
        if isinstance(weight, Recorded):
            self.register_buffer("weight", weight)
        self.linear = Linear(in_features, num_classes * math.prod(self.out_features), bias)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss; the arguments are those of `gradcli.nn.functional.linear_cross_entropy`."""
        shape, linear = (self.num_classes, *self.out_features), self.linear
        return linear_cross_entropy(
            input, f.reshape(linear.weight, (*shape, linear.in_features)), target,
            linear_bias=None if linear.bias is None else f.reshape(linear.bias, shape), weight=self.weight,
            reduction=self.reduction, ignore_index=self.ignore_index, label_smoothing=self.label_smoothing,
            options=self.options,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, out_features={self.out_features}, "
            f"bias={self.linear.bias is not None}, reduction={self.reduction}"
        )
