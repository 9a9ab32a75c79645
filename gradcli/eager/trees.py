"""Nested containers of tensors, numbers and arrays: tuples, lists and dicts, as arguments and results of functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["flattened", "mapped"]


def flattened(tree: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """Return the leaves of nested containers, and a function that makes the same containers of other leaves.

    Everything that isn't a tuple, a list or a dict is a leaf, except None, which stays.

    >>> leaves, build = flattened({"a": 1.0, "b": (2.0, [3.0])})
    >>> leaves, build([10.0, 20.0, 30.0])
    ([1.0, 2.0, 3.0], {'a': 10.0, 'b': (20.0, [30.0])})
    """
    leaves: list[Any] = []
    shape = _shape(tree, leaves)
    return leaves, lambda others: _built(shape, iter(others))


class _Leaf:
    """The place of a leaf."""


_LEAF = _Leaf()


def _shape(tree: Any, leaves: list[Any]) -> Any:
    if tree is None:
        return None
    if isinstance(tree, dict):
        return type(tree), list(tree), [_shape(part, leaves) for part in tree.values()]
    if isinstance(tree, (tuple, list)):
        return type(tree), None, [_shape(part, leaves) for part in tree]
    leaves.append(tree)
    return _LEAF


def _built(shape: Any, leaves: Iterator[Any]) -> Any:
    if shape is None:
        return None
    if shape is _LEAF:
        return next(leaves)
    kind, keys, parts = shape
    made = [_built(part, leaves) for part in parts]
    if keys is not None:
        return kind(zip(keys, made, strict=True))
    return kind(*made) if hasattr(kind, "_fields") else kind(made)


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return the same containers with a function of each leaf.

    >>> mapped(lambda x: -x, (1.0, {"a": 2.0}))
    (-1.0, {'a': -2.0})
    """
    leaves, build = flattened(tree)
    return build([function(leaf) for leaf in leaves])
