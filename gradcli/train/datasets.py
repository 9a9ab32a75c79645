"""The built-in data sets: two classes in the plane, drawn from a seed.

One entry of `DATASETS` is one data set: a sentence, default size and noise, and a function that makes the points.
They use NumPy's `RandomState`, whose stream is frozen for ever, so a seed means the same points in every version.
`noise` is always the standard deviation of the normal noise that is added to both coordinates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.errors import UsageError
from gradcli.source import did_you_mean
from gradcli.train.data import Data

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import RandomState
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Points = tuple[Floats, NDArray[np.intp]]

__all__ = ["DATASETS", "Dataset", "make"]

MOST_SAMPLES = 10_000_000


@dataclass(frozen=True)
class Dataset:
    """A built-in data set: ``points(samples, noise, generator)`` gives inputs (samples, 2) and classes (samples,)."""

    about: str
    samples: int
    noise: float
    points: Callable[[int, float, RandomState], Points]


def make(name: str, samples: int | None = None, noise: float | None = None, seed: int = 1337) -> Data:
    """The points of a built-in data set.

    Args:
        name: a key of `DATASETS`.
        samples: how many points in all; the set's own number by default.
        noise: standard deviation of the noise, in the units of the coordinates; the set's own by default.
        seed: of the legacy generator, 0 <= seed < 2**32.

    Raises:
        UsageError: an unknown name, or a value out of range.

    >>> data = make("moons", samples=100, noise=0.1, seed=1337)
    >>> data.inputs[0].tolist(), data.labels
    ([1.1221146075409685, 0.08147717341718697], ('0', '1'))
    """
    import numpy as np

    dataset = DATASETS.get(name)
    if dataset is None:
        near = did_you_mean(name, DATASETS)
        raise UsageError(
            f"unknown data set `{name}`",
            kind="unknown_dataset",
            hint=f"did you mean `{near}`?" if near else f"the built-in sets are {', '.join(DATASETS)}",
        )
    samples = dataset.samples if samples is None else samples
    noise = dataset.noise if noise is None else noise
    if not 2 <= samples <= MOST_SAMPLES:
        raise UsageError(f"a data set has 2 to {MOST_SAMPLES} samples, not {samples}", kind="bad_value")
    if not (noise >= 0 and math.isfinite(noise)):
        raise UsageError(f"the noise is a standard deviation, at least 0 and finite, not {noise:g}", kind="bad_value")
    if not 0 <= seed < 2**32:
        raise UsageError(f"the seed is a whole number from 0 to 2^32 - 1, not {seed}", kind="bad_value")
    inputs, classes = dataset.points(samples, noise, np.random.RandomState(seed))
    return Data(name, ("x1", "x2"), inputs, "class", classes.astype(np.float64), ("0", "1"))


def two_arcs(
    outer: tuple[Floats, Floats], inner: tuple[Floats, Floats], noise: float, generator: RandomState
) -> Points:
    """Points of two curves, shuffled and then moved: the order of scikit-learn's generators, whose points these are."""
    import numpy as np

    points = np.vstack([np.append(outer[0], inner[0]), np.append(outer[1], inner[1])]).T
    classes = np.repeat([0, 1], [len(outer[0]), len(inner[0])])
    order = np.arange(len(points))
    generator.shuffle(order)
    moved = points[order] + generator.normal(scale=noise, size=points.shape) if noise else points[order]
    return moved, classes[order]


def moons(samples: int, noise: float, generator: RandomState) -> Points:
    """Two half circles that reach into each other: scikit-learn's make_moons, point for point."""
    import numpy as np

    outer = np.linspace(0, np.pi, samples // 2)
    inner = np.linspace(0, np.pi, samples - samples // 2)
    return two_arcs((np.cos(outer), np.sin(outer)), (1 - np.cos(inner), 1 - np.sin(inner) - 0.5), noise, generator)


def circles(samples: int, noise: float, generator: RandomState) -> Points:
    """A circle of radius 1 around one of radius 0.5: scikit-learn's make_circles with factor 0.5, point for point."""
    import numpy as np

    outer = np.linspace(0, 2 * np.pi, samples // 2, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, samples - samples // 2, endpoint=False)
    return two_arcs((np.cos(outer), np.sin(outer)), (np.cos(inner) * 0.5, np.sin(inner) * 0.5), noise, generator)


def xor(samples: int, noise: float, generator: RandomState) -> Points:
    """Points of a square around the origin; the class is 1 where exactly one coordinate is positive.

    A band of half-width 0.1 along both axes stays empty before the noise, so that the classes can be told apart.
    """
    import numpy as np

    points = generator.uniform(-0.9, 0.9, size=(samples, 2))
    points += np.copysign(0.1, points)
    classes = (points[:, 0] * points[:, 1] < 0).astype(np.intp)
    return points + generator.normal(scale=noise, size=points.shape), classes


def gauss(samples: int, noise: float, generator: RandomState) -> Points:
    """Two normal clouds around (-1, -1) and (1, 1) whose standard deviation is the noise."""
    import numpy as np

    classes = np.arange(samples) % 2
    centres = np.where(classes[:, None] == 1, 1.0, -1.0)
    return centres + generator.normal(scale=noise, size=(samples, 2)), classes


def spiral(samples: int, noise: float, generator: RandomState) -> Points:
    """Two arms that wind around the origin, each one and a quarter turns long, with radius up to 1."""
    import numpy as np

    classes = np.arange(samples) % 2
    radius = 0.1 + 0.9 * (np.arange(samples) // 2) / max(1, (samples - 1) // 2)
    angle = 2.5 * np.pi * radius + np.pi * classes
    points = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return points + generator.normal(scale=noise, size=points.shape), classes


def wave(samples: int, noise: float, generator: RandomState) -> Points:
    """Two waves, y = cos(4x) below y = 3 + sin(2x) for -1.5 <= x <= 1, with noise in y only."""
    import numpy as np

    below = np.linspace(-1.5, 1, samples // 2)
    above = np.linspace(-1.5, 1, samples - samples // 2)
    x = np.append(below, above)
    y = np.append(np.cos(4 * below), 3 + np.sin(2 * above)) + generator.normal(scale=noise, size=samples)
    return np.stack([x, y], axis=1), np.repeat([0, 1], [len(below), len(above)])


DATASETS: dict[str, Dataset] = {
    "moons": Dataset("two half circles that reach into each other", 100, 0.1, moons),
    "circles": Dataset("a circle around a smaller one", 100, 0.05, circles),
    "xor": Dataset("four quadrants of a square, opposite ones alike", 200, 0.0, xor),
    "gauss": Dataset("two normal clouds", 200, 0.5, gauss),
    "spiral": Dataset("two arms wound around each other", 200, 0.0, spiral),
    "wave": Dataset("a cosine below a sine", 400, 0.2, wave),
}
