"""A Python function of numbers as an expression: it is called once, with the nodes of a graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from gradcli.eager.tensor import Tensor
from gradcli.errors import CallError, UsageError
from gradcli.evaluate.expression import Expression
from gradcli.graph import Graph, Node
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Primitive
from gradcli.source import Source

__all__ = ["trace"]


def trace(function: Callable[..., Any], graph: Graph | None = None, *, caller: str = "compile") -> Expression:
    """Return the result of a Python function as an expression; the variables have the names of its parameters.

    A parameter with a default keeps its default.

    Args:
        function: the function.
        graph: the graph of the expression; by default a new one.
        caller: the name in messages of what takes the function.

    Raises:
        UsageError: the function can't be called with symbols, or doesn't return a number that depends on them.

    >>> str(trace(lambda x, y, factor=3: factor * x + y))
    '3*x + y'
    """
    if not callable(function):
        message = f"{caller} takes an expression or a function, not {type(function).__name__}"
        raise UsageError(message)
    called = f"the function `{getattr(function, '__name__', type(function).__name__)}`"
    graph = Graph() if graph is None else graph
    names = function.operands if isinstance(function, Primitive) else _parameters(function, called)
    try:
        result = function(*[graph.variable(name) for name in names])
    except (TypeError, AttributeError) as error:
        raise _untraceable(called, error) from error
    if not isinstance(result, Node):
        got = "True or False" if isinstance(result, bool) else f"{type(result).__name__}"
        hint = "it must return one number, computed with operators and the functions of `gradcli.functions`"
        message = f"{called} returned {got}, which doesn't show how it depends on its parameters"
        raise _refusal(message, hint)
    return Expression(ParsedExpression(Source("", called), result, names, {}))


def _parameters(function: Callable[..., Any], called: str) -> list[str]:
    """Return the names of the parameters without a default.

    Raises:
        UsageError: a parameter has no name or no position.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise _refusal(f"Python can't list the parameters of {called}") from None
    names = []
    for parameter in parameters:
        if parameter.default is not parameter.empty:
            continue
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            written = str(parameter).partition(":")[0]
            message = f"{called} has the parameter `{written}`, but each variable needs a name and a position"
            raise _refusal(message, "for example `lambda x, y: x*y`")
        names.append(parameter.name)
    return names


def _untraceable(called: str, error: Exception) -> UsageError:
    """Return the error that tells a user why a function can't be called with symbols."""
    kind = error.kind if isinstance(error, CallError) else None
    if kind == "symbol_as_truth":
        return _refusal(
            f"{called} branches on a value, which is not known while it is read",
            "choose with `gradcli.functions.where(condition, a, b)`, or with its max, min and clip",
        )
    is_method_of_arrays = (
        isinstance(error, AttributeError) and isinstance(error.obj, Node) and hasattr(Tensor, error.name or "")
    )
    if kind == "symbol_as_array" or is_method_of_arrays:
        return _refusal(
            f"{called} treats a parameter as an array, but each parameter stands for a number",
            "a compiled function is called with arrays of points; `gradcli.grad` differentiates functions of arrays",
        )
    hint = "use operators, methods such as `x.sin()`, and the functions of `gradcli.functions`"
    return _refusal(f"{called} can't be called with symbols: {error}", hint)


def _refusal(message: str, hint: str | None = None) -> UsageError:
    return UsageError(message, kind="bad_function", hint=hint)
