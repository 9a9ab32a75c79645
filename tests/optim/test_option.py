"""Options of optimisers: how a text becomes a value, and which texts are refused."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.errors import UsageError
from gradcli.optim import OPTIMIZERS, Option

OPTIONS = {option.name: option for optimizer in OPTIMIZERS.values() for option in optimizer.options}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("momentum", "0.9", 0.9),
        ("momentum", "1e-1", 0.1),
        ("nesterov", "true", True),
        ("nesterov", " False", False),
        ("betas", "0.8,0.9", (0.8, 0.9)),
    ],
)
def test_a_text_of_the_command_line_is_read_as_a_value(name: str, text: str, value: Any) -> None:
    found = OPTIONS[name].parsed(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("momentum", "much", "a number of at least 0, not much"),
        ("momentum", "true", "a number of at least 0, not True"),
        ("momentum", "1,2", "a number of at least 0, not (1, 2)"),
        ("momentum", "inf", "a number of at least 0, not inf"),
        ("nesterov", "1", "true or false, not 1"),
        ("betas", "0.9", "2 numbers of at least 0 and less than 1, not 0.9"),
        ("betas", "0.9,0.9,0.9", "2 numbers of at least 0 and less than 1, not (0.9, 0.9, 0.9)"),
    ],
)
def test_a_text_of_another_kind_is_refused(name: str, text: str, wanted: str) -> None:
    with pytest.raises(UsageError) as caught:
        OPTIONS[name].parsed(text)
    assert caught.value.message == f"the option `{name}` is {wanted}"


def test_a_whole_number_stays_whole() -> None:
    option = Option("count", 20, "how many")
    assert option.parsed("30") == 30
    assert isinstance(option.parsed("30"), int)
    with pytest.raises(UsageError):
        option.parsed("3.5")
