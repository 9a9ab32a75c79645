"""Exact derivatives and small neural nets, from a terminal or from Python.

    import gradcli

    gradcli.grad(lambda x, y: x * y + x.sin())(2, 3)          # (2.5838531634528574, 2.0)
    gradcli.parse("x^2*y").derivative("x")                    # an expression again
    a, b = gradcli.Value(2.0), gradcli.Value(-3.0)            # micrograd's Value
    (a * b).backward()

This file is the whole public interface; a name is loaded when it is first used, so that ``import gradcli`` costs
nothing.  What a function of mathematics is called is in `gradcli.functions`; errors are in `gradcli.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli import nn as nn
    from gradcli import optim as optim
    from gradcli.draw import draw_dot as draw_dot
    from gradcli.draw import draw_graph as draw_graph
    from gradcli.eager import Scalar as Scalar
    from gradcli.eager import Value as Value
    from gradcli.eager import derivative as derivative
    from gradcli.eager import grad as grad
    from gradcli.eager import hessian as hessian
    from gradcli.eager import jvp as jvp
    from gradcli.eager import value_and_grad as value_and_grad
    from gradcli.eager import vjp as vjp
    from gradcli.eager.creation import arange as arange
    from gradcli.eager.creation import eye as eye
    from gradcli.eager.creation import full as full
    from gradcli.eager.creation import full_like as full_like
    from gradcli.eager.creation import linspace as linspace
    from gradcli.eager.creation import manual_seed as manual_seed
    from gradcli.eager.creation import ones as ones
    from gradcli.eager.creation import ones_like as ones_like
    from gradcli.eager.creation import rand as rand
    from gradcli.eager.creation import rand_like as rand_like
    from gradcli.eager.creation import randn as randn
    from gradcli.eager.creation import randn_like as randn_like
    from gradcli.eager.creation import tensor as tensor
    from gradcli.eager.creation import zeros as zeros
    from gradcli.eager.creation import zeros_like as zeros_like
    from gradcli.eager.record import enable_grad as enable_grad
    from gradcli.eager.record import no_grad as no_grad
    from gradcli.eager.tensor import Tensor as Tensor
    from gradcli.errors import GradcliError as GradcliError
    from gradcli.evaluate.compiled import Compiled as Compiled
    from gradcli.evaluate.compiled import compile as compile  # noqa: A004
    from gradcli.evaluate.expression import Expression as Expression
    from gradcli.evaluate.expression import parse as parse
    from gradcli.evaluate.gradcheck import gradcheck as gradcheck
    from gradcli.primitives import functions as functions
    from gradcli.primitives.backends import use_backend as use_backend

__version__ = "0.1.0"

_HOMES = {
    "Compiled": "gradcli.evaluate.compiled",
    "Expression": "gradcli.evaluate.expression",
    "GradcliError": "gradcli.errors",
    "Scalar": "gradcli.eager",
    "Value": "gradcli.eager",
    "compile": "gradcli.evaluate.compiled",
    "derivative": "gradcli.eager",
    "draw_dot": "gradcli.draw",
    "draw_graph": "gradcli.draw",
    "functions": "gradcli.primitives",
    "grad": "gradcli.eager",
    "gradcheck": "gradcli.evaluate.gradcheck",
    "hessian": "gradcli.eager",
    "jvp": "gradcli.eager",
    "nn": "gradcli",
    "parse": "gradcli.evaluate.expression",
    "value_and_grad": "gradcli.eager",
    "vjp": "gradcli.eager",
    "optim": "gradcli",
    "Tensor": "gradcli.eager.tensor",
    "enable_grad": "gradcli.eager.record",
    "no_grad": "gradcli.eager.record",
    "use_backend": "gradcli.primitives.backends",
    **dict.fromkeys(
        (
            "arange", "eye", "full", "full_like", "linspace", "manual_seed", "ones", "ones_like", "rand", "rand_like",
            "randn", "randn_like", "tensor", "zeros", "zeros_like",
        ),
        "gradcli.eager.creation",
    ),
}  # fmt: skip

__all__ = ["__version__", *sorted(_HOMES)]


class _Missing:
    """What is said of a name that the package lacks, put together when it is read: `import` asks for modules, too."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        from gradcli.primitives import functions

        name = self.name
        hint = f"; there is gradcli.functions.{name}" if not name.startswith("_") and hasattr(functions, name) else ""
        return f"module 'gradcli' has no attribute {name!r}{hint}"


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(_Missing(name))
    from importlib import import_module

    home = _HOMES[name]
    found = import_module(f"gradcli.{name}") if home == "gradcli" else getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
