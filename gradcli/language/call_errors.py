"""Errors of calls in words: an unknown function, a wrong number of arguments, an argument of a wrong kind.

The grammar allows any name in front of parentheses.  Errors of syntax are in `syntax_errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from gradcli.errors import ExpressionError
from gradcli.graph import Node
from gradcli.language.aliases import alias_hint, is_number_text, other_arguments_hint
from gradcli.language.composed import all_composed
from gradcli.language.dialects import ABSENT, rewritten
from gradcli.language.function_names import FunctionName
from gradcli.language.instructions import Definition, StackInstruction
from gradcli.language.parsed import CONSTANTS
from gradcli.language.readings import meaning_of_name
from gradcli.primitives import REGISTRY, Primitive
from gradcli.source import Span, did_you_mean

__all__ = ["several_values", "unknown_function", "wrong_arguments", "wrong_count"]


def wrong_count(
    call: StackInstruction, signature: str, expected: int | str, hint: str | None = None
) -> ExpressionError:
    """Return the error for a wrong number of arguments."""
    arguments = "argument" if expected == 1 else "arguments"
    got = call.operands - len(call.options)
    return call.error(f"`{signature}` takes {expected} {arguments}, not {got}", kind="arity", hint=hint)


def wrong_arguments(
    call: StackInstruction, word: str, primitive: Primitive, operands: Sequence[Node], text: str
) -> ExpressionError:
    """Return the error for operands that a primitive doesn't take: too few, too many, or a variable for a constant.

    Args:
        call: the call.
        word: the name by which the primitive is called.
        primitive: the primitive.
        operands: the operands.
        text: the whole text.
    """
    arguments = call.arguments_in(text)
    if not primitive.takes(len(operands)):
        expected = f"{primitive.arity} or more" if primitive.variadic else primitive.arity
        return wrong_count(call, primitive.signature, expected, other_arguments_hint(word, arguments))
    name = next(name for name, operand in zip(primitive.static, operands, strict=False) if operand.constant is None)
    hint = "this argument can't depend on a variable, because it is not differentiated"
    turned = sorted(arguments, key=lambda argument: not is_number_text(argument))
    if sum(map(is_number_text, arguments)) == len(primitive.static):
        hint = f"write `{word}({', '.join(turned)})`: the constants come first"
    return call.error(f"the argument `{name}` of `{primitive.signature}` must be a number", kind="static", hint=hint)


def several_values(
    call: StackInstruction, text: str, function: str, count: int, options: Iterable[str]
) -> ExpressionError:
    """Return the error for ``norm(3, 4)``, which may mean ``norm([3, 4])`` or have an option as its second argument.

    Args:
        call: the call.
        text: the whole text.
        function: the name of the function.
        count: how many arguments have no name.
        options: the options that the arguments after the first one may stand for.
    """
    arguments = call.arguments_in(text)[:count] or [f"x_{{{number}}}" for number in range(1, count + 1)]
    named = [f"{name}={argument}" for name, argument in zip(options, arguments[1:], strict=False)]
    together = f"{function}([{', '.join(arguments)}])"
    apart = f"{function}({', '.join([arguments[0], *named])})"
    return call.error(
        f"`{call.quoted(text)}` can be read in two ways", kind="ambiguous", hint=f"write `{together}` or `{apart}`"
    )


def unknown_function(
    call: StackInstruction,
    name: FunctionName,
    text: str,
    *,
    definition: Definition | None,
    names: Collection[str],
    functions: Collection[str],
    is_readable: Callable[[str, Span], bool] | None,
) -> ExpressionError:
    """Return the error for a call of a name that is not a function.

    Args:
        call: the call.
        name: its name.
        text: the whole text.
        definition: the definition that contains the call.
        names: the names of variables and constants.
        functions: the functions that the text defines.
        is_readable: whether a part of a text can be read; None if the hint need not be checked in this way.
    """
    word = name.word
    span = Span(call.start, call.start + len(word))

    def error(message: str, *, kind: str = "unknown_function", hint: str | None = None) -> ExpressionError:
        return ExpressionError(message, kind=kind, span=span, hint=hint)

    if definition is not None and definition.name == word:
        return error(f"the definition of `{word}` uses `{word}` itself", hint="a function can't call itself")
    if word in ABSENT:
        return error(f"unknown function `{word}`", hint=ABSENT[word])
    is_name = word in names or word in CONSTANTS
    product = _product(word, names)
    if not (is_name or product or is_readable is None):
        hint = _meant_function(call, name, text, functions, is_readable)
        if hint is not None:
            return error(f"unknown function `{word}`", hint=hint)
    if word in ("nan", "inf") and not name.primes:
        return error(f"`{word}` is a number and not a function", kind="not_a_function", hint=f"write `{word}` alone")
    arguments = text[call.start + len(name.text) : call.end].lstrip()
    message = f"`{word}` is not a function, so `{name.text}{arguments}` can be read in two ways"
    other = f"or define the function: `{word}(t) = ...;`"
    if product:
        written = product + name.text.removeprefix(word)
        return error(message, kind="not_a_function", hint=f"write `{written}*{arguments}` for a product, {other}")
    if len(word) == 1 and name.primes and call.operands == 1:
        return error(f"unknown function `{word}`", hint=f"define the function: `{word}(t) = ...;`")
    if not (is_name or len(word) == 1) or name.primes or call.operands == 0:
        meant = rewritten(text)
        is_meant = meant != text and is_readable is not None and is_readable(meant, Span(0, len(meant)))
        hint = f"write `{meant}`" if is_meant else "`gradcli functions` lists them all"
        return error(f"unknown function `{word}`", hint=hint)
    if call.operands > 1:
        listed = ", ".join(f"t{number}" for number in range(1, call.operands + 1))
        hint = f"define the function: `{word}({listed}) = ...;`"
        return error(f"`{word}` is not a function", kind="not_a_function", hint=hint)
    _, sign, power = name.text.partition("^")
    if sign:
        other = f"or `{word}^({power}*{arguments})`"
    return error(message, kind="not_a_function", hint=f"write `{name.text}*{arguments}` for a product, {other}")


def _product(word: str, names: Collection[str]) -> str | None:
    """Return the product that ``πr`` in ``πr(r + h)`` means, unless the word is rather a mistyped function."""
    return None if word.isascii() and word.isalpha() else meaning_of_name(word, names)


def _meant_function(
    call: StackInstruction,
    name: FunctionName,
    text: str,
    functions: Collection[str],
    is_readable: Callable[[str, Span], bool],
) -> str | None:
    """Return the hint for a function that has another name here, or whose name is misspelt."""
    before, after = text[: call.start], text[call.end :]

    def is_readable_here(formula: str) -> bool:
        return is_readable(before + formula + after, Span(call.start, call.start + len(formula)))

    if name.text == name.word:
        hint = alias_hint(
            name.word,
            call.arguments_in(text),
            lambda formula: is_readable_here(f"({formula})"),
            in_parentheses=bool(before.strip() or after.strip()),
        )
        if hint is not None:
            return hint
    composed = [word for one in all_composed() for word in (one.name, *one.spellings)]
    guess = did_you_mean(name.word, [*REGISTRY.words(), *REGISTRY.offered, *composed, "diff", *functions])
    if guess is None or not is_readable_here(guess + text[call.start + len(name.word) : call.end]):
        return None
    return f"did you mean `{guess}`?"
