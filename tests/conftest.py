"""What all tests share: property tests draw the same examples in every run, so that a red test stays red."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("the same in every run", derandomize=True)
settings.load_profile("the same in every run")


@pytest.fixture(params=["numpy", "mlx"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of each array library that is installed, chosen for new tensors; NumPy again afterwards."""
    from gradcli import use_backend

    name: str = request.param
    if name != "numpy":
        pytest.importorskip(f"{name}.core")
    use_backend(name)
    try:
        yield name
    finally:
        use_backend("numpy")
