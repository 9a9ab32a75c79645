"""The table of PyTorch's names, and what the functions in it share."""

from __future__ import annotations

import pytest

import gradcli.torch as torch
from gradcli.eager.pytorch_names import FUNCTIONS, METHODS, one_or_several, only_tensors, tensor_of
from gradcli.eager.tensor import Tensor
from gradcli.eager.tensor_updates import updates_of
from gradcli.errors import CallError


def test_every_name_is_pytorchs() -> None:
    theirs = pytest.importorskip("torch")
    assert [name for name in (*METHODS, *updates_of(Tensor)) if not hasattr(theirs.Tensor, name)] == []
    for name in FUNCTIONS:
        place = theirs
        for word in name.split("."):
            place = getattr(place, word)
        assert callable(place), name


def test_every_method_is_one_of_tensor() -> None:
    for name, method in METHODS.items():
        assert getattr(Tensor, name) is method


def test_numpys_names_of_axes_are_taken_as_by_pytorch() -> None:
    x = torch.ones(2, 3)
    assert x.sum(axis=1, keepdims=True).shape == torch.sum(x, dim=1, keepdim=True).shape == (2, 1)


def test_lengths_are_given_one_by_one_or_together() -> None:
    assert one_or_several((2, 3)) == one_or_several(((2, 3),)) == (2, 3)
    assert one_or_several((4,)) == (4,)


def test_only_tensors_are_tensors() -> None:
    x = torch.ones(2)
    assert tensor_of(x, like=x) is x
    assert tensor_of(2.0, like=x).item() == 2.0
    with pytest.raises(CallError, match=r"^dot takes tensors, not list$"):
        only_tensors(x, [1.0], name="dot")
