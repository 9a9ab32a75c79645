"""`gradcli.pages.graph_page`, in a browser: the page computes what gradcli computes, and plays the steps in order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gradcli.draw.cards import short
from gradcli.draw.picture import picture_of
from gradcli.errors import LimitError, UsageError
from gradcli.evaluate.expression import Expression, parse
from gradcli.evaluate.point import gradient
from gradcli.graph import substitute
from gradcli.language.parsed import ParsedExpression
from gradcli.pages.graph_page import graph_page
from tests.support.browser import OpenPage, axe_faults

EXPRESSIONS: dict[str, Mapping[str, float]] = {
    "x1*x2 + sin(x1)": {"x1": 2.0, "x2": 3.0},
    "a + a": {"a": 1.0},
    "r = sqrt(x^2 + y^2); r*exp(-r)": {"x": 1.0, "y": -2.0},
    "abs(x)*relu(y) + max(x, y)": {"x": 0.0, "y": 0.0},
    "where(x > 0, sqrt(x), x^2)*y": {"x": 1.0, "y": 2.0},
    "log(x)/x^y": {"x": 2.0, "y": 0.5},
    "lgamma(x) + digamma(y)*erf(x)": {"x": 2.5, "y": 0.25},
    "log(1 - sigmoid(x)) + tanh(x)": {"x": 20.0},
    "logaddexp(x, y)*atan2(y, x)": {"x": 0.5, "y": 1.5},
    "sigmoid(w*x + b)": {"w": 0.5, "x": 2.0, "b": -0.5},
    "clip(x, -1, 1)^2 + floor(x) + x % 2": {"x": 0.75},
    "(x*y)^3/(1 + hypot(x, y)) - cbrt(x)": {"x": 1e-3, "y": 250.0},
    "x": {"x": 1.5},
    "2 + 3*4": {},
}


@contextmanager
def opened(
    browser: Any, folder: Path, text: str | Expression, at: Mapping[str, float], *, plays: bool = False, **choices: Any
) -> Iterator[OpenPage]:
    expression = parse(text) if isinstance(text, str) else text
    path = folder / "page.html"
    path.write_bytes(graph_page(expression, at, picture_of(expression, at, most=300), plays=plays))
    with OpenPage.of(browser, path, **choices) as found:
        yield found


def same(found: str, expected: float) -> bool:
    number = float(found)
    return (math.isnan(number) and math.isnan(expected)) or math.isclose(number, expected, rel_tol=1e-12)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_sliders_move_every_number_to_what_gradcli_prints(browser: Any, tmp_path: Path, text: str) -> None:
    expression = parse(text)
    at = dict(EXPRESSIONS[text])
    with opened(browser, tmp_path, expression, at) as page:
        for share in (None, 0.0, 0.37, 1.0):
            if share is not None:
                at = dict(zip(expression.variables, page.slide(share), strict=True))
            found = gradient(expression, at)
            expected = [found.value, *found.gradient.values()]
            assert all(map(same, page.texts("#value, .derivative output"), expected)), at
        # The drawing has the numbers of the picture at the last point.
        page.run("() => settle()")
        picture = picture_of(expression, at)
        drawn = page.run(
            """() => [vertices, arrows].map((all) => all.map(({ group }) =>
                ["value", "gradient", "partial"].map((name) => group.querySelector(`text.${name}`)?.textContent ?? "")
            ))"""
        )
        for vertex, texts in zip(picture.vertices, drawn[0], strict=True):
            if vertex.value is not None and vertex.gradient is not None:
                assert texts[:2] == [short(vertex.value), short(vertex.gradient)]
        for arrow, texts in zip(picture.arrows, drawn[1], strict=True):
            assert texts[2] == ("" if arrow.partial is None else short(arrow.partial))


def test_a_number_can_be_typed_and_what_is_no_number_is_marked(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "x^2", {"x": 2.0}) as page:
        page.page.fill("#number-0", "1e3")
        assert page.text("#value") == "1000000.0"
        page.page.fill("#number-0", "1e3x")
        assert page.page.get_attribute("#number-0", "aria-invalid") == "true"
        assert page.text("#value") == "1000000.0"
        page.page.fill("#number-0", "-inf")
        assert page.text("#value") == "inf"
        page.page.focus("#range-0")
        page.page.keyboard.press("Home")
        assert page.text("#value") == "9.0"
        assert page.page.get_attribute("#number-0", "aria-invalid") is None


@pytest.mark.parametrize("text", ["x1*x2 + sin(x1)", "abs(x)*relu(y) + max(x, y)"])
def test_play_steps_through_both_sweeps_in_order(browser: Any, tmp_path: Path, text: str) -> None:
    expression, at = parse(text), EXPRESSIONS[text]
    steps = gradient(expression, at).steps
    with opened(browser, tmp_path, expression, at, plays=True) as page:
        assert page.text("#sentence").startswith("Forward: each step is computed")
        page.page.keyboard.press("Home")
        for place, step in enumerate(steps, 1):
            page.page.keyboard.press("ArrowRight")
            start, _, value = page.text("#sentence").rpartition(" = ")
            assert start == f"{step.name} = {step.operation}"
            assert same(value, step.value)
            assert page.text("#position") == f"{place} of {2 * len(steps)}"
            assert page.run("() => document.querySelectorAll('.vertex.current').length") == 1
        for step in reversed(steps):
            page.page.click("#step")
            name, adjoint, lines = re.split(", adjoint |: ", page.text("#sentence"), maxsplit=2)
            assert name == step.name
            assert same(adjoint, step.adjoint)
            passed = re.findall(r"^passes .* = (\S+) to (w\d+)$", lines, re.MULTILINE)
            assert [to for _, to in passed] == [one.to for one in step.contributions]
            assert all(same(value, one.value) for (value, _), one in zip(passed, step.contributions, strict=True))
        page.page.focus("#back")
        page.page.keyboard.press("ArrowLeft")
        assert page.text("#sentence").startswith(f"{steps[1].name}, adjoint ")
        # The rows of the table are those of `gradcli grad --steps`, from the last step back to the first.
        page.page.keyboard.press("End")
        rows = page.run("() => [...find('reverse').tBodies[0].rows].map((row) => row.cells[0].textContent)")
        assert rows == [step.name for step in reversed(steps)]


def test_play_goes_on_by_itself_and_stops_at_a_key(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "x*y", {"x": 2.0, "y": 3.0}, plays=True) as page:
        page.page.clock.install()
        page.page.keyboard.press("Space")
        assert page.page.text_content("#play") == "Pause"
        page.page.clock.run_for(3100)
        assert page.page.text_content("#position") == "3 of 6"
        page.page.keyboard.press("ArrowLeft")
        page.page.clock.run_for(5000)
        assert page.page.text_content("#position") == "2 of 6"
        assert page.page.text_content("#play") == "Play"


def test_the_sentences_are_those_of_the_steps_on_the_terminal(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "x1*x2 + sin(x1)", {"x1": 2.0, "x2": 3.0}, plays=True) as page:
        page.page.click("#end")
        cells = page.run("() => [...find('reverse').tBodies[0].rows].map((row) => row.cells[2].textContent)")
    assert cells == [
        "is the result itself\npasses 1.0 * 1 = 1.0 to w3\npasses 1.0 * 1 = 1.0 to w4",
        "passes 1.0 * cos(w1) = -0.4161468365471424 to w1",
        "passes 1.0 * w2 = 3.0 to w1\npasses 1.0 * w1 = 2.0 to w2",
        "is d/dx2: receives 2.0 from w3",
        "is d/dx1: receives -0.4161468365471424 from w4 and 3.0 from w3",
    ]


def test_a_vertex_shows_its_rule_its_place_and_its_derivative(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "x1*x2 + sin(x1)", {"x1": 2.0, "x2": 3.0}) as page:
        page.page.click("#v3")
        assert page.text("#node-name") == "w4 = sin(w1)"
        assert page.text("#node-about") == "The sine of an angle in radians."
        assert page.text("#node-local") == "∂w4/∂w1 = cos(w1) = -0.4161468365471424"
        assert page.run("() => [...document.querySelectorAll('.place')].map((one) => one.textContent)") == [
            "sin\u2061(x1)"
        ]
        shown = "() => [...document.querySelectorAll('.derivatives:not([hidden])')].map((one) => one.textContent)"
        assert page.run(shown) == ["∂∂x1[sin\u2061(x1)]=cos\u2061(x1)"]
        page.page.click("#start")
        assert page.text("#node-local") == "∂w4/∂w1 = cos(w1)"
        # The keys move from vertex to vertex, and the formula leads to them, too.
        page.page.focus("#v3")
        page.page.keyboard.press("ArrowLeft")
        assert page.text("#node-name") == "w3 = w1 * w2"
        page.page.click("[data-v='0']")
        assert page.text("#node-name") == "w1 = x1"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 400)])
def test_a_page_has_no_serious_fault_of_accessibility(browser: Any, tmp_path: Path, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 900}
    at = {"x": 1.0, "y": 2.0}
    with opened(
        browser, tmp_path, "where(x > 0, sqrt(x), x^2)*y + 3", at, plays=True, viewport=viewport, color_scheme=scheme
    ) as page:
        for button in ("step", "end"):
            page.page.click(f"#{button}")
            assert axe_faults(page) == []
        # Only constants have dashes.
        style = "(kind) => getComputedStyle(document.querySelector(`.vertex.${kind} .card`)).strokeDasharray"
        dashes = {kind: page.run(style, kind) for kind in ("constant", "variable", "operation", "result")}
        assert [kind for kind, found in dashes.items() if found != "none"] == ["constant"]
        assert page.run("() => document.documentElement.scrollWidth <= innerWidth")


def test_names_with_markup_stay_text(browser: Any, tmp_path: Path) -> None:
    hostile = "</script><script>window.hurt=1</script><img src=x onerror=window.hurt=1>"
    plain = parse("x*y + sin(x)")
    graph = plain.graph
    root = substitute(plain.root, {graph.variable("x"): graph.variable(hostile)})
    found = Expression(ParsedExpression(plain.source, root, (hostile, "y"), {}, False, [], {hostile: root}))
    with opened(browser, tmp_path, found, {hostile: 2.0, "y": 3.0}, plays=True) as page:
        page.page.click("#end")
        page.page.click("#v0")
        assert page.run("() => [window.hurt, document.scripts.length, document.images.length]") == [None, 2, 0]
        assert page.text("label[for=range-0]") == hostile
        assert hostile in page.text("h1")
        assert page.text("#node-name") == f"w1 = {hostile}"


def test_a_large_graph_is_one_file_below_400_kB_that_writes_only_what_is_seen(browser: Any, tmp_path: Path) -> None:
    expression = parse("+".join(f"tanh(w{i}*x + b{i})*v{i}" for i in range(40)))
    at = dict.fromkeys(expression.variables, 0.5)
    with opened(browser, tmp_path, expression, at) as page:
        assert (tmp_path / "page.html").stat().st_size < 400_000
        assert page.run("() => vertices.length") == 300
        # The slider of x changes nearly every vertex; in its frame only a part of the drawing is written.
        changed = page.run(
            """() => {
                const observer = new MutationObserver(() => {});
                observer.observe(svg, { characterData: true, subtree: true });
                point[1] = 1;
                slide();
                const seen = observer.takeRecords().length;
                const away = document.querySelectorAll(".vertex.away").length;
                settle();
                const unseen = observer.takeRecords().length;
                return [seen, unseen, away, document.querySelectorAll(".away").length];
            }"""
        )
        seen, unseen, away, left = changed
        assert 10 < seen < unseen
        assert away > 200
        assert left == 0
        at["x"] = 1.0
        found = gradient(expression, at)
        assert same(page.text("#gradient-1"), found.gradient["x"])


def test_what_a_page_cannot_compute_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = parse("sum(x)")
    with pytest.raises(UsageError, match="this expression has arrays"):
        graph_page(arrays, {"x": [1.0, 2.0]}, picture_of(arrays, {"x": [1.0, 2.0]}))
    monkeypatch.setattr("gradcli.limits.PAGE_OPERATIONS", 2)
    expression = parse("x*y + x - 1")
    with pytest.raises(LimitError, match="at most 2 operations, and this one has 3"):
        graph_page(expression, {"x": 1.0, "y": 1.0}, picture_of(expression, {"x": 1.0, "y": 1.0}))
