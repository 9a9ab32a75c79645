"""Dropout: how many numbers fall, that whole channels fall together, and that mean and variance stay."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import manual_seed, nn, ones, randn
from gradcli.errors import UsageError
from gradcli.nn import dropping


@pytest.fixture(autouse=True)
def _seed() -> None:
    manual_seed(3)


@pytest.mark.parametrize(
    ("function", "shape"),
    [(dropping.dropout1d, (400, 3, 2)), (dropping.dropout2d, (400, 3, 2, 2)), (dropping.dropout3d, (400, 3, 1, 2, 2))],
)
def test_a_channel_falls_as_a_whole(function: object, shape: tuple[int, ...]) -> None:
    found = function(ones(*shape), 0.25).numpy().reshape(400 * 3, -1)  # type: ignore[operator]
    assert set(found.ravel()) == {0.0, 1 / 0.75}
    assert (found == found[:, :1]).all()
    assert (found[:, 0] == 0.0).mean() == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("function", [dropping.alpha_dropout, dropping.feature_alpha_dropout])
def test_alpha_dropout_keeps_mean_and_variance(function: object) -> None:
    found = function(randn(300, 300, 2), 0.3, training=True).numpy()  # type: ignore[operator]
    assert (found.mean(), found.var()) == pytest.approx((0.0, 1.0), abs=0.03)


def test_slopes_lie_between_the_bounds_and_are_their_mean_in_use() -> None:
    x = -ones(1000)
    drawn = -dropping.rrelu(x, 0.1, 0.3, training=True).numpy()
    assert drawn.min() >= 0.1
    assert drawn.max() <= 0.3
    assert drawn.std() > 0.05
    assert np.allclose(nn.RReLU(0.1, 0.3).eval()(x).numpy(), -0.2)


def test_a_layer_changes_its_input_where_it_is_asked_to() -> None:
    x = ones(100)
    assert nn.Dropout(0.5, inplace=True)(x) is x
    assert 0 < x.sum().item() < 200
    y = ones(2, 4)
    assert nn.Dropout1d(0.5).eval()(y) is y


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(UsageError, match="probability from 0 to 1"):
        nn.AlphaDropout(1.5)
    with pytest.raises(UsageError, match="2 or 3 axes"):
        dropping.dropout1d(ones(3))
    with pytest.raises(UsageError, match="slopes of rrelu"):
        dropping.rrelu(ones(3), 0.5, 0.1)
    with pytest.warns(UserWarning, match="dropout2d takes inputs"):
        dropping.dropout2d(ones(2, 2))
