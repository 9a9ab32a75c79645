"""The forms of values of choices, and how a choice takes, refuses, shows and reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.optim.option import FLAG, NUMBER, TEXT, WHOLE, Form
from gradcli.train.choice import OPTIONS, SIZES, TEXTS, Choice, words_of
from gradcli.train.choices import choices, given_by

TAKEN: list[tuple[Form[Any], Any, Any]] = [
    (WHOLE, 3, 3),
    (WHOLE, np.int64(3), 3),
    (NUMBER, 3, 3.0),
    (NUMBER, np.float32(0.5), 0.5),
    (TEXT, "a", "a"),
    (TEXTS, ["a", "b"], ("a", "b")),
    (SIZES, [4, 2], (4, 2)),
    (SIZES, (), ()),
    (FLAG, False, False),
    (OPTIONS, {"momentum": 0.9}, {"momentum": 0.9}),
]
REFUSED: list[tuple[Form[Any], Any]] = [
    (WHOLE, 3.0), (WHOLE, True), (WHOLE, "3"), (WHOLE, None), (NUMBER, "3"), (NUMBER, False), (NUMBER, [3]),
    (TEXT, 3), (TEXTS, "ab"), (TEXTS, ["a", 3]), (SIZES, 4), (SIZES, [4.0]), (FLAG, 1), (OPTIONS, [0.5]),
]  # fmt: skip


def declared(form: Form[Any], **more: Any) -> Choice[Any]:
    one: Choice[Any] = Choice(form, "for a test", **more)
    one.__set_name__(Choice, "some_name")
    return one


@pytest.mark.parametrize(("form", "value", "expected"), TAKEN)
def test_a_value_is_taken_in_the_type_of_its_form(form: Form[Any], value: Any, expected: Any) -> None:
    found = declared(form).checked(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("form", "value"), REFUSED)
def test_a_value_of_another_form_is_refused_in_the_name_of_the_argument(form: Form[Any], value: Any) -> None:
    with pytest.raises(UsageError) as caught:
        declared(form).checked(value)
    assert caught.value.message.startswith(f"`some_name` is {form.about}, not ")
    assert caught.value.arguments == ("some_name",)


def test_only_an_optional_choice_may_be_none() -> None:
    assert declared(WHOLE, is_optional=True).checked(None) is None


def test_the_option_is_made_of_the_name_unless_it_is_given() -> None:
    assert declared(WHOLE).option == "--some-name"
    assert declared(WHOLE, option="--other").option == "--other"


GIVEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"hidden": "16, 8", "conv": "none"}, {"hidden": (16, 8), "conv": ()}),
    ({"features": ["x1", "-x2"], "learning_rate": 0.5}, {"features": ("x1", "-x2"), "learning_rate": 0.5}),
    ({"standardise": True}, {"standardise": False}),
    ({"options": ["betas=0.5,0.9"]}, {"options": {"betas": (0.5, 0.9)}}),
    ({"optimizer": "sgd", "options": ["momentum=0.5", "nesterov=true"]},
     {"optimizer": "sgd", "options": {"momentum": 0.5, "nesterov": True}}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "values"), GIVEN)
def test_words_become_values_and_values_the_same_words(words: dict[str, Any], values: dict[str, Any]) -> None:
    nothing = dict.fromkeys(choices())
    assert given_by({**nothing, **words}) == values
    for name, value in values.items():
        one = choices()[name]
        assert one.checked(value) == value
        shown = words_of(one.option, value)
        if one.form.word is bool:
            assert shown == [one.option]
        else:
            typed = [text.removeprefix(f"{one.option}=") for text in shown if text != one.option]
            again = typed if isinstance(words[name], list) else one.form.word(typed[0])
            assert given_by({**nothing, **words, name: again})[name] == value


def test_every_choice_has_a_help_and_an_option_of_its_own() -> None:
    every = choices()
    assert all(one.help and "{" not in one.help for one in every.values())
    assert len({one.option for one in every.values()}) == len(every)
    assert [name for name, one in every.items() if one.on_resume] == ["epochs", "engine"]
    assert [name for name, one in every.items() if not one.in_race] == ["optimizer", "options", "learning_rate"]
