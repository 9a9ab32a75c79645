"""Texts of programs: names, literals, rows of a table and the length of lines."""

from __future__ import annotations

import ast
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.export import (
    EXPORTERS,
    source_of,
)
from gradcli.tables.formats import read_table
from gradcli.train.data.encoding import Encoding
from gradcli.train.data.rows import Data
from gradcli.train.data.selection import table_data
from gradcli.train.predictions import predict
from tests.support.exported import (
    LANGUAGES,
    MODELS,
    RUNNERS,
    check,
    export,
    imported,
    net,
)

NASTY = [
    "plain",
    "don't",
    'say "hi"',
    '"""',
    "'''",
    "back\\slash",
    "new\nline",
    "\r\u2028\x0c",
    "# comment",
    "{x}",
    "{0}",
    "%s",
    "class",
    "np",
    "\\N{BULLET}",
    "größe",
    "\u0645\u0631\u062d\u0628\u0627",
    "\U0001f600",
    "nul\x00",
    "import os; os.system('x')",
    "inputs",
    "x1",
    "\ud800",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_any_characters_come_out_as_literals(language: str, tmp_path: Path) -> None:
    rows = np.random.default_rng(5).normal(0.0, 1.0, (60, len(NASTY)))
    data = Data("n", tuple(NASTY), rows, '"""\n\\', np.arange(60) % len(NASTY), tuple(NASTY))
    checkpoint = net(data, features=("class^2", "np + inputs", *NASTY[1:12], "größe*x1 + x3"))
    path = folder_of(tmp_path) / f"net{EXPORTERS[language].suffix}"
    export(checkpoint, language, path)
    found = RUNNERS[language](path, rows)
    expected = predict(checkpoint, rows)
    # ONNX has texts of UTF-8 only; the metadata says the rest.
    lossy = {"\ud800": "\\ud800"} if language == "onnx" else {}
    assert found.predictions == [lossy.get(str(one.value), one.value) for one in expected]
    if language == "onnx":
        session = pytest.importorskip("onnxruntime").InferenceSession(path)
        metadata = session.get_modelmeta().custom_metadata_map
        assert json.loads(metadata["labels"]) == json.loads(metadata["columns"]) == NASTY
        assert json.loads(metadata["target"]) == '"""\n\\'
    else:
        module = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id in ("TARGET", "LABELS", "COLUMNS")
        }
        assert constants == {"TARGET": '"""\n\\', "LABELS": NASTY, "COLUMNS": NASTY}


def folder_of(folder: Path) -> Path:
    """A folder with a nasty name."""
    nasty = folder / 'it\'s "a" folder\\'
    nasty.mkdir()
    return nasty


TABLE = 'size,"colour",c\n1,red,a\n2,"it\'s",b\n,red,b\n4,,a\n5,"""",b\n'


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "onnx"])
def test_a_row_of_the_table_is_encoded_as_gradcli_encodes_it(language: str, tmp_path: Path) -> None:
    table = read_table(TABLE.splitlines(keepends=True), "t.csv")
    checkpoint = net(table_data(table, "c", missing="mean"))
    encoding = checkpoint.model.encoding
    assert encoding is not None
    rows = encoding.encode(table)
    path = check(checkpoint, language, tmp_path, rows)
    records: list[dict[str, Any]] = [
        {"size": 1, "colour": "red"},
        {"size": "2", "colour": "it's"},
        {"size": None, "colour": "red"},
        {"size": 4.0},
        {"size": "5", "colour": '"'},
    ]
    module = imported(path)
    assert [module.encode(record) for record in records] == rows.tolist()
    with pytest.raises(ValueError, match="'colour' has no category 'blue'"):
        module.encode({"size": 1, "colour": "blue"})
    if language == "python":
        assert [module.predict(record) for record in records] == [one.value for one in predict(checkpoint, rows)]


def test_a_value_that_may_not_be_missing_is_refused(tmp_path: Path) -> None:
    data = table_data(read_table(["size,colour,c\n", "1,red,a\n", "2,blue,b\n"], "t.csv"), "c")
    path = tmp_path / "net.py"
    export(net(data), "numpy", path)
    with pytest.raises(ValueError, match="the value of 'size' is missing"):
        imported(path).encode({"size": "NA", "colour": "red"})


def test_lines_of_a_program_fit_on_the_screen() -> None:
    for checkpoint, language in itertools.product((make_net() for make_net in MODELS.values()), LANGUAGES[1:]):
        assert max(map(len, source_of(checkpoint, language).splitlines())) <= 120


def test_the_encoding_of_numbers_alone_asks_for_its_columns() -> None:
    text = source_of(net(), "python")
    assert "[number(row[name]) for name in COLUMNS]" in text
    assert Encoding.__name__.upper() not in text
