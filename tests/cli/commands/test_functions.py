"""`gradcli functions`: the list of all functions, and a page for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.language.composed import all_composed
from gradcli.primitives import REGISTRY
from tests.support.loops import for_each

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_every_function_is_listed(inside: Run) -> None:
    names = {line.split("\t")[0] for line in inside("functions").out.splitlines()}
    functions = [*REGISTRY.public(), *REGISTRY.offered.values(), *all_composed()]
    assert names == {function.name for function in functions}
    shown = inside("functions", terminal=True, environment=NO_COLOUR).out
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert " ARITHMETIC" in shown
    assert " x ^ y " in shown
    assert len(json.loads(inside("functions", "--json").out)["functions"]) == len(functions)


@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_every_function_has_a_page(inside: Run, primitive: Any) -> None:
    document = json.loads(inside("functions", primitive.name, "--json").out)
    assert document["signature"] == primitive.signature
    assert document["about"].endswith(".")
    assert set(document["derivative"]) <= set(primitive.operands)
    for operand, formula in document["derivative"].items():
        if not primitive.static:
            assert inside("diff", formula, "--wrt", operand).code in (0, 2), formula
    for spelling in primitive.spellings:
        assert inside("functions", spelling).out == inside("functions", primitive.name).out


@pytest.mark.parametrize("name", [name for name in REGISTRY.offered if name not in REGISTRY])
def test_every_function_of_arrays_has_a_page(inside: Run, name: str) -> None:
    document = json.loads(inside("functions", name, "--json").out)
    assert document["signature"].startswith(f"{name}(")
    assert document["about"].endswith(".")
    assert "``" not in document["about"]
    assert (document["group"], document["derivative"]) == ("array", {})


def test_a_function_that_also_reduces_an_array_says_so(inside: Run) -> None:
    assert "of an array\tmax(x, axis, keepdims=0)\n" in inside("functions", "max").out
    assert inside("functions", "@").out.startswith("name\tmatmul\n")
    assert "did you mean `sum`?" in inside("functions", "summ").err


def test_the_examples_are_true(inside: Run) -> None:
    for primitive in (*REGISTRY.public(), *REGISTRY.offered.values()):
        if primitive.example:
            expression, _, expected = primitive.example.partition("#")
            assert inside("eval", expression).out.strip() == expected.strip(), primitive.name


def test_an_operator_is_found_by_its_symbol(inside: Run) -> None:
    for symbol, name in (("^", "pow"), ("*", "mul"), ("!", "factorial"), ("-", "sub"), ("and", "logical_and")):
        assert inside("functions", symbol).out.startswith(f"name\t{name}\n")


def test_the_derivative_is_the_rule(inside: Run) -> None:
    assert "d/dx\tsech(x)^2\n" in inside("functions", "tanh").out
    assert inside("functions", "tanh", terminal=True, environment=NO_COLOUR).out.startswith(" name")
