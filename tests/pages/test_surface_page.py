"""`gradcli.pages.surface_page`, in a browser: the gradient of a function of two variables follows a point."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.point import gradient
from tests.support.browser import OpenPage, axe_faults
from tests.support.command_line import run_inside

SURFACES: dict[str, tuple[str, ...]] = {
    "x^3 - 3*x + y^2": (),
    "log(x*y) + a/(x^2 + y^2)": ("a=2",),
    "abs(x)*max(x, y)": (),
}


def plotted(folder: Path, text: str, *more: str) -> Path:
    path = folder / "page.html"
    assert run_inside("plot", text, "x=-2:2", "y=-1:3", *more, "-o", str(path)).code == 0
    return path


@pytest.mark.parametrize("text", SURFACES)
def test_value_and_partials_follow_the_point(browser: Any, tmp_path: Path, text: str) -> None:
    expression = parse(text)
    with OpenPage.of(browser, plotted(tmp_path, text, *SURFACES[text])) as page:
        for share in (0.2, 0.7, 1.0):
            x, y = page.slide(share)
            at = {name: {"x": x, "y": y, "a": 2.0}[name] for name in expression.variables}
            found = gradient(expression, at)
            expected = [found.value, *[found.gradient.get(name, 0.0) for name in "xy"]]
            shown = [float(one) for one in page.texts("#value, .derivative output")]
            if math.isnan(found.value):
                assert all(map(math.isnan, shown[:1]))
            else:
                assert shown == pytest.approx(expected, rel=1e-12)


def test_the_arrow_points_up_hill_across_the_contours(browser: Any, tmp_path: Path) -> None:
    with OpenPage.of(browser, plotted(tmp_path, "2*x - y")) as page:
        page.slide(0.5)
        path = page.run("() => document.querySelector('#point .arrow').getAttribute('d')")
        width, height = page.run("() => ['width', 'height'].map((name) => plot.getBoundingClientRect()[name])")
        tail, tip = [tuple(map(float, one.split())) for one in path[1:].split("M")[0].split("L")]
        right, up = tip[0] - tail[0], tail[1] - tip[1]
        # df is 2*4 over the width and -1*4 over the height.
        assert up / right == pytest.approx((-4 / height) / (8 / width), rel=0.02)
        page.page.focus(".grip")
        page.page.keyboard.press("ArrowUp")
        page.page.keyboard.press("ArrowLeft")
        assert page.run("() => [...point]") == pytest.approx([-0.04, 1.04])
        # No arrow where the gradient is 0.
    with OpenPage.of(browser, plotted(tmp_path, "x^2 + (y - 1)^2")) as page:
        assert page.texts(".features li") == ["minimum at x = 0.0, y = 1.0, value 0.0"]
        page.page.click(".place")
        assert page.run("() => [[...point], document.querySelector('#point .arrow').getAttribute('d')]") == [
            [0.0, 1.0],
            "",
        ]


def test_contours_are_drawn_and_heights_are_painted(browser: Any, tmp_path: Path) -> None:
    with OpenPage.of(browser, plotted(tmp_path, "x^2 + y^2")) as page:
        assert page.run("() => document.querySelectorAll('.contour').length") == len(page.run("() => data.levels"))
        colours = page.run(
            """() => {
                const context = document.querySelector("canvas").getContext("2d");
                const { data } = context.getImageData(0, 0, 160, 120);
                return [80 + 160 * 89, 0].map((place) => [...data.slice(4 * place, 4 * place + 4)].join());
            }"""
        )
        assert colours[0] != colours[1]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 400)])
def test_a_page_has_no_serious_fault_of_accessibility(browser: Any, tmp_path: Path, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 900}
    path = plotted(tmp_path, "x^3 - 3*x + y^2")
    with OpenPage.of(browser, path, viewport=viewport, color_scheme=scheme) as page:
        assert axe_faults(page) == []
        assert page.run("() => document.documentElement.scrollWidth <= innerWidth")
