"""Layers that normalise, with PyTorch's names: batches, groups of channels, single channels, root mean squares.

>>> from gradcli import randn
>>> layer = BatchNorm1d(3)
>>> layer(randn(10, 3)).mean().abs().item() < 1e-12, sorted(layer.state_dict())
(True, ['bias', 'num_batches_tracked', 'running_mean', 'running_var', 'weight'])
"""

from __future__ import annotations

from typing import Any

from gradcli.eager.creation import ones, tensor, zeros
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import normalizing
from gradcli.nn.functional import Shape
from gradcli.nn.layers import Parameter, placed
from gradcli.nn.modules import Module

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d",
    "RMSNorm",
]  # fmt: skip


class _Norm(Module):
    """The base: a weight and a bias for each channel, and running averages of mean and variance.

    Args:
        num_features: the number of channels.
        eps: a small number that keeps the quotient finite.
        momentum: the share by which the running averages move; None for the average of all batches.
        affine: whether there are a weight and a bias.
        track_running_stats: whether there are running averages.
        bias: whether there is a bias as well as the weight.
    """

    _shown = ("eps", "momentum", "affine", "track_running_stats")
    #: The numbers of axes that an input may have.
    axes: tuple[int, ...] = (2, 3)

    def __init__(
        self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool, bias: bool
    ) -> None:
        if not eps > 0.0:
            raise UsageError(f"eps is a number above 0, not {eps}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(ones(num_features)) if affine else None
        self.bias = Parameter(zeros(num_features)) if affine and bias else None
        self.register_buffer("running_mean", zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def _checked(self, x: Any) -> Any:
        shape = tuple(x.shape)
        if len(shape) not in self.axes or shape[len(shape) - self.axes[-1] + 1 :][:1] != (self.num_features,):
            axes = " or ".join(map(str, self.axes))
            raise ShapeError(f"inputs have {axes} axes with {self.num_features} channels, not the shape {shape}")
        return x

    def _share(self) -> float:
        """Count a batch in training, and return the share by which the averages move."""
        if not (self.training and self.track_running_stats):
            return 0.0
        self.num_batches_tracked.data = self.num_batches_tracked.detach() + 1  # type: ignore[attr-defined]
        if self.momentum is not None:
            return self.momentum
        return float(1.0 / self.num_batches_tracked.item())  # type: ignore[attr-defined]

    def extra_repr(self) -> str:
        return f"{self.num_features}, {super().extra_repr()}"


class BatchNorm1d(_Norm):
    """Each channel minus its mean, divided by its deviation (Ioffe and Szegedy, 2015).

    In training these are the mean and the deviation of the batch, and running averages move toward them; in use they
    are the running averages.

    Args:
        num_features: the number of channels, for inputs of shape (rows, channels) or (rows, channels, length).
        eps: a small number that keeps the quotient finite.
        momentum: the share by which the running averages move; None for the average of all batches.
        affine: whether there are a weight and a bias for each channel.
        track_running_stats: whether there are running averages.
        bias: whether there is a bias as well as the weight.

    Raises:
        ShapeError: an input has another shape.
    """

    @placed
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias)

    def _checked(self, x: Any) -> Any:
        shape = tuple(x.shape)
        if len(shape) not in self.axes or shape[1] != self.num_features:
            axes = " or ".join(map(str, self.axes))
            raise ShapeError(f"inputs have {axes} axes, the second with {self.num_features} channels, not {shape}")
        return x

    def forward(self, x: Any) -> Any:
        """The normalised numbers, in the shape of the input."""
        share = self._share()
        return normalizing.batch_norm(
            self._checked(x),
            self.running_mean,  # type: ignore[attr-defined]
            self.running_var,  # type: ignore[attr-defined]
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            share,
            self.eps,
        )


class BatchNorm2d(BatchNorm1d):
    """Each channel of images (images, channels, height, width) normalised; see `BatchNorm1d`."""

    axes = (4,)


class BatchNorm3d(BatchNorm1d):
    """Each channel of volumes (volumes, channels, depth, height, width) normalised; see `BatchNorm1d`."""

    axes = (5,)


class InstanceNorm1d(_Norm):
    """Each channel of a row minus its mean, divided by its deviation (Ulyanov, Vedaldi and Lempitsky, 2016).

    The arguments are those of `BatchNorm1d`; by default there are no parameters and no running averages.

    Raises:
        ShapeError: an input has another shape.
    """

    @placed
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias)

    def forward(self, x: Any) -> Any:
        """The normalised numbers, in the shape of the input."""
        from gradcli.primitives import functions as f

        x = self._checked(x)
        if len(x.shape) < self.axes[-1]:  # a single series or image
            return f.squeeze(self.forward(f.unsqueeze(x, 0)), 0)
        is_of_input = self.training or not self.track_running_stats
        return normalizing.instance_norm(
            x,
            self.running_mean,  # type: ignore[attr-defined]
            self.running_var,  # type: ignore[attr-defined]
            self.weight,
            self.bias,
            is_of_input,
            self.momentum or 0.0,
            self.eps,
        )


class InstanceNorm2d(InstanceNorm1d):
    """Each channel of an image normalised; see `InstanceNorm1d`."""

    axes = (3, 4)


class InstanceNorm3d(InstanceNorm1d):
    """Each channel of a volume normalised; see `InstanceNorm1d`."""

    axes = (4, 5)


class GroupNorm(Module):
    """Each group of channels of a row minus its mean, divided by its deviation (Wu and He, 2018).

    Args:
        num_groups, num_channels: the numbers of groups and of channels.
        eps: a small number that keeps the quotient finite.
        affine: whether there are a weight and a bias for each channel.
        bias: whether there is a bias as well as the weight.

    Raises:
        UsageError: the channels can't be divided into the groups.
    """

    _shown = ("eps", "affine")

    @placed
    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *, bias: bool = True
    ) -> None:
        if num_groups < 1 or num_channels % num_groups:
            raise UsageError(f"{num_channels} channels can't be divided into {num_groups} groups")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.weight = Parameter(ones(num_channels)) if affine else None
        self.bias = Parameter(zeros(num_channels)) if affine and bias else None

    def forward(self, x: Any) -> Any:
        """The normalised numbers, in the shape of the input."""
        return normalizing.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, {super().extra_repr()}"


class RMSNorm(Module):
    """The numbers divided by their root mean square over the last axes (Zhang and Sennrich, 2019).

    Args:
        normalized_shape: the lengths of these axes.
        eps: a small number that keeps the quotient finite, by default the distance from 1 to the next number.
        elementwise_affine: whether there is a weight of this shape.
    """

    _shown = ("eps", "elementwise_affine")

    @placed
    def __init__(self, normalized_shape: Shape, eps: float | None = None, elementwise_affine: bool = True) -> None:
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = Parameter(ones(self.normalized_shape)) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """The normalised numbers, in the shape of the input."""
        return normalizing.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, {super().extra_repr()}"
