"""The built-in data sets."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.data.datasets import BUNDLED, DATASETS, make
from gradcli.train.data.loading import load_data
from tests.support.paths import ROOT

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
        for samples in (3, 5, 40):
            data = make(name, samples=samples)
            assert data.inputs.shape == (samples, len(DATASETS[name].columns)) == (samples, len(data.columns))
            assert data.targets.shape == (samples,)
            assert np.isfinite(data.inputs).all()

    def test_is_fixed_by_its_seed(self, name: str) -> None:
        first, again, other = (make(name, noise=0.1, seed=seed) for seed in (3, 3, 4))
        assert first.fingerprint() == again.fingerprint() != other.fingerprint()

    def test_has_classes_of_similar_size_or_numbers(self, name: str) -> None:
        data = make(name)
        assert len(data) == DATASETS[name].samples
        if DATASETS[name].classes is None:
            assert data.labels is None
            assert np.std(data.targets) > 0.1
            return
        assert data.labels == tuple(map(str, range(DATASETS[name].classes)))
        shares = np.bincount(data.targets.astype(int)) / len(data)
        assert (abs(shares - 1 / len(data.labels)) < 0.15).all()

    def test_has_more_scatter_with_more_noise(self, name: str) -> None:
        calm, wild = make(name, noise=0.0), make(name, noise=5.0)
        of = "targets" if calm.labels is None else "inputs"
        assert np.std(getattr(wild, of)) > np.std(getattr(calm, of)) + 1


def test_the_wave_is_that_of_the_formula() -> None:
    data = make("wave", samples=400, noise=0.0)
    x = np.linspace(-1.5, 1, 200)
    assert np.array_equal(data.inputs[:200], np.stack([x, np.cos(4 * x)], axis=1))
    assert np.array_equal(data.inputs[200:], np.stack([x, 3 + np.sin(2 * x)], axis=1))


def test_the_classes_of_xor_are_those_of_the_quadrants() -> None:
    data = make("xor", noise=0.0)
    assert np.array_equal(data.targets, (data.inputs[:, 0] > 0) != (data.inputs[:, 1] > 0))
    assert np.abs(data.inputs).min() >= 0.1


def test_the_two_arms_of_the_spiral_are_those_of_the_formula() -> None:
    data = make("spiral", samples=200)
    classes = np.arange(200) % 2
    radius = 0.1 + 0.9 * (np.arange(200) // 2) / 99
    angle = 2.5 * np.pi * radius + np.pi * classes
    points = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    assert np.array_equal(data.inputs, points)
    assert np.array_equal(make("spiral", samples=200, classes=2).inputs, points)


@pytest.mark.parametrize("classes", [2, 3, 7, 20])
def test_each_arm_of_the_spiral_is_the_first_one_turned(classes: int) -> None:
    data = make("spiral", samples=10 * classes, classes=classes)
    first = data.inputs[data.targets == 0] @ [1, 1j]
    for arm in range(classes):
        turned = first * np.exp(-2j * np.pi * arm / classes)
        assert np.allclose(data.inputs[data.targets == arm] @ [1, 1j], turned, atol=1e-14)


@pytest.mark.parametrize("classes", [2, 3, 20])
def test_the_blobs_lie_around_a_circle(classes: int) -> None:
    data = make("blobs", samples=500 * classes, noise=0.1, classes=classes)
    assert data.labels == tuple(map(str, range(classes)))
    for label in range(classes):
        cloud = data.inputs[data.targets == label]
        assert np.hypot(*cloud.mean(axis=0)) == pytest.approx(2, abs=0.02)
        assert cloud.std(axis=0) == pytest.approx(0.1, abs=0.02)


def test_the_surfaces_are_those_of_their_formulas() -> None:
    plane, sine, bumps = (make(name, noise=0.0) for name in ("plane", "sine", "bumps"))
    assert np.array_equal(plane.targets, plane.inputs.sum(axis=1) / 10)
    assert np.array_equal(sine.targets, np.sin(sine.inputs[:, 0]))
    assert (sine.columns, sine.target, sine.labels) == (("x",), "y", None)
    for centre in ([0.0, -2.5], [-4.0, 2.5], [4.0, 2.5]):
        near = np.hypot(*(bumps.inputs - centre).T) < 0.5
        assert (bumps.targets[near] < -0.8).all()
        assert near.any()


def test_noise_of_a_surface_moves_the_numbers_and_not_the_points() -> None:
    calm, wild = (make("plane", samples=5000, noise=noise) for noise in (0.0, 0.3))
    assert np.array_equal(calm.inputs, wild.inputs)
    assert np.std(wild.targets - calm.targets) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize(("name", "load"), [("iris", "load_iris"), ("wine", "load_wine"), ("digits", "load_digits")])
def test_a_bundled_set_is_that_of_scikit_learn(name: str, load: str) -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    expected, data = getattr(sklearn, load)(), load_data(name)
    assert np.array_equal(data.inputs, expected.data)
    assert np.array_equal(data.targets, expected.target)
    assert data.target == BUNDLED[name].target
    assert data.image == ((1, 8, 8) if name == "digits" else None)


def test_the_bundled_sets_name_their_columns_and_classes() -> None:
    iris, digits = load_data("iris"), load_data("digits")
    assert iris.columns == ("sepal_length", "sepal_width", "petal_length", "petal_width")
    assert iris.labels == ("setosa", "versicolor", "virginica")
    assert digits.columns[:2] + digits.columns[-1:] == ("pixel_0_0", "pixel_0_1", "pixel_7_7")
    assert digits.labels == tuple("0123456789")


def test_the_manual_lists_every_set() -> None:
    manual = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for name, drawn in DATASETS.items():
        kind = "a number" if drawn.classes is None else "a class"
        assert f"\n| `{name}` | {drawn.about} | {kind} | {drawn.samples} | {drawn.noise:g} |\n" in manual
    for name, file in BUNDLED.items():
        assert f"\n| `{name}` | {file.about} | a class | | |\n" in manual


def test_the_bundled_files_are_small_and_say_where_they_are_from() -> None:
    files = {one.path for one in BUNDLED.values()}
    readme = next(iter(files)).parent / "README.md"
    assert sum(path.stat().st_size for path in files) < 100_000
    assert all(path.name in readme.read_text(encoding="utf-8") for path in files)
    assert {*readme.parent.iterdir()} == {readme, *files}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "moons", "classes": 3},
            "`classes` is for blobs and spiral; the number of classes of `moons` is fixed",
        ),
        (
            {"name": "blobs", "classes": 1},
            "`blobs` has 2 to 20 classes with at least one sample of each, not 1 classes",
        ),
        (
            {"name": "spiral", "classes": 21},
            "`spiral` has 2 to 20 classes with at least one sample of each, not 21 classes",
        ),
        (
            {"name": "blobs", "classes": 5, "samples": 4},
            "`blobs` has 2 to 20 classes with at least one sample of each, not 5 classes",
        ),
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
