"""The frames of the live displays, at fixed sizes."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gradcli.cli.live.panels import Plane, colour_of
from gradcli.cli.live.views import RaceView, RunView
from gradcli.draw.canvas import Painter, width_of
from gradcli.errors import Diverged
from gradcli.train.data.datasets import make
from gradcli.train.race import Race, entries_of
from gradcli.train.run import Run, load_data, start
from tests.support.frames import linear, run_of, text_of
from tests.support.loops import for_each

SIZES = [(39, 11), (39, 24), (59, 20), (79, 23), (119, 35), (199, 49), (20, 5), (79, 8), (500, 12)]


def finished(run: Run, painter: Painter, kind: str = "boundary") -> RunView:
    view = RunView(run, painter, kind, clock=lambda: len(run.state.history) / 100)
    for event in run.events():
        view.note(event)
    return view


def test_the_neurons_are_small_pictures_layer_by_layer_beside_what_the_net_says() -> None:
    view = RunView(linear(), Painter(0), "neurons", clock=lambda: 0.0)
    assert text_of(view.frame(79, 20))[3:] == [
        "inputs            hidden 1                           . 0  o 1",
        "  ...:::ooOOO##      ..:::ooOOO## :::....            .ooooooooooooooooooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## ooo::....          ...ooooooooooooooooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## OOooo::....        ......oooooooooooooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## OOOOooo::....      .........ooooooooooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## ##OOOOooo::....    ...........ooooooooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## ####OOOOooo::..    ..............oooooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## ######OOOOooo::    ................oooooooooo",
        "  ...:::ooOOO##      ..:::ooOOO## ########OOOOooo    ...................ooooooo",
        "###############   ###############                    ......................oooo",
        "OOOOOOOOOOOOOOO   ###############                    ........................oo",
        "OOOOOOOOOOOOOOO   OOOOOOOOOOOOOOO                         loss ⠤⠤⠤ training",
        "ooooooooooooooo   ooooooooooooooo                             │" + "\u2800" * 16,
        ":::::::::::::::   :::::::::::::::                             │" + "\u2800" * 16,
        "...............   ...............                             │" + "\u2800" * 16,
        "...............                                               │" + "\u2800" * 16,
        "                                                              │" + "\u2800" * 16,
    ]


@for_each("depth", [0, 16, 256, 1 << 24])
@for_each("kind", ["boundary", "neurons", "loss"])
@for_each("name", ["moons", "blobs", "bumps"])
def test_no_frame_is_larger_than_the_screen(name: str, kind: str, depth: int) -> None:
    run = run_of(name)
    view = RunView(run, Painter(depth), kind)
    for moment in range(2):
        for width, height in SIZES:
            lines = view.frame(width, height)
            assert len(lines) <= max(3, height)
            if width >= 39:
                assert max(width_of(line) for line in lines[3:] or [[]]) <= width
        if not moment:
            for event in run.events():
                view.note(event)


@pytest.mark.parametrize(("name", "part"), [("iris", "class → prediction"), ("sine", "rows of the data, and the net")])
def test_without_a_plane_the_errors_stand_beside_the_loss(name: str, part: str) -> None:
    shown = text_of(finished(run_of(name), Painter(0)).frame(99, 30))
    assert part in shown[3]


def test_a_net_of_many_inputs_and_a_number_shows_prediction_against_target() -> None:
    table = "a,b,c,y\n" + "".join(f"{n % 7},{n % 5},{n % 3},{n % 7 + n % 5}.5\n" for n in range(40))
    run = start(load_data("-", target="y", stream=io.StringIO(table)), epochs=2)
    assert "prediction against target" in text_of(finished(run, Painter(0)).frame(99, 30))[3]


def test_the_header_tells_the_epoch_the_measures_and_the_speed() -> None:
    run = run_of("moons", batch=16)
    view = finished(run, Painter(0))
    first, second, third = text_of(view.frame(99, 6))
    assert first == "moons  2-4-3-1 (relu, bce), 31 parameters, adam, seed 1337"
    assert second.startswith("epoch 2/2 ━")
    assert second.endswith("100 %  in 0.04 s")
    assert third.startswith(f"loss with penalty {view.epoch.loss:.4g}")  # type: ignore[union-attr]
    assert "100 updates/s" in third


def test_a_long_epoch_shows_its_rows_per_second_and_its_share() -> None:
    run, seconds = run_of("moons", batch=16), iter([0.0, *[10.0] * 9])
    view = RunView(run, Painter(0), "boundary", lambda _: 0, lambda: next(seconds))
    for event in run.events({3}):
        view.note(event)
        if len(run.state.history) == 3:
            break
    third = text_of(view.frame(150, 6))[2]
    assert "this epoch 50 %   5 rows/s   rate" in third
    assert "updates/s" not in third


@pytest.mark.parametrize(("width", "height"), [(39, 11), (59, 19), (79, 23), (119, 39), (199, 49)])
@pytest.mark.parametrize("name", ["moons", "iris", "sine"])
def test_a_screen_of_any_size_is_used(name: str, width: int, height: int) -> None:
    run = run_of(name)
    view = RunView(run, Painter(0), below=lambda _: 3, clock=lambda: len(run.state.history) / 100)
    for event in run.events():
        view.note(event)
    lines = view.frame(width, height)
    assert len(lines) >= height - 4
    assert max(width_of(line) for line in lines[3:]) >= 0.8 * width
    # The loss, its scale and its axis are there at each size.
    assert text_of(lines)[3].startswith("loss, log ")
    assert any("└1" in text and " epoch " in text for text in text_of(lines))


def test_before_the_second_epoch_the_axis_counts_updates() -> None:
    shown = text_of(finished(run_of("moons", epochs=1, batch=4), Painter(0), "loss").frame(79, 20))
    assert shown[-1].startswith("         └1─")
    assert " update " in shown[-1]


def test_without_colours_curves_are_told_apart_by_their_dots() -> None:
    run = run_of("iris", epochs=20)
    plain, coloured = (finished(run, Painter(depth), "loss") for depth in (0, 256))
    heading = text_of(plain.frame(79, 20))[3]
    samples = [heading[heading.index(name) - 4 : heading.index(name) - 1] for name in ("training", "validation")]
    assert len(set(samples)) == 2
    assert all(0x2800 < ord(one) < 0x2900 for one in samples[0])
    assert text_of(coloured.frame(79, 20))[3].split() == ["loss,", "log", "training", "+", "penalty", "validation"]


def test_neurons_and_layers_without_room_are_counted() -> None:
    run = run_of("moons", hidden=(300,) * 9)
    heading = text_of(RunView(run, Painter(0), "neurons").frame(79, 24))[3]
    assert "/300" in heading
    assert "layers" in heading


def test_stills_show_the_plane_as_it_was() -> None:
    run = run_of("moons", epochs=40, batch=10)
    first = run.state.parameters
    view = finished(run, Painter(1 << 24))
    lines = view.frame(79, 23)
    place = next(number for number, text in enumerate(text_of(lines)) if text.startswith("update 0 "))
    expected = Plane(run, Painter(1 << 24), 12, 12, is_marked=False).lines(first)
    shown = [line[: len(wanted)] for line, wanted in zip(lines[place + 1 :], expected, strict=False)]
    assert shown == expected


class TestARace:
    def race(self, **choices: Any) -> Race:
        return Race(entries_of("sgd,adam,adam:0.5"), make("moons", samples=40), {"hidden": (4,), "epochs": 5} | choices)

    @pytest.mark.parametrize("name", ["moons", "iris", "sine"])
    def test_no_frame_is_larger_than_the_screen(self, name: str) -> None:
        race = Race(entries_of("sgd,adam,rmsprop,lbfgs"), run_of(name).data, {"hidden": (4,), "epochs": 3})
        view = RaceView(race, Painter(1 << 24), "boundary", lambda _: 3)
        for _ in range(2):
            for width, height in SIZES:
                lines = view.frame(width, height)
                assert len(lines) <= max(7, height)
                if width >= 39:
                    assert max(width_of(line) for line in lines[7:] or [[]]) <= width
            for _ in race.events():
                pass

    def test_the_leader_stands_first_and_everyone_keeps_a_colour(self) -> None:
        race = self.race()
        view = RaceView(race, Painter(1 << 24), "boundary", lambda _: 0)
        for _ in race.events():
            pass
        board = view.board(79)[1:]
        names = [line[1][0].strip() for line in board]
        assert names == [one.name for one in race.standings()]
        assert {name: line[0][1] for name, line in zip(names, board, strict=True)} == {
            "sgd": colour_of(0),
            "adam": colour_of(1),
            "adam:0.5": colour_of(2),
        }

    def test_without_colours_everyone_keeps_a_kind_of_curve(self) -> None:
        race = self.race()
        view = RaceView(race, Painter(0), "loss", lambda _: 0)
        for _ in race.events():
            pass
        signs = [line[0][0] for line in view.board(79)[1:]]
        assert len(set(signs)) == 3
        assert len({view.look(one.name, 1.0)[2] for one in race.entrants}) == 3

    def test_one_that_diverged_is_named_so(self) -> None:
        race = self.race(activation="exp", epochs=3)
        race.entrants[0].failure = Diverged("out")
        view = RaceView(race, Painter(0), "boundary", lambda _: 0)
        assert text_of(view.board(79))[-1].endswith("diverged")
