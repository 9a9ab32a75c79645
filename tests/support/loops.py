"""Tests that loop over their cases.

Running a test takes some milliseconds, a tiny case some microseconds, so thousands of like cases are one test, which
tries them all and names each one that fails.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from binascii import crc32
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import pytest

__all__ = ["for_each", "is_left_out", "try_rare_functions"]

#: How many failed cases are shown with what they say; of the others, the names are.
_SHOWN = 20
_has_rare_functions = False


def try_rare_functions() -> None:
    """Leave no case out from now on."""
    global _has_rare_functions
    _has_rare_functions = True


def is_left_out(test: str, case: dict[str, Any]) -> bool:
    """Whether a test is not run with a case: seven of eight cases of a function of a family that is declared later,
    such as besselj.

    These functions have their own tests; what holds for all functions is tried with some of them, the same in every
    run.  A test of these functions alone calls its parameter ``rare``.
    """
    if _has_rare_functions or "rare" in case:
        return False
    for content in case.values():
        name = content if isinstance(content, str) else getattr(content, "name", None)
        if isinstance(name, str) and name in _rare_functions():
            return bool(crc32(f"{test} {name}".encode()) % 8)
    return False


@functools.cache
def _rare_functions() -> frozenset[str]:
    from gradcli.primitives import REGISTRY

    early = {primitive.name for primitive in REGISTRY.declared()}
    return frozenset(set(REGISTRY) - early)


class _Cases(NamedTuple):
    """The arguments that a test is called with in turn, each with the name of its case."""

    arguments: tuple[str, ...]
    contents: list[tuple[str, tuple[Any, ...]]]


def for_each(
    arguments: str | Sequence[str], values: Iterable[Any], ids: Callable[[Any], Any] | Iterable[str] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test once for each case, as `pytest.mark.parametrize` does, but within one test.

    All cases are tried; the test fails if any of them does, and its message names them.  Fixtures are made once, so the
    test must leave them as they are.
    """
    names = tuple(name.strip() for name in arguments.split(",")) if isinstance(arguments, str) else tuple(arguments)
    given = list(values)
    labels = [None] * len(given) if ids is None or callable(ids) else list(ids)
    contents = [
        _named(value, label, ids if callable(ids) else None, len(names))
        for value, label in zip(given, labels, strict=True)
    ]
    cases = _Cases(names, contents)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        inner = getattr(test, "looped", test)
        return _looping(test, inner, [*getattr(test, "loops", ()), cases])

    return decorate


def _named(
    value: Any, label: str | None, name_of: Callable[[Any], Any] | None, count: int
) -> tuple[str, tuple[Any, ...]]:
    """The name of a case and its arguments."""
    if isinstance(value, type(pytest.param())):
        assert not value.marks, "a case that has marks is a test of its own"
        contents, label = tuple(value.values), value.id or label
    else:
        contents = (value,) if count == 1 else tuple(value)
    assert len(contents) == count, f"{contents} are not {count} arguments"
    return label or "-".join(_word(content, name_of) for content in contents), contents


def _word(content: Any, name_of: Callable[[Any], Any] | None) -> str:
    """The short name of an argument."""
    found = content if name_of is None else name_of(content)
    if not isinstance(found, str):
        found = getattr(content, "name", None) or getattr(content, "__name__", None) or found
    word = found if isinstance(found, str) else repr(content if found is None else found)
    return word if len(word) <= 100 else f"{word[:97]}..."


def _looping(test: Callable[..., None], inner: Callable[..., None], loops: list[_Cases]) -> Callable[..., None]:
    """A test that calls another with all combinations of cases."""
    names = [name for cases in loops for name in cases.arguments]
    identity = f"{inner.__module__.replace('.', '/')}.py::{inner.__qualname__.replace('.', '::')}"

    @functools.wraps(test)
    def all_cases(*given: Any, **fixtures: Any) -> None:
        __tracebackhide__ = True
        failed: list[tuple[str, BaseException]] = []
        skipped: BaseException | None = None
        tried = 0
        for chosen in itertools.product(*[cases.contents for cases in loops]):
            case = dict(zip(names, [content for _, contents in chosen for content in contents], strict=True))
            if is_left_out(identity, {**fixtures, **case}):
                continue
            try:
                inner(*given, **fixtures, **case)
                tried += 1
            except pytest.skip.Exception as reason:
                skipped = reason
            except (Exception, pytest.fail.Exception) as error:
                tried += 1
                failed.append(("-".join(name for name, _ in chosen), error))
        if failed:
            raise AssertionError(_report(failed, tried)) from failed[0][1]
        if skipped is not None and not tried:
            raise skipped
        assert tried, "there is no case"

    signature = inspect.signature(inner)
    kept = [parameter for name, parameter in signature.parameters.items() if name not in names]
    all_cases.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    all_cases.looped, all_cases.loops = inner, loops  # type: ignore[attr-defined]
    return all_cases


def _report(failed: list[tuple[str, BaseException]], tried: int) -> str:
    """Which cases fail, and how."""
    lines = [f"{len(failed)} of {tried} cases fail; the first is shown above"]
    lines += [f"[{name}] {type(error).__name__}: {error}" for name, error in failed[:_SHOWN]]
    lines += [f"[{name}]" for name, _ in failed[_SHOWN:]]
    return "\n".join(lines)
