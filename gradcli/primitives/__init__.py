"""The primitives: every function of mathematics that gradcli knows, declared once each.

>>> from gradcli.primitives import REGISTRY, functions
>>> functions.sin(0.0), REGISTRY["tanh"].about
(0.0, 'The hyperbolic tangent.')
"""

from functools import partial

from gradcli.primitives import families
from gradcli.primitives.declared import Edge, locally_constant
from gradcli.primitives.families import (  # noqa: F401  (importing a file declares its functions, in this order)
    activations,
    arithmetic,
    comparison,
    exponential,
    extremes,
    hyperbolic,
    rounding,
    special,
    trigonometric,
)
from gradcli.primitives.operators import Operand, install_methods
from gradcli.primitives.registry import REGISTRY, ArrayFunction, ArrayPrimitive, Primitive, functions

__all__ = [
    "REGISTRY",
    "ArrayFunction",
    "ArrayPrimitive",
    "Edge",
    "Operand",
    "Primitive",
    "functions",
    "locally_constant",
]


def _declare_arrays() -> None:
    from gradcli.primitives.families import shapes, reductions, products  # noqa: F401, I001  (in this order)


def _declare_family(file: str) -> None:
    __import__(f"gradcli.primitives.families.{file}")


REGISTRY.declare_arrays = _declare_arrays
for _file, _words in families.LATER.items():
    REGISTRY.declare_later(_words.split(), partial(_declare_family, _file))
install_methods()
