"""Categories and labels are compared as values, not as they are spelt: in training, prediction and all programs."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradcli.errors import UsageError
from gradcli.export import EXPORTERS
from gradcli.export.program_text import KEY, NUMBER
from gradcli.tables.cells import number_of, value_key
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.run import load_data
from tests.support.exported import LANGUAGES, RUNNERS, imported

Run = Callable[..., Any]


class Kind(NamedTuple):
    """Values of one kind.

    Attributes:
        trained: the texts of two or more values in training.
        same: other texts of these values, and values of Python.
        others: values that are none of them, however near.
    """

    trained: tuple[str, ...]
    same: tuple[tuple[Any, ...], ...]
    others: tuple[Any, ...]


KINDS: dict[str, Kind] = {
    "whole numbers": Kind(("1", "2"), (("1.0", "+2"), (" 1 ", "2."), ("1e0", "0.2e1"), (1, 2.0)), ("3", "1.5", "true")),
    "decimals": Kind(("1.50", "2.25"), (("1.5", "2.250"), (1.5, "225e-2"), (Decimal("1.50"), 2.25)), ("1.51", "150")),
    "zeros": Kind(("-0", "7"), (("0", "007"), ("-0.0", "7.0"), (0, 7), (-0.0, np.float64(7))), ("1",)),
    "truth values": Kind(("true", "false"), (("True", "FALSE"), (True, False), (np.True_, np.False_)), ("1", "yes")),
    "truth values of pandas": Kind(("True", "False"), (("true", "false"), (True, False)), ("1", "T")),
    "texts": Kind(("red", "light blue"), ((" red ", "light blue  "),), ("Red", "lightblue", "light  blue")),
    "texts with marks": Kind(('a "b", c', "é ☃ 𝔘"), (('a "b", c', "é ☃ 𝔘"),), ("a", "é")),
    "texts in lines": Kind(("a\nb", "a b"), (("a\nb", "a b"),), ("ab",)),
    "codes and words": Kind(("007", "1_000", "x"), (("7.0", "1_000", "x"), (7, "1_000", "x")), ("1000", "X")),
    "big whole numbers": Kind(
        ("9007199254740993", "18446744073709551615"),
        (("9007199254740993.0", "18446744073709551615e0"), (2**53 + 1, 2**64 - 1), ("+9007199254740993", 2**64 - 1)),
        ("9007199254740992", 2**53 + 2, "18446744073709551616", 1.8446744073709552e19),
    ),
    "powers": Kind(("1e20", "1e300"), (("100000000000000000000", "10e299"), (1e20, 1e300), (10**20, 1e300)), ("1e21",)),
    "long decimals": Kind(
        ("12345678901234567890.50", "-0.01"),
        (("12345678901234567890.5", "-1e-2"), (Decimal("12345678901234567890.50"), -0.01)),
        ("12345678901234567890.51", 0.01),
    ),
    "dates": Kind(("2024-01-31", "2024-02-01"), (("2024-01-31", " 2024-02-01"),), ("2024-01-30",)),
    "figures of other scripts": Kind(("١", "1"), (("١", "1.0"), ("١", 1)), ("٢",)),
    "what only Python reads": Kind(("infinity", "0x1"), (("infinity", "0x1"),), ("1", "Infinity")),
}  # fmt: skip
ROLES = {"category": ("--target", "y", "--one-hot", "c"), "label": ("--target", "c", "--task", "classes")}


def write(path: str, cells: Sequence[Any]) -> None:
    """Write a table of a number, the cells, and two classes."""
    with Path(path).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("x", "c", "y"), *((row % 5, cell, "ab"[row % 2]) for row, cell in enumerate(cells))])


def train(inside: Run, kind: Kind, role: str) -> Checkpoint:
    """Train on all spellings that a text has, and return the model `t.safetensors`."""
    from gradcli.train.checkpoint import load

    spellings = (kind.trained, *(one for one in kind.same if all(isinstance(cell, str) for cell in one)))
    write("t.csv", [cell for one in spellings for cell in one] * 4)
    done = inside("train", "t.csv", *ROLES[role], "--hidden", "3", "--epochs", "3", "--plain")
    assert done.code == 0, done.err
    return load("t.safetensors")


def by_metadata(path: Path) -> Callable[[dict[str, Any]], list[float]]:
    """Return a function that encodes a row as the rule in the metadata of an ONNX file says, and nothing else."""
    onnx = pytest.importorskip("onnx")
    found = {one.key: json.loads(one.value) for one in onnx.load(path).metadata_props}
    assert "compared as values" in found["rule"]

    def value(cell: Any) -> Any:
        text = str(cell).strip()
        if text.lower() in ("true", "false"):
            return text.lower()
        number = number_of(text)
        if math.isnan(number) or text.lower().lstrip("+-").startswith("inf"):
            return text
        return number if abs(number) < 2**53 else Decimal(text)

    def encode(row: dict[str, Any]) -> list[float]:
        inputs: list[float] = []
        for column in found["encoding"]["inputs"]:
            cell = row[column["name"]]
            if str(cell).strip().lower() in found["missing"]:
                cell = column["fill"]
                assert cell is not None
            if column["categories"] is None:
                inputs.append(float(cell))
                continue
            hits = [float(value(cell) == value(one)) for one in column["categories"]]
            if not any(hits):
                raise ValueError(f"no category {cell!r}")
            inputs += hits
        return inputs

    return encode


def encoder(path: Path) -> Callable[[dict[str, Any]], list[float]]:
    """Return the function that makes the inputs of a program of a row of the table."""
    if path.suffix == ".onnx":
        return by_metadata(path)
    found: Callable[[dict[str, Any]], list[float]] = imported(path).encode
    return found


#: A language -> the package that its programs or their runtime need.
PACKAGES = {"pytorch": "torch", "jax": "jax", "onnx": "onnxruntime"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", KINDS)
def test_every_program_predicts_what_predict_predicts(name: str, role: str, inside: Run, own_folder: Path) -> None:
    kind = KINDS[name]
    model = train(inside, kind, role).model
    assert model.labels is not None
    assert len(model.labels) == (len(kind.trained) if role == "label" else 2)
    programs = {}
    for language in LANGUAGES:
        if language not in PACKAGES or importlib.util.find_spec(PACKAGES[language]):
            programs[language] = own_folder / f"{language}{EXPORTERS[language].suffix}"
            words = ("--to", language, "-o", str(programs[language]))
            assert inside("export", "t.safetensors", *words).code == 0
    encoders = {language: encoder(program) for language, program in programs.items()}
    for spelling in (kind.trained, *kind.same):
        write("new.csv", spelling)
        done = inside("predict", "t.safetensors", "new.csv", "--json")
        assert done.code == 0, done.err
        expected = json.loads(done.out)["predictions"]
        records = [{"x": row % 5, "c": cell, "y": "ab"[row % 2]} for row, cell in enumerate(spelling)]
        for language, program in programs.items():
            found = RUNNERS[language](program, np.array(list(map(encoders[language], records))))
            assert [str(one) for one in found.predictions] == [row["prediction"] for row in expected]
            np.testing.assert_allclose(found.scores, [row["scores"] for row in expected], rtol=1e-12, atol=1e-12)
    for other in kind.others if role == "category" else ():
        write("new.csv", [other])
        assert inside("predict", "t.safetensors", "new.csv").code == 5
        for encode in encoders.values():
            with pytest.raises(ValueError, match="no category"):
                encode({"x": 0, "c": other})


@pytest.mark.parametrize("name", KINDS)
def test_one_point_and_weights_of_classes_name_a_value_in_any_spelling(
    name: str, inside: Run, own_folder: Path
) -> None:
    kind = KINDS[name]
    train(inside, kind, "category")
    first = json.loads(inside("predict", "t.safetensors", "--at", "x=1", "--at", f"c={kind.trained[0]}", "--json").out)
    for one in kind.same:
        done = inside("predict", "t.safetensors", "--at", "x=1", "--at", f"c={one[0]}", "--json")
        assert json.loads(done.out) == first
    data = load_data("./t.csv", target="c", task="classes")
    if any(mark in str(cell) for cell in kind.trained for mark in ",="):
        return
    from gradcli.train.run import start

    weights = [start(data, class_weight=f"{one[0]}=3", epochs=1).settings.class_weight for one in kind.same]
    assert len(weights) == len(kind.same)
    with pytest.raises(UsageError, match=r"^`class_weight` names"):
        start(data, class_weight=f"{kind.others[0]}=3", epochs=1)


def program_of(text: str, name: str) -> Callable[[Any], Any]:
    """Return a function of a program."""
    found: dict[str, Any] = {"math": math}
    exec(text, found)
    return found[name]  # type: ignore[no-any-return]


FIGURES = st.text("0123456789.eE+-_ infaItrue٣", max_size=24)


@given(
    FIGURES
    | st.floats().map(repr)
    | st.decimals(allow_nan=False).map(str)
    | st.integers().map(str)
    | st.text(max_size=5)
)
@example("1e" + "9" * 5000)
@example("9" * 5000)
@example("9007199254740992.0000")
@example("-1.50e+0000000020")
@example("True")
@example("1e400")
def test_programs_have_the_rule_of_gradcli(text: str) -> None:
    text = text.strip()
    assert program_of(KEY, "key")(text) == value_key(text)
    number = program_of(NUMBER, "number")
    if math.isfinite(number_of(text)):
        assert number(text) == number_of(text)
    else:
        with pytest.raises(ValueError, match="not a finite number"):
            number(text)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 30))
def test_a_number_with_more_zeros_is_the_same_value(number: Decimal, zeros: int) -> None:
    text = f"{number:f}"
    longer = f"{text}{'' if '.' in text else '.'}{'0' * zeros}"
    assert value_key(longer) == value_key(text)
    if abs(number) >= 2**53:
        assert value_key(f"{number + 1:f}") != value_key(text) or number + 1 == number


def test_numbers_of_a_row_are_read_as_predict_reads_them(inside: Run, own_folder: Path) -> None:
    write("t.csv", ["1", "2"] * 4)
    assert inside("train", "t.csv", "--target", "y", "--epochs", "1", "--plain").code == 0
    assert inside("export", "t.safetensors", "--to", "python", "-o", "net.py").code == 0
    encode = imported(own_folder / "net.py").encode
    for cell in ("1.5", " 2e3 ", "-.5", "1_000", "١", "inf", "nan", "", "true", "12 %"):
        write("new.csv", [cell])
        code = inside("predict", "t.safetensors", "new.csv").code
        if code == 0:
            assert encode({"x": 0, "c": cell}) == [0.0, number_of(cell.strip())]
        else:
            with pytest.raises(ValueError, match="not a finite number"):
                encode({"x": 0, "c": cell})
    with pytest.raises(ValueError, match="not a finite number"):
        encode({"x": 0, "c": True})
