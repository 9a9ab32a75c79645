"""The bounds: each is a number, is told about, and bounds something."""

from __future__ import annotations

import re

from gradcli import limits
from tests.support.loops import for_each
from tests.support.paths import PACKAGE

NAMES = sorted(name for name in vars(limits) if name.isupper())
#: The bounds that another file reads.
READ = {
    name
    for path in PACKAGE.rglob("*.py")
    if path.name != "limits.py"
    for name in re.findall(r"\blimits\.(\w+)", path.read_text(encoding="utf-8"))
}


@for_each("name", NAMES)
def test_a_bound_is_a_whole_number_that_something_is_held_against(name: str) -> None:
    assert isinstance(getattr(limits, name), int)
    assert name in READ
