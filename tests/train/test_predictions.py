"""Predictions of a saved model."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError, UsageError
from gradcli.tables.formats import read_table
from gradcli.tables.table import Table
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.predictions import TablePredictor, predict
from gradcli.train.run import Run, load_data, start

LINES = [f"{x},{y},{'high' if x + y > 9 else 'low'}" for x in range(10) for y in range(10)]
CLASSES = "\n".join(["a,b,c", *LINES])
NUMBERS = "\n".join(["a,b,c", *(f"{x},{y},{1000 * x - 30.5 * y}" for x in range(10) for y in range(10))])


def table(text: str) -> Table:
    return read_table(io.StringIO(text), "t.csv")


def trained(text: str, **choices: object) -> Run:
    run = start(
        load_data("-", target="c", stream=io.StringIO(text)), hidden=(), epochs=60, learning_rate=0.2, **choices
    )  # type: ignore[arg-type]
    for _ in run.events():
        pass
    return run


def metrics(checkpoint: Checkpoint, text: str) -> dict[str, Any]:
    judge = TablePredictor(checkpoint)
    judge.predict(table(text))
    return judge.metrics()


def test_classes_are_spelt_as_in_the_table() -> None:
    found = predict(trained(CLASSES).checkpoint(), np.array([[0.0, 0.0], [9.0, 9.0]]))
    assert [prediction.value for prediction in found] == ["low", "high"]
    for prediction in found:
        assert prediction.probability is not None
        assert list(prediction.probability) == ["high", "low"]
        assert sum(prediction.probability.values()) == pytest.approx(1)
        assert prediction.probability[str(prediction.value)] > 0.9


def test_a_loss_without_probabilities_gives_scores_only() -> None:
    found = predict(trained(CLASSES, loss="hinge").checkpoint(), np.array([[0.0, 0.0]]))
    assert found[0].probability is None
    assert found[0].scores[0] > 0


def test_numbers_are_in_the_units_of_the_target() -> None:
    found = predict(trained(NUMBERS).checkpoint(), np.array([[0.0, 0.0], [9.0, 0.0]]))
    assert [prediction.value for prediction in found] == pytest.approx([0, 9000], abs=400)


def test_a_table_with_the_target_measures_the_predictions() -> None:
    run = trained(CLASSES)
    shuffled = "\n".join(["c,extra,b,a", *(f"{c},0,{b},{a}" for a, b, c in (line.split(",") for line in LINES))])
    assert metrics(run.checkpoint(), shuffled)["accuracy"] == run.measures(run.data).accuracy
    assert metrics(run.checkpoint(), "a,b\n1,2\n") == {}
    numbers = metrics(trained(NUMBERS).checkpoint(), NUMBERS)
    assert numbers["r2"] > 0.99
    assert set(numbers) == {"loss", "rmse", "mae", "r2"}


def test_only_rows_whose_target_is_known_are_measured() -> None:
    checkpoint = trained(CLASSES).checkpoint()
    half = [line if number % 2 else line.rpartition(",")[0] + ",?" for number, line in enumerate(LINES)]
    known = metrics(checkpoint, "\n".join(["a,b,c", *LINES[1::2]]))
    assert metrics(checkpoint, "\n".join(["a,b,c", *half])) == known
    assert metrics(checkpoint, "a,b,c\n1,2,\n") == {}
    assert len(TablePredictor(checkpoint).predict(table("\n".join(["a,b,c", *half])))) == 100


def test_an_unknown_class_in_the_target_is_named() -> None:
    with pytest.raises(UnavailableError) as caught:
        metrics(trained(CLASSES).checkpoint(), "a,b,c\n1,2,low\n1,2,middle\n")
    assert caught.value.message == "`t.csv`, line 3, column `c`: the model has no class `middle`"


def test_a_feature_without_a_value_is_refused_and_not_guessed() -> None:
    run = trained(NUMBERS, features=("a", "sqrt(b)"))
    assert len(predict(run.checkpoint(), np.array([[1.0, 4.0]]))) == 1
    with pytest.raises(UsageError) as caught:
        predict(run.checkpoint(), np.array([[1.0, 4.0], [1.0, -4.0]]))
    assert caught.value.message == "the feature `sqrt(b)` has no finite value where a = 1, b = -4"


def test_text_columns_are_encoded_as_in_training() -> None:
    rows = "\n".join(
        ["colour,size,price", *(f"{'red' if n % 2 else 'blue'},{n},{n + 50 * (n % 2)}.5" for n in range(40))]
    )
    run = trained(rows.replace("price", "c"))
    assert run.model.columns == ("colour=blue", "colour=red", "size")
    found = metrics(run.checkpoint(), "size,colour,c\n10,red,60.5\n10,blue,10.5\n")
    assert found["mae"] < 5
