"""The names that a session keeps: values, definitions and the last result.

A name always has its last value or definition.  After ``y = a*x``, a new value of ``a`` changes ``y``, as a new value
of a variable on the command line does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.source import suggestion

if TYPE_CHECKING:
    from gradcli.language.instructions import Definition

__all__ = ["ANSWER", "Workspace"]

#: The name of the last result.
ANSWER = "ans"


class Workspace:
    """The names of a session.

    Attributes:
        values: a dictionary from names to the texts of their values, as they are written after ``--NAME`` on a command
            line.
        texts: a dictionary from the names of definitions to their texts.
        answer: the last result, a float or an array; None if there is none yet.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.answer: Any = None
        self._definitions: dict[str, Definition] = {}

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """All definitions, in the form that the reader of a text takes."""
        return tuple(self._definitions.values())

    @property
    def functions(self) -> dict[str, str]:
        """A dictionary from the names of defined functions to their calls.

        >>> from gradcli.language.definitions import definition_of
        >>> workspace = Workspace()
        >>> workspace.define(definition_of("f(t) = t^2"), "f(t) = t^2")
        >>> workspace.functions
        {'f': 'f(t)'}
        """
        defined = [one for one in self._definitions.values() if one.parameters is not None]
        return {one.name: f"{one.name}({', '.join(one.parameters or ())})" for one in defined}

    def keep(self, answer: Any, text: str) -> None:
        """Keep a result as ``ans``; ``text`` is an expression whose value is the result."""
        self.answer = answer
        self.values[ANSWER] = text

    def set(self, name: str, text: str) -> None:
        """Give a name a value."""
        self._drop(name)
        self.values[name] = " ".join(text.split())

    def define(self, definition: Definition, text: str) -> None:
        """Keep a definition.

        Raises:
            UsageError: the definition would need itself.
        """
        from gradcli.language.definitions import refuse_circles

        refuse_circles(self.definitions, definition)
        self._drop(definition.name)
        self._definitions[definition.name] = definition
        self.texts[definition.name] = " ".join(text.split())

    def forget(self, names: Iterable[str]) -> None:
        """Forget values and definitions.

        Raises:
            UsageError: there is no such name.
        """
        for name in names:
            if name not in self.values and name not in self.texts:
                hint = suggestion(name, [*self.values, *self.texts])
                raise UsageError(f"`{name}` has no value and no definition", hint=hint)
            self._drop(name)

    def _drop(self, name: str) -> None:
        for table in (self.values, self._definitions, self.texts):
            table.pop(name, None)
