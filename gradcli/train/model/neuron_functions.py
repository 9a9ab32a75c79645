"""Activations: the functions of the neurons, by name or as a user's expression of ``x``."""

from __future__ import annotations

from typing import Any

from gradcli.errors import UsageError
from gradcli.primitives import REGISTRY
from gradcli.source import suggestion
from gradcli.train.model.formulas import formula, is_word

__all__ = ["activation_named", "activations", "check_activation"]


def activations() -> list[str]:
    """The names of the functions that can be activations: all functions of one operand."""
    return [primitive.name for primitive in REGISTRY.public() if primitive.arity == 1]


def check_activation(text: str) -> str:
    """Return the registry's name of a function, given any of its names; return an expression of ``x`` as it is.

    Raises:
        UsageError: the function doesn't exist, or the expression isn't a function of one number.
        ExpressionError: the expression has no meaning.

    >>> check_activation("tanh"), check_activation("x*tanh(x)")
    ('tanh', 'x*tanh(x)')
    """
    primitive = REGISTRY.find(text)
    if primitive is not None and primitive.name in activations():
        return primitive.name
    if primitive is not None:
        raise UsageError(f"`{primitive.signature}` can't be an activation, which is a function of one number")
    if is_word(text):
        raise UsageError(
            f"unknown activation `{text}`",
            kind="unknown_function",
            hint=suggestion(text, activations(), "a function of one number (`gradcli functions`), or x*tanh(x)"),
        )
    formula(text, ("x",), "activation")
    return text


def activation_named(text: str) -> Any:
    """Return the function for a result of `check_activation`: a primitive or a `Formula`.

    A call takes numbers, arrays or recorded operands; its ``value`` is the kernel on floats.
    """
    return REGISTRY[text] if text in REGISTRY else formula(text, ("x",), "activation")
