"""`gradcli train --race`: lines, JSON, files, the live picture, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.train.checkpoint import load

Run = Callable[..., Any]

SMALL = ("moons", "--samples", "40", "--hidden", "4", "--batch", "16", "--epochs", "3")
RACE = (*SMALL, "--race", "sgd,adam:0.05")


pytestmark = pytest.mark.usefixtures("own_folder")


def test_a_pipe_gets_one_line_per_epoch_with_a_column_per_optimiser(inside: Run) -> None:
    done = inside("train", *RACE)
    lines = [line.split("\t") for line in done.out.splitlines()]
    assert lines[0] == ["epoch", "sgd", "adam:0.05"]
    assert [line[0] for line in lines[1:4]] == ["1", "2", "3"]
    assert all(float(cell) > 0 for line in lines[1:4] for cell in line[1:])
    board = lines[5:8]
    assert board[0] == [
        "place", "optimiser", "rate", "loss", "accuracy", "validation_loss", "validation_accuracy", "updates/s",
    ]  # fmt: skip
    assert [row[:3] for row in board[1:]] == [["1", "adam:0.05", "0.05"], ["2", "sgd", "0.1"]]
    assert board[1][5] == lines[3][2]
    assert ["winner", "adam:0.05"] in lines
    assert "\x1b" not in done.out + done.err
    assert done.err.endswith("repeat with: gradcli train " + " ".join(RACE) + "\n")


def test_json_is_one_object_with_a_result_for_each(inside: Run) -> None:
    done = inside("train", *RACE, "--json")
    found = json.loads(done.out)
    assert (found["dataset"], found["winner"], found["model"]) == ("moons", "adam:0.05", "moons.safetensors")
    assert [(one["name"], one["optimizer"], one["learning_rate"], one["place"]) for one in found["race"]] == [
        ("sgd", "sgd", 0.1, 2),
        ("adam:0.05", "adam", 0.05, 1),
    ]
    for one in found["race"]:
        assert len(one["history"]) == 6
        assert one["updates_per_second"] > 0
        assert {"loss", "accuracy", "validation", "epochs"} <= set(one)
    assert found["command"] == "gradcli train " + " ".join(RACE)


def test_the_net_of_the_winner_is_saved_and_can_predict(inside: Run) -> None:
    assert inside("train", *RACE).code == 0
    assert load("moons.safetensors").settings.optimizer == "adam"
    assert inside("predict", "moons.safetensors", "--x1", "0", "--x2", "0").code == 0


def test_the_winner_is_the_net_of_a_run_of_its_own(inside: Run) -> None:
    inside("train", *RACE, "-o", "race.safetensors")
    inside("train", *SMALL, "--optimizer", "adam", "--lr", "0.05", "-o", "alone.safetensors")
    assert Path("race.safetensors").read_bytes() == Path("alone.safetensors").read_bytes()


def test_a_folder_holds_the_nets_of_all(inside: Run) -> None:
    found = json.loads(inside("train", *RACE, "--run", "out", "--json").out)
    assert {"model.safetensors", "sgd.safetensors", "adam-0.05.safetensors", "history.csv", "result.json"} <= {
        path.name for path in Path("out").iterdir()
    }
    assert Path("out/model.safetensors").read_bytes() == Path("out/adam-0.05.safetensors").read_bytes()
    assert load("out/sgd.safetensors").settings.optimizer == "sgd"
    assert [one["model"] for one in found["race"]] == [
        str(Path("out/sgd.safetensors")),
        str(Path("out/adam-0.05.safetensors")),
    ]
    assert json.loads(Path("out/result.json").read_text()) == found
    assert Path("out/history.csv").read_text().startswith("epoch,sgd,adam:0.05\n")


def test_a_terminal_gets_a_picture_and_then_the_winner(inside: Run) -> None:
    environment = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    done = inside("train", *RACE, terminal=True, environment=environment, width=100)
    assert done.code == 0
    assert "▀" in done.err
    assert "validation loss, log" in done.err
    assert " epoch ─" in done.err
    assert "adam:0.05 wins with a validation loss of" in done.out
    assert "model moons.safetensors\nThe model is the winner's.\n" in done.out.replace("\x1b[2m", "").replace(
        "\x1b[0m", ""
    )


def test_one_that_diverges_is_out_and_the_others_go_on(inside: Run) -> None:
    words = (*SMALL, "--activation", "exp", "--race", "sgd:1e9,adam")
    done = inside("train", *words)
    assert done.code == 0
    assert "2\tsgd:1e+09\t1000000000.0\tnan\tnan" in done.out
    assert inside("train", *words[:-1], "sgd:1e9,sgd:1e8").code == 7


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--optimizer", "adam"), "`--optimizer` can't be combined with `--race`"),
        (("--lr", "0.1"), "`--lr` can't be combined with `--race`"),
        (("--option", "eps=1e-6"), "`--option` can't be combined with `--race`"),
        (("--resume", "m.safetensors"), "`--resume` can't be combined with `--race`"),
        (("--preset", "micrograd"), "`--preset` can't be combined with `--race`"),
        (("--checkpoint-every", "2"), "`--checkpoint-every` can't be combined with `--race`"),
        (("--view", "neurons"), "--view neurons shows one net, and a race has several"),
    ],
)
def test_what_a_race_decides_itself_is_refused(words: tuple[str, ...], message: str, inside: Run) -> None:
    done = inside("train", *RACE, *words)
    assert done.code == 2
    assert done.err.startswith(f"error: {message}")
    assert not list(Path().iterdir())


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_saves_the_leader_and_says_how_to_go_on_with_it(begun: Callable[..., subprocess.Popen[str]]) -> None:
    child = begun("train", *SMALL[:-1], "4000", "--race", "sgd,adam")
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Traceback" not in err
    assert "a race can't be continued, but the run of its winner can: gradcli train --resume moons.safetensors" in err
    assert load("moons.safetensors").state.history
