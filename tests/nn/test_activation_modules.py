"""`gradcli.nn.activation_modules`: PyTorch's activations, options and values, and other layers of one function."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import pytest

import gradcli
from gradcli import nn, randn, tensor
from tests.support.loops import for_each

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")

#: PyTorch's name -> the options to make it with.
CASES: list[tuple[str, dict[str, Any]]] = [
    *[(name, {}) for name in nn.ACTIVATIONS],
    ("LeakyReLU", {"negative_slope": 0.3}),
    ("ELU", {"alpha": 2.5}),
    ("GELU", {"approximate": "tanh"}),
    ("Softplus", {"beta": 3.0}),
    ("Hardtanh", {"min_val": -2.0, "max_val": 0.625}),
    ("Softmax", {"dim": 0}),
    ("Softmax", {"dim": -1}),
    ("LogSoftmax", {"dim": 1}),
    ("Flatten", {}),
    ("Flatten", {"start_dim": 0}),
    ("Identity", {}),
]


@pytest.mark.usefixtures("backend")
@for_each(("name", "options"), CASES, ids=str)
def test_values_and_slopes_are_those_of_pytorch(name: str, options: dict[str, Any]) -> None:
    rows = np.array([[-3.0, -0.75, 0.25, 1.5], [0.5, -1.25, 2.0, -0.125]])
    ours = tensor(rows, requires_grad=True, dtype="float64")
    theirs = torch.tensor(rows, requires_grad=True)
    result, expected = getattr(nn, name)(**options)(ours), getattr(torch.nn, name)(**options)(theirs)
    assert result.shape == tuple(expected.shape)
    assert np.allclose(result.detach().numpy(), expected.detach().numpy(), rtol=1e-13, atol=1e-15)
    (result * result).sum().backward()
    (expected * expected).sum().backward()
    assert ours.grad is not None
    # PyTorch divides by 6 in 32 bits.
    assert np.allclose(
        ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-7 if name == "Hardsigmoid" else 1e-12, atol=1e-14
    )


def test_every_activation_of_the_registry_is_a_module() -> None:
    names = {primitive.name for primitive in gradcli.primitives.REGISTRY.public() if primitive.group == "activation"}
    assert names - {"gelu_tanh"} <= {kind.name for kind in nn.ACTIVATIONS.values()}
    x = randn(4)
    for kind in nn.ACTIVATIONS.values():
        if not kind.name:  # it is a formula of several functions
            continue
        assert np.array_equal(kind()(x).detach().numpy(), nn.Activation(kind.name)(x).detach().numpy())
        assert repr(copy.deepcopy(kind())) == repr(kind())
    assert np.array_equal(nn.GELU("tanh")(x).detach().numpy(), nn.Activation("gelu_tanh")(x).detach().numpy())


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_options_have_pytorch_s_names_order_and_defaults(name: str) -> None:
    ours = inspect.signature(nn.ACTIVATIONS[name]).parameters.values()
    theirs = inspect.signature(getattr(torch.nn, name)).parameters
    known = [one for one in theirs.values() if one.name in {mine.name for mine in ours}]
    assert [(one.name, one.default) for one in ours] == [(one.name, one.default) for one in known]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nn.LeakyReLU(0.3), "LeakyReLU(negative_slope=0.3)"),
        (nn.GELU("tanh"), "GELU(approximate='tanh')"),
        (nn.Softmax(0), "Softmax(dim=0)"),
        (nn.Activation("sin"), "Activation('sin')"),
        (nn.Tanh(), "Tanh()"),
        (nn.Identity(1, two=3), "Identity()"),
    ],
    ids=str,
)
def test_a_module_shows_its_options(module: nn.Module, text: str) -> None:
    assert repr(module) == repr(copy.deepcopy(module)) == text


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.Activation("sni"), ValueError),
        (lambda: nn.Activation("hypot"), ValueError),
        (lambda: nn.GELU("sigmoid"), ValueError),
        (lambda: nn.Tanh(1.0), TypeError),
        (lambda: nn.ELU(beta=1.0), TypeError),
    ],
)
def test_a_wrong_name_or_option_is_refused_when_the_module_is_made(make: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


def test_an_activation_takes_numbers_and_values_too() -> None:
    assert nn.ReLU()(-2.0) == 0.0
    x = gradcli.Value(0.5)
    nn.Activation("sin")(x).backward()
    assert x.grad == np.cos(0.5)
    assert nn.LeakyReLU(0.5)(-2.0) == -1.0
