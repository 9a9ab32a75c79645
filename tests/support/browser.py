"""Pages in a real browser: Chromium without a window, driven by Playwright.

The browser is the Chromium of the system.  axe-core, which looks for faults of accessibility, is found in a folder of
NODE_PATH: ``npm install --prefix FOLDER axe-core``, and NODE_PATH=FOLDER/node_modules.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

__all__ = ["OpenPage", "axe_faults", "blank_page", "browser"]

_FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
)  # fmt: skip
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The one browser of all tests in a process."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium on this system")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def blank_page(browser: Any) -> Any:
    """An empty page, for scripts that need no other."""
    return browser.new_page()


class OpenPage:
    """A page in the browser.

    Attributes:
        page: Playwright's page.
        complaints: errors and warnings of its console.
        requests: the addresses that were asked for, after its own.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    @classmethod
    @contextmanager
    def of(cls, browser: Any, path: Path, **choices: Any) -> Iterator[OpenPage]:
        """Open a file, and check afterwards that it was silent and asked for nothing.

        Args:
            browser: the browser.
            path: the file.
            choices: those of a new page of Playwright.
        """
        page = browser.new_page(**{"viewport": {"width": 1400, "height": 900}, **choices})
        try:
            found = cls(page)
            page.goto(path.as_uri())
            assert found.requests == [path.as_uri()]
            yield found
            assert found.complaints == []
            assert found.requests == [path.as_uri()]
        finally:
            page.close()

    def run(self, script: str, *arguments: Any) -> Any:
        """Return the value of a function of JavaScript, one frame after the last change."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self.page.evaluate(script, *arguments)

    def text(self, selector: str) -> str:
        """Return the text of an element, one frame after the last change."""
        found: str = self.run("(selector) => document.querySelector(selector).textContent", selector)
        return found

    def slide(self, share: float) -> list[float]:
        """Move all sliders to a part of their range, and return the numbers that the variables have now."""
        script = """(share) => [...document.querySelectorAll("input[type=range]")].map((range) => {
            range.value = Number(range.min) + share * (range.max - range.min);
            range.dispatchEvent(new Event("input", { bubbles: true }));
            return Number(range.value);
        })"""
        return [float(one) for one in self.run(script, share)]

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements that a selector finds, one frame after the last change."""
        script = "(selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent)"
        return [str(one) for one in self.run(script, selector)]


def axe_faults(opened: OpenPage) -> list[str]:
    """Return the faults that axe-core finds in a page, as far as they are serious."""
    folders = map(Path, filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep)))
    source = next((path for one in folders if (path := one / "axe-core" / "axe.min.js").is_file()), None)
    if source is None:
        pytest.skip("there is no axe-core (npm install axe-core, and NODE_PATH)")
    opened.page.evaluate(source.read_text(encoding="utf-8"))
    found = opened.page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html']} {one['nodes'][0]['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
