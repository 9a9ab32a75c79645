"""Let the site show the examples of docstrings as code."""

from __future__ import annotations

import re
from typing import Any

import griffe

#: An example: lines that begin with a prompt, and what is printed.
_EXAMPLE = re.compile(r"^(?P<indent>[ ]*)>>> .*(?:\n(?![ ]*$).*)*", re.MULTILINE)


def with_code(text: str) -> str:
    """Return a docstring with its examples as blocks of code.

    >>> print(with_code("A sum.\\n\\n>>> 1 + 1\\n2"))
    A sum.
    <BLANKLINE>
    ```pycon
    >>> 1 + 1
    2
    ```
    """
    return _EXAMPLE.sub(lambda found: f"{found['indent']}```pycon\n{found[0]}\n{found['indent']}```", text)


class Docstrings(griffe.Extension):
    """Changes each docstring before it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of a module, a class, a function or an attribute."""
        if obj.docstring is not None:
            obj.docstring.value = with_code(obj.docstring.value)
