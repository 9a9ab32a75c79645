"""`gradcli.pages.steps_page`, in a browser: the lines of a derivation, and the values of their sides."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from gradcli.evaluate.derivative_formulas import formulas_of
from gradcli.evaluate.expression import Expression, parse
from gradcli.graph import substitute
from gradcli.graph.derivation import derivation
from gradcli.language.parsed import ParsedExpression
from gradcli.pages.steps_page import Derived, steps_page
from gradcli.printing.blackboard import numbered
from gradcli.printing.text import text_length
from tests.support.browser import OpenPage, axe_faults


def derived(expression: Expression, *, every: bool = True) -> list[Derived]:
    found = []
    for name, formula in formulas_of(expression, expression.variables).rows[0].items():
        target = expression.graph.variable(name)
        both = [
            numbered(derivation(expression.root, target, [formula], text_length, every=one)) for one in (False, True)
        ]
        found.append(Derived(f"d/d{name}", both[0], both[1] if every and len(both[1]) > len(both[0]) else ()))
    return found


def written(folder: Path, text: str, **choices: bool) -> Path:
    expression = parse(text)
    path = folder / "page.html"
    path.write_bytes(steps_page(expression, derived(expression, every=choices.pop("has_every", True)), **choices))
    return path


EXPRESSIONS = [
    "x^2*sin(x)",
    "x/sqrt(1 + x^2)",
    "u = x^2 + y^2; u*exp(-u) + sqrt(u)",
    "log(x)^2/x",
    "atan(1/x) + abs(x)",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_both_sides_of_every_line_have_one_value_wherever_the_sliders_are(
    browser: Any, tmp_path: Path, text: str
) -> None:
    expression = parse(text)
    with OpenPage.of(browser, written(tmp_path, text)) as page:
        lines = [line for one in derived(expression) for part in (one.lines, one.every) for line in part]
        assert page.texts(".line .number") == [line.number for line in lines]
        assert page.texts(".line .rule") == [line.step.rule for line in lines]
        for share in (0.2, 0.63, 0.9):
            at = page.slide(share)
            values = [float(one) for one in page.run("() => compute(...point).map(String)")]
            assert len(values) == 2 * len(lines)
            for left, right in zip(values[::2], values[1::2], strict=True):
                assert math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12), at
            # The first line is about the whole derivative.
            assert values[0] == pytest.approx(next(iter(expression.gradient(*at).values())), rel=1e-12)
        assert all(" = " in one for one in page.texts(".line output"))


def test_lines_open_and_close_and_every_rule_gets_a_line(browser: Any, tmp_path: Path) -> None:
    text = "sin(3*x^2 + 5)*x"
    [one] = derived(parse(text))
    shown = "() => [...document.querySelectorAll('.line')].filter((one) => one.checkVisibility()).length"
    with OpenPage.of(browser, written(tmp_path, text)) as page:
        assert page.run(shown) == len(one.lines)
        page.page.click("#close")
        assert page.run(shown) == sum(line.step.depth == 0 for line in one.lines)
        page.page.click("#open")
        page.page.check("#every")
        assert page.run(shown) == len(one.every) > len(one.lines)
        page.page.click(".tree.every summary")
        assert page.run(shown) < len(one.every)
    with OpenPage.of(browser, written(tmp_path, text, every=True)) as page:
        assert page.page.is_checked("#every")
        assert page.run(shown) == len(one.every)


def test_without_lines_for_every_rule_there_is_no_switch(browser: Any, tmp_path: Path) -> None:
    with OpenPage.of(browser, written(tmp_path, "3*x^2 + 5", has_every=False)) as page:
        assert page.run("() => find('every')") is None
        assert len(page.texts(".line")) == len(derived(parse("3*x^2 + 5"))[0].lines)


def test_long_derivations_have_no_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.pages.steps_page._COMPUTED", 5)
    assert 'id="sliders"' not in written(tmp_path, "x^2*sin(x)").read_text(encoding="utf-8")


def test_names_with_markup_stay_text(browser: Any, tmp_path: Path) -> None:
    hostile = "</script><script>window.hurt=1</script><img src=x onerror=window.hurt=1>"
    plain = parse("x^2*sin(x)")
    graph = plain.graph
    root = substitute(plain.root, {graph.variable("x"): graph.variable(hostile)})
    found = Expression(ParsedExpression(plain.source, root, (hostile,), {}, False, [], {hostile: root}))
    (tmp_path / "page.html").write_bytes(steps_page(found, derived(found)))
    with OpenPage.of(browser, tmp_path / "page.html") as page:
        assert page.run("() => [window.hurt, document.scripts.length, document.images.length]") == [None, 2, 0]
        assert page.text("label[for=range-0]") == hostile
        assert page.text("h2#derivative-0-heading") == f"d/d{hostile}"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 400)])
def test_a_page_has_no_serious_fault_of_accessibility(browser: Any, tmp_path: Path, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 900}
    path = written(tmp_path, "u = x^2 + 1; u*exp(-u)")
    with OpenPage.of(browser, path, viewport=viewport, color_scheme=scheme) as page:
        assert axe_faults(page) == []
        assert page.run("() => document.documentElement.scrollWidth <= innerWidth")
