"""Programs of NumPy and JAX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.exported import (
    MODELS,
    export,
    imported,
    net,
)


@pytest.mark.parametrize("name", ["features", "a convolution", "three classes, each by itself"])
def test_the_functions_of_jax_can_be_compiled(name: str, tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    checkpoint = MODELS[name]()
    export(checkpoint, "jax", tmp_path / "net.py")
    module = imported(tmp_path / "net.py")
    rows = np.random.default_rng(2).normal(0.5, 2.0, (7, len(checkpoint.model.columns)))
    for function in (module.scores, module.probabilities):
        found = jax.jit(function)(module.PARAMETERS, rows)
        np.testing.assert_allclose(found, function(module.PARAMETERS, rows), rtol=1e-12, atol=1e-12)


def test_a_gradient_of_jax_flows_through_the_exported_net(tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    export(net(), "jax", tmp_path / "net.py")
    module = imported(tmp_path / "net.py")
    gradient = jax.grad(lambda parameters: module.scores(parameters, np.ones((4, 2))).sum())(module.PARAMETERS)
    assert gradient[-1][1].tolist() == [4.0]
