"""The checkers of cases on tensors: values, both orders of derivatives and both modes against PyTorch, JAX or NumPy.

A second derivative is checked along one random direction of the derivative along another, a whole array of numbers
for each operand.  The error is relative to the largest entry.  Each case is seen in all layouts: as it is, and with
operands that are views into other arrays.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradcli.eager.pullback import pushforward
from gradcli.eager.tensor import Tensor
from tests.support.array_cases import Case, drawn

TOLERANCE = 1e-12


class Layout(NamedTuple):
    """Operands as views: the shape of what is behind one, and how it is seen by us and by PyTorch."""

    shape: Callable[[tuple[int, ...]], tuple[int, ...]]
    ours: Callable[[Any], Any]
    torch: Callable[[Any], Any]


def _axes(x: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim))[::-1]


LAYOUTS: dict[str, Layout] = {
    "as they are": Layout(lambda shape: shape, lambda x: x, lambda x: x),
    "transposed": Layout(lambda shape: shape[::-1], lambda x: x.T, lambda x: x.permute(_axes(x))),
    "every second element": Layout(
        lambda shape: (*shape[:-1], 2 * shape[-1]) if shape else (),
        lambda x: x[..., ::2] if x.ndim else x,
        lambda x: x[..., ::2] if x.ndim else x,
    ),
    "backwards": Layout(
        lambda shape: shape,
        lambda x: x[..., ::-1] if x.ndim else x,
        lambda x: x.flip(-1) if x.ndim else x,
    ),
}


def generator_of(case: Case) -> np.random.Generator:
    """The same random numbers in every run."""
    return np.random.default_rng(zlib.crc32(case.name.encode()))


def assert_close(ours: Any, theirs: Any, what: str, tolerance: float = TOLERANCE, scale: float = 0.0) -> None:
    """The shapes are the same and the errors are small beside the largest entry, or beside a scale."""
    ours, theirs = np.asarray(ours.detach() if isinstance(ours, Tensor) else ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape}, not {theirs.shape}"
    finite = np.isfinite(theirs)
    assert np.array_equal(ours[~finite], theirs[~finite], equal_nan=True), f"{what}: {ours}, not {theirs}"
    assert np.isfinite(ours[finite]).all(), f"{what}: {ours}, not {theirs}"
    if finite.any():
        largest = max(float(np.abs(theirs[finite]).max()), scale)
        error = float(np.abs(ours[finite] - theirs[finite]).max())
        assert error <= tolerance * largest, f"{what}: an error of {error:.2e} beside {largest:.2e}"


class Derivatives(NamedTuple):
    """What there is to know of a case at a point.

    ``gradients`` are those of ``sum(weights * value)``; ``tangent`` moves the operands along ``directions``;
    ``seconds`` are the gradients of ``sum(directions * gradients)``.
    """

    value: Any
    gradients: list[Any]
    tangent: Any
    seconds: list[Any]


class Point(NamedTuple):
    """Where a case is looked at."""

    arrays: list[Any]
    directions: list[Any]
    weights: Any


def point_of(case: Case, layout: Layout) -> Point:
    """A random point, with operands behind a layout."""
    generator = generator_of(case)
    arrays = drawn(case, generator, tuple([layout.shape(shape) for shape in case.shapes]))
    directions = [np.asarray(generator.standard_normal(array.shape)) for array in arrays]
    shape = case.ours(*[layout.ours(Tensor(array)) for array in arrays]).shape
    return Point(arrays, directions, np.asarray(generator.standard_normal(tuple(shape))))


def by_reverse_mode(case: Case, layout: Layout, point: Point) -> Derivatives:
    """Gradients by `backward`, and theirs by a `backward` through the recorded gradient."""
    leaves = [Tensor(array, requires_grad=True) for array in point.arrays]
    value = case.ours(*[layout.ours(leaf) for leaf in leaves])
    if not value.requires_grad:
        nothing = [np.zeros(leaf.shape) for leaf in leaves]
        return Derivatives(value.detach().numpy(), nothing, np.zeros(value.shape), nothing)
    weights = Tensor(point.weights, requires_grad=True)
    value.backward(weights, create_graph=True)
    gradients = [leaf.grad for leaf in leaves]
    along = sum(
        [(g * direction).sum() for g, direction in zip(gradients, point.directions, strict=True) if g is not None]
    )
    for leaf in leaves:
        leaf.grad = None
    if along.requires_grad:
        along.backward()
    zeros = [np.zeros(leaf.shape) for leaf in leaves]
    return Derivatives(
        value.detach().numpy(),
        [zero if g is None else g.detach().numpy() for g, zero in zip(gradients, zeros, strict=True)],
        # What the gradient along the directions owes to the weights is the tangent of the value.
        np.zeros(value.shape) if weights.grad is None else weights.grad.numpy(),
        [zero if leaf.grad is None else leaf.grad.numpy() for leaf, zero in zip(leaves, zeros, strict=True)],
    )


def by_forward_mode(case: Case, layout: Layout, point: Point) -> Derivatives:
    """Gradients by `backward` on plain arrays, everything else by `pushforward`: second ones forward over reverse."""
    leaves = [Tensor(array, requires_grad=True) for array in point.arrays]
    tangents = {leaf: Tensor(direction) for leaf, direction in zip(leaves, point.directions, strict=True)}
    value = case.ours(*[layout.ours(leaf) for leaf in leaves])
    zeros = [np.zeros(leaf.shape) for leaf in leaves]
    if not value.requires_grad:
        return Derivatives(value.detach().numpy(), zeros, np.zeros(value.shape), zeros)
    tangent = pushforward(value, tangents)
    value.backward(point.weights)
    gradients = [zero if leaf.grad is None else leaf.grad.numpy() for leaf, zero in zip(leaves, zeros, strict=True)]
    for leaf in leaves:
        leaf.grad = None
    value.backward(point.weights, create_graph=True)
    recorded = [leaf.grad for leaf in leaves]
    seconds = [
        zero if g is None or not g.requires_grad else pushforward(g, tangents).detach().numpy()
        for g, zero in zip(recorded, zeros, strict=True)
    ]
    return Derivatives(value.detach().numpy(), gradients, tangent.detach().numpy(), seconds)


def by_torch(torch: Any, case: Case, layout: Layout, point: Point) -> Derivatives:
    """The same by PyTorch, with gradients of gradients."""
    leaves = [torch.tensor(array, requires_grad=True) for array in point.arrays]
    value = case.torch(torch, *[layout.torch(leaf) for leaf in leaves])
    weights = torch.tensor(point.weights, requires_grad=True)
    zeros = [torch.zeros_like(leaf) for leaf in leaves]
    if not value.requires_grad:
        return Derivatives(value.detach().numpy(), zeros, np.zeros(tuple(value.shape)), zeros)
    gradients = torch.autograd.grad(value, leaves, weights, create_graph=True, allow_unused=True)
    gradients = [zero if g is None else g for g, zero in zip(gradients, zeros, strict=True)]
    along = sum([(g * torch.tensor(d)).sum() for g, d in zip(gradients, point.directions, strict=True)])
    if not along.requires_grad:
        along = along + 0.0 * weights.sum()
    *seconds, tangent = torch.autograd.grad(along, [*leaves, weights], allow_unused=True)
    return Derivatives(
        value.detach().numpy(),
        [g.detach().numpy() for g in gradients],
        np.zeros(tuple(value.shape)) if tangent is None else tangent.numpy(force=True),
        [zero if g is None else g.numpy(force=True) for g, zero in zip(seconds, zeros, strict=True)],
    )


def by_jax(jax: Any, case: Case, point: Point) -> Derivatives:
    """Value, gradients and tangent by JAX, compiled at once."""

    def all_of(arrays: Any, directions: Any, weights: Any) -> Any:
        function = functools.partial(case.jax, jax)
        value, pullback = jax.vjp(function, *arrays)
        return value, pullback(weights), jax.jvp(function, tuple(arrays), tuple(directions))[1]

    value, gradients, tangent = jax.jit(all_of)(*point)
    return Derivatives(value, list(gradients), tangent, [])


def assert_same(ours: Derivatives, theirs: Derivatives, what: str, tolerance: float = TOLERANCE) -> None:
    """All that both know is the same."""
    assert_close(ours.value, theirs.value, f"{what}: the value", tolerance)
    known = ~np.isnan(np.asarray(theirs.value))  # what has no value has no derivative
    assert_close(ours.tangent[known], np.asarray(theirs.tangent)[known], f"{what}: the tangent", tolerance)
    for order, mine, yours in (("first", ours.gradients, theirs.gradients), ("second", ours.seconds, theirs.seconds)):
        scale = max(
            [float(np.abs(one[np.isfinite(one)]).max(initial=0.0)) for one in map(np.asarray, yours)], default=0.0
        )
        for i, (one, other) in enumerate(zip(mine, yours, strict=False)):
            assert_close(one, other, f"{what}: the {order} derivative toward operand {i}", tolerance, scale)


def assert_equals_torch(torch: Any, case: Case, tolerance: float = TOLERANCE) -> None:
    """In all layouts value, first and second derivatives, by reverse and by forward mode, are PyTorch's."""
    for words, layout in LAYOUTS.items():
        point = point_of(case, layout)
        theirs = by_torch(torch, case, layout, point)
        assert_same(by_reverse_mode(case, layout, point), theirs, f"{case.name}, {words}", tolerance)
        assert_same(by_forward_mode(case, layout, point), theirs, f"{case.name}, {words}, forward", tolerance)


def assert_equals_jax(jax: Any, case: Case, tolerance: float = TOLERANCE) -> None:
    """Value, first derivatives and tangent are JAX's."""
    jax.config.update("jax_enable_x64", True)
    layout = LAYOUTS["as they are"]
    point = point_of(case, layout)
    assert_same(by_reverse_mode(case, layout, point), by_jax(jax, case, point), case.name, tolerance)
