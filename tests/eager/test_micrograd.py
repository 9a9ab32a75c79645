"""micrograd's own test file passes on gradcli's Value with nothing changed but its import."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def micrograd_tests() -> ModuleType:
    path = Path(__file__).with_name("micrograd_test_engine.py")
    spec = importlib.util.spec_from_file_location("micrograd_test_engine", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["test_sanity_check", "test_more_ops"])
def test_micrograd_passes_its_own(micrograd_tests: ModuleType, name: str) -> None:
    getattr(micrograd_tests, name)()


def test_nothing_of_it_is_left_out(micrograd_tests: ModuleType) -> None:
    assert [name for name in vars(micrograd_tests) if name.startswith("test")] == ["test_sanity_check", "test_more_ops"]
