"""Containers are taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import pytest

from gradcli.eager.trees import flattened, mapped

Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (1.0, 1), ((), 0), ((1, [2, (3,)]), 3), ({"b": 1, "a": {"c": [2]}}, 2), (Pair(1, (2, 3)), 3), ((None, 1), 1),
        (OrderedDict(z=1, y=2), 2),
    ],
)  # fmt: skip
def test_what_is_taken_apart_is_built_again(tree: Any, count: int) -> None:
    leaves, build = flattened(tree)
    assert len(leaves) == count
    again = build(leaves)
    assert again == tree
    assert type(again) is type(tree)
    assert mapped(lambda x: -x, mapped(lambda x: -x, tree)) == tree
