"""`gradcli.language.aliases`: the table of other names; what users see of it is in `tests/faults/`."""

from __future__ import annotations

from gradcli.language.aliases import Alias, alias_hint


def test_a_formula_gets_the_operands_of_the_call() -> None:
    alias = Alias("exp10", ("x",), (("10^x", ""),))
    assert alias.takes(1)
    assert not alias.takes(2)
    assert alias.instead(["x + 1"]) == [("10^(x + 1)", "")]


def test_any_number_of_operands_becomes_an_array() -> None:
    alias = Alias("avg", ("...",), (("mean([...])", ""),))
    assert not alias.takes(1)
    assert alias.instead(["a", "b + 1"]) == [("mean([a, b + 1])", "")]


def test_a_formula_that_can_not_be_read_is_left_out() -> None:
    assert alias_hint("lg", ["x"], lambda formula: "2" in formula) == "write `log2(x)` (to the base 2)"
    assert alias_hint("lg", ["x"], lambda formula: False) == "`lg(x)` is `log10(x)` (to the base 10)"
    assert alias_hint("nobody", ["x"], lambda formula: True) is None


def test_in_the_middle_of_a_text_a_formula_has_parentheses() -> None:
    assert alias_hint("inv", ["x"], lambda formula: True, in_parentheses=True) == "write `(1/x)`"
