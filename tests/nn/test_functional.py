"""`gradcli.nn.functional`: names, arguments, values and derivatives are those of torch.nn.functional."""

from __future__ import annotations

import inspect
import re
from typing import Any, NamedTuple

import pytest

import gradcli.nn.functional as F
from gradcli import Tensor, nn
from tests.support.loops import for_each

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("backend")

DRAW = np.random.RandomState(3)
CLASSES = DRAW.randint(3, size=4)
SHARES = DRAW.uniform(0.1, 0.9, size=(4, 3))
MASK = DRAW.normal(size=(4, 5))
SEEN = MASK > -0.5


class Case(NamedTuple):
    name: str
    shapes: tuple[tuple[int, ...], ...]
    values: tuple[Any, ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012


CASES = [
    *[Case(name, ((4, 3),)) for name in ("relu", "selu", "silu", "mish", "sigmoid", "tanh", "softsign")],
    *[Case(name, ((4, 3),)) for name in ("leaky_relu", "elu", "gelu", "softplus", "hardtanh")],
    Case("leaky_relu", ((4, 3),), (0.2,)),
    Case("elu", ((4, 3),), (), {"alpha": 2.0}),
    Case("gelu", ((4, 3),), (), {"approximate": "tanh"}),
    Case("softplus", ((4, 3),), (3.0,)),
    Case("hardtanh", ((4, 3),), (-0.5, 0.25)),
    Case("softmax", ((4, 3),), (1,)),
    Case("softmax", ((4, 3),), (), {"dim": 0}),
    Case("log_softmax", ((4, 3),), (), {"dim": -1}),
    Case("linear", ((2, 4, 3), (5, 3))),
    Case("linear", ((4, 3), (5, 3), (5,))),
    Case("conv2d", ((2, 3, 6, 5), (4, 3, 3, 3), (4,)), (2, 1)),
    Case("conv2d", ((2, 4, 6, 5), (4, 2, 3, 2)), (), {"stride": (1, 2), "padding": (1, 0), "groups": 2}),
    Case("max_pool2d", ((2, 3, 6, 6),), (2,)),
    Case("max_pool2d", ((2, 3, 7, 6),), (3,), {"stride": 2, "padding": 1}),
    Case("dropout", ((4, 3),), (0.5, False)),
    Case("dropout", ((4, 3),), (), {"p": 0.0}),
    Case("dropout", ((4, 3),), (1.0,)),
    Case("layer_norm", ((4, 3),), ((3,),)),
    Case("layer_norm", ((2, 4, 3),), ((4, 3),), {"eps": 1e-3}),
    Case("scaled_dot_product_attention", ((2, 4, 3), (2, 5, 3), (2, 5, 6))),
    Case("scaled_dot_product_attention", ((4, 3), (5, 3), (5, 6)), (MASK,)),
    Case("scaled_dot_product_attention", ((4, 3), (5, 3), (5, 6)), (), {"scale": 0.5}),
    Case("scaled_dot_product_attention", ((2, 4, 2, 3), (2, 2, 5, 3), (2, 2, 5, 6)), (), {"enable_gqa": True}),
    Case("scaled_dot_product_attention", ((4, 3), (5, 3), (5, 6)), (SEEN,)),
    Case("scaled_dot_product_attention", ((2, 4, 3), (2, 4, 3), (2, 4, 6)), (), {"is_causal": True}),
    Case("mse_loss", ((4, 3), (4, 3))),
    Case("l1_loss", ((4, 3), (4, 3)), (), {"reduction": "sum"}),
    Case("huber_loss", ((4, 3), (4, 3)), (), {"delta": 0.5}),
    Case("cross_entropy", ((4, 3),), (CLASSES,)),
    Case("nll_loss", ((4, 3),), (CLASSES,), {"reduction": "none"}),
    Case("multi_margin_loss", ((4, 3),), (CLASSES,)),
    Case("binary_cross_entropy_with_logits", ((4, 3),), (SHARES,)),
]


@for_each("case", CASES, ids=lambda case: f"{case.name} {case.shapes} {len(case.values)} {case.options}")
def test_values_and_derivatives_are_pytorch_s(case: Case) -> None:
    arrays = [DRAW.normal(size=shape) for shape in case.shapes]
    ours = [Tensor(array, requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    given = [torch.tensor(value) if isinstance(value, np.ndarray) else value for value in case.values]
    result = getattr(F, case.name)(*ours, *case.values, **case.options)
    wanted = getattr(torch.nn.functional, case.name)(*theirs, *given, **case.options)
    assert result.shape == tuple(wanted.shape)
    assert np.allclose(result.detach().numpy(), wanted.detach().numpy(), rtol=1e-12, atol=1e-13)
    factor = DRAW.normal(size=result.shape)
    result.backward(factor)
    wanted.backward(torch.tensor(factor))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.grad is not None
        assert np.allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-11, atol=1e-12)


def test_probabilities_and_rows_are_pytorch_s() -> None:
    targets = SHARES[::-1].copy()
    wanted = torch.nn.functional.binary_cross_entropy(torch.tensor(SHARES), torch.tensor(targets))
    assert np.isclose(F.binary_cross_entropy(Tensor(SHARES), Tensor(targets)).item(), wanted.item(), rtol=1e-13)
    rows = torch.nn.functional.embedding(torch.tensor(CLASSES), torch.tensor(SHARES))
    assert F.embedding(CLASSES, Tensor(SHARES)).tolist() == rows.tolist()


@for_each("name", [name for name in F.__all__ if inspect.isfunction(getattr(F, name))])
def test_arguments_have_pytorch_s_names_in_pytorch_s_order(name: str) -> None:
    theirs = getattr(torch.nn.functional, f"_{name}", getattr(torch.nn.functional, name))
    if inspect.isfunction(theirs):
        known = [*inspect.signature(theirs).parameters]
    else:  # written in C++; the first line of its text says what it takes
        known = re.findall(r"[(,]\s*(\w+)", theirs.__doc__.partition("->")[0].replace("*, ", ""))
    own = inspect.signature(getattr(F, name)).parameters.values()
    by_place = [one.name for one in own if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert by_place == known[: len(by_place)]
    assert {one.name for one in own} - {"generator"} <= {*known}


def test_dropout_leaves_out_the_share_and_follows_its_generator() -> None:
    ones = Tensor(np.ones(1000))
    first, second = (F.dropout(ones, 0.25, generator=np.random.default_rng(1)).detach().numpy() for _ in range(2))
    assert (first == second).all()
    assert 200 < (first == 0).sum() < 300
    assert set(first[first != 0]) == {4 / 3}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: F.dropout(x, 1.5), "a probability from 0 to 1, not 1.5"),
        (lambda x: F.gelu(x, "tan"), "approximated by 'none' or 'tanh', not 'tan'"),
        (lambda x: F.layer_norm(x, 4), r"inputs of shape \(2, 3\) don't end in the axes \(4,\)"),
        (lambda x: F.scaled_dot_product_attention(x, x, x, x, is_causal=True), "a mask or is causal, not both"),
        (lambda x: F.scaled_dot_product_attention(x, x, x, enable_gqa=True), "aren't shared by those of shape"),
    ],
)
def test_a_wrong_argument_is_one_sentence(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(Tensor(np.ones((2, 3))))


def test_numbers_and_arrays_pass_through_too() -> None:
    assert F.elu(-1.0, 2.0) == pytest.approx(2 * np.expm1(-1.0), rel=1e-15)
    assert F.leaky_relu(np.array([-2.0, 3.0]), 0.5).tolist() == [-1.0, 3.0]
    assert nn.functional is F
