"""Sets of examples and loaders, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli.torch
from gradcli.errors import UsageError
from gradcli.torch.utils import data


def plain(batch: Any) -> Any:
    """A batch as lists and numbers."""
    if hasattr(batch, "tolist"):
        return batch.tolist()
    if isinstance(batch, dict):
        return {key: plain(one) for key, one in batch.items()}
    return [plain(one) for one in batch] if isinstance(batch, (list, tuple)) else batch


def batches(t: Any) -> list[Any]:
    """What loaders give, in every way that has no random order."""
    u = t.utils.data

    class Squares(u.Dataset):
        def __len__(self) -> int:
            return 5

        def __getitem__(self, i: int) -> Any:
            return {"x": i, "y": t.tensor([i * i]), "name": str(i)}

    class Count(u.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(5))

    pairs = u.TensorDataset(t.arange(5), t.arange(10).reshape(5, 2))
    joined = u.ConcatDataset([u.Subset(pairs, [3, 1]), pairs])
    loaders = [
        u.DataLoader(pairs, batch_size=2),
        u.DataLoader(pairs, 2, drop_last=True),
        u.DataLoader(Squares(), batch_size=3),
        u.DataLoader(Count(), batch_size=2),
        u.DataLoader(joined, 4),
        u.DataLoader(pairs, batch_size=None),
        u.DataLoader(pairs, batch_sampler=u.BatchSampler(u.SequentialSampler(pairs), 3, False)),
        u.DataLoader([(1.0, 2), (3.0, 4)], 2, collate_fn=lambda examples: examples),
    ]
    return [plain([*loader]) for loader in loaders] + [len(joined), plain(joined[-1]), plain(pairs[1:3])]


def test_batches_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    assert batches(gradcli.torch) == batches(torch)


def test_a_random_order_has_every_example_once_and_follows_from_its_generator() -> None:
    t = gradcli.torch
    examples = data.TensorDataset(t.arange(7))

    def order(**options: Any) -> list[Any]:
        return [x.item() for (x,) in data.DataLoader(examples, **options)]

    assert sorted(order(shuffle=True)) == [*range(7)]
    first = order(shuffle=True, generator=t.Generator().manual_seed(3))
    assert first == order(shuffle=True, generator=t.Generator().manual_seed(3))
    assert sorted(order(sampler=data.SubsetRandomSampler([2, 4]))) == [2, 4]
    drawn = order(sampler=data.RandomSampler(examples, replacement=True, num_samples=3000))
    assert np.bincount(drawn, minlength=7).min() > 300
    assert set(order(sampler=data.WeightedRandomSampler([0, 1, 1, 0, 0, 0, 0], 50))) == {1, 2}


def test_a_split_has_the_lengths_that_were_asked_for() -> None:
    parts = data.random_split(range(10), [7, 3])
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(one for part in parts for one in part) == [*range(10)]
    assert [len(part) for part in data.random_split(range(10), [0.55, 0.25, 0.2])] == [6, 2, 2]
    with pytest.raises(ValueError, match=r"^parts of 7, 2 examples don't make 10$"):
        data.random_split(range(10), [7, 2])


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(UsageError, match="or shuffles, but not both"):
        data.DataLoader([1, 2], sampler=[0], shuffle=True)
    with pytest.raises(TypeError, match="examples that hold object"):
        data.default_collate([object()])
    with pytest.raises(AssertionError, match="the same number of rows"):
        data.TensorDataset(gradcli.torch.ones(2), gradcli.torch.ones(3))
