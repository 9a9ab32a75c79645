"""`gradcli.pages.skeleton`: the frame of a page, and its escaping."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gradcli.markup import escaped
from gradcli.pages.skeleton import Page, document, json_text
from tests.support.browser import OpenPage, axe_faults

HOSTILE = [
    "</script><script>window.hurt = 1</script>",
    "<!--<script>",
    "<img src=x onerror='window.hurt = 1'>",
    '" onfocus="window.hurt = 1" autofocus="',
    "</title><style>*{display:none}</style>",
    "]]>&lt;&amp;",
    "line\u2028separator\u2029\x00\x1b[2J",
    "half a pair \ud800",
    "${window.hurt = 1} `",
]


def test_a_hostile_text_is_shown_and_does_nothing(browser: Any, tmp_path: Path) -> None:
    title = " ".join(HOSTILE)
    main = "".join([f'<p class="shown" title="{escaped(text)}">{escaped(text)}</p>' for text in HOSTILE])
    code = "\n".join([f"// {text}" for text in HOSTILE if text.isprintable()])
    (tmp_path / "page.html").write_bytes(document(Page(title, main, (), {"texts": HOSTILE}, code)))
    with OpenPage.of(browser, tmp_path / "page.html") as opened:
        expected = ["".join([sign if sign.isprintable() else " " for sign in text]) for text in HOSTILE]
        assert opened.page.title() == " ".join(" ".join(expected).split())
        assert opened.texts(".shown") == expected
        assert opened.run("() => [...document.querySelectorAll('.shown')].map((one) => one.title)") == expected
        # Half a pair of surrogates doesn't come through the connection to the browser.
        lengths = "() => data.texts.map((one) => one.length)"
        assert opened.run(lengths) == [len(text) for text in HOSTILE]
        plain = [place for place, text in enumerate(HOSTILE) if "\ud800" not in text]
        assert opened.run("(places) => places.map((place) => data.texts[place])", plain) == [HOSTILE[i] for i in plain]
        assert opened.run("() => [window.hurt, document.scripts.length]") == [None, 2]


@pytest.mark.parametrize("text", HOSTILE)
def test_json_has_no_sign_that_ends_an_element_and_is_read_again(text: str) -> None:
    found = json_text({"text": [text, float("nan"), -float("inf"), 1.5]})
    assert not re.search(r"[<>&\u2028\u2029]", found)
    assert json.loads(found) == {"text": [text, "NaN", "-Infinity", 1.5]}


def test_a_script_that_is_not_the_page_s_own_does_not_run(browser: Any, tmp_path: Path) -> None:
    """Even markup that nobody escaped is harmless: the page names its script by its hash."""
    hurt = "<script>window.hurt = 1</script><img src='https://example.org/x.png' onerror='window.hurt = 1'>"
    (tmp_path / "page.html").write_bytes(document(Page("x", hurt, (), {})))
    page = browser.new_page()
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto((tmp_path / "page.html").as_uri())
    assert page.evaluate("() => window.hurt") is None
    assert asked == [(tmp_path / "page.html").as_uri()]
    page.close()


NUMBERS = [
    0.0, -0.0, 1.0, -2.0, 0.1, 1 / 3, 1e-4, 0.00012345678901234567, 1e-5, 1.5e-7, 123456.789, 1e15, 9007199254740993.0,
    1e16, 1.2345e16, 1e22, 6.02214076e23, 1e300, -1e-300, 5e-324, 2.5838531634528574, 645577.0, 99999.5, 0.99999949,
    12345678.0, float("inf"), -float("inf"), float("nan"),
]  # fmt: skip


def test_numbers_look_as_gradcli_prints_them(browser: Any, tmp_path: Path) -> None:
    from gradcli.draw.cards import short

    (tmp_path / "page.html").write_bytes(document(Page("x", "", (), {"numbers": NUMBERS})))
    with OpenPage.of(browser, tmp_path / "page.html") as opened:
        for name, expected in {"number": repr, "short": short}.items():
            found = opened.run(f"() => data.numbers.map((one) => {name}(Number(one)))")
            assert found == [expected(one) for one in NUMBERS]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_switch_turns_light_into_dark_and_back(browser: Any, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "page.html").write_bytes(document(Page("x", "<p>text</p>", (), {})))
    with OpenPage.of(browser, tmp_path / "page.html", color_scheme=scheme) as opened:
        background = "() => getComputedStyle(document.body).backgroundColor"
        first = opened.run(background)
        assert (first == "rgb(255, 255, 255)") == (scheme == "light")
        opened.page.click("#theme")
        second = opened.run(background)
        assert (second == "rgb(255, 255, 255)") == (scheme == "dark")
        opened.page.click("#theme")
        assert opened.run(background) == first
        assert axe_faults(opened) == []
