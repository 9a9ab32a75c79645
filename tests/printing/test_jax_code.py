"""Formulas in JAX."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.export.expression_program import export_expression


def test_a_function_of_jax() -> None:
    assert (
        export_expression("x*y", "jax", "value").partition("import jax.numpy as jnp\n")[2]
        == """
jax.config.update("jax_enable_x64", True)  # double precision


def evaluate(x, y):
    x = jnp.asarray(x, dtype=float)
    y = jnp.asarray(y, dtype=float)
    return x * y
"""
    )


def test_a_function_is_compiled_and_mapped_over_arrays() -> None:
    jax = pytest.importorskip("jax")
    space: dict[str, Any] = {}
    exec(export_expression("x^2*sigmoid(y)", "jax"), space)
    value, (d_x, _) = jax.jit(jax.vmap(space["value_and_gradient"]))(jax.numpy.arange(3.0), jax.numpy.zeros(3))
    assert value.tolist() == [0.0, 0.5, 2.0]
    assert d_x.tolist() == [0.0, 1.0, 2.0]
