"""`gradcli.cli.showing.screen`: the styles of text on a terminal."""

from __future__ import annotations

from gradcli.cli.showing.screen import painted


def test_paint_is_around_the_text_or_not_there() -> None:
    assert painted("x", "bold", colour=True) == "\x1b[1mx\x1b[0m"
    assert painted("x", "bold", colour=False) == "x"
