"""Functions in terms of simpler ones."""

from __future__ import annotations

import pytest

from gradcli.errors import UsageError
from gradcli.export import onnx_graph
from gradcli.export.compositions import COMPOSITIONS, lowered
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY
from gradcli.printing.jax_code import JAX
from gradcli.printing.numpy_code import NUMPY
from gradcli.printing.python_code import PYTHON
from gradcli.printing.pytorch_code import PYTORCH
from tests.support.array_cases import POINTWISE, TRUTHS
from tests.support.exported import LANGUAGES, REFUSED

PRINTERS = {"pytorch": PYTORCH, "jax": JAX, "numpy": NUMPY, "python": PYTHON}


def test_a_composition_is_the_function_itself() -> None:
    for name, rule in COMPOSITIONS.items():
        primitive = REGISTRY[name]
        for sample in primitive.samples:
            for share in (0.1, 0.35, 0.77):
                point = [low + share * (high - low) for low, high in sample]
                assert rule(*point) == pytest.approx(primitive.value(*point), rel=1e-9, abs=1e-15), (name, point)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_that_pytorch_or_jax_has_can_be_written_but_those_that_are_listed(language: str) -> None:
    refused = set()
    for primitive in map(REGISTRY.__getitem__, (*POINTWISE, *TRUTHS, "where")):
        graph = Graph()
        orders = [graph.constant(2.0) for _ in primitive.static]
        root = graph.add(primitive, [*orders, *[graph.variable(name) for name in primitive.operands[len(orders) :]]])
        try:
            if language == "onnx":
                lowered(root, onnx_graph.OPERATORS, language)
            else:
                names = {node: str(node.name) for node in graph.nodes if node.is_variable}
                PRINTERS[language].lowering().lowered([root], names)
        except UsageError:
            refused.add(primitive.name)
    assert refused == REFUSED[language]
