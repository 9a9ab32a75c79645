"""`gradcli.pages.plot_page`, in a browser: a point is dragged, and its numbers and its tangent follow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from gradcli.evaluate.expression import parse
from tests.support.browser import OpenPage, axe_faults
from tests.support.command_line import run_inside


def plotted(folder: Path, *words: str) -> Path:
    path = folder / "page.html"
    assert run_inside("plot", *words, "-o", str(path)).code == 0
    return path


def derivatives(text: str, x: float, order: int = 2) -> list[float]:
    expression = parse(text)
    return [expression(x=x), *[expression.derivative("x", n)(x=x) for n in range(1, order + 1)]]


def same(found: str, expected: float) -> bool:
    number = float(found)
    is_nan = math.isnan(number) and math.isnan(expected)
    return is_nan or math.isclose(number, expected, rel_tol=1e-12, abs_tol=1e-15)


PLOTS = [("x^3 - 3*x",), ("tan(x)", "abs(x)"), ("sqrt(x) + 1/x",), ("sin(x)/x",), ("gamma(x)*erf(x)",)]


@pytest.mark.parametrize("texts", PLOTS)
def test_the_numbers_follow_the_point(browser: Any, tmp_path: Path, texts: tuple[str, ...]) -> None:
    with OpenPage.of(browser, plotted(tmp_path, *texts, "x=-3:3")) as page:
        for share in (None, 0.1, 0.5, 0.81, 1.0):
            x = page.slide(share)[0] if share is not None else page.run("() => point[0]")
            expected = [number for text in texts for number in derivatives(text, x)]
            assert all(map(same, page.texts(".numbers output"), expected)), x


def test_the_pointer_and_the_keys_move_the_point_along_the_curve(browser: Any, tmp_path: Path) -> None:
    with OpenPage.of(browser, plotted(tmp_path, "x^2", "x=-2:2", "--derivatives", "1")) as page:
        box = page.run(
            "() => { const { x, y, width, height } = plot.getBoundingClientRect(); return [x, y, width, height]; }"
        )
        page.page.mouse.move(box[0] + box[2] / 2, box[1] + box[3] / 2)
        page.page.mouse.down()
        page.page.mouse.move(box[0] + 0.75 * box[2], box[1] + 10, steps=4)
        page.page.mouse.up()
        assert page.run("() => point[0]") == pytest.approx(1.0, abs=0.02)
        x = page.run("() => point[0]")
        assert [float(one) for one in page.texts(".numbers output")] == pytest.approx([x * x, 2 * x, 2.0])
        page.page.mouse.move(box[0], box[1])
        assert page.run("() => point[0]") == x
        page.page.focus(".grip")
        page.page.keyboard.press("ArrowRight")
        assert page.run("() => point[0]") == pytest.approx(x + 0.04)
        page.page.keyboard.press("Home")
        assert page.run("() => point[0]") == -2.0
        assert page.page.get_attribute(".grip", "aria-valuetext") == "x = -2.0"
        # The dot is on the curve, and the tangent goes through it with its slope.
        page.page.keyboard.press("End")
        page.slide(0.75)
        start, end = page.run("() => [...inner.querySelectorAll('.tangent')].map((one) => one.getAttribute('d'))[0]")[
            1:
        ].split("L")
        (x0, y0), (x1, y1) = [tuple(map(float, one.split())) for one in (start, end)]
        frame = page.run("() => data.frame")
        slope = -(y1 - y0) / (x1 - x0) * (frame["top"] - frame["bottom"]) / (frame["high"] - frame["low"])
        assert slope == pytest.approx(2.0, rel=1e-3)


def test_special_points_have_the_words_of_plot_and_lead_to_their_place(browser: Any, tmp_path: Path) -> None:
    outcome = run_inside("plot", "abs(x^2 - 1)", "x=-3:3", "-o", str(tmp_path / "page.html"))
    words = [line.removeprefix("note: ") for line in outcome.err.splitlines() if line.startswith("note: ")]
    with OpenPage.of(browser, tmp_path / "page.html") as page:
        assert page.texts(".features li") == words
        kink = next(place for place, text in enumerate(words) if text.startswith("kink at x = 1.0"))
        page.page.click(f".features li:nth-child({kink + 1}) button")
        assert page.run("() => point[0]") == 1.0
        # A kink has no tangent.
        assert page.run("() => inner.querySelector('.tangent').getAttribute('d')") == ""


def test_a_tangent_at_a_place_is_where_the_page_begins(browser: Any, tmp_path: Path) -> None:
    with OpenPage.of(browser, plotted(tmp_path, "sin(x)", "x=0:6", "--tangent", "x=2.5")) as page:
        assert page.run("() => point[0]") == 2.5
        assert len(page.texts(".legend li")) == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 400)])
def test_a_page_has_no_serious_fault_of_accessibility(browser: Any, tmp_path: Path, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 900}
    path = plotted(tmp_path, "tan(x)", "floor(x)", "x=-3:3", "--derivatives", "1")
    with OpenPage.of(browser, path, viewport=viewport, color_scheme=scheme) as page:
        assert axe_faults(page) == []
        assert page.run("() => document.documentElement.scrollWidth <= innerWidth")
