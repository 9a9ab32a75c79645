"""``--digits`` of `eval` and `grad`, and the note on lost digits."""

from __future__ import annotations

import importlib.util
import json

import pytest

from tests.support.command_line import run_inside

flint = pytest.importorskip("flint")


def test_the_command_line_prints_texts() -> None:
    done = run_inside("grad", "(exp(x) - 1)/x", "x=1e-10", "--digits", "12", "--json")
    assert '"value": "1.00000000005"' in done.out
    assert '"x": "0.500000000033"' in done.out
    done = run_inside("eval", "exp(pi*sqrt(163))", "--digits", "40")
    assert done.out == "262537412640768743.9999999999992500725972\n"
    done = run_inside("grad", "abs(x)*y", "x=0", "y=0.1", "--digits", "3")
    assert "d/dx\t0\n" in done.out
    assert "kink" in done.err
    done = run_inside("grad", "x", "x=0", "--digits", "3", "--steps")
    assert done.code == 2
    assert "`--digits` and `--steps` exclude each other" in done.err


def test_without_the_package_a_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "flint" else find_spec(name, *rest)
    )
    done = run_inside("eval", "1/3", "--digits", "5")
    assert done.code == 5
    assert "proving digits needs the package `python-flint`" in done.err
    assert 'pip install "gradcli[digits]"' in done.err


def test_lost_digits_have_a_note_with_the_place_and_what_helps() -> None:
    done = run_inside("grad", "log(1-sigmoid(x))", "x=36.7")
    assert done.out == "expression\tlog(1 - sigmoid(x))\nvalue\t-36.04365338911715\nd/dx\t-0.9999999999999998\n"
    assert done.err.splitlines() == [
        "note: nearly equal numbers cancel here: the value has only 1 right digit (it is -36.700000000000000115)",
        "  log(1-sigmoid(x))",
        "      ^^^^^^^^^^^^",
        "  write `-softplus(x)`, which keeps its digits here",
    ]
    done = run_inside("eval", "x - 0.3", "x=0.1+0.2")
    assert done.err.splitlines()[::3] == [
        "note: nearly equal numbers cancel here: the value has no right digit (it is 0)",
        "  --digits 15 proves every digit",
    ]


def test_the_note_is_data_in_json() -> None:
    done = run_inside("grad", "sqrt(x+1)-sqrt(x)", "x=1e12", "--wrt", "x", "--json")
    [note] = json.loads(done.out)["notes"]
    assert (note["kind"], note["span"]) == ("digits", [0, 17])
    assert note["digits"] == {"value": 5, "d/dx": 4}
    assert note["exact"] == {"value": "4.9999999999987500000e-7", "d/dx": "-2.4999999999981250000e-19"}
    assert note["instead"] == "1/(sqrt(x + 1) + sqrt(x))"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("(exp(x) - 1)/x", "x=1e-5", "--hessian"), "d2/dx^2"),
        (("(exp(x) - 1)/x", "x=1e-5", "--order", "3"), "d3/dx^3"),
        (("(x + y)^2 - x^2 - y^2", "x=1e6", "y=1e-6", "--jvp", "x=3"), "jvp"),
    ],
)
def test_higher_derivatives_have_a_note_too(words: tuple[str, ...], name: str) -> None:
    assert f"{name} has " in run_inside("grad", *words).err


def test_a_session_says_it_of_its_values() -> None:
    done = run_inside("repl", stdin="a = 0.1\nc = 0.1 + 0.2 - 0.3\na + 0.2 - 0.3\n")
    assert done.err.count("the value has no right digit (it is 0)") == 2
