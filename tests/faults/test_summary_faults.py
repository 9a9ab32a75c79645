"""Faults of the summary: it says what is wrong with a net, and names its losses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.train.data.rows import Data
from gradcli.train.findings import findings
from gradcli.train.run import start

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(400, 2))
NOISE = GENERATOR.normal(size=400)


def data(targets: Any, labels: tuple[str, ...] | None = None, inputs: Any = X) -> Data:
    names = tuple(f"x{number}" for number in range(inputs.shape[1]))
    return Data("table", names, inputs, "y", np.asarray(targets, dtype=float), labels)


CASES: dict[str, tuple[Data, dict[str, Any], str | None]] = {
    "a class is never predicted": (
        data(X[:, 0] * 0 + (NOISE > 1.9), ("no", "yes")),
        {"hidden": (), "l2": 1.0},
        "the net never predicts `yes`",
    ),
    "worse than the constant": (
        data(NOISE), {"epochs": 300, "l2": 0.0, "learning_rate": 0.05}, "is worse than always predicting the mean",
    ),
    "worse than the straight line": (
        data(X[:, 0] + X[:, 1] + 2 * NOISE), {"epochs": 300, "l2": 0.0, "learning_rate": 0.05}, "a straight line",
    ),
    "learnt by heart": (
        data((X[:, 0] + X[:, 1] + 2 * NOISE)[:100], inputs=X[:100]),
        {"hidden": (40, 40), "epochs": 500, "l2": 0.0, "learning_rate": 0.05},
        "is far behind the training",
    ),
    "nothing is wrong with a number": (data(X[:, 0] + X[:, 1] + 0.1 * NOISE), {}, None),
    "nothing is wrong with classes": (data(X[:, 0] * X[:, 1] > 0, ("no", "yes")), {}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_summary_says_what_is_wrong(name: str) -> None:
    rows, choices, sentence = CASES[name]
    run = start(rows, seed=1, **choices)
    for _ in run.events():
        pass
    found = findings(run)
    if sentence is None:
        assert found == []
    else:
        assert any(sentence in one for one in found), found


def test_the_notes_stand_before_the_command_and_in_json(inside: Callable[..., Any], own_folder: Path) -> None:
    rows = "".join(f"{x},{y},{'ab'[number % 20 == 0]}\n" for number, (x, y) in enumerate(X.tolist()))
    (own_folder / "t.csv").write_text("x,y,kind\n" + rows)
    words = ("train", "t.csv", "--target", "kind", "--hidden", "none", "--l2", "1")
    lines = inside(*words).err.splitlines()
    assert lines[-2].startswith("note: on the validation rows the net never predicts `b` (4 rows): --class-weight")
    assert lines[-1].startswith("repeat with: ")
    assert json.loads(inside(*words, "--json").out)["notes"] == [lines[-2].removeprefix("note: ")]


def test_a_net_that_only_has_margins_ranks_a_rare_class() -> None:
    """The area under the curve of `loss hinge` was 0.5 in 0.1.0, where the net had become a constant."""
    datasets: Any = pytest.importorskip("sklearn.datasets")
    inputs, targets = datasets.make_classification(
        3000, 8, n_informative=4, weights=[0.97], class_sep=0.8, random_state=0, flip_y=0.01
    )
    run = start(data(targets, ("0", "1"), inputs), loss="hinge", seed=0)
    for _ in run.events():
        pass
    assert (run.measures(run.validation).auc or 0.0) > 0.7
