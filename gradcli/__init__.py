"""Exact derivatives and small neural nets, from a terminal or from Python.

    import gradcli

    gradcli.grad(lambda x, y: x * y + x.sin())(2, 3)          # (2.5838531634528574, 2.0)
    gradcli.parse("x^2*y").derivative("x")                    # an expression again
    a, b = gradcli.Value(2.0), gradcli.Value(-3.0)            # micrograd's Value
    (a * b).backward()

This file is the whole public interface; a name is loaded when it is first used, so that ``import gradcli`` costs
nothing.  The functions of mathematics are in `gradcli.functions`, the errors in `gradcli.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # isort: off
    from gradcli import nn as nn, optim as optim
    from gradcli.cli.notebook.extension import load_ipython_extension as load_ipython_extension
    from gradcli.draw import draw_dot as draw_dot, draw_graph as draw_graph
    from gradcli.eager.batching import vmap as vmap
    from gradcli.eager.creation import (
        arange as arange, eye as eye, full as full, full_like as full_like, linspace as linspace,
        manual_seed as manual_seed, ones as ones, ones_like as ones_like, rand as rand, rand_like as rand_like,
        randn as randn, randn_like as randn_like, tensor as tensor, zeros as zeros, zeros_like as zeros_like,
    )  # fmt: skip
    from gradcli.eager.record import enable_grad as enable_grad, no_grad as no_grad
    from gradcli.eager.tensor import Tensor as Tensor
    from gradcli.eager.transforms import (
        derivative as derivative, grad as grad, hessian as hessian, hvp as hvp, jacobian as jacobian, jvp as jvp,
        value_and_grad as value_and_grad, vjp as vjp,
    )  # fmt: skip
    from gradcli.eager.value import Scalar as Scalar, Value as Value
    from gradcli.errors import GradcliError as GradcliError
    from gradcli.evaluate.answers import Judgement as Judgement, check_answer as check_answer
    from gradcli.evaluate.compiled import Compiled as Compiled, compile as compile  # noqa: A004
    from gradcli.evaluate.expression import Expression as Expression, parse as parse
    from gradcli.evaluate.gradcheck import gradcheck as gradcheck
    from gradcli.evaluate.precise import Precise as Precise, precise as precise
    from gradcli.export.expression_program import export_expression as export_expression
    from gradcli.primitives import functions as functions
    from gradcli.primitives.backends import use_backend as use_backend

__version__ = "0.1.0"

#: Module -> the public names that it holds; `nn` and `optim` are modules themselves.
_NAMES = {
    "gradcli": "nn optim",
    "gradcli.cli.notebook.extension": "load_ipython_extension",
    "gradcli.draw": "draw_dot draw_graph",
    "gradcli.eager.batching": "vmap",
    "gradcli.eager.creation": "arange eye full full_like linspace manual_seed ones ones_like "
    "rand rand_like randn randn_like tensor zeros zeros_like",
    "gradcli.eager.record": "enable_grad no_grad",
    "gradcli.eager.tensor": "Tensor",
    "gradcli.eager.transforms": "derivative grad hessian hvp jacobian jvp value_and_grad vjp",
    "gradcli.eager.value": "Scalar Value",
    "gradcli.errors": "GradcliError",
    "gradcli.evaluate.answers": "Judgement check_answer",
    "gradcli.evaluate.compiled": "Compiled compile",
    "gradcli.evaluate.expression": "Expression parse",
    "gradcli.evaluate.gradcheck": "gradcheck",
    "gradcli.evaluate.precise": "Precise precise",
    "gradcli.export.expression_program": "export_expression",
    "gradcli.primitives": "functions",
    "gradcli.primitives.backends": "use_backend",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["__version__", *sorted(_HOMES)]


class _Missing:
    """The message for a name that the package lacks.

    It is composed only when it is read, because `import` looks for missing names, too.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        from gradcli.primitives import functions

        is_function = not self.name.startswith("_") and hasattr(functions, self.name)
        hint = f"; there is gradcli.functions.{self.name}" if is_function else ""
        return f"module 'gradcli' has no attribute {self.name!r}{hint}"


if not TYPE_CHECKING:  # a type checker finds every name above, and no others

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
