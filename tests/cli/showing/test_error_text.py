"""`gradcli.cli.showing.error_text`: the caret stands under the exact span, whatever the text."""

from __future__ import annotations

import pytest

from gradcli.cli.showing.error_text import as_document, render_error
from gradcli.errors import ExpressionError, UsageError
from gradcli.source import Source, Span


def excerpt(text: str, start: int, end: int, name: str = "expression") -> list[str]:
    """The lines between the sentence and the hint."""
    error = ExpressionError("wrong", source=Source(text, name), span=Span(start, end))
    return render_error(error, colour=False).splitlines()[1:]


@pytest.mark.parametrize(
    ("text", "span", "lines"),
    [
        ("x1*sni(x)", (3, 6), ["  x1*sni(x)", "     ^^^"]),
        ("x1*", (3, 3), ["  x1*", "     ^"]),
        ("", (0, 0), []),
        ("x+", (7, 9), ["  x+", "    ^"]),
        ("\tx\t+ y z", (7, 8), ["      x    + y z", "               ^"]),
        ("变量 + 度(x)", (5, 6), ["  变量 + 度(x)", "         ^^"]),
        ("e\u0301 + sni(x)", (5, 8), ["  e\u0301 + sni(x)", "      ^^^"]),
        ("a\x1b[2J + b", (1, 2), ["  a␛[2J + b", "   ^"]),
    ],
)
def test_the_caret_stands_under_the_span(text: str, span: tuple[int, int], lines: list[str]) -> None:
    assert excerpt(text, *span) == lines


def test_a_text_of_several_lines_shows_the_line_that_is_to_blame() -> None:
    assert excerpt("a = 1;\nb = sni(2);\na", 11, 14) == ["  in line 2:", "  b = sni(2);", "      ^^^"]
    assert excerpt("a = (1;\n2", 4, 9) == ["  in line 1:", "  a = (1;", "      ^^^"]


def test_a_text_that_is_not_the_expression_is_named() -> None:
    assert excerpt("1 +", 3, 3, "--x1") == ["  in --x1:", "  1 +", "     ^"]
    assert excerpt("x\r\ny +", 6, 6, "model.txt") == ["  in model.txt, line 2:", "  y +", "     ^"]


def test_of_a_long_line_only_the_part_around_the_span_is_shown() -> None:
    text = "x+" * 5000 + "sni(x)" + "+x" * 5000
    line, caret = excerpt(text, 10000, 10003)
    assert len(line) < 120
    assert line.startswith("  ... ")
    assert line.endswith(" ...")
    assert line[caret.index("^") : caret.rindex("^") + 1] == "sni"
    line, caret = excerpt(text, 20005, 20006)
    assert line[caret.index("^")] == text[20005]


def test_colour_marks_the_label_the_caret_and_the_hint_only() -> None:
    error = UsageError("no [bold]markup[/bold]", source=Source("[x]"), span=Span(0, 3), hint="try x")
    assert render_error(error, colour=True) == (
        "\x1b[1;31merror:\x1b[0m no [bold]markup[/bold]\n  [x]\n  \x1b[1;31m^^^\x1b[0m\n  \x1b[1;36mtry x\x1b[0m\n"
    )


def test_the_object_of_json_has_all_four_keys() -> None:
    assert as_document(UsageError("wrong")) == {
        "error": {"kind": "bad_value", "message": "wrong", "span": None, "hint": None}
    }
    error = ExpressionError("wrong", kind="syntax", source=Source("x +"), span=Span(3, 3), hint="go on")
    assert as_document(error)["error"]["span"] == [3, 3]


def test_a_long_sentence_is_broken_for_a_screen_and_for_nothing_else() -> None:
    error = UsageError("word " * 30 + "end", hint="gradcli eval " + "x+" * 60 + "x")
    assert max(map(len, render_error(error, colour=False, width=60).splitlines()[:-1])) <= 60
    assert render_error(error, colour=False, width=60).splitlines()[-1] == f"  {error.hint}"
    assert len(render_error(error, colour=False).splitlines()) == 2
