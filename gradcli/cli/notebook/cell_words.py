"""The words of a magic: those of its line and of its cell, with values of the notebook's variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gradcli.cli.reading.arguments import Options
from gradcli.cli.repl.statements import words_of
from gradcli.cli.showing.output import value_text
from gradcli.errors import UsageError
from gradcli.source import suggestion

__all__ = ["cell_words", "text_of"]

_REFERENCE = re.compile(r"\$(\$|[^\W\d]\w*)")


def cell_words(line: str, cell: str, options: Options, variables: Mapping[str, Any]) -> list[str]:
    """Return the words of a magic; an expression needs no quotes, and may go over several lines of the cell.

    A line of the cell that begins with ``#`` is a comment.  ``$name`` is the value of a variable of the notebook, with
    all its digits, and ``$$`` is a dollar sign.

    Args:
        line: the text after the name of the magic.
        cell: the lines below it.
        options: the options of the command.
        variables: the variables of the notebook.

    Raises:
        UsageError: there is no such variable, or its value is neither a number, an array nor a text.

    >>> cell_words("x=$x", "# the sine\\nsin(x)\\n  + x", Options(frozenset(), {}), {"x": 0.1})
    ['x=0.1', 'sin(x)\\n  + x']
    """
    lines = [one for one in cell.splitlines() if not one.lstrip().startswith("#")]

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "$":
            return "$"
        if name not in variables:
            hint = suggestion(name, [one for one in variables if not one.startswith("_")])
            raise UsageError(f"the notebook has no variable `{name}`", kind="unknown_variable", hint=hint)
        return text_of(name, variables[name])

    return [_REFERENCE.sub(value, word) for word in words_of("\n".join([line, *lines]), options)]


def text_of(name: str, value: Any) -> str:
    """Return the value of a variable as it is written on a command line.

    Raises:
        UsageError: the value is neither a number, an array nor a text.

    >>> text_of("x", 0.1), text_of("A", [[1, 2], [3, 4]]), text_of("f", "x^2")
    ('0.1', '[[1.0, 2.0], [3.0, 4.0]]', 'x^2')
    """
    from gradcli.evaluate.expression import Expression

    if isinstance(value, (str, Expression)):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    import numpy as np

    numbers = value.detach() if hasattr(value, "detach") else value
    try:
        array = np.asarray(numbers.data if hasattr(numbers, "_prev") else numbers)
        if array.dtype.kind in "iuf":
            return value_text(array.astype(float)) if array.ndim else repr(float(array))
    except (TypeError, ValueError):
        pass
    kind = type(value).__name__
    raise UsageError(f"`${name}` is a {kind}, not a number, an array or a text", kind="bad_value")
