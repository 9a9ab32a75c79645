"""MLX on the processor, where alone it has 64-bit floats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gradcli.primitives.backends import use_backend


@pytest.fixture
def mlx() -> Iterator[Any]:
    """`mlx.core`, chosen for new tensors; NumPy again afterwards."""
    core = pytest.importorskip("mlx.core")
    before = core.default_device()
    core.set_default_device(core.Device(core.cpu))
    try:
        use_backend("mlx")
        yield core
    finally:
        use_backend("numpy")
        core.set_default_device(before)
