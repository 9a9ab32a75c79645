"""Checks of data of unknown origin."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.train.untrusted import check_fields, refuse


def test_what_is_wrong_is_a_value_error_with_its_clause() -> None:
    refuse(False, "all is well")
    with pytest.raises(ValueError, match=r"^the net is too large$"):
        refuse([1], "the net is too large")


@pytest.mark.parametrize("data", [None, [], "ab", {}, {"a": 1}, {"a": 1, "b": 2, "c": 3}])
def test_an_object_has_exactly_its_fields(data: Any) -> None:
    check_fields({"b": 1, "a": 2}, ("a", "b"), "a layer has")
    with pytest.raises(ValueError, match=r"^a layer has missing or unknown fields$"):
        check_fields(data, ("a", "b"), "a layer has")
