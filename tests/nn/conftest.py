"""The array libraries that the tests of nets run on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gradcli


@pytest.fixture(params=["numpy", "mlx"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each array library that is installed; NumPy again afterwards."""
    if request.param != "numpy":
        pytest.importorskip(f"{request.param}.core")
    gradcli.use_backend(request.param)
    try:
        yield request.param
    finally:
        gradcli.use_backend("numpy")
