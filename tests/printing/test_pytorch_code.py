"""Formulas in PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.export.expression_program import export_expression


def test_a_function_of_pytorch() -> None:
    assert (
        export_expression("x*y", "pytorch", "value").partition("import torch\n")[2]
        == """

def evaluate(x, y):
    x = torch.as_tensor(x, dtype=torch.float64)
    y = torch.as_tensor(y, dtype=torch.float64)
    return x * y
"""
    )


def test_a_function_takes_tensors() -> None:
    torch = pytest.importorskip("torch")
    space: dict[str, Any] = {}
    exec(export_expression("max(x, y)*0.1", "pytorch"), space)
    value, (d_x, d_y) = space["value_and_gradient"](torch.tensor([1.0, 2.0]), 1.0)
    assert value.dtype == torch.float64
    assert (d_x.tolist(), d_y.tolist()) == ([0.05, 0.1], [0.05, 0.0])
