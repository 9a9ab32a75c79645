"""Functions with derivatives of the user's own: what PyTorch computes with the same class."""

from __future__ import annotations

import types
from typing import Any

import pytest

import gradcli.torch as ours
from gradcli import Tensor
from gradcli.eager.pullback import pushforward


def functions_of(t: Any) -> types.SimpleNamespace:
    """The same functions in a library."""

    class Cube(t.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 3 * x * x * g

    class Exp(t.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            result = x.exp()
            ctx.save_for_backward(result)
            return result

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0]

    class Linear(t.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(rows: Any, weight: Any, bias: Any, factor: float) -> Any:
            return (rows.mm(weight.t()) + bias) * factor

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            rows, weight, _, ctx.factor = inputs
            ctx.save_for_backward(rows, weight)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            rows, weight = ctx.saved_tensors
            toward_rows = g.mm(weight) * ctx.factor if ctx.needs_input_grad[0] else None
            return toward_rows, g.t().mm(rows) * ctx.factor, g.sum(0) * ctx.factor, None

    class Both(t.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.save_for_backward(x, y)
            sign = x > y
            ctx.mark_non_differentiable(sign)
            return x * y, (x + y)[:1], sign

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any, _: Any) -> Any:
            x, y = ctx.saved_tensors
            wide = t.cat([h, t.zeros(1, dtype=t.float64)])
            return g * y + wide, g * x + wide

    class Reverse(t.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.view_as(x)

        @staticmethod
        @t.autograd.function.once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            return -2 * g

    return types.SimpleNamespace(Cube=Cube, Exp=Exp, Linear=Linear, Both=Both, Reverse=Reverse)


def outcome(t: Any) -> list[Any]:
    own = functions_of(t)
    leaf = lambda *numbers: t.tensor(list(numbers), dtype=t.float64, requires_grad=True)  # noqa: E731
    x, y = leaf(2.0, -3.0), leaf(0.5, 4.0)
    found = [*t.autograd.grad((own.Cube.apply(x) * y).sum(), (x, y))]
    (first,) = t.autograd.grad((own.Cube.apply(own.Exp.apply(x))).sum(), x, create_graph=True)
    found += [first, *t.autograd.grad((first * first).sum(), x)]
    weight, bias = leaf(1.0, 2.0, 3.0, 4.0), leaf(0.1, 0.2)
    result = own.Linear.apply(t.stack([x.detach(), y.detach()]), weight.view(2, 2), bias, 3.0)
    found += [result, *t.autograd.grad((result * result).sum(), (weight, bias))]
    product, total, sign = own.Both.apply(x, y)
    found += [product, total, sign, *t.autograd.grad((product**2).sum() + total.sum() * 5, (x, y), retain_graph=True)]
    found += [*t.autograd.grad(total.sum(), (x, y))]
    found += [*t.autograd.grad((own.Reverse.apply(x) ** 3).sum(), x)]
    found += [own.Cube.apply(x.detach())]
    with t.no_grad():
        found += [own.Cube.apply(x)]
    assert [one.requires_grad for one in (product, total, sign, *found[-2:])] == [True, True, False, False, False]
    return [one.tolist() for one in found]


def test_values_and_derivatives_of_both_orders_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    expected = outcome(torch)
    for got, right in zip(outcome(ours), expected, strict=True):
        assert ours.allclose(ours.tensor(got), ours.tensor(right), rtol=1e-15, atol=0.0)


def test_the_slope_is_that_of_backward_even_where_it_is_wrong() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    functions_of(ours).Reverse.apply(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [-2.0, -2.0]


class Wrong(ours.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, what: Any) -> Any:
        ctx.what = what
        return x * 1.0

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return ctx.what(gradient)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda g: g, "returned 1 gradients, but its forward took 2 arguments"),
        (lambda g: (1.0, None), "returned a float for argument 1"),
        (lambda g: (g[:1], None), r"returned a gradient of shape \(1,\) for argument 1, which has the shape \(2,\)"),
    ],
)
def test_a_backward_that_does_not_fit_is_refused(what: Any, message: str) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=message):
        Wrong.apply(x, what).sum().backward()


def test_what_it_can_not_do_is_refused() -> None:
    own = functions_of(ours)
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="Cube has a rule for gradients, but none for tangents"):
        pushforward(own.Cube.apply(x), {x: Tensor([1.0, 1.0])})
    (slope,) = ours.autograd.grad((own.Reverse.apply(x) ** 2).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="only once"):
        slope.sum().backward()
    with pytest.raises(ValueError, match="can't change its arguments"):
        ours.autograd.function.FunctionCtx().mark_dirty(x)
    with pytest.raises(NotImplementedError, match="has a method forward"):
        ours.autograd.Function.apply(x)


def test_a_gradient_that_was_broadcast_is_summed_and_none_is_zero() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = Wrong.apply(x, lambda g: (ours.ones(3, 2), None)).sum()
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 3.0]
    x.grad = None
    Wrong.apply(x, lambda g: (None, None)).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_kink_in_front_leaves_the_function_as_it_is() -> None:
    x = Tensor(0.0, requires_grad=True)
    (functions_of(ours).Exp.apply(x) * (x * x).sqrt() ** 2).backward()
    assert x.grad is not None
    assert x.grad.item() == 0.0
