"""Named tuples are those of `typing`, made without compiling their annotations."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import gradcli
from gradcli.records import NamedTuple


class Ours(NamedTuple):
    """A point with a name."""

    x: float
    y: float = 0.5
    names: tuple[str, ...] = ()

    @property
    def size(self) -> float:
        """The distance from 0."""
        return abs(complex(self.x, self.y))

    @classmethod
    def origin(cls) -> Ours:
        """The point with all coordinates 0."""
        return cls(0.0, 0.0)


class Theirs(typing.NamedTuple):
    """A point with a name."""

    x: float
    y: float = 0.5
    names: tuple[str, ...] = ()


def test_it_is_the_named_tuple_of_typing() -> None:
    ours, theirs = Ours(3.0, 4.0, names=("p",)), Theirs(3.0, 4.0, names=("p",))
    assert ours == theirs == (3.0, 4.0, ("p",))
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert ours._replace(x=0.0) == Ours(0.0, 4.0, ("p",))
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs)
    assert (Ours.__doc__, Ours.__module__, Ours.__qualname__) == (Theirs.__doc__, __name__, "Ours")
    assert not hasattr(ours, "__dict__")


def test_it_has_methods() -> None:
    assert Ours(3.0, 4.0).size == 5.0
    assert Ours.origin() == Ours(0.0, 0.0)


def test_the_package_declares_all_its_named_tuples_with_it() -> None:
    package = Path(gradcli.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert [name for name, text in texts.items() if re.search(r"typing import .*NamedTuple", text)] == ["records.py"]
