"""`cli/reading/arguments.py`: words are told apart whatever their order, and nothing mistyped becomes a variable."""

from __future__ import annotations

import random
import re
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradcli.cli.reading.arguments import (
    ANY,
    Binding,
    Options,
    Split,
    at_top_level,
    bindings_of,
    is_name,
    option_suggestion,
    split,
)
from gradcli.errors import UsageError
from tests.support.paths import ROOT

GRAD = Options(
    flags=frozenset({"--steps", "--hessian", "--strict", "--json", "--plain", "--help", "-h"}),
    valued={"--order": "order", "--wrt": "wrt", "-o": "output", "--output": "output"},
    repeatable=frozenset({"--wrt"}),
)
TRAIN = Options(
    flags=frozenset({"--json", "-h"}),
    valued={"--epochs": "epochs", "-o": "output"},
    takes_expression=False,
    takes_variables=False,
)
PREDICT = Options(flags=frozenset({"--json"}), valued={}, operands=2, takes_expression=False)

NAMES = st.from_regex(r"[a-zA-Zθφ_][a-zA-Z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: f"--{name}" not in GRAD.spellings
)
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["pi/2", "-1e-3", "2^10", "-e", "-(1)", "[1,2]", "@x.npy", "atan2(1, 2)"]),
)
EXPRESSIONS = st.one_of(
    st.sampled_from(
        [
            "x1*x2+sin(x1)",
            "-x1",
            "-h*x",
            "-o*x",
            "--x+1",
            "---x",
            "-4",
            "x==2",
            "x >= 2",
            "a = 2; a*x",
            "-",
            "@model.txt",
            "f(t)=t; f(2)",
        ]
    ),
    st.from_regex(r"-{0,2}[a-z]\*[a-z]", fullmatch=True),
)


def spelled(name: str, value: str, way: int) -> list[str]:
    return [
        [f"--{name}", value],
        [f"--{name}={value}"],
        [f"{name}={value}"],
        ["--at", f"{name}={value}"],
        [f"--at={name}={value}"],
    ][way]


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[list[str]], str, dict[str, str], dict[str, str | None]]:
    """The parts of one command line, in no order: (words of each part, expression, values, options)."""
    expression = draw(EXPRESSIONS)
    values = draw(st.dictionaries(NAMES.filter(lambda name: name != "at"), VALUES, max_size=4))
    options: dict[str, str | None] = dict.fromkeys(draw(st.sets(st.sampled_from(["--steps", "--hessian", "--json"]))))
    parts = [[expression], *[[option] for option in options]]
    if draw(st.booleans()):
        options["--order"] = "2"
        parts.append(draw(st.sampled_from([["--order", "2"], ["--order=2"]])))
    for name, value in values.items():
        parts.append(spelled(name, value, draw(st.integers(0, 4))))
    return parts, expression, values, options


def content(found: Split) -> tuple[dict[str, str | None], tuple[str, ...], dict[str, str]]:
    return dict(found.options), found.operands, dict(found.bindings)


@given(groups(), st.randoms(use_true_random=False))
def test_the_order_of_the_parts_does_not_matter(
    line: tuple[list[list[str]], str, dict[str, str], dict[str, str | None]], order: random.Random
) -> None:
    parts, expression, values, options = line
    order.shuffle(parts)
    found = split([word for part in parts for word in part], GRAD)
    assert content(found) == (options, (expression,), values)


@given(EXPRESSIONS, NAMES, VALUES)
def test_all_ways_to_give_a_value_are_the_same(expression: str, name: str, value: str) -> None:
    assume(name != "at")
    found = [content(split([expression, *spelled(name, value, way)], GRAD)) for way in range(5)]
    assert all(one == found[0] for one in found)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    st.lists(st.text(max_size=8), max_size=5),
)
def test_any_words_are_split_or_refused_with_a_usage_error(first: str, rest: list[str]) -> None:
    for options in (GRAD, TRAIN, PREDICT):
        with suppress(UsageError):
            found = split([first, *rest], options)
            assert len(found.operands) <= options.operands
            assert all(is_name(name) and text for name, text in found.bindings)


@given(st.sampled_from(["--steps", "--hessian", "--strict"]), st.data())
def test_a_mistyped_flag_never_passes_silently(flag: str, data: st.DataObject) -> None:
    letter = data.draw(st.integers(3, len(flag) - 1))
    mistyped = flag[:letter] + flag[letter + 1 :]
    parts = [["x1*x2"], ["--x1", "2"], ["x2=3"], [mistyped]]
    data.draw(st.randoms(use_true_random=False)).shuffle(parts)
    with pytest.raises(UsageError) as caught:
        split([word for part in parts for word in part], GRAD)
    assert flag in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("words", "kind", "hint"),
    [
        (["x^2", "--ordre=2", "--no-colour"], "unknown_option", None),
        (["x^2", "--x"], "missing_value", "for a variable write --x=VALUE; -h lists the options"),
        (["x^2", "--x", "--steps"], "missing_value", "for a variable write --x=VALUE; -h lists the options"),
        (["x^2", "--x", "--y", "3"], "missing_value", "for a variable write --x=VALUE; -h lists the options"),
        (["x^2", "--x", "--"], "missing_value", "for a variable write --x=VALUE; -h lists the options"),
        (["x^2", "x="], "missing_value", "write x=VALUE without spaces"),
        (["x^2", "--x="], "missing_value", "write x=VALUE without spaces"),
        (["x^2", "--order"], "missing_value", "write --order=VALUE"),
        (["x^2", "--at"], "missing_value", "write --at NAME=VALUE"),
        (["x^2", "--at", "2"], "bad_binding", "for example --at x1=2, or --at x1=2,x2=3"),
        (["x^2", "--steps=3"], "option_takes_no_value", "write `--steps` alone"),
        (["x^2", "--order", "1", "--order=2"], "repeated_option", "keep only one of them"),
        (["x", "-o", "a.svg", "--output=b.svg"], "repeated_option", "keep only one of them"),
        (["x^2", "--x", "1", "x=2"], "repeated_variable", "keep only one of them"),
        (["x", "+", "1"], "too_many_operands", 'put the expression in quotes, such as "x1 * x2"'),
        (["--step", "x^2", "--x=3"], "unknown_option", "did you mean `--steps`?"),
        (["x^2", "--step", "x=3"], "missing_value", "did you mean `--steps`?"),
        (["x^2", "--my-name", "3"], "unknown_option", 'if this is the expression, put `--` before it: -- "--my-name"'),
    ],
)
def test_words_without_a_meaning_are_refused_with_a_way_out(words: list[str], kind: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        split(words, GRAD)
    assert caught.value.kind == kind
    if hint is not None:
        assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("words", "operands", "values"),
    [
        (["order=3", "order*x", "x=2"], ("order*x",), {"order": "3", "x": "2"}),
        (["--at", "order=3", "order"], ("order",), {"order": "3"}),
        (["--at", "x=[1,2],y=2", "x*y"], ("x*y",), {"x": "[1,2]", "y": "2"}),
        (["x = 2", "x"], ("x",), {"x": " 2"}),
        (["x=2;x"], ("x=2;x",), {}),
        (["x==2"], ("x==2",), {}),
        (["--x==2"], ("--x==2",), {}),
        (["x=2", "--", "-h"], ("-h",), {"x": "2"}),
        (["x=2", "--", "--steps"], ("--steps",), {"x": "2"}),
        (["--", "-x", "x=2"], ("-x",), {"x": "2"}),
        (["--θ", "2", "θ^2"], ("θ^2",), {"θ": "2"}),
        (["--x", "-2", "-x"], ("-x",), {"x": "-2"}),
        (["--x", "-", "-x"], ("-x",), {"x": "-"}),
        (["-o", "a.svg", "-o*x"], ("-o*x",), {}),
        (["-o=a.svg", "x"], ("x",), {}),
    ],
)
def test_words_with_one_meaning_are_understood(
    words: list[str], operands: tuple[str, ...], values: dict[str, str]
) -> None:
    found = split(words, GRAD)
    assert found.operands == operands
    assert dict(found.bindings) == values


def test_a_command_without_variables_refuses_what_it_does_not_know() -> None:
    with pytest.raises(UsageError, match="unknown option `--epoch`"):
        split(["moons", "--epoch", "3"], TRAIN)
    with pytest.raises(UsageError, match="unknown option `-e`"):
        split(["moons", "-e"], TRAIN)
    with pytest.raises(UsageError, match="one operand is expected"):
        split(["moons", "x=2"], TRAIN)


def test_operands_that_are_files_stand_beside_values() -> None:
    found = split(["m.safetensors", "--x1", "2", "-"], PREDICT)
    assert found.operands == ("m.safetensors", "-")
    with pytest.raises(UsageError, match="2 operands are expected, but 3"):
        split(["m.safetensors", "a", "b"], PREDICT)


def test_a_column_may_have_any_name_and_a_path_is_none() -> None:
    words = ["lr/x=1.safetensors", "a (cm)=2", "--at", "km/h=3,b c=(4, 5)", "d=e;f"]
    found = split(words, PREDICT)
    assert found.operands == ("lr/x=1.safetensors",)
    assert dict(found.bindings) == {"a (cm)": "2", "km/h": "3", "b c": "(4, 5)", "d": "e;f"}
    with pytest.raises(UsageError, match="`=2` is not NAME=VALUE"):
        split(["--at", "=2"], PREDICT)


def test_suggestions_compare_names_without_their_dashes() -> None:
    assert option_suggestion("--x1", ["--at"]) is None
    assert option_suggestion("ordr", ["--order", "-o"]) == "did you mean `--order`?"


def test_commas_inside_brackets_separate_nothing() -> None:
    assert at_top_level("[1,2],(3,4)", ",") == ["[1,2]", "(3,4)"]
    assert at_top_level("1),2", ",") == ["1)", "2"]
    assert [(name, text) for name, text in bindings_of("x1=1, x2=0", "--jvp")] == [("x1", "1"), ("x2", "0")]


@given(st.text(max_size=6))
def test_a_name_is_what_the_grammar_calls_a_name(word: str) -> None:
    grammar = (ROOT / "grammars" / "expression.lark").read_text(encoding="utf-8")
    terminal = re.search(r"^NAME\.1: /(.*)\|∞/$", grammar, re.MULTILINE)
    assert terminal is not None
    assert is_name(word) == bool(re.fullmatch(terminal[1], word)) or word in ("and", "or", "not")


def test_only_the_first_operand_of_a_command_for_tables_is_an_expression() -> None:
    for_tables = Options(flags=frozenset(), valued={}, operands=ANY, takes_files=True)
    assert not for_tables.takes_only_expressions
    found = split(["k*x", "a.csv", "b.csv", "k=price", "x = y"], for_tables)
    assert found.operands == ("k*x", "a.csv", "b.csv")
    assert found.bindings == (Binding("k", "price"), Binding("x", " y"))
    assert split(["y = x^2", "a.csv"], for_tables).operands == ("y = x^2", "a.csv")
