"""Sparse arrays with PyTorch's names: the elements that aren't 0, and their places.

They hold gradients for `gradcli.optim.SparseAdam`, and have no operations beside conversions.

>>> from gradcli import tensor
>>> sparse = to_sparse(tensor([[0.0, 2.0], [0.0, 0.0]]))
>>> sparse.indices().tolist(), sparse.values().tolist(), sparse.to_dense().tolist()
([[0], [1]], [2.0], [[0.0, 2.0], [0.0, 0.0]])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.eager.pytorch_names import pytorch
from gradcli.errors import ShapeError, UsageError

__all__ = ["SparseTensor", "to_sparse"]


class SparseTensor:
    """An array as a list of elements with their places; elements with one place are added.

    Args:
        indices: the places, a tensor of whole numbers of shape (axes, elements).
        values: the elements, or the parts of the further axes, a tensor of shape (elements, ...).
        shape: the lengths of all axes.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: a place is outside.
    """

    is_sparse = True
    requires_grad = False

    def __init__(self, indices: Any, values: Any, shape: Sequence[int]) -> None:
        import numpy as np

        self.shape = tuple(map(int, shape))
        places, axes = indices.numpy(), len(indices)
        if places.ndim != 2 or places.dtype.kind not in "iu" or places.shape[1] != len(values):
            raise ShapeError(f"places have the shape (axes, {len(values)}) and are whole numbers, not {places.shape}")
        if tuple(values.shape[1:]) != self.shape[axes:] or axes > len(self.shape):
            raise ShapeError(f"values of shape {values.shape} don't fit an array of shape {self.shape}")
        if places.size and ((places < 0) | (places >= np.array(self.shape[:axes])[:, None])).any():
            raise UsageError(f"a place is outside of an array of shape {self.shape}")
        self._indices, self._values = indices, values

    @property
    def dtype(self) -> Any:
        """The type of the elements."""
        return self._values.dtype

    def indices(self) -> Any:
        """The places, shape (axes, elements)."""
        return self._indices

    def values(self) -> Any:
        """The elements, shape (elements, ...)."""
        return self._values

    def detach(self) -> SparseTensor:
        """Return the array itself, which has no derivative."""
        return self

    def coalesce(self) -> SparseTensor:
        """Return the same array with each place once, in order; elements with one place are added."""
        import numpy as np

        axes = len(self._indices)
        flat = np.ravel_multi_index(tuple(self._indices.numpy()), self.shape[:axes]) if axes else np.zeros(1, int)
        found, place_of = np.unique(flat, return_inverse=True)
        values = np.zeros((len(found), *self.shape[axes:]), dtype=self._values.numpy().dtype)
        np.add.at(values, place_of, self._values.numpy())
        places = np.array(np.unravel_index(found, self.shape[:axes]))
        made = self._values.of_array
        return SparseTensor(made(places), made(values), self.shape)

    def to_dense(self) -> Any:
        """Return the array with all elements, as a tensor."""
        import numpy as np

        dense = np.zeros(self.shape, dtype=self._values.numpy().dtype)
        np.add.at(dense, tuple(self._indices.numpy()), self._values.numpy())
        return self._values.of_array(dense)

    def __repr__(self) -> str:
        return f"SparseTensor of shape {self.shape} with {len(self._values)} elements"


@pytorch("to_sparse", function=False)
def to_sparse(input: Any, sparse_dim: int | None = None) -> SparseTensor:  # noqa: A002
    """The elements of a tensor that aren't 0, as a sparse array.

    Args:
        sparse_dim: the number of axes with places, by default all; the others are kept whole.

    Raises:
        UsageError: the tensor requires a gradient, or has no such axes.
    """
    import numpy as np

    if input.requires_grad:
        raise UsageError("a sparse array has no derivative; detach() the tensor")
    axes = input.ndim if sparse_dim is None else sparse_dim
    if not 0 < axes <= max(1, input.ndim):
        raise UsageError(f"a tensor of shape {input.shape} has no {axes} axes with places")
    array = input.numpy()
    rows = array.reshape(*array.shape[:axes], math.prod(array.shape[axes:]))
    places = np.array(np.nonzero((rows != 0).any(-1)))
    return SparseTensor(input.of_array(places), input.of_array(array[tuple(places)]), array.shape)
