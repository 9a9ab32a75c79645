"""``--digits`` of `eval` and `grad`."""

from __future__ import annotations

import importlib.util

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
