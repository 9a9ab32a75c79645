"""A race of optimisers: the same net, trained in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.data.datasets import make
from gradcli.train.race import Race, entries_of
from gradcli.train.run import start
from gradcli.train.trainer import Epoch, Step

SMALL: dict[str, Any] = {"hidden": (4,), "epochs": 4}


def race_of(text: str, **choices: Any) -> Race:
    return Race(entries_of(text), make("moons", samples=40), SMALL | choices)


def run(race: Race) -> Race:
    for _ in race.events():
        pass
    return race


def test_each_ends_where_it_would_end_alone() -> None:
    race = run(race_of("sgd,adam:0.05,lbfgs"))
    alone = [("sgd", None), ("adam", 0.05), ("lbfgs", None)]
    for one, (optimizer, rate) in zip(race.entrants, alone, strict=True):
        other = start(make("moons", samples=40), optimizer=optimizer, learning_rate=rate, **SMALL)
        for _ in other.events():
            pass
        np.testing.assert_array_equal(one.run.state.parameters, other.state.parameters)
        assert one.run.state.history == other.state.history


def test_all_begin_with_the_same_parameters() -> None:
    first, second = race_of("sgd,rmsprop").entrants
    np.testing.assert_array_equal(first.run.state.parameters, second.run.state.parameters)


def test_optimisers_take_turns_step_by_step() -> None:
    race = race_of("sgd,adam")
    order = [one.name for one, event in race.events() if isinstance(event, Step)]
    assert order == ["sgd", "adam"] * (len(order) // 2)


def test_one_with_fewer_updates_keeps_pace_by_epochs() -> None:
    events = race_of("sgd,lbfgs").events()
    epochs = [(one.name, event.epoch) for one, event in events if isinstance(event, Epoch)]
    for number in range(3):
        assert {name for name, epoch in epochs[: 2 * number + 3] if epoch == number} == {"sgd", "lbfgs"}


def test_all_have_the_same_number_of_epochs_when_nobody_says_how_many() -> None:
    race = race_of("lbfgs,adam", epochs=None)
    assert len({one.run.settings.epochs for one in race.entrants}) == 1


def test_the_smallest_validation_loss_wins() -> None:
    race = run(race_of("sgd:0.0001,adam"))
    assert [one.name for one in race.standings()] == ["adam", "sgd:0.0001"]
    assert race.standings()[0].loss == race.entrants[1].run.state.validation[-1][1]
    assert [one["place"] for one in race.report()] == [2, 1]


def test_without_rows_that_validate_the_loss_in_training_decides() -> None:
    race = run(race_of("sgd,adam", split=0.0))
    one = race.entrants[0]
    last = [record.loss for record in one.run.state.history[-one.run.updates_per_epoch :]]
    assert one.loss == pytest.approx(sum(last) / len(last), rel=1e-14)


def test_with_patience_the_best_epoch_counts() -> None:
    race = run(race_of("adam:0.5,sgd", epochs=60, patience=2))
    one = race.entrants[0]
    assert one.run.state.best is not None
    assert one.loss == one.run.state.best.loss == min(one.course)


def test_one_that_diverges_is_out_and_comes_last() -> None:
    race = run(race_of("sgd:1e9,adam", activation="exp"))
    out, other = race.entrants
    assert out.failure is not None
    assert other.run.is_over
    assert race.standings() == [other, out]
    assert "no longer finite" in race.report()[0]["diverged"]
    assert race.share == 1.0


def test_the_history_has_a_row_for_each_epoch_and_a_column_for_each_optimiser() -> None:
    race = run(race_of("sgd,adam:0.01"))
    lines = race.history_table().splitlines()
    assert lines[0] == "epoch,sgd,adam:0.01"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3", "4"]
    assert float(lines[-1].split(",")[1]) == race.entrants[0].loss


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sgd", "a race needs two optimisers or more"),
        ("", "a race needs two optimisers or more"),
        (",", "a race needs two optimisers or more"),
        ("sgd,adm", "unknown optimiser `adm`"),
        ("sgd,sgd", "`sgd` is in the race twice"),
        ("adam:0.1,adam:1e-1", "`adam:0.1` is in the race twice"),
        ("sgd,adam:", "a learning rate is positive and finite, not ``"),
        ("sgd,adam:-1", "a learning rate is positive and finite, not `-1`"),
        ("sgd,adam:inf", "a learning rate is positive and finite, not `inf`"),
        ("sgd,lbfgs:1", "the optimiser `lbfgs` finds its own steps, so it has no learning rate"),
    ],
)
def test_what_is_no_race_is_refused_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        entries_of(text)
    assert caught.value.message == message
