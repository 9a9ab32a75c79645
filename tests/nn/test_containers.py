"""`Sequential`, `ModuleList` and `ModuleDict` are lists, dictionaries and functions, and refuse what is no module."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

from gradcli import nn, ones, zeros

np = pytest.importorskip("numpy")


def test_a_sequence_is_a_list_and_a_function() -> None:
    layers = [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)]
    net = nn.Sequential(*layers)
    assert [*net] == layers
    assert net[-1] is layers[-1]
    assert isinstance(net[:2], nn.Sequential)
    net.append(nn.Sigmoid())
    net.insert(0, nn.Identity())
    del net[1]
    net[0] = nn.Linear(2, 3)
    assert [type(layer).__name__ for layer in net] == ["Linear", "Tanh", "Linear", "Sigmoid"]
    assert net(zeros(5, 2)).shape == (5, 1)
    assert nn.Sequential()(3.0) == 3.0
    named = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), second=nn.Tanh()))
    assert list(named.state_dict()) == ["first.weight", "first.bias"]
    named.insert(0, nn.Linear(2, 2, bias=False))
    assert list(named.state_dict()) == ["0.weight", "first.weight", "first.bias"]
    assert [name for name, _ in named[1:].named_children()] == ["first", "second"]
    del named[1]
    assert [name for name, _ in named.named_children()] == ["0", "second"]
    assert len(nn.Sequential({})) == 0


def test_a_list_and_a_dict_of_modules_are_a_list_and_a_dict() -> None:
    many = nn.ModuleList(nn.Linear(1, 1) for _ in range(3))
    many.extend([nn.Tanh()])
    assert isinstance(many[1:], nn.ModuleList)
    assert len(many) == 4
    assert many.pop() not in many
    assert list(many.state_dict())[-1] == "2.bias"
    table = nn.ModuleDict([("a", nn.Tanh())])
    table["b"] = nn.Linear(1, 1)
    table.update({"c": nn.ReLU()})
    assert list(table) == ["a", "b", "c"]
    assert "a" in table
    assert table.b is table["b"]
    assert not hasattr(table, "d")
    del table["a"]
    assert list(table.state_dict()) == ["b.weight", "b.bias"]
    assert {table: 1}[table] == 1
    assert table != copy.deepcopy(table)
    for container in (many, table):
        with pytest.raises(NotImplementedError, match="doesn't define forward"):
            container(1.0)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: nn.Sequential(nn.Tanh(), abs),
        lambda: nn.Sequential([nn.Tanh()]),
        lambda: nn.ModuleList([None]),
        lambda: nn.ModuleList().append(ones(2)),
        lambda: nn.Sequential(nn.Tanh()).__setitem__(0, nn.Tanh),
        lambda: nn.ModuleDict({"a": 1.0}),
        lambda: nn.ModuleDict().update({"a": abs}),
    ],
)
def test_a_container_refuses_what_is_no_module(attempt: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="is a module, not"):
        attempt()
