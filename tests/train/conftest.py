"""What the tests of training share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _only_new_objects_are_collected() -> Iterator[None]:
    """The peers of other tests leave a million objects, which would be searched whenever a graph fills the memory."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
