"""`gradcli.pages.run_page`, in a browser: the slider over a run, a point in the net, and the rows."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.eager.tensor import Tensor
from gradcli.train.checkpoint import Checkpoint, load
from gradcli.train.predictions import predictions_of, scores_of
from tests.support.browser import OpenPage, axe_faults
from tests.support.report_pages import HOSTILE_COLUMNS, HOSTILE_LABELS, HOSTILE_TARGET, REPORTS, reported

Made = dict[str, tuple[Path, Checkpoint]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The pages of all runs of `REPORTS`, with their models."""
    folder = tmp_path_factory.mktemp("reports")
    found = {}
    for name, words in REPORTS.items():
        page, model, _ = reported(folder, words, name)
        found[name] = page, load(str(model))
    return found


def data_of(path: Path) -> Any:
    found = re.search(r'id="data">(.*?)</script>', path.read_text(encoding="utf-8"))
    assert found is not None
    return json.loads(found[1])


def gradient_of_loss(saved: Checkpoint, row: list[float], target: float) -> list[float]:
    """Return the gradient of the loss of a row, recorded by `Tensor`."""
    model = saved.model
    mean, scale = model.standardisation
    inputs = Tensor(np.array([row]), requires_grad=True)
    *_, scores = model.through((inputs - mean) / scale, model.pairs(saved.state.parameters))
    loss = model.loss_function.rows(scores, model.scaled_targets(np.array([target])), model.classes)
    loss.sum().backward()
    return [float(one) for one in np.asarray(inputs.grad.data)[0]]


@pytest.mark.parametrize("name", REPORTS)
def test_a_row_has_the_prediction_and_the_gradient_of_gradcli(browser: Any, made: Made, name: str) -> None:
    path, saved = made[name]
    data = data_of(path)
    with OpenPage.of(browser, path) as page:
        count = len(data["rows"]["inputs"])
        for place in (0, count // 2, count - 1):
            row, target = data["rows"]["inputs"][place], data["rows"]["targets"][place]
            page.run(f"() => document.querySelector(\"[aria-label='show row {place + 1}']\").click()")
            if place == 0:
                page.page.select_option("#quantity", index=0)
            [expected] = predictions_of(saved.model, scores_of(saved, np.array([row])))
            shown = [float(one) for one in page.texts("#predictions output")]
            if expected.probability is None:
                assert shown == pytest.approx([expected.value], rel=1e-12)
                assert float(page.text("#predicted")) == shown[0]
            else:
                assert shown == pytest.approx([*expected.probability.values()], rel=1e-12)
                assert page.text("#predicted") == expected.value
            gradient = [float(one) for one in page.texts(".derivative output")]
            found = gradient_of_loss(saved, row, target)
            assert gradient == pytest.approx(found, rel=1e-11, abs=1e-13 * max(map(abs, found)))
            assert len(page.texts("#table .current")) >= 1


@pytest.mark.parametrize("name", ["plane", "table"])
def test_the_derivative_of_a_prediction_is_its_difference(browser: Any, made: Made, name: str) -> None:
    path, saved = made[name]
    row = data_of(path)["rows"]["inputs"][0]
    step = 1e-6

    def probability(place: int, by: float) -> float:
        moved = np.array([row], float)
        moved[0, place] += by
        likely = predictions_of(saved.model, scores_of(saved, moved))[0].probability
        assert likely is not None
        return [*likely.values()][1]

    with OpenPage.of(browser, path) as page:
        page.page.click("button[aria-label='show row 1']")
        page.page.select_option("#quantity", index=2)
        for place, shown in enumerate(page.texts(".derivative output")):
            expected = (probability(place, step) - probability(place, -step)) / (2 * step)
            assert float(shown) == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_the_slider_computes_with_the_parameters_of_its_moment(browser: Any, made: Made) -> None:
    path, saved = made["curve"]
    data = data_of(path)
    with OpenPage.of(browser, path) as page:
        last = len(data["stills"]) - 1
        assert page.run("() => Number(still.value)") == last
        curves = set()
        for place in (0, last // 2, last):
            page.run(f"() => {{ still.value = {place}; still.dispatchEvent(new Event('input')); }}")
            parameters = np.frombuffer(b64decode(data["stills"][place]), "<f8")
            saved.state.parameters[:] = parameters
            x = page.run("() => point[0]")
            [expected] = predictions_of(saved.model, scores_of(saved, np.array([[x]])))
            assert float(page.text("#predicted")) == pytest.approx(expected.value, rel=1e-12)
            assert page.text("#moment") == data["moments"][place]["words"]
            share = 100 * data["moments"][place]["epoch"] / data["losses"]["high"]
            assert page.page.get_attribute("#cursor", "x1") == f"{share:.2f}%"
            curves.add(page.page.get_attribute("#curve", "d"))
        assert len(curves) == 3
        page.page.focus("#still")
        page.page.keyboard.press("ArrowLeft")
        assert page.text("#moment") == data["moments"][last - 1]["words"]
        page.page.click("#loss-plot", position={"x": 1, "y": 50})
        assert page.text("#moment") == data["moments"][0]["words"]
        page.page.click("#play")
        page.page.wait_for_function("() => Number(still.value) > 0")
        page.page.click("#play")
        assert page.text("#play") == "Play"


def test_the_point_is_dragged_over_the_plane_and_moved_by_keys(browser: Any, made: Made) -> None:
    path, saved = made["plane"]
    with OpenPage.of(browser, path) as page:
        page.page.locator("#plot").scroll_into_view_if_needed()
        box = page.page.locator("#plot").bounding_box()
        page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.page.mouse.down()
        page.page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"], steps=3)
        page.page.mouse.up()
        frame = data_of(path)["frame"]
        place = page.run("() => [...point]")
        expected = [0.25 * frame["low"] + 0.75 * frame["high"], 0.25 * frame["bottom"] + 0.75 * frame["top"]]
        assert place == pytest.approx(expected, abs=0.02)
        page.page.focus(".grip")
        page.page.keyboard.press("ArrowUp")
        moved = page.run("() => [...point]")
        assert moved[0] == place[0]
        assert moved[1] == pytest.approx(place[1] + 0.01 * (frame["top"] - frame["bottom"]), abs=1e-3)
        page.page.fill("#number-0", "0.25")
        [found] = predictions_of(saved.model, scores_of(saved, np.array([[0.25, moved[1]]])))
        assert page.text("#predicted") == found.value
        # The plane has the colours of both classes, and a picture in each unit.
        painted = (
            "(name) => new Set(document.querySelector(name).getContext('2d').getImageData(0, 0, 300, 300).data).size"
        )
        assert page.run(painted, ".heights") > 20
        assert page.run(painted, ".net canvas") > 20
        # Another target is another loss.
        losses = []
        for index in (0, 1):
            page.page.select_option("#target", index=index)
            losses.append(float(page.text("#loss")))
        assert losses[0] != losses[1]


def test_a_picture_is_shown_with_its_derivatives(browser: Any, made: Made) -> None:
    with OpenPage.of(browser, made["many"][0]) as page:
        pixels = """(place) => {
            const canvas = document.querySelectorAll("#images canvas")[place];
            return [...canvas.getContext("2d").getImageData(0, 0, 8, 8).data];
        }"""
        row = page.run("() => [...point]")
        assert page.run(pixels, 0)[::4] == pytest.approx([255 * one / 16 for one in row], abs=1)
        # Orange where the derivative is positive, blue where it is negative.
        gradient = [float(one) for one in page.texts(".derivative output")]
        colours = page.run(pixels, 1)
        strong = [place for place, one in enumerate(gradient) if abs(one) > 0.1 * max(map(abs, gradient))]
        assert len(strong) > 5
        assert all((colours[4 * place] > colours[4 * place + 2]) == (gradient[place] > 0) for place in strong)


def test_the_drawing_shows_signs_by_dashes_and_activations_as_numbers(browser: Any, made: Made) -> None:
    path, saved = made["table"]
    with OpenPage.of(browser, path) as page:
        weights = [matrix for matrix, _ in saved.model.pairs(saved.state.parameters)]
        negative = sum(int((one < 0).sum()) for one in weights)
        assert page.run("() => document.querySelectorAll('.net .edge.minus').length") == negative
        assert page.run("() => getComputedStyle(document.querySelector('.net .minus')).strokeDasharray") != "none"
        page.page.click("#units summary")
        shown = [float(one) for one in page.texts("#units td:nth-child(2)")]
        row = np.array([data_of(path)["rows"]["inputs"][data_of(path)["start"]]])
        *_, hidden, scores = saved.model.through(saved.model.scaled(row), saved.model.pairs(saved.state.parameters))
        expected = [*saved.model.scaled(row)[0], *hidden[0], *scores[0]]
        assert shown == pytest.approx(expected, rel=1e-12)


def test_hostile_names_are_shown_and_do_nothing(browser: Any, made: Made) -> None:
    path, _ = made["table"]
    with OpenPage.of(browser, path) as page:
        assert page.run("() => [window.hurt, document.scripts.length]") == [None, 2]
        assert [one for one in page.texts("#sliders label") if "=" not in one or "<" in one][:3] == [
            *HOSTILE_COLUMNS[:3]
        ]
        assert sorted(page.texts("#target option")) == sorted(HOSTILE_LABELS)
        assert sorted(page.texts("#predictions dt")) == sorted(HOSTILE_LABELS)
        assert page.texts("#table th")[2:] == [*HOSTILE_COLUMNS, HOSTILE_TARGET, "prediction"]
        assert sorted(page.texts(".confusion th[scope=row]")) == sorted(HOSTILE_LABELS)
        # A column of text is a choice, which sets all its inputs.
        page.page.select_option("#sliders select", index=2)
        assert page.run("() => [...point].slice(3)") == [0, 0, 1]
        page.page.select_option("#sliders select", index=0)
        assert page.run("() => [...point].slice(3)") == [1, 0, 0]


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("plane", "light", 1400), ("curve", "dark", 1400), ("table", "light", 400), ("many", "dark", 400)],
)
def test_a_page_has_no_serious_fault_of_accessibility(
    browser: Any, made: Made, name: str, scheme: str, width: int
) -> None:
    with OpenPage.of(browser, made[name][0], viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.page.click("#units summary")
        # All rows and all sliders look alike, and hundreds would take seconds.
        page.run("""() => {
            for (const kind of ["#table tr", "#units tr", ".slider"]) {
                [...document.querySelectorAll(kind)].slice(9).forEach((one) => one.remove());
            }
        }""")
        assert axe_faults(page) == []
        assert page.run("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_net_that_the_page_cannot_compute_is_said(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradcli.limits.PAGE_PARAMETERS", 10)
    path, _, _ = reported(tmp_path, REPORTS["plane"])
    with OpenPage.of(browser, path) as page:
        assert "The net itself is not in this page: a page computes nets of at most 10 parameters" in page.text(
            "#course"
        )
        page.page.focus("#still")
        page.page.keyboard.press("Home")
        assert page.text("#moment") == "epoch 0 of 20, update 0"
        assert len(page.texts(".confusion")) == 1
    monkeypatch.undo()
    monkeypatch.setattr("gradcli.limits.PAGE_BYTES", 60_000)
    small = reported(tmp_path, REPORTS["plane"], "small")[0]
    assert small.stat().st_size <= 60_000
    assert "and 60,000 is the most" in small.read_text(encoding="utf-8")
    conv = reported(tmp_path, ("digits", "--conv", "2", "--epochs", "1", "--batch", "500"), "conv")[0]
    assert "the layer `conv2d` can" in conv.read_text(encoding="utf-8")


def test_the_summary_has_the_measures_and_the_command(made: Made, tmp_path: Path) -> None:
    page, _, outcome = reported(tmp_path, REPORTS["plane"])
    text = page.read_text(encoding="utf-8")
    command = outcome.err.partition("repeat with: ")[2].strip()
    assert f"<code>{command}</code>" in text
    assert "2-6-4-1 (relu, bce), 51 parameters" in text
    for part in ("training", "validation"):
        assert f'<th scope="col">{part}</th>' in text
    assert ">loss</text>" in text


def test_equal_runs_give_equal_bytes_and_a_replay_the_same_net(tmp_path: Path) -> None:
    from tests.support.command_line import run_inside

    first, model, _ = reported(tmp_path, REPORTS["curve"])
    content = first.read_bytes()
    again, _, _ = reported(tmp_path, REPORTS["curve"])
    assert again.read_bytes() == content
    assert run_inside("train", "--replay", str(model), "--report", str(tmp_path / "b.html"), "--view", "none").code == 0
    assert data_of(tmp_path / "b.html") == data_of(first)


def test_a_page_is_below_two_megabytes(made: Made) -> None:
    assert all(path.stat().st_size < 2_000_000 for path, _ in made.values())
