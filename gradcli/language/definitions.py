"""Definitions from outside a text, which a session of ``gradcli repl`` keeps: ``y = a*x`` and ``f(t) = t^2``.

A text is read as if the definitions that it uses were written before it.  Their instructions get the place where the
text first uses the name, since a place in another text would mean nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from gradcli.errors import ExpressionError, UsageError
from gradcli.language.function_names import FunctionName, base_in_name
from gradcli.language.instructions import Definition, Script, StackInstruction, script_of
from gradcli.language.parser import Unexpected
from gradcli.source import Span, listed

__all__ = ["definition_of", "names_of", "needed", "refuse_circles"]


def definition_of(text: str) -> Definition | None:
    """Return the definition in a text such as ``y = x^2`` or ``f(t) = t^2``; None for a text that isn't one definition.

    >>> definition_of("f(t) = t^2").parameters, definition_of("2*x")
    (('t',), None)
    """
    try:
        found = script_of(f"{text}; 0").definitions  # any text but definitions would be a second result
    except (Unexpected, ExpressionError):
        return None
    return found[0] if len(found) == 1 else None


def names_of(definition: Definition) -> list[str]:
    """Return the names of variables and functions that a definition uses, without its parameters.

    >>> names_of(definition_of("f(t) = a*t + sum(k*g(k), k, 1, 3)"))
    ['a', 'g']
    """
    return [*dict.fromkeys(name for name, _ in _uses(definition.body, definition.parameters or ()))]


def needed(known: Sequence[Definition], script: Script) -> list[Definition]:
    """Return the definitions that a text needs, in an order in which each one follows the definitions that it needs.

    The place of a definition is where the text first uses it.

    Args:
        known: the definitions; no two have the same name, and none needs itself.
        script: the text; a definition in it hides a known one of the same name.
    """
    table = {one.name: one for one in known}
    places: dict[str, Span] = {}
    hidden: set[str] = set()
    for definition in script.definitions:
        for name, place in _uses(definition.body, {*hidden, *(definition.parameters or ())}):
            places.setdefault(name, place)
        hidden.add(definition.name)
    for name, place in _uses(script.result, {*hidden, *script.parameters}):
        places.setdefault(name, place)
    ordered: dict[str, Definition] = {}
    for name, place in places.items():
        stack = [name]
        while stack:
            one = table.get(stack[-1])
            missing = [] if one is None else [other for other in names_of(one) if other in table]
            missing = [other for other in missing if other not in ordered]
            if one is None or not missing:
                stack.pop()
                if one is not None and one.name not in ordered:
                    ordered[one.name] = one._replace(body=_moved(one.body, place))
            else:
                stack += missing
    return [*ordered.values()]


def refuse_circles(known: Iterable[Definition], new: Definition) -> None:
    """Raise an error if a new definition would need itself.

    Raises:
        UsageError: the definition needs itself; the message names the definitions on the way.
    """
    table = {one.name: one for one in known} | {new.name: new}
    ways: list[tuple[str, tuple[str, ...]]] = [(name, (new.name,)) for name in names_of(new)]
    seen: set[str] = set()
    while ways:
        name, way = ways.pop()
        if name == new.name:
            through = f", through {listed(way[1:])}" if way[1:] else ""
            raise UsageError(f"`{name}` would be defined by itself{through}", kind="circle")
        if name in table and name not in seen:
            seen.add(name)
            ways += [(other, (*way, name)) for other in names_of(table[name])]


def _uses(code: Iterable[StackInstruction], hidden: Collection[str]) -> Iterator[tuple[str, Span]]:
    """Yield the names that instructions use, with their places; the index of a sum doesn't count in its term."""
    stack = [(iter(code), frozenset(hidden))]
    while stack:
        left, hidden_here = stack[-1]
        instruction = next(left, None)
        if instruction is None:
            stack.pop()
            continue
        names = []
        if instruction.code == "repeat":
            stack.append((iter(instruction.payload.term), hidden_here | {instruction.payload.variable}))
        elif instruction.code == "name":
            names = [instruction.payload]
        elif instruction.code == "call":
            word = FunctionName.of(instruction.payload).word
            names = [name for name in (word, base_in_name(word)) if name is not None]
        for name in names:
            if name not in hidden_here:
                yield name, instruction.span


def _moved(code: Iterable[StackInstruction], place: Span) -> list[StackInstruction]:
    """Return the same instructions at another place in the text; the terms and bounds of sums get this place, too."""
    found = []
    for one in code:
        payload = one.payload
        if one.code == "repeat":
            payload = payload._replace(term=_moved(payload.term, place), bounds=(place, place))
        found.append(one._replace(payload=payload, start=place.start, end=place.end))
    return found
