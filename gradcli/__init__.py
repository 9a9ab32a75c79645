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
    from gradcli.draw import draw_dot as draw_dot
    from gradcli.draw import draw_graph as draw_graph
    from gradcli.engine import Scalar as Scalar
    from gradcli.engine import Value as Value
    from gradcli.engine import derivative as derivative
    from gradcli.engine import grad as grad
    from gradcli.engine import hessian as hessian
    from gradcli.engine import value_and_grad as value_and_grad
    from gradcli.errors import GradcliError as GradcliError
    from gradcli.language import Expression as Expression
    from gradcli.language import parse as parse
    from gradcli.primitives import functions as functions

__version__ = "0.1.0"

_HOMES = {
    "Expression": "gradcli.language",
    "GradcliError": "gradcli.errors",
    "Scalar": "gradcli.engine",
    "Value": "gradcli.engine",
    "derivative": "gradcli.engine",
    "draw_dot": "gradcli.draw",
    "draw_graph": "gradcli.draw",
    "functions": "gradcli.primitives",
    "grad": "gradcli.engine",
    "hessian": "gradcli.engine",
    "nn": "gradcli",
    "parse": "gradcli.language",
    "value_and_grad": "gradcli.engine",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradcli' has no attribute {name!r}")
    from importlib import import_module

    home = _HOMES[name]
    found = import_module(f"gradcli.{name}") if home == "gradcli" else getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
