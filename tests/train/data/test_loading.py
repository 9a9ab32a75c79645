"""What a word on the command line means as data."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from gradcli.errors import CallError, GradcliError, UnavailableError, UsageError
from gradcli.train.choices import DataChoices
from gradcli.train.choices import choices as choices_of
from gradcli.train.data.datasets import BUNDLED, DATASETS
from gradcli.train.data.loading import load_data

LOADS: list[tuple[str, dict[str, Any]]] = [
    ("spiral", {"classes": 4, "samples": 50, "noise": 0.1}),
    ("iris", {"columns": ["petal_length,petal_width"]}),
    ("data", {"expression": "x1^2 + x2^2 < 0.5", "samples": 60, "noise": 0.1, "ranges": ["x1=0:1"]}),
    ("wine", {"target": "alcohol", "task": "numbers", "drop": ["hue"], "one_hot": ["cultivar"], "missing": "mean"}),
]


@pytest.mark.parametrize(("word", "choices"), LOADS, ids=[word for word, _ in LOADS])
def test_choices_that_went_through_json_give_the_same_rows(word: str, choices: dict[str, Any]) -> None:
    first = load_data(word, seed=3, **choices)
    again = load_data(word, seed=3, **json.loads(json.dumps(choices)))
    assert first.fingerprint() == again.fingerprint()
    assert (first.name, len(first) > 40) == (choices.get("expression", word), True)


def test_every_choice_says_which_sources_it_is_for() -> None:
    assert [
        name for name, one in choices_of(DataChoices).items() if not set(one.sources) & {"set", "table", "expression"}
    ] == []


def test_a_choice_that_is_not_about_the_data_is_refused() -> None:
    with pytest.raises(CallError, match="there is no choice `epochs`"):
        load_data("moons", epochs=3)


@pytest.mark.parametrize("name", [*DATASETS, *BUNDLED])
def test_every_built_in_name_is_data(name: str) -> None:
    data = load_data(name)
    assert (data.name, len(data) >= 100, data.notes) == (name, True, ())


def test_a_file_in_the_folder_does_not_hide_a_built_in_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("iris").write_text("a,b\n1,2\n")
    assert len(load_data("iris")) == 150
    with pytest.raises(UsageError, match="which column of `iris` is to be predicted"):
        load_data("./iris")


@pytest.mark.parametrize(
    ("word", "choices", "kind", "message"),
    [
        ("irs", {}, UsageError, "unknown data set `irs`"),
        ("iris.csv", {}, UnavailableError, "can't read `iris.csv`: no such file or directory"),
        ("moons", {"target": "y"}, UsageError, "`target` is for tables, and `moons` is a built-in set"),
        ("moons", {"columns": ["x1"]}, UsageError, "`columns` is for tables, and `moons` is a built-in set"),
        ("moons", {"task": "numbers"}, UsageError, "`task` is for tables, and `moons` is a built-in set"),
        ("moons", {"missing": "mean"}, UsageError, "`missing` is for tables, and `moons` is a built-in set"),
        ("moons", {"ranges": ["0:1"]}, UsageError, "`ranges` is for `expression`, and `moons` is a built-in set"),
        (
            "moons", {"classes": 3}, UsageError,
            "`classes` is for blobs and spiral; the number of classes of `moons` is fixed",
        ),
        ("iris", {"classes": 3}, UsageError, "`classes` is for the built-in sets (blobs, spiral)"),
        ("iris", {"ranges": ["0:1"]}, UsageError, "`ranges` is for `expression`"),
        ("iris", {"samples": 3}, UsageError, f"`samples` is for the built-in sets ({', '.join(DATASETS)})"),
        ("data", {"expression": "x", "target": "x"}, UsageError, "`target` is for tables, and `expression` is given"),
        (
            "data", {"expression": "x", "classes": 3}, UsageError,
            "`classes` is for the built-in sets (blobs, spiral), and `expression` is given",
        ),
    ],
)  # fmt: skip
def test_a_choice_that_does_not_fit_the_source_is_named(
    word: str, choices: dict[str, Any], kind: type[GradcliError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        load_data(word, **choices)
    assert caught.value.message == message


def test_a_stream_is_read_as_text_or_as_json_lines() -> None:
    for text in ("x,y\n1,a\n2,b\n", '{"x": 1, "y": "a"}\n{"x": 2, "y": "b"}\n'):
        data = load_data("-", target="y", stream=io.StringIO(text))
        assert (data.name, data.labels, data.inputs.tolist()) == ("standard input", ("a", "b"), [[1], [2]])
