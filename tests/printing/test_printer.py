"""`gradcli.printing.printer`: parentheses where a level is too low, and definitions where much is shared."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gradcli import parse
from gradcli.graph import Graph, Node, toposort
from gradcli.primitives import REGISTRY
from gradcli.printing.printer import ATOM, LOOSEST, Piece, Printer
from gradcli.printing.text import to_text


def test_an_exponentially_shared_graph_prints_in_linear_size_and_reads_back() -> None:
    x = root = Graph().variable("x")
    for _ in range(200):
        root = root + root
    text = to_text(root)
    assert len(text) < 5000
    assert text.startswith("t1 = x + x; t2 = t1 + t1; ")
    again = parse(text)
    assert len(toposort([again.root])) == len(toposort([root])) == 201
    assert again(x=1.0) == 2.0**200
    assert str(again) == text
    assert x.name == "x"


def test_definitions_do_not_take_the_name_of_a_variable() -> None:
    graph = Graph()
    root = graph.variable("t1") + graph.variable("t3")
    for _ in range(40):
        root = root * root
    text = to_text(root)
    assert text.startswith("t2 = t1 + t3; t4 = t2*t2; ")
    assert parse(text).variables == ("t1", "t3")


def test_a_small_formula_has_no_definitions() -> None:
    assert ";" not in str(parse("r = x + y; r*r*r*r"))


class Bracketed(Printer):
    """A notation in which a sum binds at 1, a product at 2, and everything else is a call."""

    opening, closing, definition = "<", ">", "let {name} be {text}. "

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.primitive is None:
            return ATOM, [self.name_text(str(node.name))]
        level = {"add": 1, "mul": 2}.get(node.primitive.name)
        if level is None:
            return ATOM, [f"{node.primitive.name} of ", (node.operands[0], LOOSEST)]
        x, y = node.operands
        return level, [(x, level), "+" if level == 1 else "", (y, level + 1)]

    def name_text(self, name: str) -> str:
        return name.upper()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b*c", "A+BC"),
        ("(a + b)*c", "<A+B>C"),
        ("a + (b + c)", "A+<B+C>"),
        ("(a + b) + c", "A+B+C"),
        ("a*(b*c)", "A<BC>"),
        ("sin(a + b)*c", "sin of A+BC"),
    ],
)
def test_a_notation_says_levels_and_pieces_and_gets_its_own_parentheses(text: str, expected: str) -> None:
    assert Bracketed().write(parse(text).root) == expected


def test_a_node_with_a_name_is_written_as_its_name_but_for_the_one_that_is_written() -> None:
    root = parse("(a + b)*(a + b)").root
    total = root.operands[0]
    assert Bracketed().write(root, names={total: "t", root: "r"}) == "TT"


def test_definitions_have_the_form_of_the_notation_and_begin_only_where_they_save_much() -> None:
    root = Graph().variable("x")
    for _ in range(9):
        root = root + root
    assert Bracketed().write_all(root).count("X") == 512
    for _ in range(3):
        root = root + root
    text = Bracketed().write_all(root)
    assert text.startswith("let T1 be X+X. let T2 be T1+T1. ")
    assert text.endswith("let T11 be T10+T10. T11+T11")


def test_a_deep_formula_is_written_without_recursion() -> None:
    root = Graph().variable("x")
    for _ in range(100_000):
        root = REGISTRY["sin"](root)
    assert Bracketed().write(root) == "sin of " * 100_000 + "X"
