"""Accuracy on rows never seen: gradcli's defaults and scikit-learn's nets of the same size, on the same rows.

A quarter of the rows is kept for the test, with five seeds; of diabetes, a table of numbers, R^2 is shown in place of
accuracy.  gradcli trains as `gradcli train` does without further options; scikit-learn's MLPClassifier and MLPRegressor
have their defaults but for the sizes, 2,000 epochs at most, and standardised columns.  Then smolgrad's wave demo, its
net on its 400 points, with ten seeds.

    python benchmarks/accuracy.py
"""

from __future__ import annotations

from harness import Bound, Options, Table, installed, main, use_threads

use_threads(1)

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gradcli.train import load_data, start
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data, split

SEEDS = range(5)
TEST = 0.25
WAVE_SEEDS = range(10)
WAVE_ACCURACY = 0.995


class Case(NamedTuple):
    """One row of the table: what is learnt, by which net, and what is needed (None: what scikit-learn reaches).

    The test rows are a part of the data, or ``unseen`` ones: of few rows a part would say little.
    """

    name: str
    data: Callable[[int], Data]
    choices: dict[str, Any]
    needed: float | None = None
    has_peer: bool = True
    unseen: Callable[[int], Data] | None = None

    def parts(self, seed: int) -> tuple[Data, Data]:
        """The rows to learn from, and those to be measured by."""
        if self.unseen is not None:
            return self.data(seed), self.unseen(seed)
        training, _, test = split(self.data(seed), 0.0, TEST, seed)
        return training, test


def diabetes(_seed: int) -> Data:
    """The table of 442 patients that scikit-learn has."""
    from sklearn.datasets import load_diabetes

    found = load_diabetes()
    return Data("diabetes", tuple(found.feature_names), found.data, "progression", found.target, None)


CASES = [
    Case("iris", lambda seed: load_data("iris"), {}),
    Case("wine", lambda seed: load_data("wine"), {}),
    Case(
        "moons, 150 points, noise 0.25",
        lambda seed: make("moons", 150, 0.25, seed),
        {},
        unseen=lambda seed: make("moons", 5000, 0.25, 1000 + seed),
    ),
    Case("diabetes (R^2)", diabetes, {}),
    Case("digits", lambda seed: load_data("digits"), {}, 0.97),
    Case("digits", lambda seed: load_data("digits"), {"hidden": (64,)}, 0.97),
    Case("digits", lambda seed: load_data("digits"), {"conv": (8, 16)}, 0.98, has_peer=False),
]


def ours(training: Data, test: Data, seed: int, choices: dict[str, Any]) -> float:
    """Accuracy, or R^2, of gradcli's net on the rows kept for the test."""
    run = start(training, split=0.0, seed=seed, **choices)
    for _ in run.events():
        pass
    found = run.measures(test)
    score = found.r2 if training.labels is None else found.accuracy
    assert score is not None
    return score


def peer(training: Data, test: Data, seed: int, hidden: tuple[int, ...]) -> float:
    """The same of scikit-learn's, on the same rows."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    mean, scale = training.inputs.mean(axis=0), training.inputs.std(axis=0)
    scale[scale == 0] = 1.0
    targets, aims = training.targets, test.targets
    if training.labels is None:
        centre, width = targets.mean(), targets.std()
        targets, aims = (targets - centre) / width, (aims - centre) / width
    kind = MLPRegressor if training.labels is None else MLPClassifier
    net = kind(hidden_layer_sizes=hidden, max_iter=2000, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit((training.inputs - mean) / scale, targets)
    return float(net.score((test.inputs - mean) / scale, aims))


def wave(seed: int) -> float:
    """The accuracy of a net of 5 and 10 hidden units on all 400 points of the wave."""
    run = start(make("wave", seed=seed), hidden=(5, 10), seed=seed, split=0.0)
    for _ in run.events():
        pass
    found = run.measures(run.training).accuracy
    assert found is not None
    return found


def tables(options: Options) -> Iterator[Table]:
    """The data sets, then the wave."""
    seeds, wave_seeds = (range(1), range(1)) if options.quick else (SEEDS, WAVE_SEEDS)
    rows, bounds = [], []
    for case in CASES[:1] if options.quick else CASES:
        began = time.perf_counter()
        mine = [ours(*case.parts(seed), seed, case.choices) for seed in seeds]
        seconds = (time.perf_counter() - began) / len(seeds)
        conv, hidden = case.choices.get("conv"), case.choices.get("hidden", (16, 16))
        net = "conv " * bool(conv) + ",".join(map(str, conv or hidden))
        has_peer = case.has_peer and installed("sklearn")
        others = [peer(*case.parts(seed), seed, hidden) for seed in seeds] if has_peer else []
        needed = case.needed or (statistics.mean(others) if others else None)
        mean = statistics.mean(mine)
        each = " ".join(f"{score:.3f}" for score in mine)
        their_mean = f"{statistics.mean(others):.4f}" if others else ""
        rows.append([case.name, net, f"{mean:.4f}", their_mean, f"{seconds:.2f} s", each])
        if needed and not options.quick:
            bounds.append(Bound(f"{case.name}, {net}: what is missing to 1", 1 - mean, 1 - needed + 1e-12))
    head = ["", "net", "gradcli", "scikit-learn", "time of gradcli", "gradcli, each seed"]
    yield Table(f"accuracy on rows never seen, mean of {len(seeds)} seeds", head, rows, bounds)

    scores = [wave(seed) for seed in wave_seeds]
    missed = sum(score < WAVE_ACCURACY for score in scores)
    bounds = [] if options.quick else [Bound(f"seeds that do not reach {WAVE_ACCURACY:.1%}", missed, 0)]
    yield Table(
        "wave, 5,10", ["seed", "accuracy"], [[str(n), f"{score:.4f}"] for n, score in enumerate(scores)], bounds
    )


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, ("gradcli", "numpy", "sklearn")))
