"""The net for some data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.model.design import describe, standard


def numbers(inputs: list[list[float]], targets: list[float]) -> Data:
    columns = tuple(f"c{index}" for index in range(len(inputs[0])))
    return Data("t", columns, np.array(inputs, dtype=float), "y", np.array(targets, dtype=float), None)


def test_columns_are_standardised_and_a_constant_column_is_only_shifted() -> None:
    data = numbers([[1, 7, 0], [3, 7, 1e300], [5, 7, -1e300]], [10.0, 20.0, 60.0])
    model = describe(data)
    scaled = model.scaled(data.inputs)
    assert np.allclose(scaled[:, [0, 2]].mean(axis=0), 0)
    assert np.allclose(scaled[:, [0, 2]].std(axis=0), 1)
    assert scaled[:, 1].tolist() == [0, 0, 0]
    targets = model.scaled_targets(data.targets)
    assert targets.mean() == pytest.approx(0)
    assert targets.std() == pytest.approx(1)


def test_pixels_are_standardised_channel_by_channel_bytes_as_numbers() -> None:
    pixels = np.random.RandomState(0).randint(256, size=(7, 2 * 3 * 4)).astype(np.uint8)
    pixels[:, 12:] //= 3
    columns = tuple(f"p{index}" for index in range(24))
    models = [
        describe(Data("t", columns, inputs, "y", np.arange(7.0), None, (2, 3, 4)), hidden=())
        for inputs in (pixels, pixels.astype(float))
    ]
    assert np.allclose(models[0].input_mean, models[1].input_mean, rtol=1e-14)
    assert np.allclose(models[0].input_scale, models[1].input_scale, rtol=1e-14)
    assert len({*models[0].input_mean}) == len({*models[0].input_scale}) == 2
    scaled = models[0].scaled(pixels)
    for channel in (scaled[:, :12], scaled[:, 12:]):
        assert (channel.mean(), channel.std()) == (pytest.approx(0, abs=1e-14), pytest.approx(1))


def test_columns_stay_as_they_are_when_that_is_wanted() -> None:
    data = numbers([[1, 7], [3, 8]], [10.0, 20.0])
    model = describe(data, standardise=False)
    assert np.array_equal(model.scaled(data.inputs), data.inputs)
    assert np.array_equal(model.scaled_targets(data.targets), data.targets)


@pytest.mark.parametrize(("labels", "loss"), [(("a", "b"), "bce"), (("a", "b", "c"), "cross_entropy"), (None, "mse")])
def test_the_loss_follows_from_the_target(labels: tuple[str, ...] | None, loss: str) -> None:
    data = Data("t", ("x",), np.zeros((3, 1)), "y", np.array([0.0, 1.0, 0.0]), labels)
    assert describe(data).loss == loss


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activation": "tahn"}, "unknown activation `tahn`"),
        ({"activation": "hypot"}, "`hypot(x, y)` can't be an activation, which is a function of one number"),
        ({"loss": "mae"}, "the loss `mae` doesn't fit a target that is a class"),
        ({"loss": "hing"}, "unknown loss `hing`"),
        ({"l1": -1.0}, "`l1` is a weight, at least 0 and finite, not -1"),
        ({"l2": float("inf")}, "`l2` is a weight, at least 0 and finite, not inf"),
        ({"hidden": (0,)}, "a net has at most 1000 hidden layers of 1 to 100000 units"),
        ({"dropout": 1.0}, "`dropout` is a share, at least 0 and less than 1, not 1"),
        ({"dropout": 0.5, "hidden": ()}, "`dropout` is for nets with hidden layers"),
        ({"conv": (4,)}, "`conv` is for pictures, and `moons` has none"),
        ({"features": ("x1^2", "x1^2")}, "the feature `x1^2` is given twice"),
        ({"features": ("x3",)}, "the feature `x3` has the unknown variable `x3`"),
        ({"features": ("pi",)}, "the feature `pi` has no variable"),
        ({"features": ("log(x1)",)}, "the feature `log(x1)` has no finite value where x1 = -0.818829, x2 = 0.0587901"),
        ({"activation": "x*y"}, "the activation `x*y` has the unknown variable `y`"),
        ({"activation": "f(t)=t; f(x)"}, "the activation `f(t)=t; f(x)` has a definition or a derivative in it"),
        ({"activation": "diff(x^2, x)"}, "the activation `diff(x^2, x)` has a definition or a derivative in it"),
        ({"activation": "x+" * 300 + "x"}, "the activation is longer than 500 characters"),
        ({"loss": "y^2"}, "the loss `y^2` doesn't depend on the prediction `p`"),
        ({"loss": "(p-x)^2"}, "the loss `(p-x)^2` has the unknown variable `x`"),
        ({"hidden": (100_000, 100_000)}, "a net of 10000500001 parameters is too large (at most 10000000)"),
    ],
)
def test_a_wrong_choice_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        describe(make("moons"), **arguments)
    assert caught.value.message == message


@pytest.mark.parametrize("columns", [1, 2, 3, 8, 11])
def test_looking_at_some_rows_at_a_time_changes_no_bit_of_the_standardisation(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(1000, columns + 1)) * 10 ** generator.uniform(-30, 30, columns + 1)
    values[:, 0] = values[0, 0]
    values = values[:, :-1]
    expected = standard(values)
    unit = values / np.abs(values).max(axis=0)
    assert expected[0].tolist() == (unit.mean(axis=0) * np.abs(values).max(axis=0)).tolist()
    for rows in (1, 7, 999, 1000):
        monkeypatch.setattr("gradcli.train.model.design.ROWS", rows)
        assert [part.tolist() for part in standard(values)] == [part.tolist() for part in expected]
        doubled = standard(values, lambda rows: 2 * rows)
        assert [part.tolist() for part in doubled] == [part.tolist() for part in standard(2 * values)]
