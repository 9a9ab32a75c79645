"""Functions in terms of simpler ones."""

from __future__ import annotations

import pytest

from gradcli.errors import UsageError
from gradcli.export import (
    array_programs,
    onnx_graph,
    python_program,
    pytorch_program,
)
from gradcli.export.compositions import COMPOSITIONS, lowered
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY
from tests.support.array_cases import POINTWISE, TRUTHS
from tests.support.exported import (
    LANGUAGES,
    REFUSED,
)


def test_a_composition_is_the_function_itself() -> None:
    for name, rule in COMPOSITIONS.items():
        primitive = REGISTRY[name]
        for sample in primitive.samples:
            for share in (0.1, 0.35, 0.77):
                point = [low + share * (high - low) for low, high in sample]
                assert rule(*point) == pytest.approx(primitive.value(*point), rel=1e-9, abs=1e-15), (name, point)


DIALECTS = {
    "onnx": onnx_graph.OPERATORS,
    "pytorch": pytorch_program.PYTORCH.known,
    "jax": array_programs.JAX.known,
    "numpy": array_programs.NUMPY.known,
    "python": python_program.PYTHON.known,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_that_pytorch_or_jax_has_can_be_written_but_those_that_are_listed(language: str) -> None:
    refused = set()
    for primitive in map(REGISTRY.__getitem__, (*POINTWISE, *TRUTHS, "where")):
        graph = Graph()
        root = graph.add(primitive, [graph.variable(name) for name in primitive.operands])
        try:
            lowered(root, DIALECTS[language], language)
        except UsageError:
            refused.add(primitive.name)
    assert refused == REFUSED[language]
