"""The notebooks of examples/lessons: they run, and what they show is a form for people, without ladders or tracebacks.

Some are saved with their outputs, and show the same again.  One kernel runs all of them (tests/support/lessons.py).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.lessons import LESSONS, SAVED, closeness, executed, texts_of

#: The tag of a cell that fails on purpose.
FAILS = "raises-exception"
#: What is a plain result of Python.
PLAIN = re.compile(r"[-\d.]+|\(.*\)|\[[\d, ]*\]")


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The lessons with their outputs, by name."""
    for package in ("ipykernel", "nbclient", "nbformat", "matplotlib"):
        pytest.importorskip(package, reason=f"notebooks are run with {package}")
    return executed(LESSONS, tmp_path_factory.mktemp("lessons"))


def code_cells(lessons: dict[str, Any]) -> list[Any]:
    return [cell for lesson in lessons.values() for cell in lesson.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_begins_with_its_title_and_is_saved_with_all_outputs_or_with_none(path: Path) -> None:
    lesson = json.loads(path.read_text(encoding="utf-8"))
    assert source_of(lesson["cells"][0]).startswith("# ")
    codes = [cell for cell in lesson["cells"] if cell["cell_type"] == "code"]
    numbers = [*range(1, len(codes) + 1)] if path in SAVED else [None] * len(codes)
    assert [cell["execution_count"] for cell in codes] == numbers
    assert any(cell["outputs"] for cell in codes) == (path in SAVED)
    assert json.dumps(lesson, indent=1, ensure_ascii=False) + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_a_lesson_that_is_saved_with_outputs_shows_the_same_again(path: Path, lessons: dict[str, Any]) -> None:
    saved = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    again = [cell for cell in lessons[path.stem].cells if cell.cell_type == "code"]
    for ours, theirs in zip(saved, again, strict=True):
        difference = closeness(texts_of(ours), texts_of(theirs))
        assert difference < 1e-6, f"run python -m tests.support.lessons\n{source_of(ours)}"


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_a_lesson_of_the_road_has_pictures_exercises_and_answers(path: Path) -> None:
    lesson = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [kind for cell in lesson if cell["cell_type"] == "code" for kind in texts_of(cell)]
    assert {"image/png", "image/svg+xml"} & {*shown}
    texts = [source_of(cell) for cell in lesson if cell["cell_type"] == "markdown"]
    [asked] = [text for text in texts if "## Exercises" in text]
    answers = "\n".join(texts[texts.index(asked) + 1 :])
    assert "## Answers" in answers
    assert (
        re.findall(r"^\d\.", asked, re.MULTILINE) == re.findall(r"^\d\.", answers, re.MULTILINE) == ["1.", "2.", "3."]
    )


@pytest.mark.parametrize("others", [["a 1.5"], ["b 1.0"], ["a 1.0", "image/png"], ["a 1.0 2.0"]])
def test_what_is_shown_is_compared_by_words_and_numbers(others: list[str]) -> None:
    assert closeness(["a 1.0"], ["a 1.0000000001"]) == pytest.approx(1e-10)
    assert closeness(["a 1.0"], others) > 0.1


def test_there_are_cells_enough_to_learn_from() -> None:
    cells = [cell for path in LESSONS for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert sum(cell["cell_type"] == "code" for cell in cells) >= 25
    assert sum(cell["cell_type"] == "markdown" for cell in cells) >= 15


def test_errors_are_where_they_are_meant_to_be_and_have_no_traceback(lessons: dict[str, Any]) -> None:
    for cell in code_cells(lessons):
        errors = [one for one in cell.outputs if one.output_type == "error"]
        assert len(errors) == (FAILS in cell.metadata.get("tags", [])), cell.source
        for error in errors:
            text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error.traceback))
            assert text == "error: unknown function `sni`\n  x*sni(x)\n    ^^^\n  did you mean `sin`?"


def test_nothing_is_redrawn_and_no_cell_prints_a_ladder(lessons: dict[str, Any]) -> None:
    for cell in code_cells(lessons):
        text = "".join([one.text for one in cell.outputs if one.output_type == "stream"])
        assert all(one.name == "stdout" for one in cell.outputs if one.output_type == "stream"), text
        assert not re.search(r"\x1b\[[\d;?]*[^\d;?m]", text), cell.source
        assert len(text.splitlines()) <= 24, cell.source


def test_a_training_is_one_picture_that_ends_with_the_last_epoch(lessons: dict[str, Any]) -> None:
    cells = [cell for cell in code_cells(lessons) if re.match(r"%%?train (?!.*--race)", cell.source)]
    assert len(cells) == 2
    for cell in cells:
        [picture] = [one for one in cell.outputs if one.output_type == "display_data"]
        epochs = re.search(r"--epochs (\d+)", cell.source)
        assert epochs is not None
        assert f"epoch {epochs[1]} of {epochs[1]}," in picture.data["text/plain"]
        assert picture.data["image/svg+xml"].count("<svg") == 1


def test_every_object_has_a_form_for_people(lessons: dict[str, Any]) -> None:
    shown = 0
    for cell in code_cells(lessons):
        for output in cell.outputs:
            if output.output_type in ("display_data", "execute_result"):
                text = output.data["text/plain"]
                assert " object at 0x" not in text
                rich = {*output.data} & {"text/html", "text/latex", "image/svg+xml", "image/png"}
                assert rich or PLAIN.fullmatch(text), cell.source
                shown += bool(rich)
    assert shown >= 25


def test_a_lesson_becomes_a_page(lessons: dict[str, Any]) -> None:
    pytest.importorskip("nbconvert", reason="notebooks become pages with nbconvert")
    from nbconvert import HTMLExporter

    for name, lesson in lessons.items():
        page, _ = HTMLExporter().from_notebook_node(lesson)
        assert "image/svg+xml" in page or "<svg" in page or "image/png" in page, name
        assert "Traceback" not in page
