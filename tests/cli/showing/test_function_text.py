"""`gradcli.cli.showing.function_text`: signatures and derivatives of functions of each kind."""

from __future__ import annotations

from gradcli.cli.showing.function_text import about_of, partials_of, signature_of
from gradcli.language.composed import composed
from gradcli.primitives import REGISTRY


def test_each_kind_of_function_has_its_signature_and_derivatives() -> None:
    assert partials_of(REGISTRY["tanh"]) == {"x": "sech(x)^2"}
    assert signature_of(REGISTRY.offered["sum"]).startswith("sum(")
    assert partials_of(REGISTRY.offered["sum"]) == {}
    function = composed("acsc")
    assert function is not None
    assert (signature_of(function), [*partials_of(function)]) == ("acsc(x)", ["x"])
    assert "``" not in about_of(function)
