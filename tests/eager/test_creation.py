"""`gradcli.eager.creation`: shapes, types and numbers are PyTorch's, and random numbers follow their seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli.torch
from gradcli.eager.creation import manual_seed, rand, rand_like, randn, randn_like

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "zeros of two numbers": ((2, 3), {}),
    "zeros of a tuple": (((2, 3),), {}),
    "zeros of an empty tuple": (((),), {}),
    "zeros of no row": ((0, 3), {}),
    "ones of a list": (([4],), {}),
    "full of a tuple": (((2, 2), 7.0), {}),
    "eye of one number": ((3,), {}),
    "eye of two numbers": ((2, 4), {}),
    "arange of an end": ((4,), {}),
    "arange of a start and an end": ((1, 4), {}),
    "arange of a step": ((1, 2, 0.25), {}),
    "arange downwards": ((3, 0, -1), {}),
    "linspace of three": ((0, 1, 3), {}),
    "linspace of one": ((2, 5, 1), {}),
    "tensor of lists": (([[1, 2], [3, 4]],), {}),
    "tensor of a number": ((2.5,), {}),
    "ones that record": ((2,), {"requires_grad": True}),
}


@pytest.mark.parametrize("case", CALLS)
def test_shape_and_numbers_are_pytorch_s(case: str) -> None:
    torch = pytest.importorskip("torch")
    positional, named = CALLS[case]
    name = case.split()[0]
    ours = getattr(gradcli, name)(*positional, dtype="float64", **named)
    theirs = getattr(torch, name)(*positional, dtype=torch.float64, **named)
    assert ours.shape == tuple(theirs.shape)
    assert ours.tolist() == theirs.tolist()
    assert ours.requires_grad == theirs.requires_grad
    assert str(ours.dtype) == "float64"


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "rand_like", "randn_like"])
def test_what_is_like_a_tensor_has_its_shape_and_type_and_does_not_record(name: str) -> None:
    like = gradcli.ones(2, 3, dtype="float32", requires_grad=True)
    found = getattr(gradcli, name)(like)
    assert (found.shape, str(found.dtype), found.requires_grad) == ((2, 3), "float32", False)


@pytest.mark.parametrize("name", ["zeros", "ones", "eye", "arange", "rand", "randn"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_may_be_chosen(name: str, dtype: str) -> None:
    assert str(getattr(gradcli, name)(3, dtype=dtype).dtype) == dtype


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("draw", [rand, randn])
def test_a_seed_gives_the_numbers_of_numpy_s_generator_in_every_type_and_leaves_the_shared_one_alone(
    draw: Any, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    expected = generator.random((2, 2)) if draw is rand else generator.standard_normal((2, 2))
    manual_seed(5)
    first = draw(2, 2).tolist()
    manual_seed(5)
    assert draw(2, 2, seed=seed).tolist() == draw((2, 2), seed=seed).tolist() == expected.tolist()
    assert draw(2, 2, seed=seed, dtype="float32").tolist() == expected.astype("float32").tolist()
    assert draw(2, 2).tolist() == first


def test_the_shared_generator_goes_on_from_call_to_call_and_begins_anew_at_its_seed() -> None:
    manual_seed(7)
    first, second = randn(3).tolist(), randn(3).tolist()
    manual_seed(7)
    assert [*first, *second] == randn(6).tolist()
    assert first != second
    manual_seed(8)
    assert randn(3).tolist() != first


def test_without_a_seed_two_processes_draw_different_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    for _ in range(2):
        monkeypatch.setattr("gradcli.eager.creation._generator", None)
        drawn.append(randn(3).tolist())
    assert drawn[0] != drawn[1]


def test_uniform_numbers_lie_from_0_to_1_and_normal_ones_around_0() -> None:
    like = gradcli.zeros(20_000)
    uniform, normal = rand_like(like, seed=1).detach().numpy(), randn_like(like, seed=1).detach().numpy()
    assert 0.0 <= uniform.min() < 0.001 < 0.999 < uniform.max() < 1.0
    assert abs(uniform.mean() - 0.5) < 0.01
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1.0) < 0.02


def test_a_tensor_of_an_array_is_a_copy_of_it() -> None:
    array = np.ones(2)
    found = gradcli.tensor(array)
    array[0] = 5.0
    assert found.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("name", "numbers"), [("linspace", (0, 1, 2)), ("logspace", (0, 1, 2)), ("arange", (2,))])
def test_a_sequence_of_truth_values_is_refused_as_in_pytorch(name: str, numbers: tuple[int, ...]) -> None:
    for library in (pytest.importorskip("torch"), gradcli.torch):
        with pytest.raises(NotImplementedError):
            getattr(library, name)(*numbers, dtype=library.bool)
