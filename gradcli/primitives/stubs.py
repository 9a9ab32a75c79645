"""The types of the methods that `Operand` gets from the registry, written as the stub file ``operators.pyi``.

The file is made when the wheel is built.  A checkout has none, so that a function is declared in one place only; there,
``python -m gradcli.primitives.stubs`` writes it for an editor or a type checker.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.operators import (
    BINARY_OPERATORS,
    COMPARISON_OPERATORS,
    UNARY_OPERATORS,
    method_names,
)

__all__ = ["stub_text"]

_HEAD: Final = """\
# Written from the registry by gradcli.primitives.stubs.
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from typing_extensions import Self

from gradcli.primitives.registry import Primitive

__all__ = ["Operand", "install_methods"]

BINARY_OPERATORS: Final[Mapping[str, str]]
COMPARISON_OPERATORS: Final[Mapping[str, str]]
UNARY_OPERATORS: Final[Mapping[str, str]]

_Number: TypeAlias = Operand | float

def install_methods() -> None: ...

class Operand:
    __slots__ = ()
    operand_rank: int
    def apply(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any: ...
    def __pos__(self) -> Self: ...
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any: ...
    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any: ...
"""


def _method(primitive: Primitive) -> str:
    """The lines of one primitive's methods; they are called on the first operand that is not static."""
    static = len(primitive.static)
    others = [
        f"{name}: {'float' if i < static else '_Number'}" for i, name in enumerate(primitive.operands) if i != static
    ]
    if primitive.variadic:
        others = ["*others: _Number"]
    head = ", ".join(["self", *others])
    return "".join([f"    def {word}({head}) -> Self: ...\n" for word in method_names(primitive)])


def stub_text() -> str:
    """The contents of the stub file."""
    lines = [_HEAD]
    lines += [f"    def __{special}__(self) -> Self: ...\n" for special in UNARY_OPERATORS]
    for special in BINARY_OPERATORS:
        lines.append(f"    def __{special}__(self, other: _Number) -> Self: ...\n")
        lines.append(f"    def __r{special}__(self, other: _Number) -> Self: ...\n")
    lines += [f"    def __{special}__(self, other: _Number) -> Self: ...\n" for special in COMPARISON_OPERATORS]
    lines += [_method(primitive) for primitive in REGISTRY.public()]
    return "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("operators.pyi").write_text(stub_text(), encoding="utf-8")
