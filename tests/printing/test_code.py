"""What all languages of programs share."""

from __future__ import annotations

import re

import pytest

from gradcli.errors import UsageError
from gradcli.export.expression_program import export_expression
from gradcli.printing.code import Results, identifier, unused


@pytest.mark.parametrize(
    ("name", "taken", "found"),
    [
        ("x1", (), "x1"),
        ("θ", (), "theta"),
        ("Δx", (), "deltax"),
        ("größe", (), "gro_e"),
        ("_", (), "v"),
        ("int", ("int", "int_"), "int__"),
    ],
)
def test_a_variable_gets_a_name_that_every_language_reads(name: str, taken: tuple[str, ...], found: str) -> None:
    assert re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", identifier(name, taken))
    assert identifier(name, taken).startswith(found[:4])
    assert identifier(name, taken) not in taken


def test_two_variables_never_get_one_name() -> None:
    text = export_expression("θ*theta + theta_*t1", "python", "value")
    head = re.search(r"def evaluate\((.*)\)", text)
    assert head is not None
    names = re.findall(r"(\w+): float", head[1])
    assert len(set(names)) == 4
    assert "Here" in text
    assert not re.search(r"^    t1 = ", text, re.MULTILINE)


def test_an_unused_name_is_found() -> None:
    assert unused("t", 1, {"t1"}) == "t1_"


def test_results_have_names() -> None:
    assert list(Results(["a"], ["b"], [["c"]]).parts) == ["value", "gradient", "hessian"]
    assert list(Results(["a", "b"], None, [["c"], ["d"]]).parts) == ["values", "jacobian"]
    assert list(Results(["a"], None, None).parts) == ["value"]


def test_a_shared_step_is_written_once() -> None:
    text = export_expression("exp(x*y)*sin(x*y)", "c", "hessian").partition("*/")[2]
    assert [text.count(call) for call in ("exp(", "sin(", "cos(")] == [1, 1, 1]


def test_a_deep_expression_is_cut_into_steps() -> None:
    text = export_expression("+".join(f"sin(x)*{i}" for i in range(2, 300)), "python", "value")
    assert max(line.count("(") for line in text.splitlines()) < 60
    nested = export_expression("sin(" * 400 + "x" + ")" * 400, "python", "value")
    compile(nested, "nested", "exec")


@pytest.mark.parametrize("name", ["sin", "while", "1x", "a b", "double"])
def test_a_function_cannot_have_a_name_with_a_meaning(name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name of a function in C"):
        export_expression("sin(x)", "c", name=name)
