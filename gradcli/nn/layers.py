"""Layers on `Tensor`, with PyTorch's names, arguments, formulas and initial distributions.

A layer is a formula with parameters, composed of functions of the registry.  Its derivative follows from the
derivatives of these functions.  Parameters have the type of new tensors (64-bit floats on NumPy); `Module.float`,
`Module.half` and `Module.double` change it. Random numbers come from the generator that `manual_seed` starts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.eager.creation import generator, ones, zeros
from gradcli.eager.tensor import Tensor
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import functional
from gradcli.nn.functional import Shape
from gradcli.nn.initializers import INITIALIZERS
from gradcli.nn.modules import Module
from gradcli.nn.windows import Pair
from gradcli.primitives import functions as f
from gradcli.primitives.backends import current_backend
from gradcli.primitives.families.products import pair

__all__ = [
    "CausalSelfAttention", "Conv2d", "Dropout", "Embedding", "LayerNorm", "Linear", "MaxPool2d", "PReLU", "Parameter",
]  # fmt: skip


class Parameter(Tensor):
    """A tensor that is a parameter of its module, even while ``requires_grad`` is false.

    >>> Parameter([1.0, 2.0])
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()
    is_parameter = True

    def __init__(self, data: Any, requires_grad: bool = True, dtype: Any = None) -> None:
        super().__init__(data, requires_grad, dtype)


def _parameter(numbers: Any) -> Parameter:
    return Parameter(numbers, dtype=current_backend().default_dtype)


def weight_and_bias(shape: Sequence[int], bias: bool) -> tuple[Parameter, Parameter | None]:
    """Draw weights and biases uniformly between -b and b, b = 1/sqrt(inputs of one output), as PyTorch does."""
    bound = 1.0 / math.sqrt(math.prod(shape[1:])) if math.prod(shape[1:]) else 0.0
    weight = _parameter(INITIALIZERS["pytorch"].array(generator(), shape) if bound else generator().random(shape))
    return weight, _parameter(generator().uniform(-bound, bound, shape[:1])) if bias else None


def _whole(**sizes: Any) -> None:
    """Raise an error if a size isn't a whole number of at least 0."""
    for name, size in sizes.items():
        if not hasattr(size, "__index__") or size < 0:
            raise UsageError(f"{name} is a whole number of at least 0, not {size!r}")


class Linear(Module):
    """``x @ weight.T + bias`` for x of shape (..., in_features).

    Args:
        in_features, out_features: the lengths of the last axis.
        bias: whether there is a bias.

    Attributes:
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or None.

    Raises:
        UsageError: a size isn't a whole number.

    >>> Linear(3, 2)(Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """

    _shown = ("in_features", "out_features")

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        _whole(in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight, self.bias = weight_and_bias((out_features, in_features), bias)

    def forward(self, x: Any) -> Any:
        """The outputs, shape (..., out_features).

        Raises:
            ShapeError: the last axis doesn't have the length ``in_features``.
        """
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, bias={self.bias is not None}"


class Conv2d(Module):
    """The cross-correlation of images (images, channels, height, width) with kernels.

    Args:
        in_channels, out_channels: the numbers of channels.
        kernel_size, stride, padding, dilation: a number for both directions, or (height, width); the padding may be
            ``"valid"`` or ``"same"``.
        groups: the number of groups of channels; each group gets only its own part of the input.
        bias: whether there is a bias.

    Attributes:
        weight: shape (out_channels, in_channels / groups, kernel height, kernel width).
        bias: shape (out_channels,), or None.

    Raises:
        UsageError: a size isn't a whole number, or the channels can't be divided into the groups.

    >>> Conv2d(3, 8, kernel_size=3, padding=1)(Tensor([[[[0.0] * 5] * 5] * 3])).shape
    (1, 8, 5, 5)
    """

    _shown = ("kernel_size", "stride")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair | str = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        _whole(in_channels=in_channels, out_channels=out_channels)
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise UsageError(f"{in_channels} and {out_channels} channels can't be divided into {groups} groups")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair(kernel_size, "kernel", 1)
        self.stride, self.dilation = pair(stride, "stride", 1), pair(dilation, "dilation", 1)
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise UsageError(f"a padding is 'valid' or 'same' or numbers, not {padding!r}")
        self.padding = padding if isinstance(padding, str) else pair(padding, "padding", 0)
        self.groups = groups
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight, self.bias = weight_and_bias(shape, bias)

    def forward(self, x: Any) -> Any:
        """The output images.

        Raises:
            ShapeError: the shape doesn't fit.
        """
        options = (self.stride, self.padding, self.dilation, self.groups)
        return functional.conv2d(x, self.weight, self.bias, *options)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, {super().extra_repr()}"
        text += f", padding={self.padding!r}" if self.padding != (0, 0) else ""
        text += f", dilation={self.dilation}" if self.dilation != (1, 1) else ""
        text += f", groups={self.groups}" if self.groups != 1 else ""
        return text if self.bias is not None else text + ", bias=False"


class MaxPool2d(Module):
    """The largest number of each window of images (images, channels, height, width).

    Args:
        kernel_size, stride, padding, dilation: a number for both directions, or (height, width); the stride is the
            kernel's size by default.
        return_indices: whether to return the places of the largest numbers, too.
        ceil_mode: whether there are windows that begin inside and end outside the images.

    Raises:
        UsageError: an argument isn't a whole number.
    """

    _shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        dilation: Pair = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        stride = kernel_size if stride is None else stride
        for numbers, what, least in ((kernel_size, "kernel", 1), (stride, "stride", 1), (padding, "padding", 0)):
            pair(numbers, what, least)
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, x: Any) -> Any:
        """The smaller images.

        Raises:
            ShapeError: the shape doesn't fit.
        """
        options = (self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
        return functional.max_pool2d(x, self.kernel_size, *options)


class LayerNorm(Module):
    """``(x - mean) / sqrt(variance + eps) * weight + bias``, with the mean and the variance over the last axes.

    The variance is the sum of squares divided by n, not by n - 1.

    Ba, Kiros and Hinton, "Layer Normalization" (2016).

    Args:
        normalized_shape: the lengths of the axes to normalise over.
        eps: a small number that keeps the quotient finite.
        elementwise_affine: whether there are a weight and a bias of this shape.
        bias: whether there is a bias as well as the weight.

    Raises:
        ShapeError: the last axes don't have these lengths.
    """

    _shown = ("eps", "elementwise_affine")

    def __init__(
        self, normalized_shape: Shape, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = Parameter(ones(self.normalized_shape)) if elementwise_affine else None
        self.bias = Parameter(zeros(self.normalized_shape)) if elementwise_affine and bias else None

    def forward(self, x: Any) -> Any:
        """The normalised numbers, in the shape of the input."""
        return functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, {super().extra_repr()}"


class Dropout(Module):
    """In training, each number becomes 0 with probability p and is otherwise divided by 1 - p. In use, nothing changes.

    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014), with the
    scaling in training.

    Args:
        p: the probability.
        seed: the seed of a generator for this layer alone; by default the numbers come from the generator of
            `manual_seed`.

    Raises:
        UsageError: p isn't a probability.

    >>> dropout = Dropout(0.5, seed=0)
    >>> dropout(Tensor([1.0, 2.0, 3.0, 4.0]))
    tensor([2., 0., 0., 0.])
    >>> dropout.eval()(Tensor([1.0, 2.0, 3.0, 4.0]))
    tensor([1., 2., 3., 4.])
    """

    _shown = ("p",)

    def __init__(self, p: float = 0.5, *, seed: int | None = None) -> None:
        functional.dropout(0.0, p, training=False)  # refuses a wrong probability here and not at the first call
        self.p = p
        self._generator = None if seed is None else generator(seed)

    def forward(self, x: Any) -> Any:
        """The numbers after dropout."""
        return functional.dropout(x, self.p, self.training, generator=self._generator)


class Embedding(Module):
    """A table with one row of numbers for each of ``num_embeddings`` items, such as words.

    Attributes:
        weight: shape (num_embeddings, embedding_dim), normally distributed at first.

    Raises:
        UsageError: a size isn't a whole number.

    >>> Embedding(10, 4)([[1, 2, 2]]).shape
    (1, 3, 4)
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        _whole(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = _parameter(generator().standard_normal((num_embeddings, embedding_dim)))

    def forward(self, indices: Any) -> Any:
        """The rows with these indices, an array of any shape; the result has the shape (..., embedding_dim).

        Raises:
            IndexError: an index isn't a whole number from 0 to num_embeddings - 1.
        """
        return functional.embedding(indices, self.weight)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


class PReLU(Module):
    """The number, multiplied by a weight that is learned if it is negative (He et al., 2015).

    Args:
        num_parameters: one weight for all, or one for each channel.
        init: the weight at first.
    """

    _shown = ("num_parameters",)

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(ones(num_parameters).numpy() * init)

    def forward(self, x: Any) -> Any:
        """The function, applied to each element."""
        return functional.prelu(x, self.weight)


class CausalSelfAttention(Module):
    """Attention with several heads, as in minGPT: a position sees itself and the positions before it.

    Each head computes softmax(q k' / sqrt(features)) v.  A linear layer (``c_attn``) computes q, k and v of all
    heads.  The results of the heads, side by side, go through a second linear layer (``c_proj``).  Vaswani et al.,
    "Attention Is All You Need" (2017).

    Args:
        embed_dim: the number of features of a position.
        num_heads: the number of heads; each gets an equal share of the features.
        dropout: the probability of dropout, for the attention weights and for the output.
        bias: whether the linear layers have biases.

    Raises:
        UsageError: the features can't be divided into the heads.

    >>> CausalSelfAttention(8, 2)(Tensor([[[0.0] * 8] * 5])).shape
    (1, 5, 8)
    """

    _shown = ("embed_dim", "num_heads")

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        _whole(embed_dim=embed_dim)
        if num_heads < 1 or embed_dim % num_heads:
            raise UsageError(f"{embed_dim} features can't be divided into {num_heads} heads")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.c_attn = Linear(embed_dim, 3 * embed_dim, bias)
        self.c_proj = Linear(embed_dim, embed_dim, bias)
        self.attn_dropout, self.resid_dropout = Dropout(dropout), Dropout(dropout)

    def forward(self, x: Any) -> Any:
        """The features of each position after attention.

        Args:
            x: shape (..., positions, embed_dim).

        Raises:
            ShapeError: the shape doesn't fit.
        """
        x = functional.array(x)
        if len(x.shape) < 2:
            raise ShapeError(f"attention takes inputs of shape (..., positions, features), not {tuple(x.shape)}")
        *rows, positions, _ = shape = tuple(x.shape)
        split = f.reshape(self.c_attn(x), (*rows, positions, 3, self.num_heads, self.embed_dim // self.num_heads))
        # The shape becomes (3, ..., heads, positions, features).
        first = len(rows)
        q, k, v = f.transpose(split, (first + 1, *range(first), first + 2, first, first + 3))
        left_out = self.attn_dropout.p if self.attn_dropout.training else 0.0
        heads = functional.scaled_dot_product_attention(q, k, v, dropout_p=left_out, is_causal=True)
        joined = f.transpose(heads, (*range(first), first + 1, first, first + 2)).reshape(shape)
        return self.resid_dropout(self.c_proj(joined))
