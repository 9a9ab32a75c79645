"""Labels of users that are hard to write in other languages."""

from __future__ import annotations

__all__ = ["HOSTILE"]

HOSTILE = [
    'say "hi"',
    "a<b>&c;",
    "&lt;b&gt;",
    "back\\slash",
    "end\\",
    "\\N \\G \\l",
    "{a|b}",
    "<<b>bold</b>>",
    "]; evil [label=x",
    "[red]x[/red]",
    "Größe θ 变量 🙂",
    "line\nbreak\ttab",
    "\x1b[2J\x00\x7f",
    "\ud800",
    "' \" `",
    "",
    "   ",
]
