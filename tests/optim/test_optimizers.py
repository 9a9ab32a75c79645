"""Optimisers against PyTorch and against what their formulas promise."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.optim import OPTIMIZERS

STEPWISE = [name for name, optimizer in OPTIMIZERS.items() if optimizer.step]
SCALES = [1, 1e-6, 1e3, 0, -2]


def path(name: str, gradients: Any, start: Any, **given: Any) -> list[Any]:
    """The parameters after each update."""
    optimizer = OPTIMIZERS[name]
    assert optimizer.step is not None
    options = optimizer.configured(**given)
    parameters, memory, result = start, optimizer.start(options), []
    for number, gradient in enumerate(gradients, 1):
        parameters, memory = optimizer.step(parameters, gradient, memory, options, number)
        assert set(memory) == set(optimizer.memory(options))
        result.append(parameters)
    return result


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sgd", {}),
        ("sgd", {"weight_decay": 0.1}),
        ("sgd", {"momentum": 0.9}),
        ("sgd", {"momentum": 0.9, "dampening": 0.3}),
        ("sgd", {"momentum": 0.9, "nesterov": True}),
        ("sgd", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
        ("sgd", {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
        ("momentum", {}),
        ("momentum", {"weight_decay": 0.1}),
        ("rmsprop", {}),
        ("rmsprop", {"alpha": 0.9, "eps": 1e-3}),
        ("rmsprop", {"momentum": 0.9}),
        ("rmsprop", {"momentum": 0.9, "weight_decay": 0.1}),
        ("adam", {}),
        ("adam", {"betas": (0.5, 0.99), "eps": 1e-3}),
        ("adam", {"weight_decay": 0.1}),
        ("adamw", {}),
        ("adamw", {"betas": (0.8, 0.9), "weight_decay": 0.3}),
        ("adamw", {"weight_decay": 0.0}),
        ("sgd", {"maximize": True}),
        ("rmsprop", {"centered": True, "momentum": 0.5}),
        ("adam", {"amsgrad": True, "betas": (0.5, 0.6), "maximize": True}),
        ("nadam", {}),
        ("nadam", {"momentum_decay": 0.1, "weight_decay": 0.1}),
        ("adamax", {}),
        ("adamax", {"betas": (0.8, 0.9), "weight_decay": 0.1}),
        ("adagrad", {}),
        ("adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1}),
        ("adadelta", {}),
        ("adadelta", {"rho": 0.5, "eps": 1e-3, "weight_decay": 0.1}),
    ],
    ids=str,
)
@pytest.mark.parametrize("rate", [None, 0.03])
def test_fifty_steps_are_those_of_pytorch(name: str, options: dict[str, Any], rate: float | None, torch: Any) -> None:
    given = options if rate is None else {**options, "lr": rate}
    gradients = np.random.RandomState(0).normal(size=(50, 5)) * SCALES
    mine = path(name, gradients, np.linspace(-1, 1, 5), **given)
    parameter = torch.nn.Parameter(torch.linspace(-1, 1, 5, dtype=torch.float64))
    implied = {"momentum": 0.9} if name == "momentum" else {}
    peer = getattr(torch.optim, OPTIMIZERS[name].title or "SGD")([parameter], **implied, **given)
    for gradient, ours in zip(gradients, mine, strict=True):
        parameter.grad = torch.tensor(gradient)
        peer.step()
        assert np.allclose(ours, parameter.detach().numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", STEPWISE)
def test_names_order_and_defaults_of_the_options_are_pytorch_s(name: str) -> None:
    torch = pytest.importorskip("torch")
    if title := OPTIMIZERS[name].title:
        signature = inspect.signature(getattr(torch.optim, title)).parameters
        ours = OPTIMIZERS[name].configured()
        assert list(ours) == [key for key in signature if key in ours]
        assert ours == {key: signature[key].default for key in ours}


@pytest.mark.parametrize("name", STEPWISE)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_gradient_of_zero_moves_nothing_and_gives_no_nan(name: str, dtype: str) -> None:
    start = np.linspace(-1, 1, 4, dtype=dtype)
    assert np.array_equal(path(name, np.zeros((3, 4), dtype), start, weight_decay=0.0)[-1], start)


@pytest.mark.parametrize("name", STEPWISE)
def test_floats_of_32_bits_stay_so(name: str) -> None:
    ends = path(name, np.ones((2, 3), np.float32), np.ones(3, np.float32), weight_decay=0.1)
    assert all(end.dtype == np.float32 for end in ends)


@pytest.mark.parametrize("name", STEPWISE)
def test_an_array_of_any_shape_and_a_plain_number_move_as_a_flat_vector_does(name: str) -> None:
    gradients = np.random.RandomState(1).normal(size=(4, 6))
    flat = path(name, gradients, np.arange(6.0), weight_decay=0.1)[-1]
    shaped = path(name, gradients.reshape(4, 2, 3), np.arange(6.0).reshape(2, 3), weight_decay=0.1)[-1]
    assert np.array_equal(shaped, flat.reshape(2, 3))
    number = path(name, gradients[:, 5].tolist(), 5.0, weight_decay=0.1)[-1]
    assert isinstance(number, float)
    assert number == pytest.approx(flat[5], rel=1e-15)


@pytest.mark.parametrize("name", STEPWISE)
def test_a_step_changes_no_array_in_place(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    assert optimizer.step is not None
    options = optimizer.configured(weight_decay=0.5)
    parameters, gradient, memory = np.ones(3), np.full(3, 0.5), optimizer.start(options, np.zeros(3))
    _, after = optimizer.step(parameters, gradient, memory, options, 1)
    kept = {key: vector.copy() for key, vector in after.items()}
    optimizer.step(parameters, gradient, after, options, 2)
    assert parameters.tolist() == [1, 1, 1]
    assert gradient.tolist() == [0.5, 0.5, 0.5]
    assert all(vector.tolist() == [0, 0, 0] for vector in memory.values())
    assert all(np.array_equal(after[key], kept[key]) for key in kept)


@pytest.mark.parametrize("name", STEPWISE)
def test_a_bowl_is_descended_at_the_default_rate(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    assert optimizer.step is not None
    options = optimizer.configured(lr=optimizer.learning_rate)
    parameters, memory = np.array([3.0, -2.0]), optimizer.start(options)
    for number in range(1, 1500):
        parameters, memory = optimizer.step(parameters, 2 * parameters, memory, options, number)
    assert np.abs(parameters).max() < 0.02


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("sgd", {"lr": -1.0}, "the option `lr` is a number of at least 0, not -1"),
        ("sgd", {"lr": "0.1"}, "the option `lr` is a number of at least 0, not 0.1"),
        ("sgd", {"momentum": float("nan")}, "the option `momentum` is a number of at least 0, not nan"),
        ("sgd", {"momentum": True}, "the option `momentum` is a number of at least 0, not True"),
        ("sgd", {"nesterov": True}, "Nesterov's method needs a momentum, and no dampening"),
        (
            "sgd",
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            "Nesterov's method needs a momentum, and no dampening",
        ),
        ("sgd", {"nesterov": 1}, "the option `nesterov` is true or false, not 1"),
        ("rmsprop", {"alpha": 1}, "the option `alpha` is a number of at least 0 and less than 1, not 1"),
        ("adam", {"eps": 0}, "the option `eps` is a number above 0, not 0"),
        (
            "adam",
            {"betas": (0.9, 1.0)},
            "the option `betas` is 2 numbers of at least 0 and less than 1, not (0.9, 1.0)",
        ),
        ("adam", {"betas": 0.9}, "the option `betas` is 2 numbers of at least 0 and less than 1, not 0.9"),
        ("adam", {"momentun": 0.9}, "the optimiser has no option `momentun`"),
    ],
)
def test_an_option_out_of_range_is_refused(name: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        OPTIMIZERS[name].configured(**given)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"nestorov": True}, "did you mean `nesterov`?"),
        ({"beta": 1}, "choose one of lr, momentum, dampening, weight_decay, nesterov, maximize"),
    ],
)
def test_an_unknown_option_is_answered_with_those_that_there_are(given: dict[str, Any], hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        OPTIMIZERS["sgd"].configured(**given)
    assert caught.value.hint == hint
