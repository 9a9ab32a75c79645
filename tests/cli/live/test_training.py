"""`gradcli.cli.live.training`: what is shown of a training, and what is left of one that ends early."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from gradcli.cli.live.run_training import RunTraining
from gradcli.train.checkpoint import load
from tests.support.paths import ROOT
from tests.support.trainings import NUMBERS, SMALL, TINY, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


DIVERGING = ("moons", "--activation", "exp", "--optimizer", "sgd", "--lr", "1e5", "--batch", "0", *TINY[:4])


def test_a_loss_that_is_not_finite_exits_7_and_keeps_the_last_good_model(inside: Run) -> None:
    done = inside("train", *DIVERGING, "--epochs", "9")
    assert done.code == 7
    assert re.search(r"error: the (loss|gradient) is no longer finite at update \d", done.err)
    assert "the last good model is kept in `moons.safetensors`" in done.err
    assert inside("predict", "moons.safetensors", "--x1", "0", "--x2", "0").code == 0


def test_under_json_it_is_an_object_with_the_error(inside: Run) -> None:
    done = inside("train", *DIVERGING, "--epochs", "9", "--json")
    assert done.code == 7
    assert json.loads(done.out)["error"]["kind"] == "diverged"


def test_a_run_without_any_finite_loss_leaves_the_old_model_alone(inside: Run) -> None:
    trained(inside, "moons", *SMALL)
    before = Path("moons.safetensors").read_bytes()
    done = inside("train", "moons", "--activation", "log", *SMALL)
    assert done.code == 7
    assert Path("moons.safetensors").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("engine", "epochs"), [("tensor", 400), ("jit", 20_000)])
def test_ctrl_c_finishes_the_step_saves_and_says_how_to_go_on(
    engine: str, epochs: int, inside: Run, begun: Callable[..., subprocess.Popen[str]]
) -> None:
    if engine == "jit":
        pytest.importorskip("llvmlite")
    words = ("moons", *TINY, "--epochs", str(epochs), "--engine", engine)
    child = begun("train", *words, "-o", "a b.safetensors")
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Traceback" not in err
    found = re.search(
        rf"stopped after update (\d+) of {2 * epochs}; continue with: gradcli train --resume 'a b\.safetensors'", err
    )
    assert found is not None, err
    assert len(load("a b.safetensors").state.history) == int(found[1])
    rest = trained(inside, "--resume", "a b.safetensors")
    whole = trained(inside, *words)
    assert rest["history"] == whole["history"]
    assert rest["model"] == "a b.safetensors"
    assert Path("a b.safetensors").read_bytes() == Path("moons.safetensors").read_bytes()


def test_a_second_ctrl_c_while_the_net_is_measured_loses_nothing(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(_: RunTraining) -> dict[str, Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr("gradcli.cli.live.training.noted_signals", lambda: nullcontext([signal.SIGINT]))
    monkeypatch.setattr(RunTraining, "document", measured)
    assert inside("train", "moons", *TINY, "--epochs", "400").code == 130
    assert load("moons.safetensors").state.history


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_under_json_leaves_the_result_so_far(begun: Callable[..., subprocess.Popen[str]]) -> None:
    child = begun("train", "moons", *TINY, "--epochs", "5000", "--json", "--engine", "tensor")
    assert child.stderr is not None
    child.stderr.readline()
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    found = json.loads(out)
    assert found["interrupted"] is True
    assert f"stopped after update {len(found['history'])} of 10000" in err


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN], ids=["heeded", "ignored"])
def test_outside_the_main_thread_a_run_works_as_well(handler: Any, inside: Run) -> None:
    from concurrent.futures import ThreadPoolExecutor

    before = signal.signal(signal.SIGINT, handler)
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(trained, inside, "moons", *SMALL).result()["epochs"] == 2
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_closed_pipe_ends_quietly() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "train", "moons", *TINY[:4], "--epochs", "1000000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.wait(timeout=60) == 0
    assert "Traceback" not in child.stderr.read()
    child.stderr.close()


def display(inside: Run, *words: str, **more: Any) -> str:
    environment = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", **more.pop("environment", {})}
    done = inside("train", *words, terminal=True, environment=environment, width=100, **more)
    assert done.code == 0, done.err
    return str(done.err)


def test_two_inputs_show_progress_losses_and_the_boundary_in_half_blocks(inside: Run) -> None:
    shown = display(inside, "moons", *SMALL)
    assert "▀" in shown
    assert "━" in shown
    assert "epoch 2/2" in shown
    assert "accuracy" in shown
    assert "100 %" in shown


def test_other_nets_show_the_losses_alone(inside: Run) -> None:
    shown = display(inside, "-", "--target", "y", "--hidden", "2", "--epochs", "2", stdin=NUMBERS)
    assert "▀" not in shown
    assert "rmse" in shown


def test_two_inputs_and_a_number_show_a_surface(inside: Run) -> None:
    text = "a,b,c\n" + "".join(f"{n % 6},{n % 5},{n % 7 + 0.5}\n" for n in range(30))
    assert "▀" in display(inside, "-", "--target", "c", "--hidden", "2", "--epochs", "2", stdin=text)


def test_without_colour_the_boundary_is_made_of_characters(inside: Run) -> None:
    shown = display(inside, "moons", *SMALL, environment={"NO_COLOR": "1"})
    assert "▀" not in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown)


def test_a_small_screen_gets_the_numbers_alone(inside: Run) -> None:
    shown = display(inside, "moons", *SMALL, environment={"LINES": "6"})
    assert "▀" not in shown
    assert "epoch 2/2" in shown


@pytest.mark.parametrize("words", [("--plain",), ()])
def test_plain_output_and_dumb_terminals_get_lines(words: tuple[str, ...], inside: Run) -> None:
    environment = {} if words else {"TERM": "dumb"}
    done = inside("train", "moons", *SMALL, *words, terminal=True, environment=environment)
    assert done.out.split()[:3] == ["epoch", "update", "loss"]
    assert "\x1b" not in done.out + done.err


def test_names_that_look_like_markup_or_escapes_are_shown_as_text(inside: Run) -> None:
    text = "[bold]x,b,[red]\n" + "".join(f"{n % 6},{n % 5},[/{'ab'[n % 2]}\x1b\n" for n in range(30))
    shown = display(inside, "-", "--target", "[red]", "--hidden", "2", "--epochs", "1", stdin=text)
    assert "[/a␛" in shown


def test_a_paced_run_is_drawn_again_and_again(inside: Run) -> None:
    shown = display(inside, "moons", *TINY, "--epochs", "20", "--pace", "1s")
    assert shown.count("\x1b[?2026h") > 4
