"""The built-in data sets."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.datasets import DATASETS, make

SEEDS = [0, 1, 1337, 2**32 - 1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("samples", [2, 3, 99, 100])
@pytest.mark.parametrize("noise", [0.0, 0.1])
class TestScikitLearn:
    def test_moons_are_those_of_scikit_learn(self, samples: int, noise: float, seed: int) -> None:
        sklearn = pytest.importorskip("sklearn.datasets")
        points, classes = sklearn.make_moons(samples, noise=noise or None, random_state=seed)
        data = make("moons", samples, noise, seed)
        assert np.array_equal(points, data.inputs)
        assert np.array_equal(classes, data.targets)

    def test_circles_are_those_of_scikit_learn(self, samples: int, noise: float, seed: int) -> None:
        sklearn = pytest.importorskip("sklearn.datasets")
        points, classes = sklearn.make_circles(samples, noise=noise or None, random_state=seed, factor=0.5)
        data = make("circles", samples, noise, seed)
        assert np.array_equal(points, data.inputs)
        assert np.array_equal(classes, data.targets)


def test_moons_of_the_global_generator_are_those_of_the_seed() -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    np.random.seed(1337)
    points, _ = sklearn.make_moons(n_samples=100, noise=0.1)
    assert np.array_equal(points, make("moons", 100, 0.1, 1337).inputs)


@pytest.mark.parametrize("name", DATASETS)
class TestEverySet:
    def test_has_the_number_of_samples_that_was_asked_for(self, name: str) -> None:
        for samples in (2, 5, 40):
            data = make(name, samples=samples)
            assert data.inputs.shape == (samples, 2)
            assert data.targets.shape == (samples,)
            assert np.isfinite(data.inputs).all()

    def test_is_fixed_by_its_seed(self, name: str) -> None:
        first, again, other = (make(name, noise=0.1, seed=seed) for seed in (3, 3, 4))
        assert first.fingerprint() == again.fingerprint() != other.fingerprint()

    def test_has_two_classes_of_similar_size(self, name: str) -> None:
        data = make(name)
        assert data.labels == ("0", "1")
        assert 0.35 < data.targets.mean() < 0.65

    def test_has_more_scatter_with_more_noise(self, name: str) -> None:
        calm, wild = make(name, noise=0.0), make(name, noise=5.0)
        assert np.std(wild.inputs) > np.std(calm.inputs) + 1


def test_the_wave_is_that_of_the_formula() -> None:
    data = make("wave", samples=400, noise=0.0)
    x = np.linspace(-1.5, 1, 200)
    assert np.array_equal(data.inputs[:200], np.stack([x, np.cos(4 * x)], axis=1))
    assert np.array_equal(data.inputs[200:], np.stack([x, 3 + np.sin(2 * x)], axis=1))


def test_the_classes_of_xor_are_those_of_the_quadrants() -> None:
    data = make("xor", noise=0.0)
    assert np.array_equal(data.targets, (data.inputs[:, 0] > 0) != (data.inputs[:, 1] > 0))
    assert np.abs(data.inputs).min() >= 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "mons"}, "unknown data set `mons`"),
        ({"name": "moons", "samples": 1}, "a data set has 2 to 10000000 samples, not 1"),
        ({"name": "moons", "samples": 10**12}, "a data set has 2 to 10000000 samples, not 1000000000000"),
        ({"name": "moons", "noise": -0.1}, "the noise is a standard deviation, at least 0 and finite, not -0.1"),
        ({"name": "moons", "noise": float("nan")}, "the noise is a standard deviation, at least 0 and finite, not nan"),
        ({"name": "moons", "seed": 2**32}, "the seed is a whole number from 0 to 2^32 - 1, not 4294967296"),
    ],
)
def test_a_wrong_value_is_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make(**arguments)  # type: ignore[arg-type]
    assert caught.value.message == message
