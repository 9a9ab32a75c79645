"""`gradcli.primitives.stubs`: the types of the methods of operands, for type checkers."""

from __future__ import annotations

import ast

from gradcli.primitives import REGISTRY
from gradcli.primitives.stubs import stub_text

PUBLIC = REGISTRY.public()


def test_the_stub_has_the_types_of_every_method() -> None:
    [operand] = [one for one in ast.parse(stub_text()).body if isinstance(one, ast.ClassDef)]
    methods = {one.name: one for one in operand.body if isinstance(one, ast.FunctionDef)}
    assert methods.keys() >= {primitive.name for primitive in PUBLIC}
    assert ast.unparse(methods["atan2"]) == "def atan2(self, x: _Number) -> Self:\n    ..."
    assert ast.unparse(methods["polygamma"]) == "def polygamma(self, n: float) -> Self:\n    ..."
    assert ast.unparse(methods["max"]) == "def max(self, *others: _Number) -> Self:\n    ..."
