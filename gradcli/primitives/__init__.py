"""The primitives: every function of mathematics that gradcli knows, declared once each.

>>> from gradcli.primitives import REGISTRY, functions
>>> functions.sin(0.0), REGISTRY["tanh"].about
(0.0, 'The hyperbolic tangent.')
"""

from gradcli.primitives.families import (  # noqa: F401  (importing a file declares its functions, in this order)
    activations,
    arithmetic,
    comparison,
    exponential,
    hyperbolic,
    rounding,
    special,
    trigonometric,
)
from gradcli.primitives.operators import Operand, install_methods
from gradcli.primitives.registry import REGISTRY, Edge, Primitive, functions, locally_constant

__all__ = ["REGISTRY", "Edge", "Operand", "Primitive", "functions", "locally_constant"]

install_methods()
