"""`gradcli.cli.live.lines`: a line for each epoch, as soon as it is done, of one run or of a race."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gradcli.cli.command import Session
from gradcli.cli.context import Terminal
from gradcli.cli.live.lines import RaceLines, RunLines
from gradcli.cli.showing.output import Output
from gradcli.train.data.datasets import make
from gradcli.train.race import Race, entries_of
from gradcli.train.run import Run, start

FEW: dict[str, Any] = {"epochs": 3, "hidden": (4,), "batch": 16}


class Flushed(io.StringIO):
    """Keeps what was readable at each moment that a reader could look."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def flush(self) -> None:
        self.seen.append(self.getvalue())


def session(*flags: str) -> tuple[Session, Flushed, io.StringIO]:
    out, err = Flushed(), io.StringIO()
    terminal = Terminal(io.StringIO(), out, err, environment={})
    terminal.decide_form(flags)
    return Session(terminal, Output(terminal), "train", (), (), ()), out, err


def shown(run: Run, *flags: str) -> tuple[list[list[str]], str, list[str]]:
    """The cells of the lines, what is said on standard error, and what could be read after each."""
    made, out, err = session(*flags)
    lines = RunLines(made, run)
    for event in run.events():
        lines.update(event)
    return [line.split("\t") for line in out.getvalue().splitlines()], err.getvalue(), out.seen


def test_an_epoch_is_one_line_with_its_first_update_and_measures() -> None:
    run = start(make("moons", samples=40), **FEW, split=0.25)
    rows, said, seen = shown(run)
    assert rows[0] == ["epoch", "update", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert [row[:2] for row in rows[1:]] == [["1", "0"], ["2", "2"], ["3", "4"]]
    assert float(rows[-1][4]) == run.report()["validation"]["loss"]
    assert said.startswith(
        "moons: 30 rows to train on, 10 to validate with; net 2-4-1 (relu, bce), 17 parameters; adam"
    )
    assert said.endswith("3 epochs of 2 updates; seed 1337\n")
    assert [text.count("\n") for text in seen][-4:] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "choices", "heading"),
    [
        ("moons", {"split": 0.0}, ["epoch", "update", "loss", "accuracy"]),
        ("sine", {"split": 0.0}, ["epoch", "update", "loss", "rmse"]),
        ("sine", {"split": 0.25}, ["epoch", "update", "loss", "rmse", "validation_loss", "validation_rmse"]),
    ],
)
def test_the_headings_name_what_is_measured(name: str, choices: dict[str, Any], heading: list[str]) -> None:
    rows, _, _ = shown(start(make(name, samples=40), **FEW, **choices))
    assert rows[0] == heading
    assert {len(row) for row in rows} == {len(heading)}


def test_under_json_standard_output_is_left_to_the_result() -> None:
    rows, said, _ = shown(start(make("moons", samples=40), **FEW), "--json")
    assert rows == []
    assert said.startswith("moons: ")


def race_of(entries: str, **choices: Any) -> tuple[list[list[str]], str, Race]:
    race = Race(entries_of(entries), make("moons", samples=40), FEW | choices)
    made, out, err = session()
    lines = RaceLines(made, race)
    for event in race.events():
        lines.update(event)
    return [line.split("\t") for line in out.getvalue().splitlines()], err.getvalue(), race


def test_a_race_has_a_column_for_each_optimiser_with_the_loss_that_decides() -> None:
    rows, said, race = race_of("sgd,adam:0.05", split=0.25)
    assert rows[0] == ["epoch", "sgd", "adam:0.05"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    for column, entrant in enumerate(race.entrants, 1):
        assert [float(row[column]) for row in rows[1:]] == [entrant.loss_of(epoch) for epoch in range(3)]
    assert "race of sgd from 0.1, adam:0.05; 3 epochs; seed 1337; the lines show the validation loss\n" in said


def test_one_that_has_diverged_has_empty_cells_and_the_others_go_on() -> None:
    rows, said, _ = race_of("sgd:1e9,adam", split=0.0, activation="exp")
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert rows[-1][1] == ""
    assert float(rows[-1][2]) > 0.0
    assert said.endswith("the lines show the training loss\n")


def lines_for_a_person(events: Any, lines: RunLines | RaceLines, out: io.StringIO) -> list[list[str]]:
    for event in events:
        lines.update(event)
    return [line.split() for line in out.getvalue().splitlines()]


def person() -> tuple[Session, io.StringIO]:
    out = io.StringIO()
    terminal = Terminal(io.StringIO(), out, io.StringIO(), environment={"TERM": "dumb"}, stdout_is_terminal=True)
    return Session(terminal, Output(terminal), "train", (), (), ()), out


def test_for_a_person_some_epochs_have_a_line_in_columns_and_the_last_has_one() -> None:
    run = start(make("moons", samples=40), **FEW | {"epochs": 300}, split=0.25)
    made, out = person()
    rows = lines_for_a_person(run.events(), RunLines(made, run), out)
    assert [int(row[0]) for row in rows[1:]] == [1, 3, 11, 23, 41, 63, 90, 122, 159, 201, 248, 300]
    assert len({len(line) for line in out.getvalue().splitlines()}) == 1
    assert max(len(cell) for row in rows[1:] for cell in row) <= len("0.0001234")


def test_the_epoch_in_which_a_run_stops_early_has_a_line() -> None:
    run = start(make("moons", samples=40), **FEW | {"epochs": 200}, split=0.25, patience=2, learning_rate=0.5)
    made, out = person()
    rows = lines_for_a_person(run.events(), RunLines(made, run), out)
    assert run.epochs_done < 200
    assert int(rows[-1][0]) == run.epochs_done


def test_a_race_has_few_lines_for_a_person() -> None:
    race = Race(entries_of("sgd,adam"), make("moons", samples=40), FEW | {"epochs": 100})
    made, out = person()
    rows = lines_for_a_person(race.events(), RaceLines(made, race), out)
    assert rows[0] == ["epoch", "sgd", "adam"]
    assert len(rows) == 13
    assert rows[-1][0] == "100"
