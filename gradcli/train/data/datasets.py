"""The built-in data sets: some are drawn from a seed, others are small files of this package.

One entry of `DATASETS` is a set that is drawn: a sentence, default size and noise, and a function that makes points.
These functions use NumPy's `RandomState`, whose random numbers never change, so a seed means the same points in every
version. `noise` is the standard deviation of normal noise.  If the target is a class, the noise is added to both
coordinates of the points; if it is a number, the noise is added to the target.  One entry of `BUNDLED` is a file in the
folder `bundled`; its README says where the files come from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli import limits
from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import RandomState

    from gradcli.array_types import Array, Floats, Indices
    from gradcli.train.data.rows import Data

    Points = tuple[Floats, Indices]
    Surface = tuple[Floats, Floats]

__all__ = ["BUNDLED", "DATASETS", "Bundled", "Dataset", "check_drawing", "make"]


@dataclass(frozen=True)
class Dataset:
    """A data set that is drawn.

    Args:
        about: a few words that describe it.
        samples: the default number of points.
        noise: the default standard deviation of the noise.
        points: a function of the number of samples, the noise, a generator and, if it can be chosen, the number of
            classes. It returns the inputs (samples, columns) and the targets (samples,).
        classes: the default number of classes; None if the target is a number.
        chooses_classes: whether the user may choose the number of classes.
        columns: the names of the inputs.
    """

    about: str
    samples: int
    noise: float
    points: Callable[..., tuple[Floats, Array]]
    classes: int | None = 2
    chooses_classes: bool = False
    columns: tuple[str, ...] = ("x1", "x2")


@dataclass(frozen=True)
class Bundled:
    """A data set that is a file.

    Args:
        about: a few words that describe it.
        file: the name of the file, which is in the folder ``bundled`` beside this module.
        target: the name of its last column, which is to be predicted.
    """

    about: str
    file: str
    target: str

    @property
    def path(self) -> Path:
        """The path of the file."""
        from pathlib import Path

        return Path(__file__).parent / "bundled" / self.file


def make(
    name: str, samples: int | None = None, noise: float | None = None, seed: int = 1337, classes: int | None = None
) -> Data:
    """The points of a built-in data set.

    Args:
        name: a key of `DATASETS`.
        samples: the total number of points; by default the number of the set.
        noise: standard deviation of the noise, in the units of the coordinates; by default the noise of the set.
        seed: the seed of NumPy's legacy generator, 0 <= seed < 2**32.
        classes: the number of classes, for the sets that let the user choose it.

    Raises:
        UsageError: the name is unknown, a value is out of range, or the number of classes of this set is fixed.

    >>> data = make("moons", samples=100, noise=0.1, seed=1337)
    >>> data.inputs[0].tolist(), data.labels
    ([1.1221146075409685, 0.08147717341718697], ('0', '1'))
    """
    import numpy as np

    from gradcli.train.data.rows import Data

    dataset = DATASETS[choice(name, DATASETS, "data set")]
    samples = dataset.samples if samples is None else samples
    noise = dataset.noise if noise is None else noise
    check_drawing(samples, noise, seed)
    given: tuple[int, ...] = ()
    if dataset.chooses_classes:
        classes = dataset.classes if classes is None else classes
        if classes is None or not 2 <= classes <= min(limits.DRAWN_CLASSES, samples):
            raise UsageError(
                f"`{name}` has 2 to {limits.DRAWN_CLASSES} classes with at least one sample of each, not {classes} "
                f"classes"
            )
        given = (classes,)
    elif classes is not None:
        choosing = " and ".join(key for key, one in DATASETS.items() if one.chooses_classes)
        raise UsageError(
            f"`classes` is for {choosing}; the number of classes of `{name}` is fixed",
            kind="conflicting_options",
            argument="classes",
        )
    else:
        classes = dataset.classes
    inputs, targets = dataset.points(samples, noise, np.random.RandomState(seed), *given)
    labels = None if classes is None else tuple(map(str, range(classes)))
    target = "y" if labels is None else "class"
    return Data(name, dataset.columns, inputs, target, targets.astype(np.float64), labels)


def check_drawing(samples: int, noise: float, seed: int) -> None:
    """Refuse a number of samples, a noise or a seed that is out of range.

    Raises:
        UsageError: a value is out of range.
    """
    if not 2 <= samples <= limits.DRAWN_ROWS:
        raise UsageError(f"a data set has 2 to {limits.DRAWN_ROWS} samples, not {samples}")
    if not (noise >= 0 and math.isfinite(noise)):
        raise UsageError(f"the noise is a standard deviation, at least 0 and finite, not {noise:g}")
    if not 0 <= seed < 2**32:
        raise UsageError(f"the seed is a whole number from 0 to 2^32 - 1, not {seed}")


def two_arcs(
    outer: tuple[Floats, Floats], inner: tuple[Floats, Floats], noise: float, generator: RandomState
) -> Points:
    """Return the points of two curves, first shuffled and then moved by noise, as scikit-learn's generators do it."""
    import numpy as np

    points = np.vstack([np.append(outer[0], inner[0]), np.append(outer[1], inner[1])]).T
    classes = np.repeat([0, 1], [len(outer[0]), len(inner[0])])
    order = np.arange(len(points))
    generator.shuffle(order)
    moved = points[order] + generator.normal(scale=noise, size=points.shape) if noise else points[order]
    return moved, classes[order]


def moons(samples: int, noise: float, generator: RandomState) -> Points:
    """Two interleaved half circles: scikit-learn's make_moons, point for point."""
    import numpy as np

    outer = np.linspace(0, np.pi, samples // 2)
    inner = np.linspace(0, np.pi, samples - samples // 2)
    return two_arcs((np.cos(outer), np.sin(outer)), (1 - np.cos(inner), 1 - np.sin(inner) - 0.5), noise, generator)


def circles(samples: int, noise: float, generator: RandomState) -> Points:
    """A circle of radius 1 around a circle of radius 0.5: scikit-learn's make_circles, factor 0.5, point for point."""
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


def blobs(samples: int, noise: float, generator: RandomState, count: int) -> Points:
    """Normal clouds, one for each class, whose centres lie evenly on a circle of radius 2."""
    import numpy as np

    classes = np.arange(samples) % count
    angle = 2 * np.pi * classes / count
    centres = 2 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return centres + generator.normal(scale=noise, size=(samples, 2)), classes


def spiral(samples: int, noise: float, generator: RandomState, count: int) -> Points:
    """Arms that wind around the origin, each 1.25 turns long, with a radius up to 1."""
    import numpy as np

    classes = np.arange(samples) % count
    radius = 0.1 + 0.9 * (np.arange(samples) // count) / max(1, (samples - 1) // count)
    angle = 2.5 * np.pi * radius + 2 * np.pi * classes / count
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


def plane(samples: int, noise: float, generator: RandomState) -> Surface:
    """The tilted plane (x1 + x2) / 10 over the square from -6 to 6: TensorFlow Playground's regression plane."""
    points = generator.uniform(-6, 6, size=(samples, 2))
    return points, points.sum(axis=1) / 10 + generator.normal(scale=noise, size=samples)


def sine(samples: int, noise: float, generator: RandomState) -> Surface:
    """One wave, y = sin(x) for -pi <= x <= pi: the only set with a single input."""
    import numpy as np

    points = generator.uniform(-np.pi, np.pi, size=(samples, 1))
    return points, np.sin(points[:, 0]) + generator.normal(scale=noise, size=samples)


def bumps(samples: int, noise: float, generator: RandomState) -> Surface:
    """Three hills and three hollows, alternating in two rows: a smooth form of TensorFlow Playground's Gauss surface.

    Each is a bell of height 1 or -1 and standard deviation 1, with the centre at x1 = -4, 0 or 4 and x2 = -2.5 or 2.5;
    neighbours differ in sign.
    """
    import numpy as np

    points = generator.uniform(-6, 6, size=(samples, 2))
    heights = np.zeros(samples)
    for number, (x, y) in enumerate((x, y) for y in (-2.5, 2.5) for x in (-4.0, 0.0, 4.0)):
        distance = (points[:, 0] - x) ** 2 + (points[:, 1] - y) ** 2
        heights += (-1) ** number * np.exp(-distance / 2)
    return points, heights + generator.normal(scale=noise, size=samples)


DATASETS: dict[str, Dataset] = {
    "moons": Dataset("two interleaved half circles", 100, 0.1, moons),
    "circles": Dataset("a circle around a smaller circle", 100, 0.05, circles),
    "xor": Dataset("four quadrants of a square; opposite quadrants have the same class", 200, 0.0, xor),
    "gauss": Dataset("two normal clouds", 200, 0.5, gauss),
    "blobs": Dataset("normal clouds in a ring", 300, 0.5, blobs, classes=3, chooses_classes=True),
    "spiral": Dataset("two or more arms wound around each other", 200, 0.0, spiral, chooses_classes=True),
    "wave": Dataset("a cosine below a sine", 400, 0.2, wave),
    "plane": Dataset("a tilted plane", 200, 0.1, plane, classes=None),
    "sine": Dataset("one wave of the sine", 200, 0.1, sine, classes=None, columns=("x",)),
    "bumps": Dataset("hills and hollows", 500, 0.05, bumps, classes=None),
}

BUNDLED: dict[str, Bundled] = {
    "iris": Bundled("150 flowers of three species, with four lengths each", "iris.csv", "species"),
    "wine": Bundled("178 wines of three cultivars, with thirteen measurements each", "wine.csv", "cultivar"),
    "digits": Bundled("1797 handwritten digits of 8 x 8 pixels", "digits.npz", "digit"),
}
