"""Formulas with JAX, in double precision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from gradcli.printing.code import Template
from gradcli.printing.numpy_code import array_functions
from gradcli.printing.python_code import PythonPrinter

__all__ = ["JAX"]


class JaxPrinter(PythonPrinter):
    """The printer of formulas and programs in Python with JAX."""

    name = "JAX"
    #: Without JAX's silu, gelu, gamma, digamma and xlogy, which have other values at infinity and at poles.
    functions: ClassVar[Mapping[str, Template]] = {
        **array_functions("jnp"),
        **{name: f"jax.nn.{name}({{x}})" for name in ("relu", "sigmoid", "softplus", "elu")},
        **{name: f"jax.scipy.special.{name}({{x}})" for name in ("erf", "erfc")},
        "lgamma": "jax.scipy.special.gammaln({x})",
    }
    constants: ClassVar[Mapping[str, str]] = {"pi": "jnp.pi", "e": "jnp.e", "inf": "jnp.inf", "nan": "jnp.nan"}
    imports: ClassVar[Mapping[str, str]] = {
        line.split()[-1]: line
        for line in (
            "from pathlib import Path", "import math", "import jax", "import jax.numpy as jnp", "import numpy as np",
        )
    }  # fmt: skip
    setting = 'jax.config.update("jax_enable_x64", True)  # double precision'
    first = "jnp.asarray({}, dtype=float)"


JAX: Final = JaxPrinter()
