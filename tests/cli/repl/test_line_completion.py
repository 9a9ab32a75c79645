"""`gradcli.cli.repl.line_completion`: what may come next in a line of a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.cli.catalogue import COMMANDS
from gradcli.cli.repl.line_completion import completions_of, signs
from gradcli.cli.repl.statements import OWN
from gradcli.cli.repl.workspace import Workspace
from gradcli.language.builder import read
from gradcli.language.definitions import definition_of


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace()
    made.set("rate", "2*pi")
    for text in ("f(t) = t^2", "rise = rate*x"):
        definition = definition_of(text)
        assert definition is not None
        made.define(definition, text)
    return made


@pytest.fixture(autouse=True)
def table(own_folder: Path) -> None:
    (own_folder / "flowers.csv").write_text("petal,sepal width,kind\n1,2,3\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2*sinh", {"sinh(": 4}),
        ("ra", {"rate": 2, "rad2deg(": 2, "radians(": 2}),
        ("ris", {"rise": 3}),
        ("f", {"f(": 1, "floor(": 1, "frac(": 1}),
        ("ta", {"tan(": 2, "tanh(": 2, "tau": 2}),
        ("2", {}),
        ("", {}),
        ("x +", {}),
        (r"\pi", {"π": 3}),
        (r"2*\the", {"θ": 4}),
        (r"x\^2", {"²": 3}),
        (r"x\_1", {"₁": 3}),
        (r"\sqrt", {"√": 5}),
        (":gr", {"grad": 2}),
        (":ste", {"steps": 3}),
        (":rep", {}),
        (":grad sinh", {"sinh(": 4}),
        (":grad f(ra", {"rate": 2, "rad2deg(": 2, "radians(": 2}),
        (":grad x*y --hes", {"--hessian": 5}),
        (":grad x*y --wrt ", {"x": 0, "y": 0}),
        (":steps x --ev", {"--every": 4}),
        (":draw x --style m", {"micrograd": 1, "minigrad": 1}),
        (":train flowers.csv --target s", {'"sepal width"': 1}),
        (":train fl", {"flowers.csv": 2}),
        (':map "f(x)" fl', {"flowers.csv": 2}),
        (":help gr", {"grad": 2}),
        (":help cosh", {"cosh(": 4}),
        (":forget ra", {"rate": 2}),
        (":nothing x", {}),
    ],
)
def test_a_line_goes_on_with_what_is_declared_and_what_the_session_keeps(
    line: str, expected: dict[str, int], workspace: Workspace
) -> None:
    found = {one.text: one.length for one in completions_of(line, workspace)}
    if line.strip() in ("f", "ta", "ra") or "(ra" in line:
        assert expected.items() <= found.items()
        assert next(iter(found)) == next(iter(expected))
    else:
        assert found == expected


def test_a_name_has_its_signature_and_derivative_beside_it(workspace: Workspace) -> None:
    meanings = {
        one.text: one.meaning()
        for line in ("sinh", "atan2", "f", "rate", "sum", ":gr")
        for one in completions_of(line, workspace)
    }
    assert meanings["sinh("] == "sinh(x)   derivative cosh(x)"
    assert meanings["atan2("].startswith("atan2(y, x)   d/dy = x/")
    assert meanings["f("] == "f(t) = t^2"
    assert meanings["rate"] == "2*pi"
    assert meanings["grad"] == "Print the value and every partial derivative at a point"


def test_every_command_is_completed(workspace: Workspace) -> None:
    names = {name for group in COMMANDS.values() for name in group} - {"repl"} | {*OWN}
    assert {one.text for one in completions_of(":", workspace)} == names


@pytest.mark.parametrize("word", [word for word in signs() if word[:1].isalpha()])
def test_every_sign_means_something_in_the_language(word: str) -> None:
    sign = signs()[word]
    texts = {
        "√": "√2", "∛": "∛8", "‖": "‖[1, 2]‖", "∑": "∑(k, k, 1, 3)", "∏": "∏(k, k, 1, 3)", "¬": "¬(x > 1)", "½": "½",
    }  # fmt: skip
    read(texts.get(sign, sign if sign.isalpha() or sign == "∞" else f"(x > 1) {sign} (y > 2)"))


def test_digits_of_signs_are_powers_and_parts_of_names() -> None:
    assert read("x" + signs()["^2"]).variables == ("x",)
    assert read("x" + signs()["_1"]).variables == ("x₁",)
    assert read("2" + signs()["^-1"])
