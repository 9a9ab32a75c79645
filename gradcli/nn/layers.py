"""Layers on `Tensor`, with PyTorch's names, arguments, formulas and initial distributions.

A layer is a formula with parameters, composed of functions of the registry.  Its derivative follows from the
derivatives of these functions.  Parameters have the type of new tensors (64-bit floats on NumPy); `Module.float`,
`Module.half` and `Module.double` change it. Random numbers come from the generator that `manual_seed` starts.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.creation import generator, ones, zeros
from gradcli.eager.tensor import Tensor
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import functional
from gradcli.nn.functional import Shape
from gradcli.nn.initializers import INITIALIZERS
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f
from gradcli.primitives.backends import current_backend

__all__ = [
    "AlphaDropout", "Bilinear", "CausalSelfAttention", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "Embedding",
    "EmbeddingBag", "FeatureAlphaDropout", "LayerNorm", "Linear", "PReLU", "Parameter",
]  # fmt: skip


# ruff: noqa: A002  (PyTorch's `input`)


class Parameter(Tensor):
    """A tensor that is a parameter of its module, even while ``requires_grad`` is false.

    >>> Parameter([1.0, 2.0])
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()
    is_parameter = True

    def __init__(self, data: Any, requires_grad: bool = True, dtype: Any = None) -> None:
        super().__init__(data, requires_grad, dtype)
        if isinstance(data, Tensor) and dtype is None:
            self.data = data  # a parameter shares the memory of the tensor that it is made of


def _parameter(numbers: Any) -> Parameter:
    return Parameter(numbers, dtype=current_backend().default_dtype)


def weight_and_bias(shape: Sequence[int], bias: bool, outputs: int | None = None) -> tuple[Parameter, Parameter | None]:
    """Draw weights and biases uniformly between -b and b, b = 1/sqrt(inputs of one output), as PyTorch does.

    Args:
        shape: the shape of the weight.
        bias: whether there is a bias.
        outputs: its length, by default that of the weight.
    """
    bound = 1.0 / math.sqrt(math.prod(shape[1:])) if math.prod(shape[1:]) else 0.0
    weight = _parameter(INITIALIZERS["pytorch"].array(generator(), shape) if bound else generator().random(shape))
    return weight, _parameter(generator().uniform(-bound, bound, outputs or shape[0])) if bias else None


def placed(init: Callable[..., None]) -> Callable[..., None]:
    """Return a constructor that takes PyTorch's ``device`` and ``dtype``, too: the type of the parameters."""

    @functools.wraps(init)
    def initialise(self: Module, *values: Any, device: Any = None, dtype: Any = None, **options: Any) -> None:
        init(self, *values, **options)
        if device is not None or dtype is not None:
            self.to(device=device, dtype=dtype)

    only = inspect.Parameter.KEYWORD_ONLY
    parameters = [*inspect.signature(init).parameters.values()]
    parameters += [inspect.Parameter(name, only, default=None) for name in ("device", "dtype")]
    initialise.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return initialise


def whole(**sizes: Any) -> None:
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

    @placed
    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        whole(in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight, self.bias = weight_and_bias((out_features, in_features), bias)

    def forward(self, input: Any) -> Any:
        """The outputs, shape (..., out_features).

        Raises:
            ShapeError: the last axis doesn't have the length ``in_features``.
        """
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, bias={self.bias is not None}"


class Bilinear(Module):
    """x1' A x2 + bias with a matrix A for each output.

    Args:
        in1_features, in2_features: the lengths of the last axes of both inputs.
        out_features: the number of outputs.
        bias: whether there is a bias.

    Attributes:
        weight: shape (out_features, in1_features, in2_features).
        bias: shape (out_features,), or None.
    """

    _shown = ("in1_features", "in2_features", "out_features")

    @placed
    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool = True) -> None:
        whole(in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        if not in1_features:
            raise UsageError("in1_features is above 0")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        bound = 1.0 / math.sqrt(in1_features)
        self.weight = _parameter(generator().uniform(-bound, bound, (out_features, in1_features, in2_features)))
        self.bias = _parameter(generator().uniform(-bound, bound, out_features)) if bias else None

    def forward(self, input1: Any, input2: Any) -> Any:
        """The outputs, shape (..., out_features)."""
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, bias={self.bias is not None}"


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

    @placed
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
        inplace: whether the input is changed.
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

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None) -> None:
        functional.dropout(0.0, p, training=False)  # refuses a wrong probability here and not at the first call
        self.p, self.inplace = p, inplace
        self._generator = None if seed is None else generator(seed)

    def forward(self, input: Any) -> Any:
        """The numbers after dropout."""
        return functional.dropout(input, self.p, self.training, self.inplace, generator=self._generator)


class _FeatureDropout(Dropout):
    """Dropout in which all numbers of a channel have the same fate; a subclass says how many axes a row has."""

    function = staticmethod(functional.dropout2d)

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__(p, inplace)

    def forward(self, input: Any) -> Any:
        """The numbers after dropout."""
        return self.function(input, self.p, self.training, self.inplace)


class Dropout1d(_FeatureDropout):
    """Dropout of whole channels of series (series, channels, length) (Tompson et al., 2015)."""

    function = staticmethod(functional.dropout1d)


class Dropout2d(_FeatureDropout):
    """Dropout of whole channels of images (images, channels, height, width)."""


class Dropout3d(_FeatureDropout):
    """Dropout of whole channels of volumes (volumes, channels, depth, height, width)."""

    function = staticmethod(functional.dropout3d)


class AlphaDropout(_FeatureDropout):
    """Dropout that keeps mean and variance of the outputs of `SELU` (Klambauer et al., 2017)."""

    function = staticmethod(functional.alpha_dropout)


class FeatureAlphaDropout(_FeatureDropout):
    """`AlphaDropout` of whole channels."""

    function = staticmethod(functional.feature_alpha_dropout)


class Embedding(Module):
    """A table with one row of numbers for each of ``num_embeddings`` items, such as words.

    Args:
        num_embeddings, embedding_dim: the numbers of rows and columns.
        padding_idx: the number of a row that is 0 at first and gets no gradient.
        max_norm, norm_type: a row with a larger p-norm is shortened before it is used.
        scale_grad_by_freq, sparse: those of `gradcli.nn.functional.embedding`.

    Attributes:
        weight: shape (num_embeddings, embedding_dim), normally distributed at first.

    Raises:
        UsageError: a size isn't a whole number, or there is no row ``padding_idx``.

    >>> Embedding(10, 4)([[1, 2, 2]]).shape
    (1, 3, 4)
    """

    @placed
    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
    ) -> None:
        whole(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise UsageError(f"an embedding of {num_embeddings} rows has no row {padding_idx} for padding")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        numbers = generator().standard_normal((num_embeddings, embedding_dim)) if _weight is None else _weight
        if tuple(numbers.shape) != (num_embeddings, embedding_dim):
            raise ShapeError(f"a weight has the shape {(num_embeddings, embedding_dim)}, not {tuple(numbers.shape)}")
        if self.padding_idx is not None and _weight is None:
            numbers[self.padding_idx] = 0.0
        self.weight = _parameter(numbers) if _weight is None else Parameter(numbers)
        self.weight.requires_grad = not _freeze

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **options: Any) -> Embedding:
        """Return an embedding with given rows.

        Args:
            embeddings: the rows, shape (num_embeddings, embedding_dim).
            freeze: whether they get no gradient.
            options: the other arguments of the class.
        """
        rows, columns = embeddings.shape
        return cls(rows, columns, _weight=embeddings, _freeze=freeze, **options)

    def forward(self, indices: Any) -> Any:
        """The rows with these indices, an array of any shape; the result has the shape (..., embedding_dim).

        Raises:
            IndexError: an index isn't a whole number from 0 to num_embeddings - 1.
        """
        return functional.embedding(
            indices, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        defaults = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        changed = [f", {name}={getattr(self, name)}" for name, one in defaults.items() if getattr(self, name) != one]
        return f"{self.num_embeddings}, {self.embedding_dim}{''.join(changed)}"


class EmbeddingBag(Module):
    """The sum, the mean or the largest numbers of several rows of a table, for each bag of indices.

    Args:
        num_embeddings, embedding_dim: the numbers of rows and columns.
        max_norm, norm_type, scale_grad_by_freq, sparse, padding_idx: those of `Embedding`.
        mode: ``"sum"``, ``"mean"`` or ``"max"``.
        include_last_offset: whether the last offset is the end of the last bag.

    Attributes:
        weight: shape (num_embeddings, embedding_dim), normally distributed at first.
    """

    @placed
    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> None:
        table = Embedding(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
                          _weight)  # fmt: skip
        self.num_embeddings, self.embedding_dim, self.mode = num_embeddings, embedding_dim, mode
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse, self.include_last_offset, self.padding_idx = sparse, include_last_offset, table.padding_idx
        self.weight = table.weight

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """The bags, shape (bags, embedding_dim).

        Args:
            input: the indices, shape (bags, length); or of all bags one after the other.
            offsets: where each bag begins, if the input has one axis.
            per_sample_weights: a factor for each index, with the mode ``"sum"``.
        """
        return functional.embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode, self.sparse,
            per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}, mode={self.mode!r}"


class PReLU(Module):
    """The number, multiplied by a weight that is learned if it is negative (He et al., 2015).

    Args:
        num_parameters: one weight for all, or one for each channel.
        init: the weight at first.
    """

    _shown = ("num_parameters",)

    @placed
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
        whole(embed_dim=embed_dim)
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
