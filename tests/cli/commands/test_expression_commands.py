"""`eval`, `grad`, `diff`, `check` and `functions`: each form of each result."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.primitives import REGISTRY

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


class TestEval:
    def test_the_value_alone_in_a_pipe(self, inside: Run) -> None:
        assert inside("eval", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3") == (0, "6.909297426825682\n", "")

    def test_how_it_was_read_on_a_terminal(self, inside: Run) -> None:
        assert inside("eval", "1/2*x", "x=3", terminal=True, environment=NO_COLOUR).out == "1/2*x = 1.5\n"

    def test_two_keys_in_json(self, inside: Run) -> None:
        assert inside("eval", "1/0", "--json").out == '{"expression": "1/0", "value": "Infinity"}\n'

    def test_strict(self, inside: Run) -> None:
        assert inside("eval", "1/x", "x=0", "--strict").code == 4
        assert inside("eval", "1/x", "x=2", "--strict").out == "0.5\n"

    def test_a_very_long_expression_is_echoed_in_part_on_a_terminal_only(self, inside: Run) -> None:
        text = "+".join(["x"] * 2000)
        assert len(inside("eval", text, "x=1", terminal=True).out) < 1200
        assert len(json.loads(inside("eval", text, "x=1", "--json").out)["expression"]) > 3000


class TestGrad:
    def test_only_some_variables(self, inside: Run) -> None:
        found = json.loads(inside("grad", "x*y*z", "x=2", "y=3", "z=5", "--wrt", "z,x", "--json").out)
        assert found["gradient"] == {"z": 6.0, "x": 15.0}
        assert found["at"] == {"x": 2.0, "y": 3.0, "z": 5.0}

    def test_higher_orders(self, inside: Run) -> None:
        words = ("grad", "exp(-x^2)", "x=0", "--order", "4")
        assert json.loads(inside(*words, "--json").out)["derivatives"] == {"x": [0.0, -2.0, 0.0, 12.0]}
        lines = inside(*words).out.splitlines()
        assert lines[3:] == ["d2/dx^2\t-2.0", "d3/dx^3\t0.0", "d4/dx^4\t12.0"]
        assert " d4/dx^4   12.0 " in inside(*words, terminal=True, environment=NO_COLOUR).out

    def test_the_hessian(self, inside: Run) -> None:
        words = ("grad", "x^2*y", "x=2", "y=3", "--hessian")
        expected = {"x": {"x": 6.0, "y": 4.0}, "y": {"x": 4.0, "y": 0.0}}
        assert json.loads(inside(*words, "--json").out)["hessian"] == expected
        lines = inside(*words).out.splitlines()
        assert lines[4:] == ["d2/dx^2\t6.0", "d2/dxdy\t4.0", "d2/dydx\t4.0", "d2/dy^2\t0.0"]
        assert " Hessian   x     y   \n" in inside(*words, terminal=True, environment=NO_COLOUR).out

    def test_a_hessian_that_is_too_wide_is_a_list(self, inside: Run) -> None:
        words = ("grad", "sin(x)*exp(-y^2)/sqrt(1+z)", "x=1", "y=2", "z=3", "--hessian")
        shown = inside(*words, terminal=True, environment=NO_COLOUR).out
        assert max(map(len, shown.splitlines())) <= 80
        assert " d2/dxdz   " in shown
        assert "d2/dzdx" not in shown

    def test_a_direction(self, inside: Run) -> None:
        words = ("grad", "x1*x2", "x1=2", "x2=3", "--jvp")
        assert json.loads(inside(*words, "x1=1,x2=0", "--json").out)["jvp"] == 3.0
        assert inside(*words, "x2=2*5").out.splitlines()[-1] == "jvp\t20.0"
        assert "along the direction: 20.0" in inside(*words, "x2=10", terminal=True).out

    def test_all_of_them_together_keep_their_keys(self, inside: Run) -> None:
        words = ("grad", "x*y", "x=1", "y=2", "--hessian", "--order", "2", "--jvp", "x=1", "--steps", "--json")
        document = json.loads(inside(*words).out)
        keys = ["expression", "at", "value", "gradient", "notes", "hessian", "derivatives", "jvp", "steps"]
        assert list(document) == keys

    def test_notes_are_data_in_json_and_words_elsewhere(self, inside: Run) -> None:
        found = inside("grad", "abs(x)", "x=0", "--json")
        [note] = json.loads(found.out)["notes"]
        assert (list(note), note["kind"], note["span"]) == (["kind", "message", "span"], "kink", [0, 6])
        assert found.err == ""
        found = inside("grad", "2*abs(x)", "x=0")
        assert found.out.splitlines()[-1] == "d/dx\t0.0"
        assert found.err.splitlines()[1:] == ["  2*abs(x)", "    ^^^^^^"]

    def test_strict_covers_everything_that_is_computed(self, inside: Run) -> None:
        words = ("grad", "x^1.5", "x=0", "--strict")
        assert inside(*words).code == 0
        assert inside(*words, "--order", "2").code == 4
        assert inside(*words, "--hessian").code == 4
        assert inside("grad", "sqrt(x)*y", "x=0", "y=1", "--wrt", "y", "--strict").code == 0

    def test_an_expression_without_variables_has_an_empty_gradient(self, inside: Run) -> None:
        assert json.loads(inside("grad", "2+3", "--json").out)["gradient"] == {}
        assert inside("grad", "2+3", terminal=True, environment=NO_COLOUR).out == "2 + 3 = 5.0\n"


class TestDiff:
    def test_the_bare_formula_in_a_pipe(self, inside: Run) -> None:
        assert inside("diff", "x1*x2 + sin(x1)", "--wrt", "x1") == (0, "x2 + cos(x1)\n", "")

    def test_a_program_can_read_it_back(self, inside: Run) -> None:
        formula = inside("diff", "tanh(x)*x^3", "--order", "2").out
        expected = json.loads(inside("grad", "tanh(x)*x^3", "x=0.7", "--order", "2", "--json").out)
        value = float(inside("eval", "-", "x=0.7", stdin=formula).out)
        assert math.isclose(value, expected["derivatives"]["x"][1], rel_tol=1e-14)

    def test_json(self, inside: Run) -> None:
        assert json.loads(inside("diff", "x^3", "--order", "2", "--json").out) == {
            "expression": "x^3",
            "wrt": "x",
            "order": 2,
            "derivative": "6*x",
        }

    def test_latex(self, inside: Run) -> None:
        assert inside("diff", "sin(theta)", "--latex").out == "\\cos\\left(\\theta\\right)\n"

    def test_a_constant_has_a_derivative_toward_any_name(self, inside: Run) -> None:
        assert inside("diff", "3", "--wrt", "x").out == "0\n"

    def test_a_condition_is_told(self, inside: Run) -> None:
        found = inside("diff", "x*y/y", "--wrt", "x")
        assert (found.out, found.err) == ("1\n", "note: this holds where y != 0\n")

    def test_what_was_asked_stands_above_on_a_terminal(self, inside: Run) -> None:
        found = inside("diff", "x^3", "--order", "2", terminal=True, environment=NO_COLOUR)
        assert found.out == "d2/dx^2 x^3\n6*x\n"


class TestCheck:
    def test_rows_of_digits_in_a_pipe(self, inside: Run) -> None:
        lines = inside("check", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3").out.splitlines()
        assert lines[:3] == [
            "expression\tx1*x2 + sin(x1)",
            "value\t6.909297426825682",
            "variable\tderivative\tforward\tcomplex_step\tfinite_difference",
        ]
        assert lines[3].startswith("x1\t2.5838531634528574\t17 digits\t")
        assert lines[-1] == "agree\tyes"

    def test_the_keys_of_json(self, inside: Run) -> None:
        document = json.loads(inside("check", "tanh(x)", "x=2", "--json").out)
        assert list(document) == ["expression", "value", "gradient", "methods", "agree"]
        assert list(document["methods"]) == ["forward", "complex_step", "finite_difference"]
        assert document["agree"] is True

    def test_a_choice_at_a_kink_is_no_disagreement(self, inside: Run) -> None:
        found = inside("check", "abs(x)", "x=0", terminal=True, environment=NO_COLOUR)
        assert found.code == 0
        assert "The derivative is a choice at this point" in found.out.replace("\n", " ")
        assert max(map(len, found.out.splitlines())) <= 80


class TestFunctions:
    def test_every_function_is_listed(self, inside: Run) -> None:
        names = {line.split("\t")[0] for line in inside("functions").out.splitlines()}
        assert names == {primitive.name for primitive in REGISTRY.public()} | set(REGISTRY.offered)
        shown = inside("functions", terminal=True, environment=NO_COLOUR).out
        assert all(len(line) <= 80 for line in shown.splitlines())
        assert " ARITHMETIC" in shown
        assert " x ^ y " in shown
        assert len(json.loads(inside("functions", "--json").out)["functions"]) == len(names) + 2  # max and min

    @pytest.mark.parametrize("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
    def test_every_function_has_a_page(self, inside: Run, primitive: Any) -> None:
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
    def test_every_function_of_arrays_has_a_page(self, inside: Run, name: str) -> None:
        document = json.loads(inside("functions", name, "--json").out)
        assert document["signature"].startswith(f"{name}(")
        assert document["about"].endswith(".")
        assert "``" not in document["about"]
        assert (document["group"], document["derivative"]) == ("array", {})

    def test_a_function_that_also_reduces_an_array_says_so(self, inside: Run) -> None:
        assert "of an array\tmax(x, axis, keepdims=0)\n" in inside("functions", "max").out
        assert inside("functions", "@").out.startswith("name\tmatmul\n")
        assert "did you mean `sum`?" in inside("functions", "summ").err

    def test_the_examples_are_true(self, inside: Run) -> None:
        for primitive in (*REGISTRY.public(), *REGISTRY.offered.values()):
            if primitive.example:
                expression, _, expected = primitive.example.partition("#")
                assert inside("eval", expression).out.strip() == expected.strip(), primitive.name

    def test_an_operator_is_found_by_its_symbol(self, inside: Run) -> None:
        for symbol, name in (("^", "pow"), ("*", "mul"), ("!", "factorial"), ("-", "sub"), ("and", "logical_and")):
            assert inside("functions", symbol).out.startswith(f"name\t{name}\n")

    def test_the_derivative_is_the_rule(self, inside: Run) -> None:
        assert "d/dx\tsech(x)^2\n" in inside("functions", "tanh").out
        assert inside("functions", "tanh", terminal=True, environment=NO_COLOUR).out.startswith(" name")


def test_a_higher_derivative_that_is_not_finite_has_a_note(inside: Run) -> None:
    done = inside("grad", "x^1.5", "x=0", "--order", "2", "--json")
    assert [note["kind"] for note in json.loads(done.out)["notes"]] == ["infinite"]
