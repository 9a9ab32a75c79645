"""`gradcli.cli.live.previews`: `--view`, `--summary` and `--draw-step`, before a training begins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.draw.render import can_render

Run = Callable[..., Any]

SMALL = ("moons", "--samples", "40", "--hidden", "4", "--batch", "16", "--epochs", "2")
SCREEN = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}


pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.mark.parametrize(
    ("view", "there", "absent"),
    [("boundary", "update 0", "hidden 1"), ("neurons", "hidden 1", "update 0"), ("loss", "training", "▀")],
)
def test_a_view_is_what_was_asked_for(view: str, there: str, absent: str, inside: Run) -> None:
    done = inside("train", *SMALL, "--view", view, terminal=True, environment=SCREEN, width=100)
    assert done.code == 0
    assert there in done.err
    assert absent not in done.err


@pytest.mark.parametrize("terminal", [True, False])
def test_no_view_is_the_result_alone(terminal: bool, inside: Run) -> None:
    done = inside("train", *SMALL, "--view", "none", terminal=terminal, environment=SCREEN)
    assert done.code == 0
    assert "epoch\tupdate" not in done.out
    assert "━" not in done.err
    assert "moons.safetensors" in done.out


def test_in_a_pipe_a_view_stays_plain_lines(inside: Run) -> None:
    done = inside("train", *SMALL, "--view", "neurons")
    assert done.out.startswith("epoch\tupdate\tloss")
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*SMALL, "--view", "neuron"), "unknown view `neuron`\n  did you mean `neurons`?"),
        (("iris", "--view", "neurons"), "--view neurons shows the plane of two inputs, and `iris` has 4 inputs"),
        (("sine", "--view", "neurons"), "--view neurons shows the plane of two inputs, and `sine` has 1 input"),
    ],
)
def test_a_view_that_there_is_not_is_refused(words: tuple[str, ...], message: str, inside: Run) -> None:
    done = inside("train", *words)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("engine", ["tensor", "value"])
def test_the_graph_of_the_first_step_is_drawn_with_names_and_gradients(engine: str, inside: Run) -> None:
    words = ("train", *SMALL, "--engine", engine, "--view", "none", "--draw-step")
    first, second = inside(*words, "a.dot"), inside(*words, "b.dot")
    assert (first.code, second.code) == (0, 0)
    assert "wrote a.dot" in first.err
    text = Path("a.dot").read_text()
    assert text == Path("b.dot").read_text()
    for part in ("layers.0.weight", "layers.1.bias", "relu", "softplus", "moons: the first step, bce"):
        assert part in text
    assert ("4 × 2" in text) == (engine == "tensor")


def test_a_graph_that_is_too_large_is_drawn_in_part_and_that_is_said(inside: Run) -> None:
    done = inside("train", *SMALL[:3], "--epochs", "1", "--engine", "value", "--draw-step", "a.dot")
    assert " vertices" in done.err


def test_drawing_a_step_changes_nothing_of_the_run(inside: Run) -> None:
    inside("train", *SMALL, "-o", "a.safetensors")
    inside("train", *SMALL, "-o", "b.safetensors", "--draw-step", "a.dot")
    assert Path("a.safetensors").read_bytes() == Path("b.safetensors").read_bytes()


@pytest.mark.skipif(not can_render(), reason="needs Graphviz")
@pytest.mark.parametrize(("name", "begin"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")])
def test_a_step_is_drawn_in_the_form_of_the_suffix(name: str, begin: bytes, inside: Run) -> None:
    assert inside("train", *SMALL, "--draw-step", name).code == 0
    assert Path(name).read_bytes().startswith(begin)


def test_another_suffix_is_refused_before_the_training(inside: Run) -> None:
    done = inside("train", *SMALL, "--draw-step", "a.gif")
    assert done.code == 2
    assert "can't tell the format of the drawing `a.gif`" in done.err
    assert not list(Path().iterdir())


def test_the_summary_is_the_table_of_layers(inside: Run) -> None:
    done = inside("train", "digits", "--conv", "2", "--hidden", "5", "--dropout", "0.5", "--epochs", "1", "--summary")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[: rows.index([""])] == [
        ["layer", "output", "parameters"],
        ["input", "1 x 8 x 8", "0"],
        ["convolution 3x3", "2 x 8 x 8", "20"],
        ["relu", "2 x 8 x 8", "0"],
        ["max pool 2x2", "2 x 4 x 4", "0"],
        ["flatten", "32", "0"],
        ["dropout 0.5", "32", "0"],
        ["linear", "5", "165"],
        ["relu", "5", "0"],
        ["dropout 0.5", "5", "0"],
        ["linear", "10", "60"],
        ["total", "", "245"],
    ]
    assert dict(row for row in rows if len(row) == 2)["parameters"] == "245"


def test_under_json_the_summary_leaves_standard_output_to_the_result(inside: Run) -> None:
    done = inside("train", *SMALL, "--summary", "--json")
    assert json.loads(done.out)["parameters"] == 17
    assert "total\t\t17" in done.err.replace("    ", "\t")
