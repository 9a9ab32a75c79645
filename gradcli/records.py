"""Named tuples declared as with `typing.NamedTuple`, in a third of the time.

`typing.NamedTuple` compiles the annotation of every field.  `gradcli grad` declares about forty named tuples before it
prints a number, which would take a tenth of its time; here the annotations stay text.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple
else:

    class _Declaration(type):
        """The metaclass that turns a class with annotated fields, defaults and methods into a named tuple."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = collections.namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for key, content in body.items():
                if key != "__module__":
                    setattr(made, key, content)
            return made

    class NamedTuple(metaclass=_Declaration):
        """The base of a named tuple: each annotated name is a field, in this order; a field may have a default.

        >>> class Point(NamedTuple):
        ...     x: float
        ...     y: float = 0.0
        >>> Point(1.0)
        Point(x=1.0, y=0.0)
        """
