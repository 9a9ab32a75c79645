"""`gradcli.cli.reading.parameters`: what a function declares, what is read without Typer, and what is left to it."""

from __future__ import annotations

import datetime  # noqa: F401 (named in annotations that are texts)
import enum
import pathlib  # noqa: F401
from typing import Annotated, Any, Literal  # noqa: F401 (named in annotations that are texts)

import pytest
import typer

from gradcli.cli.reading.parameters import arguments_of, declaring, parameters_of


class Colour(enum.Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


def declared(hint: Any, default: Any = None, *, required: bool = False) -> Any:
    """A command's function with one parameter."""

    def run(context: typer.Context, one: Any = default) -> None:
        raise AssertionError

    if required:
        run.__defaults__ = None
    run.__annotations__["one"] = hint
    return run


@pytest.mark.parametrize(
    ("options", "operands", "expected"),
    [
        ([], ["a"], {"name": "a", "size": 2, "rate": None, "loud": False, "many": None, "glad": True}),
        ([("--size", "03"), ("-r", "1e-3")], ["a"], {"size": 3, "rate": 1e-3}),
        ([("--loud", None), ("--no-glad", None)], ["-x"], {"loud": True, "glad": False, "name": "-x"}),
        ([("--many", "a"), ("--many", "b,c")], ["a"], {"many": ["a", "b,c"]}),
        ([("--size", "0")], ["a"], None),
        ([("--size", "1.5")], ["a"], None),
        ([("--rate", "much")], ["a"], None),
        ([], [], None),
        ([], ["a", "b"], None),
    ],
)
def test_words_that_are_plainly_right_are_read_and_the_others_left_to_typer(
    options: list[tuple[str, str | None]], operands: list[str], expected: dict[str, Any] | None
) -> None:
    def run(
        context: typer.Context,
        name: Annotated[str, typer.Argument()],
        size: Annotated[int, typer.Option("--size", min=1)] = 2,
        rate: Annotated[float | None, typer.Option("--rate", "-r")] = None,
        loud: Annotated[bool, typer.Option("--loud")] = False,
        many: Annotated[list[str] | None, typer.Option("--many")] = None,
        glad: Annotated[bool, typer.Option()] = True,
    ) -> None:
        raise AssertionError

    found = arguments_of(parameters_of(run), options, operands)
    assert (found is None) == (expected is None)
    assert {**(found or {}), **(expected or {})} == (found or {})


@pytest.mark.parametrize(
    "declaration",
    [
        'typer.Option("--one", callback=print)',
        'typer.Option("--one", envvar="ONE")',
        'typer.Option("--one", parser=str)',
        'typer.Option("--one", default_factory=str)',
        'typer.Option("--one", case_sensitive=False)',
        'typer.Option("--one", is_eager=True)',
    ],
)
def test_a_declaration_that_does_more_than_convert_is_left_to_typer(declaration: str) -> None:
    assert not parameters_of(declared(f"Annotated[str, {declaration}]", ""))[0].is_plain


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("Literal['a', 'b'] | None", ("a", "b")),
        ("Colour", ("red", "blue")),
        ("pathlib.Path", ()),
        ("datetime.datetime | None", ()),
    ],
)
def test_a_type_that_is_not_a_word_or_a_number_is_left_to_typer(kind: str, choices: tuple[str, ...]) -> None:
    [parameter] = parameters_of(declared(f"Annotated[{kind}, typer.Option('--one')]"))
    assert (parameter.is_plain, parameter.choices) == (False, choices)


def test_only_the_help_asks_whether_a_parameter_is_hidden_and_shows_its_default() -> None:
    hint = "Annotated[int, typer.Option('--one', show_default=False, hidden=True)]"
    [parameter] = parameters_of(declared(hint, 1))
    assert (parameter.is_plain, parameter.hidden, parameter.show_default) == (True, True, False)


def test_the_last_operand_may_be_repeated() -> None:
    parameters = parameters_of(declared("Annotated[list[str], typer.Argument()]", required=True))
    assert arguments_of(parameters, [], ["a", "b", "c"]) == {"one": ["a", "b", "c"]}
    assert arguments_of(parameters, [], []) is None


REFUSED = {
    "no declaration": ("int", "not declared as Annotated"),
    "a declaration without a type": ("typer.Option('--one')", "not declared as Annotated"),
    "a question": ("Annotated[str, typer.Option('--one', prompt=True)]", "prompt"),
    "a question without echo": ("Annotated[str, typer.Option('--one', hide_input=True)]", "hide_input"),
    "a counted flag": ("Annotated[int, typer.Option('-v', count=True)]", "count"),
    "a type of Click": ("Annotated[str, typer.Option('--one', click_type=str)]", "click_type"),
    "an option of two words": ("Annotated[tuple[int, int], typer.Option('--one')]", "several words"),
    "an operand of two words": ("Annotated[tuple[str, str], typer.Argument()]", "several words"),
}


@pytest.mark.parametrize(("hint", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_declaration_without_use_for_gradcli_is_refused(hint: str, reason: str) -> None:
    # Python 3.10 itself refuses an annotation that isn't a type.
    with pytest.raises(TypeError, match=f"`one`.*{reason}|must evaluate to types"):
        parameters_of(declared(hint))


def test_an_open_file_is_no_parameter_because_gradcli_opens_files_itself() -> None:
    with pytest.raises(AttributeError, match="FileText"):
        parameters_of(declared("Annotated[typer.FileText, typer.Option('--one')]"))


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
        raise AssertionError

    given = [("--size", "3"), ("--loud", None)]
    assert [one.name for one in parameters_of(run)] == ["name", "size", "loud"]
    assert arguments_of(parameters_of(run), given, ["a"]) == {"name": "a", "size": 3, "loud": True}
