"""Programs of PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.exported import (
    export,
    imported,
    net,
    pictures,
)


def test_the_state_of_the_module_of_pytorch_has_the_names_of_the_model_file(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    checkpoint = net(pictures(), conv=(3,))
    export(checkpoint, "pytorch", tmp_path / "net.py")
    module = imported(tmp_path / "net.py").load()
    assert {name for name, _ in module.named_parameters()} == set(checkpoint.model.shapes())
    assert all(one.dtype == torch.float64 for one in module.parameters())
