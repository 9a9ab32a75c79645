"""`gradcli.pages.tape_script`: a tape in JavaScript has the values and the local derivatives of the tape."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.point import Sweep
from gradcli.pages.skeleton import json_text
from gradcli.pages.tape_script import tape_script

SCRIPT = Path(__file__).parents[2] / "gradcli" / "pages" / "assets" / "sweeps.js"

#: Expressions and points; several points are edges: kinks, ties, ends of domains, branches that are not taken.
CASES: list[tuple[str, Mapping[str, float]]] = [
    ("x1*x2 + sin(x1)", {"x1": 2.0, "x2": 3.0}),
    ("abs(x) + relu(x) + x^2", {"x": 0.0}),
    ("max(x, y, z)*2", {"x": 1.0, "y": 1.0, "z": 0.5}),
    ("where(x > 0, sqrt(x), 0)", {"x": -1.0}),
    ("where(x > 0, sqrt(x), 0)", {"x": 0.0}),
    ("log(x) + x", {"x": -1.0}),
    ("log(x) + x", {"x": 0.0}),
    ("x^y", {"x": 0.0, "y": 0.0}),
    ("x^3.5/y^-2", {"x": 0.3, "y": -2.5}),
    ("hypot(x, y)*atan2(y, x)", {"x": 0.0, "y": 0.0}),
    ("polygamma(2, x)*lgamma(y) + erf(x)", {"x": 1.25, "y": -0.5}),
    ("floor(x) + round(y) + x % y", {"x": 2.5, "y": 1.75}),
    ("clip(x, 0, 1)*min(x, y) + (x < y)", {"x": 1.0, "y": 1.0}),
    ("sigmoid(w*x + b)*tanh(b) + softplus(w)", {"w": 0.5, "x": -2.0, "b": 0.1}),
    ("max(" + ", ".join(f"x{i}" for i in range(40)) + ")", {f"x{i}": float(i % 39) for i in range(40)}),
    ("y + d + s*x0", {"y": 1.0, "d": 2.0, "s": 3.0, "x0": 4.0}),
]


def close(found: Any, expected: float) -> bool:
    number = float(found)
    same = math.isnan(number) and math.isnan(expected)
    return same or number == expected or math.isclose(number, expected, rel_tol=1e-13)


@pytest.mark.parametrize(("text", "at"), CASES, ids=[text[:40] for text, _ in CASES])
def test_both_sweeps_have_the_numbers_of_the_tape(blank_page: Any, text: str, at: Mapping[str, float]) -> None:
    sweep = Sweep(parse(text), at)
    written = tape_script(sweep.tape, sweep.dependent)
    sweeps = SCRIPT.read_text(encoding="utf-8")
    inputs = [at[str(node.name)] for node in sweep.tape.variables]
    code = f"""() => {{
        const operations = {written.code};
        {sweeps}
        const found = new Sweeps({json_text(written.data)});
        found.forward({json.dumps(inputs)});
        found.backward(0);
        return [[...found.values].map(String), [...found.adjoints].map(String), [...found.arrived]];
    }}"""
    values, adjoints, arrived = blank_page.evaluate(code)
    assert all(map(close, values, sweep.values))
    for slot, adjoint in enumerate(sweep.adjoints):
        assert bool(arrived[slot]) == (adjoint is not None)
        assert close(adjoints[slot], adjoint or 0.0)


def test_equal_operations_share_their_functions() -> None:
    sweep = Sweep(parse("sin(x) + sin(y)*sin(x*y) + x^2 + y^2 + x^3"), {"x": 1.0, "y": 2.0})
    written = tape_script(sweep.tape, sweep.dependent)
    assert written.code.count("Math.sin(x0)") == 1
    assert len({operation[0] for operation in written.data["operations"]}) == 5
