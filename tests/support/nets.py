"""Nets of every kind with data, for the tests of the engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.engines.engine_choice import ENGINES
from gradcli.train.model.design import describe
from gradcli.train.model.model import Model
from gradcli.train.run import initial_parameters
from gradcli.train.trainer import masks_of


def three_classes() -> Data:
    generator = np.random.RandomState(0)
    targets = np.arange(30) % 3
    return Data("t", ("a", "b", "c"), generator.normal(size=(30, 3)), "y", targets.astype(float), ("p", "q", "r"))


def numbers() -> Data:
    generator = np.random.RandomState(1)
    return Data("t", ("a",), generator.normal(size=(20, 1)), "y", generator.normal(size=20), None)


def pictures() -> Data:
    generator = np.random.RandomState(2)
    columns = tuple(f"p{number}" for number in range(2 * 6 * 5))
    inputs = generator.normal(size=(12, 60))
    targets = (np.arange(12) % 3).astype(float)
    return Data("t", columns, inputs, "y", targets, ("p", "q", "r"), (2, 6, 5))


def moons() -> Data:
    return make("moons", 30)


MODELS: dict[str, tuple[Callable[[], Data], tuple[Any, ...], dict[str, Any]]] = {
    "two classes, bce": (moons, ((4, 3),), {}),
    "two classes, cross entropy": (moons, ((4, 3),), {"loss": "cross_entropy"}),
    "two classes, hinge and penalties": (moons, ((4,), "tanh", "hinge"), {"l1": 0.01, "l2": 0.02}),
    "a linear net": (moons, ((),), {}),
    "dropout": (moons, ((6, 5), "tanh"), {"dropout": 0.4}),
    "features": (moons, ((4,),), {"features": ("x1^2", "x2", "sin(x1*x2)")}),
    "an activation that is an expression": (moons, ((4, 3), "x*tanh(exp(x/2))"), {}),
    "a loss that is an expression": (moons, ((4,), "sin", "log(1+(p-y)^2)"), {}),
    "three classes": (three_classes, ((5,), "sin"), {}),
    "three classes, hinge": (three_classes, ((5,), "gelu", "hinge"), {}),
    "three classes, mse": (three_classes, ((5,), "elu", "mse"), {}),
    "three classes, bce": (three_classes, ((5,), "selu", "bce"), {}),
    "three classes, a loss that is an expression": (three_classes, ((5,), "tanh", "abs(p-y)^1.5"), {"l1": 0.1}),
    "a number": (numbers, ((5,), "softplus"), {}),
    "a number, mae": (numbers, ((5,), "atan", "mae"), {"l2": 0.1}),
    "a number, huber": (numbers, ((5,), "sigmoid", "huber"), {}),
    "a number, a loss that is an expression": (numbers, ((5,), "mish", "cosh(p-y)-1"), {}),
    "a linear net of pictures": (pictures, ((),), {}),
}


CONVOLUTIONS: dict[str, tuple[Callable[[], Data], tuple[Any, ...], dict[str, Any]]] = {
    "a convolution": (pictures, ((), "tanh"), {"conv": (3,)}),
    "two convolutions": (pictures, ((4,), "gelu"), {"conv": (2, 3), "dropout": 0.3, "l2": 0.01}),
}


ALL = MODELS | CONVOLUTIONS


INSTALLED = [name for name in ENGINES if name != "jit" or find_spec("llvmlite") is not None]


def named(arguments: Sequence[Any]) -> dict[str, Any]:
    """Return the hidden layers, the activation and the loss as choices by name, as many as there are."""
    return dict(zip(("hidden", "activation", "loss"), arguments, strict=False))


def made(name: str) -> tuple[Data, Model]:
    source, arguments, more = ALL[name]
    return source(), describe(source(), **named(arguments), **more)


def prepared(model: Model, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
    masks = masks_of(model, 5, 0, len(data))
    return initial_parameters(model, "he", 3), model.scaled(data.inputs), model.scaled_targets(data.targets), masks
