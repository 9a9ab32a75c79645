"""Sets of examples and loaders that make batches of them, under the names of ``torch.utils.data``.

>>> import gradcli.torch as torch
>>> from gradcli.torch.utils.data import DataLoader, TensorDataset
>>> examples = TensorDataset(torch.arange(5), torch.arange(5) ** 2)
>>> [(x.tolist(), y.tolist()) for x, y in DataLoader(examples, batch_size=2)]
[([0, 1], [0, 1]), ([2, 3], [4, 9]), ([4], [16])]
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gradcli.eager import creation
from gradcli.eager.creation import randperm, tensor
from gradcli.eager.pytorch_names import FUNCTIONS
from gradcli.eager.tensor import Tensor
from gradcli.errors import UsageError

__all__ = [
    "BatchSampler", "ConcatDataset", "DataLoader", "Dataset", "IterableDataset", "RandomSampler", "Sampler",
    "SequentialSampler", "Subset", "SubsetRandomSampler", "TensorDataset", "WeightedRandomSampler", "default_collate",
    "random_split",
]  # fmt: skip


class Dataset:
    """Examples with numbers: a subclass defines ``__getitem__``, and ``__len__`` for most loaders."""

    def __class_getitem__(cls, _: Any) -> type[Dataset]:
        return cls

    def __getitem__(self, index: Any) -> Any:
        """Return an example.

        Raises:
            NotImplementedError: the subclass doesn't define it.
        """
        raise NotImplementedError(f"{type(self).__name__} doesn't define __getitem__")

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Examples one after the other: a subclass defines ``__iter__``."""


class TensorDataset(Dataset):
    """Tensors with one row for each example.

    Raises:
        AssertionError: the tensors have different numbers of rows.
    """

    def __init__(self, *tensors: Tensor) -> None:
        if any(len(one) != len(tensors[0]) for one in tensors):
            raise AssertionError("all tensors of a set have the same number of rows")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple([one[index] for one in self.tensors])

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """Some examples of a set, by their indices."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """The examples of several sets, one set after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        index = index + len(self) if index < 0 else index
        if not 0 <= index < len(self):
            raise IndexError(f"there is no example {index} among {len(self)}")
        which = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - [0, *self.cumulative_sizes][which]]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1] if self.datasets else 0


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset]:
    """Split a set at random into parts of the given lengths, or of the given shares of the whole.

    Raises:
        ValueError: the lengths don't add up to the whole.
    """
    total = len(dataset)
    sizes = [int(one) for one in lengths]
    if lengths and all(isinstance(one, float) for one in lengths) and math.isclose(sum(lengths), 1.0):
        sizes = [math.floor(one * total) for one in lengths]
        for i in range(total - sum(sizes)):
            sizes[i % len(sizes)] += 1
    if sum(sizes) != total:
        raise ValueError(f"parts of {', '.join(map(str, lengths))} examples don't make {total}")
    order = randperm(total, generator=generator).tolist()
    return [Subset(dataset, order[end - size : end]) for end, size in zip(itertools.accumulate(sizes), sizes)]  # noqa: B905


class Sampler:
    """An order of examples: a subclass defines ``__iter__``, which yields indices."""

    def __class_getitem__(cls, _: Any) -> type[Sampler]:
        return cls

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} doesn't define __iter__")


class SequentialSampler(Sampler):
    """The indices of all examples in order."""

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """The indices of all examples in random order; with ``replacement``, each is drawn from all examples."""

    def __init__(
        self, data_source: Any, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples

    def __iter__(self) -> Iterator[int]:
        left, size = self.num_samples, len(self.data_source)
        while left > 0:  # the indices may be more than fit into memory, so they are drawn in parts
            if self.replacement:
                part = creation.randint(0, size, (min(left, 1024),), generator=self.generator).tolist()
            else:
                part = randperm(size, generator=self.generator).tolist()[:left]
            yield from part
            left -= len(part)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Some indices in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        return (self.indices[i] for i in randperm(len(self.indices), generator=self.generator).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Indices drawn with probabilities in proportion to weights."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        self.weights = tensor([float(one) for one in weights])
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        drawn = creation.multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The indices of another sampler in lists of one length; the last one may be shorter, or is dropped."""

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + bool(rest and not self.drop_last)


def default_collate(batch: Sequence[Any]) -> Any:
    """Make one batch of several examples: tensors are stacked, numbers become tensors, tuples and dicts stay.

    Raises:
        TypeError: an example holds something else.

    >>> default_collate([(1.0, {"y": 2}), (3.0, {"y": 4})])
    [tensor([1., 3.]), {'y': tensor([2, 4], dtype=int64)}]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return FUNCTIONS["stack"](list(batch))
    if hasattr(first, "dtype"):
        return FUNCTIONS["stack"]([tensor(one) for one in batch])
    if isinstance(first, (bool, int, float)):
        return tensor(list(batch))
    if isinstance(first, str):
        return list(batch)
    if isinstance(first, Mapping):
        return {key: default_collate([one[key] for one in batch]) for key in first}
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*[default_collate(part) for part in zip(*batch, strict=True)])
    if isinstance(first, (tuple, list)):
        return [default_collate(part) for part in zip(*batch, strict=True)]
    raise TypeError(f"examples that hold {type(first).__name__} can't be put into a batch; give collate_fn")


class DataLoader:
    """Batches of the examples of a set.

    Args:
        dataset: the set.
        batch_size: how many examples a batch has; None for single examples.
        shuffle: whether each pass has another random order.
        sampler, batch_sampler: an order of indices, or of lists of indices, in place of ``shuffle``.
        num_workers, pin_memory, timeout, worker_init_fn, multiprocessing_context, prefetch_factor,
            persistent_workers, pin_memory_device: PyTorch's options for processes and devices, which have no effect.
        collate_fn: the function that makes a batch of a list of examples, by default `default_collate`.
        drop_last: whether a last batch with fewer examples is left out.
        generator: the source of the random order.

    Raises:
        UsageError: the order is given twice.
    """

    def __class_getitem__(cls, _: Any) -> type[DataLoader]:
        return cls

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,  # noqa: ARG002
        worker_init_fn: Any = None,  # noqa: ARG002
        multiprocessing_context: Any = None,  # noqa: ARG002
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,  # noqa: ARG002
        persistent_workers: bool = False,  # noqa: ARG002
        pin_memory_device: str = "",  # noqa: ARG002
    ) -> None:
        if (sampler is not None or batch_sampler is not None) and shuffle:
            raise UsageError("a loader takes a sampler or shuffles, but not both")
        if batch_sampler is not None and (batch_size != 1 or sampler is not None or drop_last):
            raise UsageError("a loader with a batch_sampler has no batch_size, sampler or drop_last")
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.num_workers, self.pin_memory, self.generator = num_workers, pin_memory, generator
        self.collate_fn = collate_fn or (default_collate if batch_size is not None else lambda one: one)
        self._is_stream = isinstance(dataset, IterableDataset)
        if sampler is None and not self._is_stream:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None and not self._is_stream:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler, self.batch_sampler = sampler, batch_sampler

    def __iter__(self) -> Iterator[Any]:
        if self._is_stream:
            examples = iter(self.dataset)
            if self.batch_size is None:
                yield from map(self.collate_fn, examples)
                return
            while batch := list(itertools.islice(examples, self.batch_size)):
                if len(batch) == self.batch_size or not self.drop_last:
                    yield self.collate_fn(batch)
        elif self.batch_sampler is None:
            for index in self.sampler:
                yield self.collate_fn(self.dataset[index])
        else:
            for indices in self.batch_sampler:
                yield self.collate_fn([self.dataset[i] for i in indices])

    def __len__(self) -> int:
        if self._is_stream:
            count = len(self.dataset)
            return count if self.batch_size is None else -(-count // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
