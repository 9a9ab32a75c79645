"""A function in words: how it is called, what it does, and its derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from gradcli.language.composed import Composed
    from gradcli.primitives import ArrayFunction, Primitive

    Function: TypeAlias = Primitive | ArrayFunction | Composed

__all__ = ["about_of", "functions_named", "partials_of", "signature_of"]


def signature_of(function: Function) -> str:
    """Return a function as it is called, with the options whose default is a number."""
    options = getattr(function, "options", {})
    if not options:
        return function.signature
    words = [*function.operands, *(["..."] if function.variadic else [])]
    for name, default in options.items():
        is_number = isinstance(default, (int, float))
        words.append(f"{name}={int(default) if default == int(default) else default}" if is_number else name)
    return f"{function.name}({', '.join(words)})"


def about_of(function: Function) -> str:
    """Return the description of a function, with code in single backticks; a docstring has double ones."""
    return function.about.replace("``", "`")


def partials_of(function: Function) -> dict[str, str]:
    """Return the derivative with respect to each operand; none for a function of arrays.

    >>> from gradcli.primitives import REGISTRY
    >>> partials_of(REGISTRY["sin"])
    {'x': 'cos(x)'}
    """
    from gradcli.primitives import ArrayFunction, Primitive

    if isinstance(function, Primitive):
        from gradcli.printing.describe import describe_partials

        return dict(describe_partials(function))
    if isinstance(function, ArrayFunction):
        return {}
    from gradcli.graph.differentiate import derivative
    from gradcli.graph.simplify import simplify_derivative
    from gradcli.language.builder import read
    from gradcli.printing.text import to_text

    parsed = read(function.formula, variables=function.operands)
    variables = {name: parsed.graph.variable(name) for name in function.operands}
    return {
        name: to_text(simplify_derivative(derivative(parsed.root, variable)).root)
        for name, variable in variables.items()
    }


def functions_named(prefix: str) -> dict[str, Function]:
    """Return the functions that a user may call by a word with some beginning, in the order of these words."""
    from gradcli.language.composed import all_composed
    from gradcli.primitives import REGISTRY

    found: dict[str, Function] = {}
    everything: list[Function] = [*REGISTRY.public(), *REGISTRY.offered.values(), *all_composed()]
    for function in everything:
        # A second spelling is offered if the name itself is not; operators have signs.
        words = [word for word in (function.name, *getattr(function, "spellings", ())) if word.startswith(prefix)]
        if words and function.infix is None and words[0].isidentifier():
            found.setdefault(words[0], function)
    return dict(sorted(found.items()))
