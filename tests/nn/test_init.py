"""PyTorch's functions for the first numbers of parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import init

SHAPE = (300, 200)


@pytest.mark.parametrize(
    ("fill", "mean", "deviation"),
    [
        (lambda x: init.uniform_(x, -1.0, 3.0), 1.0, 4.0 / math.sqrt(12.0)),
        (lambda x: init.normal_(x, 2.0, 0.5), 2.0, 0.5),
        (init.xavier_uniform_, 0.0, math.sqrt(2.0 / 500)),
        (lambda x: init.xavier_normal_(x, gain=2.0), 0.0, 2.0 * math.sqrt(2.0 / 500)),
        (lambda x: init.kaiming_uniform_(x, nonlinearity="relu"), 0.0, math.sqrt(2.0 / 200)),
        (lambda x: init.kaiming_normal_(x, a=1.0, mode="fan_out"), 0.0, math.sqrt(1.0 / 300)),
        (lambda x: init.trunc_normal_(x, std=0.5, a=-50.0, b=50.0), 0.0, 0.5),
        (lambda x: init.constant_(x, 3.0), 3.0, 0.0),
        (init.ones_, 1.0, 0.0),
        (init.zeros_, 0.0, 0.0),
    ],
    ids=["uniform", "normal", "xavier uniform", "xavier normal", "kaiming uniform", "kaiming normal", "truncated",
         "constant", "ones", "zeros"],
)  # fmt: skip
def test_the_numbers_have_their_mean_and_deviation(fill: Any, mean: float, deviation: float) -> None:
    weight = nn.Linear(SHAPE[1], SHAPE[0]).weight
    assert fill(weight) is weight
    numbers = weight.detach().numpy()
    assert weight.requires_grad
    assert numbers.mean() == pytest.approx(mean, abs=6.0 * deviation / math.sqrt(numbers.size))
    assert numbers.std() == pytest.approx(deviation, rel=0.03)


def test_truncated_numbers_lie_within_their_bounds() -> None:
    numbers = init.trunc_normal_(randn(1000), mean=1.0, std=2.0, a=0.0, b=1.5).numpy()
    assert 0.0 <= numbers.min() < 0.1
    assert 1.4 < numbers.max() <= 1.5
    with pytest.raises(UsageError, match="don't lie between 40"):
        init.trunc_normal_(randn(2), a=40.0, b=41.0)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 2, 3)])
def test_an_orthogonal_matrix_has_rows_or_columns_of_one_length(shape: tuple[int, ...]) -> None:
    matrix = init.orthogonal_(randn(*shape), gain=2.0).numpy().reshape(shape[0], -1)
    product = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, 4.0 * np.eye(len(product)), atol=1e-12)


def test_gains_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "selu", "leaky_relu"):
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)
    assert init.calculate_gain("leaky_relu", 0.2) == pytest.approx(torch.nn.init.calculate_gain("leaky_relu", 0.2))
    assert init.eye_(randn(2, 3)).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(UsageError, match="no gain is known for 'sin'"):
        init.calculate_gain("sin")
    with pytest.raises(UsageError, match="a mode is 'fan_in' or 'fan_out'"):
        init.kaiming_normal_(randn(2, 2), mode="fan")
    with pytest.raises(ShapeError, match="only a matrix"):
        init.eye_(randn(2))
    with pytest.raises(ShapeError, match="only a matrix is orthogonal"):
        init.orthogonal_(randn(2))
