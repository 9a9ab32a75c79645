"""Rules on arrays: at each element what the rule on floats gives, for every primitive, also in the fast forms."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.execute.array_rules import contributions
from gradcli.execute.float_rules import float_rule
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import backend_named
from tests.support.checking import draws
from tests.support.loops import for_each

DIFFERENTIABLE = [primitive for primitive in REGISTRY.public() if not primitive.is_locally_constant]


@for_each("primitive", DIFFERENTIABLE, ids=lambda primitive: primitive.name)
@for_each("fast", [False, True], ids=["exact", "fast"])
def test_a_rule_on_arrays_gives_at_each_element_what_the_rule_on_floats_gives(primitive: Primitive, fast: bool) -> None:
    points = draws(primitive, 4)
    head = points[0][: len(primitive.static)]
    points = [point for point in points if point[: len(head)] == head]
    columns = [*head, *[np.array(column) for column in list(zip(*points, strict=True))[len(head) :]]]
    output = backend_named("numpy").kernel(primitive)(*columns)
    rules = contributions(primitive, len(columns), fast)
    for row, point in enumerate(points):
        wanted = float_rule(primitive, len(point)).partials(point, primitive.value(*point))
        for i, (rule, partial) in enumerate(zip(rules, wanted, strict=True)):
            if rule is None:
                assert partial is None or i < len(head) or partial == 0.0
                continue
            sent = np.broadcast_to(
                rule.on(backend_named("numpy"))(np.full(len(points), 3.0), tuple(columns), output), len(points)
            )
            expected = 0.0 if partial is None else 3.0 * partial
            assert sent[row] == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_a_sum_passes_a_cotangent_on_as_it_is() -> None:
    first, second = contributions(REGISTRY["add"], 2)
    assert first is not None
    assert second is not None
    assert first.is_identity
    assert second.is_identity


def test_a_condition_and_a_locally_constant_function_receive_nothing() -> None:
    assert contributions(REGISTRY["where"], 3)[0] is None
    assert contributions(REGISTRY["floor"], 1) == (None,)
    assert contributions(REGISTRY["polygamma"], 2)[0] is None
