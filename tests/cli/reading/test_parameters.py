"""What is read without Typer is what Typer reads; the rest is left to Typer."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import typer

from gradcli.cli.app import options_of
from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.reading.arguments import split
from gradcli.cli.reading.parameters import arguments_of, declaring, parameters_of, registered

NAMES = [name for names in COMMANDS.values() for name in names]


def words_of(line: str) -> tuple[Any, list[tuple[str, str | None]], tuple[str, ...]]:
    name, *words = line.split()
    command = load(name)
    found = split(words, options_of(command))
    return command.run, list(found.options), found.operands


@pytest.mark.parametrize(
    "line",
    [
        "grad x^2",
        "grad -x^2 --order 3 --hessian --steps --wrt x,y",
        "diff x^2",
        "diff x^2 --order=02 --latex",
        "draw --net 2,3,1 --depth 0 -o a.svg",
        "functions",
        "functions sin",
        "predict a.safetensors b.csv",
        "train moons --lr 1e-3 --epochs 10 --drop a --drop b,c --no-standardise",
        "train --seed -1 --lr inf --noise 0",
        "train --data x --range 0:1 -o a --option a=1 --option b=2",
    ],
)
def test_the_arguments_are_those_of_typer(line: str) -> None:
    run, options, operands = words_of(line)
    found = arguments_of(parameters_of(run), options, operands)
    words = [word for pair in options for word in pair if word is not None]
    with registered("command", run).make_context("command", [*words, "--", *operands]) as context:
        # What may be given more than once is a tuple here, and empty or None by the version of Typer.
        expected = {
            name: (list(value) or None) if isinstance(value, tuple) else value for name, value in context.params.items()
        }
    assert found == expected
    assert [type(value) for value in (found or {}).values()] == [type(expected[name]) for name in found or {}]


@pytest.mark.parametrize(
    "line", ["grad", "grad x --order 0", "grad x --order 1.5", "diff x --order many", "train --lr 0,1", "predict"]
)
def test_what_is_not_plainly_right_is_left_to_typer(line: str) -> None:
    run, options, operands = words_of(line)
    assert arguments_of(parameters_of(run), options, operands) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_are_those_of_typer(name: str) -> None:
    run = load(name).run
    expected: list[Any] = list(registered(name, run).params)
    kinds = {"tex": str, "str": str, "boo": bool, "int": int, "flo": float}  # names differ between versions of Typer
    for own, theirs in zip(parameters_of(run), expected, strict=True):
        is_flag = getattr(theirs, "is_flag", False)
        spellings = () if theirs.param_type_name == "argument" else tuple(theirs.opts)
        kind = bool if is_flag else kinds[theirs.type.name[:3]]
        assert (own.name, own.spellings, own.kind) == (theirs.name, spellings, kind)
        assert own.metavar == theirs.metavar
        assert own.help == theirs.help or not spellings  # Typer loses that of operands with some versions of Click
        assert (own.is_required, own.is_list) == (theirs.required, theirs.multiple if spellings else theirs.nargs != 1)
        assert (own.least, own.most) == (getattr(theirs.type, "min", None), getattr(theirs.type, "max", None))


def test_parameters_may_be_made_from_data_between_those_of_the_function() -> None:
    def declare(typer: Any) -> dict[str, tuple[Any, Any]]:
        return {"size": (Annotated[int | None, typer.Option("--size", help="how large")], None)}

    @declaring(declare)
    def run(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help="what")],
        *,
        loud: Annotated[bool, typer.Option("--loud", help="how")] = False,
        **more: Any,
    ) -> None:
        context.obj.append((name, loud, more))

    given = [("--size", "3"), ("--loud", None)]
    assert [one.name for one in parameters_of(run)] == ["name", "size", "loud"]
    assert arguments_of(parameters_of(run), given, ["a"]) == {"name": "a", "size": 3, "loud": True}
    called: list[Any] = []
    command = registered("command", run)
    with command.make_context("command", ["--size", "3", "--loud", "a"], obj=called) as context:
        command.invoke(context)
    assert called == [("a", True, {"size": 3})]
