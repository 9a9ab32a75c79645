"""`gradcli.cli.showing.output`: three forms of one result, and text of the user's that stays what it is."""

from __future__ import annotations

import io
import json

import pytest

from gradcli.cli.context import Terminal
from gradcli.cli.showing.output import Output, number, strict
from gradcli.errors import NotFiniteError


def output(*flags: str, terminal: bool = False, width: int = 80, **environment: str) -> tuple[Output, io.StringIO]:
    stream = io.StringIO()
    screen = Terminal(
        io.StringIO(), stream, io.StringIO(), environment=environment, stdout_is_terminal=terminal, width=width
    )
    screen.decide_form(flags)
    return Output(screen), stream


def test_rows_in_a_pipe_are_separated_by_tabs_and_never_cut() -> None:
    out, stream = output(width=20)
    out.table(["a", "b"], [["x" * 200, "1"], ["y\tz", "2"]])
    assert stream.getvalue() == "x" * 200 + "\t1\ny    z\t2\n"


def test_a_table_on_a_terminal_never_cuts_a_number() -> None:
    out, stream = output(terminal=True, width=20, NO_COLOR="1")
    out.table(["variable", "derivative"], [["x", "2.5838531634528574"], ["a" * 30, "0.30000000000000004"]])
    assert "2.5838531634528574" in stream.getvalue()
    assert "a" * 30 + "   0.30000000000000004" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("text", ["[x]", "[bold]x[/bold]", "[/]", ":smile:", "\\[x]", "[link=a]b[/link]"])
def test_text_of_the_users_survives_in_every_form(text: str) -> None:
    for flags, terminal in (((), True), ((), False), (("--json",), False)):
        out, stream = output(*flags, terminal=terminal, TERM="xterm")
        if out.form == "json":
            out.json({"text": text})
            assert json.loads(stream.getvalue()) == {"text": text}
        else:
            out.table(["heading"], [[text]])
            out.line(text, style="bold")
            out.equation(text, 1.0)
            assert stream.getvalue().count(text) == 3


def test_control_characters_do_not_reach_the_screen() -> None:
    out, stream = output(terminal=True, NO_COLOR="1")
    out.line("a\x1b]0;title\x07")
    out.table(["h"], [["\x1b[2J"]])
    assert "\x1b" not in stream.getvalue()
    assert "a␛]0;title␇" in stream.getvalue()


def test_numbers_that_json_lacks_are_strings() -> None:
    out, stream = output("--json")
    out.json({"value": float("nan"), "gradient": {"x": float("inf"), "y": [-float("inf"), 2.0]}, "at": ()})
    assert stream.getvalue() == '{"value": "NaN", "gradient": {"x": "Infinity", "y": ["-Infinity", 2.0]}, "at": []}\n'
    assert strict({1: True, "n": None, "i": 3}) == {"1": True, "n": None, "i": 3}


def test_json_is_ascii_where_the_stream_is_not_unicode() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")
    screen = Terminal(io.StringIO(), stream, io.StringIO(), environment={})
    Output(screen).json({"θ": "é"})
    stream.flush()
    assert json.loads(raw.getvalue()) == {"θ": "é"}


def test_numbers_have_all_their_digits() -> None:
    assert [number(value) for value in (2, 0.1 + 0.2, -0.0, 1e300)] == ["2.0", "0.30000000000000004", "-0.0", "1e+300"]


def test_strict_names_what_is_not_finite() -> None:
    out, _ = output()
    out.refuse_not_finite({"the value": 1.0})
    with pytest.raises(NotFiniteError, match=r"^the value is inf, d/dx is nan$"):
        out.refuse_not_finite({"the value": float("inf"), "d/dx": float("nan"), "d/dy": 1.0})
    with pytest.raises(NotFiniteError, match="and 3 more are not finite"):
        out.refuse_not_finite({f"d/dx{i}": float("nan") for i in range(8)})
