"""`gradcli.evaluate.ways_out`: the rewrites that the registry declares; the cases of users are in `tests/faults/`."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from gradcli.evaluate.ways_out import Pattern, patterns, prepared, works
from tests.support.loops import for_each


@for_each("pattern", patterns(), ids=lambda one: one.rewrite.instead)
def test_every_declared_rewrite_is_the_same_function(pattern: Pattern) -> None:
    failing, instead = prepared(pattern)
    compared = 0
    for point in itertools.product((0.3, 1.1, 1.7, 2.3), repeat=len(pattern.names)):
        expected = failing.value(point)
        if math.isfinite(expected):
            compared += 1
            assert instead.value(point) == pytest.approx(expected, rel=1e-12, abs=1e-12)
            assert instead.derivatives(point) == pytest.approx(failing.derivatives(point), rel=1e-9, abs=1e-9)
    assert compared


@pytest.mark.parametrize("pattern", [one for one in patterns() if "where" in one.rewrite.instead])
def test_a_series_meets_the_function_where_it_ends(pattern: Pattern) -> None:
    instead = prepared(pattern).instead
    end = float(re.findall(r"< (1e-\d)", pattern.rewrite.instead)[0])
    inside, outside = end * (1.0 - 1e-9), end * (1.0 + 1e-9)
    for before, after in ((inside, outside), (-inside, -outside)):
        assert instead.value([before]) == pytest.approx(instead.value([after]), rel=1e-12)
        assert instead.derivatives([before]) == pytest.approx(instead.derivatives([after]), rel=1e-7, abs=1e-11)


def test_a_way_that_has_an_infinite_slope_too_is_not_offered() -> None:
    roots = [prepared(one) for one in patterns() if one.rewrite.instead == "cbrt(x)"]
    assert roots
    assert [works(root, [-8.0]) for root in roots] == [True] * len(roots)
    assert not any(works(root, [0.0]) for root in roots)
