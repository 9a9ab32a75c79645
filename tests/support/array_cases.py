"""Every function of arrays and every function of numbers as cases for the checkers, with what others call it.

A case applies one function to operands of given shapes.  ``torch`` and ``jax`` say the same for PyTorch and JAX, and
are called with these modules, so that the table can be read without them; None where the library does not have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f

Shape = tuple[int, ...]
S: Shape = (3, 4, 5)


class Case(NamedTuple):
    """One application.

    Attributes:
        name: what is done, as a reader says it.
        function: its name in ``REGISTRY.arrays`` or the registry itself.
        shapes: of the operands.
        ours: called with tensors.
        torch: called with PyTorch and its tensors.
        jax: called with JAX and its arrays.
        draw: "normal", "positive", "inside" (-0.9 to 0.9) or "above 1".
    """

    name: str
    function: str
    shapes: tuple[Shape, ...]
    ours: Callable[..., Any]
    torch: Callable[..., Any]
    jax: Callable[..., Any] | None = None
    draw: str = "normal"


def drawn(case: Case, generator: np.random.Generator, shapes: tuple[Shape, ...]) -> list[Any]:
    """Operands of the given shapes."""
    arrays = [np.asarray(generator.standard_normal(shape)) for shape in shapes]
    if case.draw == "positive":
        arrays = [np.abs(array) + 0.1 for array in arrays]
    elif case.draw == "inside":
        arrays = [0.9 * np.tanh(array) for array in arrays]
    elif case.draw == "above 1":
        arrays = [1.1 + np.abs(array) for array in arrays]
    return arrays


# Reductions

AXES: dict[str, Any] = {"all axes": None, "axis 0": 0, "the last axis": -1, "two axes": (0, 2)}


def _over(x: Any, axis: Any) -> Any:
    return tuple(range(len(x.shape))) if axis is None else axis


def _reductions() -> list[Case]:
    table: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "sum": (lambda t, x, **o: t.sum(x, **o), lambda j, x, **o: j.numpy.sum(x, **o)),
        "mean": (lambda t, x, **o: t.mean(x, **o), lambda j, x, **o: j.numpy.mean(x, **o)),
        "var": (lambda t, x, **o: t.var(x, **o), lambda j, x, **o: j.numpy.var(x, ddof=1, **o)),
        "std": (lambda t, x, **o: t.std(x, **o), lambda j, x, **o: j.numpy.std(x, ddof=1, **o)),
        "max": (lambda t, x, **o: t.amax(x, **o), lambda j, x, **o: j.numpy.max(x, **o)),
        "min": (lambda t, x, **o: t.amin(x, **o), lambda j, x, **o: j.numpy.min(x, **o)),
        "logsumexp": (lambda t, x, **o: t.logsumexp(x, **o), lambda j, x, **o: j.scipy.special.logsumexp(x, **o)),
        "euclidean_norm": (
            lambda t, x, **o: t.linalg.vector_norm(x, **o),
            lambda j, x, **o: j.numpy.sqrt(j.numpy.sum(x * x, **o)),
        ),
        "power_norm": (
            lambda t, x, **o: t.linalg.vector_norm(x, 3.0, **o),
            lambda j, x, **o: j.numpy.sum(j.numpy.abs(x) ** 3, **o) ** (1 / 3),
        ),
        "norm": (
            lambda t, x, **o: t.linalg.vector_norm(x, **o),
            lambda j, x, **o: j.numpy.sqrt(j.numpy.sum(x * x, **o)),
        ),
    }
    cases = []
    for name, (torch, jax) in table.items():
        for words, axis in AXES.items():
            for keepdims in (False, True):
                cases.append(
                    Case(
                        f"{name} over {words}{', kept' * keepdims}",
                        name,
                        (S,),
                        lambda x, n=name, a=axis, k=keepdims: getattr(f, n)(x, axis=a, keepdims=k),
                        lambda t, x, g=torch, a=axis, k=keepdims: g(t, x, dim=_over(x, a), keepdim=k),
                        (lambda j, x, g=jax, a=axis, k=keepdims: g(j, x, axis=a, keepdims=k))
                        if keepdims and isinstance(axis, tuple)
                        else None,
                    )
                )
        for shape in ((), (1,), (1, 4, 1), (2, 0, 3)):
            is_chosen, is_scattered = name in ("max", "min"), name in ("var", "std")
            if math.prod(shape) < 2 and ((is_chosen and 0 in shape) or is_scattered or (shape and "norm" in name)):
                continue  # what has no value, or a second derivative that is nothing but rounding
            cases.append(
                Case(
                    f"{name} of an array of shape {shape}",
                    name,
                    (shape,),
                    lambda x, n=name: getattr(f, n)(x),
                    lambda t, x, g=torch: g(t, x, dim=_over(x, None)),
                )
            )
        cases.append(
            Case(
                f"{name} of no arrays",
                name,
                ((0, 3),),
                lambda x, n=name: getattr(f, n)(x, axis=1),
                lambda t, x, g=torch: g(t, x, dim=1),
            )
        )
    return cases


REDUCTIONS = [
    *_reductions(),
    Case("method with PyTorch's words", "sum", (S,), lambda x: x.sum(dim=1, keepdim=True), lambda t, x: x.sum(1, True)),
    Case(
        "var of a population", "var", (S,), lambda x: x.var(axis=1, correction=0), lambda t, x: x.var(1, correction=0)
    ),
    Case("std of a population", "std", (S,), lambda x: x.std(correction=0), lambda t, x: x.std(correction=0)),
    *[
        Case(
            f"{p}-norm along an axis",
            "norm",
            (S,),
            lambda x, p=p: f.norm(x, ord=p, axis=1),
            lambda t, x, p=p: t.linalg.vector_norm(x, p, dim=1),
            lambda j, x, p=p: j.numpy.linalg.norm(x, ord=p, axis=1),
        )
        for p in (1, 3, 2.5, math.inf)
    ],
    Case("prod of all", "prod", ((2, 3),), lambda x: x.prod(), lambda t, x: x.prod(), lambda j, x: j.numpy.prod(x)),
    Case("prod along an axis", "prod", (S,), lambda x: x.prod(axis=1), lambda t, x: x.prod(1)),
    Case("prod, kept", "prod", (S,), lambda x: x.prod(axis=-1, keepdims=True), lambda t, x: x.prod(-1, True)),
    Case(
        "prod over two axes",
        "prod",
        (S,),
        lambda x: x.prod(axis=(0, 2)),
        lambda t, x: x.prod(2).prod(0),
        lambda j, x: j.numpy.prod(x, axis=(0, 2)),
    ),
    Case("prod of one", "prod", ((),), lambda x: x.prod(), lambda t, x: x.prod()),
    Case("prod of nothing", "prod", ((0, 3),), lambda x: x.prod(axis=0), lambda t, x: x.prod(0)),
    *[
        Case(
            f"prod with {zeros} zero{'s' * (zeros > 1)}",
            "prod",
            ((2, 5),),
            lambda x, z=zeros: (x * np.where(np.arange(5) < z, 0.0, 1.0)).prod(axis=1),
            lambda t, x, z=zeros: (x * t.where(t.arange(5) < z, 0.0, 1.0)).prod(1),
        )
        for zeros in (1, 2, 3)
    ],
    *[
        Case(
            f"{name} along axis {axis}",
            name,
            (S,),
            lambda x, n=name, a=axis: getattr(f, n)(x, axis=a),
            lambda t, x, n=name, a=axis: getattr(t, n)(x, a),
            lambda j, x, n=name, a=axis: getattr(j.nn, n)(x, a),
        )
        for name in ("softmax", "log_softmax")
        for axis in (-1, 1)
    ],
    *[
        Case(
            f"{name} of shape {shape}",
            name,
            (shape,),
            lambda x, n=name: getattr(x, n)(-1),
            lambda t, x, n=name: getattr(t, n)(x, -1),
        )
        for name in ("softmax", "log_softmax")
        for shape in ((), (1,), (0,), (3, 0), (0, 3), (2, 1))
    ],
    Case(
        "cumsum",
        "cumsum",
        (S,),
        lambda x: f.cumsum(x, axis=1),
        lambda t, x: x.cumsum(1),
        lambda j, x: j.numpy.cumsum(x, 1),
    ),
    Case("cumsum of none", "cumsum", ((0, 3),), lambda x: f.cumsum(x, axis=0), lambda t, x: x.cumsum(0)),
    Case(
        "cumsum from the end",
        "cumsum",
        (S,),
        lambda x: f.cumsum(x, axis=-1, reverse=True),
        lambda t, x: x.flip(-1).cumsum(-1).flip(-1),
    ),
    Case("argmax", "argmax", (S,), lambda x: x.argmax(axis=1) * x.sum(axis=1), lambda t, x: x.argmax(1) * x.sum(1)),
    Case("argmin", "argmin", (S,), lambda x: x.argmin() * x.sum(), lambda t, x: x.argmin() * x.sum()),
]


# Shapes

_MASK = np.arange(12).reshape(3, 4) % 2 == 0

SHAPES = [
    Case(
        "reshape",
        "reshape",
        ((4, 3),),
        lambda x: x.reshape(2, -1),
        lambda t, x: x.reshape(2, -1),
        lambda j, x: x.reshape(2, -1),
    ),
    Case("reshape to a column", "reshape", ((4,),), lambda x: x.reshape((4, 1)), lambda t, x: x.reshape(4, 1)),
    Case("reshape of nothing", "reshape", ((0, 3),), lambda x: x.reshape(3, 0), lambda t, x: x.reshape(3, 0)),
    Case("reshape to no axes", "reshape", ((1, 1),), lambda x: x.reshape(()), lambda t, x: x.reshape(())),
    Case("copy", "copy", ((4, 3),), lambda x: x.clone(), lambda t, x: x.clone(), lambda j, x: x.copy()),
    Case("view", "reshape", ((4, 3),), lambda x: x.view(12), lambda t, x: x.reshape(12)),
    Case("permute", "transpose", (S,), lambda x: x.permute(2, 0, 1), lambda t, x: x.permute(2, 0, 1)),
    Case(
        "permute counted from the end",
        "transpose",
        (S,),
        lambda x: x.permute(-1, 0, -2),
        lambda t, x: x.permute(2, 0, 1),
    ),
    Case("two axes exchanged", "transpose", (S,), lambda x: x.transpose(0, -1), lambda t, x: x.transpose(0, -1)),
    Case("T", "transpose", ((2, 3),), lambda x: x.T, lambda t, x: x.T, lambda j, x: x.T),
    Case("T of a number", "transpose", ((),), lambda x: x.T, lambda t, x: x.clone()),
    Case("expand", "expand", ((3, 1),), lambda x: x.expand(4, 3, 5), lambda t, x: x.expand(4, 3, 5)),
    Case("expand keeps a length", "expand", ((3, 1),), lambda x: x.expand(-1, 2), lambda t, x: x.expand(-1, 2)),
    Case("expand to nothing", "expand", ((1, 3),), lambda x: x.expand(0, 3), lambda t, x: x.expand(0, 3)),
    Case("clone", "expand", ((2, 3),), lambda x: x.clone(), lambda t, x: x.clone()),
    Case("sum to a shape", "sum_to", (S,), lambda x: f.sum_to(x, (4, 1)), lambda t, x: x.sum_to_size(4, 1)),
    Case(
        "pad",
        "pad",
        ((3, 4),),
        lambda x: f.pad(x, ((1, 2), (0, 1)), 3.0),
        lambda t, x: t.nn.functional.pad(x, (0, 1, 1, 2), value=3.0),
        lambda j, x: j.numpy.pad(x, ((1, 2), (0, 1)), constant_values=3.0),
    ),
    Case("pad everywhere", "pad", ((2, 0),), lambda x: x.pad(1), lambda t, x: t.nn.functional.pad(x, (1, 1, 1, 1))),
    Case("a row", "index", (S,), lambda x: x[1], lambda t, x: x[1], lambda j, x: x[1]),
    Case("an element", "index", (S,), lambda x: x[-1, 2, 0], lambda t, x: x[-1, 2, 0]),
    Case("a slice", "index", (S,), lambda x: x[1:, :-1, ::2], lambda t, x: x[1:, :-1, ::2]),
    Case("an empty slice", "index", (S,), lambda x: x[2:1], lambda t, x: x[2:1]),
    Case(
        "a slice backwards",
        "index",
        (S,),
        lambda x: x[::-1, 1::-1],
        lambda t, x: x.flip(0)[:, [1, 0]],
        lambda j, x: x[::-1, 1::-1],
    ),
    Case("the last of each", "index", (S,), lambda x: x[..., -1], lambda t, x: x[..., -1]),
    Case("a new axis", "index", (S,), lambda x: x[:, None, ::2, None], lambda t, x: x[:, None, ::2, None]),
    Case("everything", "index", (S,), lambda x: x[...], lambda t, x: x[...]),
    Case("a list", "index", (S,), lambda x: x[[2, 0]], lambda t, x: x[[2, 0]]),
    Case("repeated indices", "index", (S,), lambda x: x[1:, [0, 2, 2]], lambda t, x: x[1:, [0, 2, 2]]),
    Case("negative indices", "index", (S,), lambda x: x[:, [-1, 1, -1]], lambda t, x: x[:, [-1, 1, -1]]),
    Case("pairs of indices", "index", (S,), lambda x: x[[0, 2, 0], [1, 1, 1]], lambda t, x: x[[0, 2, 0], [1, 1, 1]]),
    Case(
        "indices that broadcast",
        "index",
        (S,),
        lambda x: x[np.array([[0], [2]]), [1, 1, 3]],
        lambda t, x: x[t.tensor([[0], [2]]), t.tensor([1, 1, 3])],
        lambda j, x: x[np.array([[0], [2]]), np.array([1, 1, 3])],
    ),
    Case(
        "indices apart",
        "index",
        (S,),
        lambda x: x[[0, 2], :, [1, 1]],
        lambda t, x: x[t.tensor([0, 2]), :, t.tensor([1, 1])],
        lambda j, x: x[np.array([0, 2]), :, np.array([1, 1])],
    ),
    Case("no indices", "index", (S,), lambda x: x[np.zeros(0, int)], lambda t, x: x[t.zeros(0, dtype=int)]),
    Case("truth values", "index", ((3, 4),), lambda x: x[_MASK], lambda t, x: x[t.tensor(_MASK)]),
    Case("truth values of rows", "index", (S,), lambda x: x[_MASK], lambda t, x: x[t.tensor(_MASK)]),
    Case("no true value", "index", ((3, 4),), lambda x: x[_MASK & ~_MASK], lambda t, x: x[t.tensor(_MASK & ~_MASK)]),
    Case(
        "scatter",
        "scatter",
        ((3, 2),),
        lambda x: f.scatter(x, (4, 2), (np.array([1, 3, 1]),)),
        lambda t, x: t.zeros(4, 2, dtype=x.dtype).index_add(0, t.tensor([1, 3, 1]), x),
    ),
    Case("cat", "cat", ((2, 3), (2, 4)), lambda x, y: f.cat([x, y, x], 1), lambda t, x, y: t.cat([x, y, x], 1)),
    Case("cat with nothing", "cat", ((2, 3), (0, 3)), lambda x, y: f.cat([x, y]), lambda t, x, y: t.cat([x, y])),
    Case(
        "cat with an array",
        "cat",
        ((2, 3),),
        lambda x: f.cat([x, np.ones((2, 1))], -1),
        lambda t, x: t.cat([x, t.ones(2, 1)], 1),
    ),
    Case(
        "stack", "stack", ((2, 3), (2, 3)), lambda x, y: f.stack([x, y], axis=-1), lambda t, x, y: t.stack([x, y], -1)
    ),
    Case("stack of numbers", "stack", ((), ()), lambda x, y: f.stack([x, y, x]), lambda t, x, y: t.stack([x, y, x])),
    Case(
        "split by lengths",
        "split",
        ((2, 3),),
        lambda x: f.cat(x.split([1, 2], 1)[::-1], 1),
        lambda t, x: t.cat(x.split([1, 2], 1)[::-1], 1),
    ),
    Case("split in equal parts", "split", ((4, 3),), lambda x: f.mul(*x.split(2)), lambda t, x: t.mul(*x.split(2))),
    Case("squeeze", "squeeze", ((1, 3, 1),), lambda x: x.squeeze(), lambda t, x: x.squeeze()),
    Case("squeeze of one axis", "squeeze", ((1, 3, 1),), lambda x: x.squeeze(-1), lambda t, x: x.squeeze(-1)),
    Case("unsqueeze", "unsqueeze", ((2, 3),), lambda x: x.unsqueeze(1), lambda t, x: x.unsqueeze(1)),
    Case("unsqueeze at the end", "unsqueeze", ((2, 3),), lambda x: x.unsqueeze(-1), lambda t, x: x.unsqueeze(-1)),
    Case("flatten", "flatten", (S,), lambda x: x.flatten(), lambda t, x: x.flatten()),
    Case("flatten from an axis", "flatten", (S,), lambda x: x.flatten(1), lambda t, x: x.flatten(1)),
    Case("flatten of a number", "flatten", ((),), lambda x: x.flatten(), lambda t, x: x.flatten()),
    Case(
        "masked_fill",
        "masked_fill",
        ((3, 4),),
        lambda x: x.masked_fill(_MASK, -9.0),
        lambda t, x: x.masked_fill(t.tensor(_MASK), -9.0),
    ),
    Case(
        "masked_fill of rows",
        "masked_fill",
        (S,),
        lambda x: x.masked_fill(_MASK[:, :1, None], 0.0),
        lambda t, x: x.masked_fill(t.tensor(_MASK[:, :1, None]), 0.0),
    ),
    Case("cast", "cast", ((3, 4),), lambda x: x.to("float64"), lambda t, x: x.to(t.float64)),
    Case("the identity beside it", "eye_like", ((3, 3),), lambda x: x * f.eye_like(x, 3), lambda t, x: x * t.eye(3)),
]


# Products

_PAIRS: list[tuple[Shape, Shape]] = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((2, 1, 2, 3), (4, 3, 2)),
    ((1, 1), (1, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0, 2, 3), (3, 1)),
    ((0,), (0,)),
]
_CONVOLUTIONS: dict[str, tuple[Any, Any, int, Shape, Shape]] = {
    "": (1, 0, 1, (2, 4, 6, 7), (6, 4, 3, 2)),
    " with stride and padding": (2, 1, 1, (2, 4, 6, 7), (6, 4, 3, 2)),
    " in groups": (1, 1, 2, (2, 4, 6, 7), (6, 2, 3, 2)),
    " of each channel": (1, 0, 4, (2, 4, 5, 5), (4, 1, 2, 2)),
    " with two strides": ((2, 1), (0, 2), 2, (2, 4, 6, 7), (6, 2, 3, 2)),
    " that skips pixels": (3, 0, 1, (2, 1, 8, 7), (2, 1, 2, 2)),
    " by 1 x 1": (1, 0, 1, (2, 3, 4, 4), (2, 3, 1, 1)),
    " of the whole image": (1, 0, 1, (1, 2, 3, 3), (2, 2, 3, 3)),
    " of no images": (1, 0, 1, (0, 2, 3, 3), (2, 2, 2, 2)),
}


def _convolved(j: Any, x: Any, w: Any, stride: Any, padding: Any, groups: int) -> Any:
    stride = (stride, stride) if isinstance(stride, int) else stride
    padding = (padding, padding) if isinstance(padding, int) else padding
    return j.lax.conv_general_dilated(x, w, stride, [(p, p) for p in padding], feature_group_count=groups)


PRODUCTS = [
    *[
        Case(
            f"matmul of {a} and {b}", "matmul", (a, b), lambda x, y: x @ y, lambda t, x, y: x @ y, lambda j, x, y: x @ y
        )
        for a, b in _PAIRS
    ],
    Case("dot", "dot", ((4,), (4,)), lambda x, y: x.dot(y), lambda t, x, y: x.dot(y)),
    Case(
        "matmul with an array in front",
        "matmul",
        ((3, 2),),
        lambda x: np.ones((2, 3)) @ x,
        lambda t, x: t.ones(2, 3, dtype=x.dtype) @ x,
    ),
    Case("matmul with itself", "matmul", ((3, 3),), lambda x: x @ x @ x.T, lambda t, x: x @ x @ x.T),
    *[
        Case(
            f"{name} of {a}",
            name,
            (a, (4, 3), (4,)),
            lambda x, w, b, n=name: getattr(f, n)(x, w, b),
            lambda t, x, w, b: t.nn.functional.linear(x, w, b),
        )
        for name in ("affine", "linear")
        for a in ((2, 3), (3,), (2, 5, 3), (0, 3))
    ],
    Case(
        "linear without a bias",
        "linear",
        ((2, 5, 3), (4, 3)),
        lambda x, w: f.linear(x, w),
        lambda t, x, w: t.nn.functional.linear(x, w),
    ),
    *[
        Case(
            f"convolution{words}",
            "convolution",
            (a, b),
            lambda x, w, o=(stride, padding, groups): f.convolution(x, w, *o),
            lambda t, x, w, o=(stride, padding, groups): t.nn.functional.conv2d(x, w, None, o[0], o[1], 1, o[2]),
            (lambda j, x, w, o=(stride, padding, groups): _convolved(j, x, w, *o)) if groups == 2 else None,
        )
        for words, (stride, padding, groups, a, b) in _CONVOLUTIONS.items()
    ],
    Case(
        "conv2d with a bias",
        "conv2d",
        ((2, 4, 6, 7), (6, 2, 3, 2), (6,)),
        lambda x, w, b: f.conv2d(x, w, b, stride=2, padding=1, groups=2),
        lambda t, x, w, b: t.nn.functional.conv2d(x, w, b, stride=2, padding=1, groups=2),
    ),
    Case(
        "conv_transpose",
        "conv_transpose",
        ((2, 4, 3, 4), (4, 3, 3, 2), (6,)),
        lambda x, w, b: f.conv_transpose(x, w, b, stride=2, padding=1, output_padding=(1, 0), groups=2),
        lambda t, x, w, b: t.nn.functional.conv_transpose2d(x, w, b, 2, 1, (1, 0), 2),
    ),
    Case(
        "patches",
        "patches",
        ((2, 3, 4, 5),),
        lambda x: f.patches(x, kernel=2).sum(axis=(1, 2)),
        lambda t, x: t.nn.functional.unfold(x, 2).sum(-1).reshape(2, 3, 2, 2).permute(0, 2, 3, 1),
    ),
    Case(
        "assemble",
        "assemble",
        ((2, 3, 4, 2, 2, 3),),
        lambda x: f.assemble(x, shape=(2, 3, 4, 5), kernel=(2, 2), stride=(1, 1), padding=(0, 0)),
        lambda t, x: t.nn.functional.fold(x.permute(0, 5, 3, 4, 1, 2).reshape(2, 12, 12), (4, 5), 2),
    ),
    Case(
        "max_pool2d",
        "max_pool2d",
        ((2, 3, 6, 7),),
        lambda x: f.max_pool2d(x, 2),
        lambda t, x: t.nn.functional.max_pool2d(x, 2),
    ),
    Case(
        "max_pool2d whose windows overlap",
        "max_pool2d",
        ((2, 3, 6, 7),),
        lambda x: x.max_pool2d(3, 2, 1),
        lambda t, x: t.nn.functional.max_pool2d(x, 3, 2, 1),
    ),
    Case(
        "max_pool2d with two strides",
        "max_pool2d",
        ((1, 2, 5, 5),),
        lambda x: f.max_pool2d(x, (1, 3), (2, 1)),
        lambda t, x: t.nn.functional.max_pool2d(x, (1, 3), (2, 1)),
    ),
    Case(
        "embedding",
        "embedding",
        ((4, 3),),
        lambda w: f.embedding([[0, 2], [2, 1]], w),
        lambda t, w: t.nn.functional.embedding(t.tensor([[0, 2], [2, 1]]), w),
    ),
    Case(
        "embedding of nothing",
        "embedding",
        ((4, 3),),
        lambda w: f.embedding(np.zeros((0, 2), int), w),
        lambda t, w: w[t.zeros((0, 2), dtype=int)],
    ),
]


# Functions of numbers

UNARY_SHAPES: list[tuple[Shape, ...]] = [((3, 4),), ((),), ((1,),), ((0, 3),)]
BINARY_SHAPES: list[tuple[Shape, ...]] = [
    ((3, 4), (4,)),
    ((4,), (2, 3, 4)),
    ((3, 1), (1, 4)),
    ((1,), (3,)),
    ((), (3,)),
    ((2, 3), ()),
    ((0, 3), (3,)),
    ((1, 3), (0, 1)),
    ((), ()),
]
TERNARY_SHAPES: list[tuple[Shape, ...]] = [
    ((3, 4), (4,), (3, 1)),
    ((4,), (2, 3, 4), ()),
    ((), (), (2,)),
    ((0, 2), (2,), (1,)),
]

#: Name -> (PyTorch, JAX, what to draw).  Without JAX's, PyTorch's is also what JAX says with the names of NumPy.
POINTWISE: dict[str, tuple[Callable[..., Any], Callable[..., Any] | None, str]] = {
    "relu": (lambda t, x: t.relu(x), lambda j, x: j.nn.relu(x), "normal"),
    "leaky_relu": (lambda t, x: t.nn.functional.leaky_relu(x), lambda j, x: j.nn.leaky_relu(x), "normal"),
    "elu": (lambda t, x: t.nn.functional.elu(x), lambda j, x: j.nn.elu(x), "normal"),
    "selu": (lambda t, x: t.nn.functional.selu(x), lambda j, x: j.nn.selu(x), "normal"),
    "sigmoid": (lambda t, x: t.sigmoid(x), lambda j, x: j.nn.sigmoid(x), "normal"),
    "softplus": (lambda t, x: t.nn.functional.softplus(x), lambda j, x: j.nn.softplus(x), "normal"),
    "softsign": (lambda t, x: t.nn.functional.softsign(x), lambda j, x: j.nn.soft_sign(x), "normal"),
    "silu": (lambda t, x: t.nn.functional.silu(x), lambda j, x: j.nn.silu(x), "normal"),
    "gelu": (lambda t, x: t.nn.functional.gelu(x), lambda j, x: j.nn.gelu(x, False), "normal"),
    "gelu_tanh": (lambda t, x: t.nn.functional.gelu(x, approximate="tanh"), lambda j, x: j.nn.gelu(x, True), "normal"),
    "mish": (lambda t, x: t.nn.functional.mish(x), lambda j, x: j.nn.mish(x), "normal"),
    "hard_tanh": (lambda t, x: t.nn.functional.hardtanh(x), lambda j, x: j.nn.hard_tanh(x), "normal"),
    "add": (lambda t, x, y: x + y, None, "normal"),
    "sub": (lambda t, x, y: x - y, None, "normal"),
    "mul": (lambda t, x, y: x * y, None, "normal"),
    "div": (lambda t, x, y: x / y, None, "positive"),
    "neg": (lambda t, x: -x, None, "normal"),
    "pow": (lambda t, x, y: x**y, lambda j, x, y: x**y, "positive"),
    "mod": (lambda t, x, y: t.remainder(x, y), lambda j, x, y: j.numpy.mod(x, y), "normal"),
    "square": (lambda t, x: t.square(x), None, "normal"),
    "sqrt": (lambda t, x: t.sqrt(x), None, "positive"),
    "cbrt": (lambda t, x: t.sign(x) * t.abs(x) ** (1 / 3), lambda j, x: j.numpy.cbrt(x), "normal"),
    "hypot": (lambda t, x, y: t.hypot(x, y), lambda j, x, y: j.numpy.hypot(x, y), "normal"),
    "exp": (lambda t, x: t.exp(x), None, "normal"),
    "exp2": (lambda t, x: t.exp2(x), None, "normal"),
    "expm1": (lambda t, x: t.expm1(x), lambda j, x: j.numpy.expm1(x), "normal"),
    "log": (lambda t, x: t.log(x), None, "positive"),
    "log2": (lambda t, x: t.log2(x), None, "positive"),
    "log10": (lambda t, x: t.log10(x), None, "positive"),
    "log1p": (lambda t, x: t.log1p(x), lambda j, x: j.numpy.log1p(x), "positive"),
    "logaddexp": (lambda t, x, y: t.logaddexp(x, y), lambda j, x, y: j.numpy.logaddexp(x, y), "normal"),
    "xlogy": (lambda t, x, y: t.xlogy(x, y), lambda j, x, y: j.scipy.special.xlogy(x, y), "positive"),
    "sinh": (lambda t, x: t.sinh(x), None, "normal"),
    "cosh": (lambda t, x: t.cosh(x), None, "normal"),
    "tanh": (lambda t, x: t.tanh(x), lambda j, x: j.numpy.tanh(x), "normal"),
    "sech": (lambda t, x: 1 / t.cosh(x), None, "normal"),
    "csch": (lambda t, x: 1 / t.sinh(x), None, "positive"),
    "coth": (lambda t, x: 1 / t.tanh(x), None, "positive"),
    "asinh": (lambda t, x: t.asinh(x), lambda j, x: j.numpy.arcsinh(x), "normal"),
    "acosh": (lambda t, x: t.acosh(x), None, "above 1"),
    "atanh": (lambda t, x: t.atanh(x), lambda j, x: j.numpy.arctanh(x), "inside"),
    "floor": (lambda t, x: t.floor(x), None, "normal"),
    "ceil": (lambda t, x: t.ceil(x), None, "normal"),
    "round": (lambda t, x: t.round(x), None, "normal"),
    "sign": (lambda t, x: t.sign(x), None, "normal"),
    "step": (lambda t, x: 0.5 * t.sign(x) + 0.5, None, "normal"),
    "abs": (lambda t, x: t.abs(x), None, "normal"),
    "max": (lambda t, x, y: t.maximum(x, y), lambda j, x, y: j.numpy.maximum(x, y), "normal"),
    "min": (lambda t, x, y: t.minimum(x, y), lambda j, x, y: j.numpy.minimum(x, y), "normal"),
    "clip": (
        lambda t, x, low, high: t.minimum(t.maximum(x, low), high),
        lambda j, x, low, high: j.numpy.clip(x, low, high),
        "normal",
    ),
    "erf": (lambda t, x: t.erf(x), lambda j, x: j.scipy.special.erf(x), "normal"),
    "erfc": (lambda t, x: t.erfc(x), lambda j, x: j.scipy.special.erfc(x), "normal"),
    "gamma": (lambda t, x: t.exp(t.lgamma(x)), lambda j, x: j.scipy.special.gamma(x), "positive"),
    "lgamma": (lambda t, x: t.lgamma(x), lambda j, x: j.scipy.special.gammaln(x), "positive"),
    "digamma": (lambda t, x: t.digamma(x), lambda j, x: j.scipy.special.digamma(x), "positive"),
    "polygamma": (lambda t, x: t.polygamma(1, x), lambda j, x: j.scipy.special.polygamma(1, x), "positive"),
    "factorial": (lambda t, x: t.exp(t.lgamma(x + 1)), lambda j, x: j.scipy.special.gamma(x + 1), "positive"),
    "sin": (lambda t, x: t.sin(x), None, "normal"),
    "cos": (lambda t, x: t.cos(x), None, "normal"),
    "tan": (lambda t, x: t.tan(x), lambda j, x: j.numpy.tan(x), "inside"),
    "sec": (lambda t, x: 1 / t.cos(x), None, "inside"),
    "csc": (lambda t, x: 1 / t.sin(x), None, "positive"),
    "cot": (lambda t, x: 1 / t.tan(x), None, "positive"),
    "asin": (lambda t, x: t.asin(x), None, "inside"),
    "acos": (lambda t, x: t.acos(x), None, "inside"),
    "atan": (lambda t, x: t.atan(x), lambda j, x: j.numpy.arctan(x), "normal"),
    "atan2": (lambda t, y, x: t.atan2(y, x), lambda j, y, x: j.numpy.arctan2(y, x), "normal"),
    "sinc": (lambda t, x: t.sinc(x), lambda j, x: j.numpy.sinc(x), "normal"),
}
#: Functions without a derivative: name -> the same in NumPy and PyTorch.
TRUTHS = (
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
    "logical_and",
    "logical_or",
    "logical_not",
)
#: Functions whose first operand is a constant: name -> that constant.
STATIC = {"polygamma": 1.0}
_SHAPES_OF = {1: UNARY_SHAPES, 2: BINARY_SHAPES, 3: TERNARY_SHAPES}


def pointwise_cases(name: str) -> list[Case]:
    """A function of numbers on arrays of several shapes, broadcast both ways."""
    torch, jax, draw = POINTWISE[name]
    primitive = REGISTRY[name]

    def ours(*operands: Any) -> Any:
        return primitive(STATIC[name], *operands) if name in STATIC else primitive(*operands)

    shapes = _SHAPES_OF[primitive.arity - len(primitive.static)]
    words = jax or (lambda j, *operands: torch(j.numpy, *operands))
    return [Case(f"{name} of {given}", name, given, ours, torch, words, draw) for given in shapes]


WHERE = [
    Case(
        f"where of {given}",
        "where",
        given,
        lambda c, x, y: f.where(f.greater(c, 0.0), x * y, y.exp()),
        lambda t, c, x, y: t.where(c > 0, x * y, y.exp()),
        lambda j, c, x, y: j.numpy.where(c > 0, x * y, j.numpy.exp(y)),
    )
    for given in TERNARY_SHAPES
]
