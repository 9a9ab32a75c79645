"""Calls and indices of arrays: the operands and options of ``sum(A, axis=0)``, and the numbers of ``A[1:, -1]``.

Options and indices are numbers that the text fixes: no derivative passes through them.
"""

from __future__ import annotations

from typing import Any

from gradcli.graph import Node, Options, Slice, is_number, toposort
from gradcli.language.call_errors import several_values, wrong_count
from gradcli.language.instructions import StackInstruction
from gradcli.primitives import ArrayFunction

__all__ = ["constant_of", "index_options", "operands_and_options"]


def index_options(call: StackInstruction, numbers: tuple[Node, ...]) -> Options:
    """Return the options of an index.

    Args:
        call: the index; its payload tells for each of its parts which of start, stop and step are given.
        numbers: the given numbers of all parts, in their order.

    Raises:
        ExpressionError: a number isn't a whole number, or the step of a slice is 0.
    """
    given = iter([_whole_number(number, call) for number in numbers])
    key = [
        next(given) if has == (True,) else Slice(*[next(given) if one else None for one in has]) for has in call.payload
    ]
    if any(isinstance(part, Slice) and part.step == 0 for part in key):
        raise call.error("the step of a slice can't be 0", kind="array")
    return (("key", tuple(key)),)


def _whole_number(node: Node, call: StackInstruction) -> int:
    number = constant_of(node)
    if isinstance(number, float) and number.is_integer():
        return int(number)
    hint = "an index counts from 0, and a negative index from the end"
    if number is None:
        hint = "an index can't depend on a variable"
    raise call.error("an index is a whole number or a slice of whole numbers", kind="array", hint=hint)


def operands_and_options(
    call: StackInstruction, text: str, function: ArrayFunction, arguments: tuple[Node, ...]
) -> tuple[tuple[Node, ...], Options]:
    """Return the operands of a call of a function of arrays, and the options that are not the default ones.

    Args:
        call: the call.
        text: the whole text.
        function: the function.
        arguments: the operands, then options by position, then the options that have a name in the text.

    Raises:
        ExpressionError: there are too few or too many arguments, an option is unknown or given twice, or it isn't a
            number or a list of numbers.
    """
    named = call.options
    positional = arguments[: len(arguments) - len(named)]
    operands = positional if function.variadic else positional[: function.arity]
    given = dict(zip(function.options, positional[len(operands) :], strict=False))
    at_most = function.arity + len(function.options)
    if len(operands) < function.arity or (len(positional) > at_most and not function.variadic):
        expected: int | str = function.arity if at_most == function.arity else f"{function.arity} to {at_most}"
        raise wrong_count(call, _signature(function), f"{function.arity} or more" if function.variadic else expected)
    for name, argument in zip(named, arguments[len(positional) :], strict=True):
        if name in given:
            raise call.error(f"`{name}` is given twice", kind="option")
        if name not in function.options:
            message = f"`{_signature(function)}` has no option `{name}`"
            raise call.error(message, kind="option", hint="to compare, write `==`")
        given[name] = argument
    if len(positional) > len(operands) and function.arity == 1 and is_number(operands[0]):
        raise several_values(call, text, function.name, len(positional), given)
    options = []
    for name, default in function.options.items():
        value = default if name not in given else _option_of(constant_of(given[name]))
        if value is None and name in given:
            hint = "this argument can't depend on a variable, because it is not differentiated"
            if len(positional) > 1 and function.arity == 1 and name not in named:
                hint = f"to take several values together, make an array of them: `{function.name}([x, y])`"
            raise call.error(
                f"the argument `{name}` of `{_signature(function)}` must be a number", kind="static", hint=hint
            )
        if value != default:
            options.append((name, value))
    return operands, tuple(options)


def _signature(function: ArrayFunction) -> str:
    words = [*function.operands, *(["..."] if function.variadic else []), *function.options]
    return f"{function.name}({', '.join(words)})"


def constant_of(root: Node) -> Any:
    """Return the value of a formula without variables, a number or a tuple of numbers; else None."""
    if root.constant is not None:
        return root.constant
    values: dict[Node, Any] = {}
    for node in toposort([root]):
        operands = [values[operand] for operand in node.operands]
        if node.primitive is None:
            values[node] = node.constant
        elif any(operand is None for operand in operands):
            return None
        elif isinstance(node.primitive, ArrayFunction):
            if node.primitive.name != "stack" or node.options:
                return None
            values[node] = tuple(operands)
        elif any(isinstance(operand, tuple) for operand in operands):
            return None
        else:
            values[node] = node.primitive.value(*operands)
    return values[root]


def _option_of(value: Any) -> Any:
    """Return the value of an option, with whole numbers as integers."""
    if isinstance(value, tuple):
        return tuple([_option_of(one) for one in value])
    return int(value) if isinstance(value, float) and value.is_integer() else value
