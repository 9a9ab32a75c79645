"""`gradcli.export.onnx_graph`: the form of the model, its names, and what is composed where ONNX lacks an operator."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx

from gradcli.errors import UnavailableError
from gradcli.export import onnx_graph
from gradcli.export.onnx_graph import FORMAT, OPSET, Builder, atan, erf, floored_remainder, where
from gradcli.train.checkpoint import Checkpoint
from tests.support.exported import export, net, pictures


def model_of(checkpoint: Checkpoint, folder: Path) -> Any:
    export(checkpoint, "onnx", folder / "net.onnx")
    return onnx.load(folder / "net.onnx")


@pytest.mark.parametrize(
    ("make", "outputs"),
    [
        (lambda: net("moons"), {"label": ["rows"], "probabilities": ["rows", 2], "scores": ["rows", 1]}),
        (lambda: net("moons", loss="hinge"), {"label": ["rows"], "scores": ["rows", 1]}),
        (lambda: net("blobs"), {"label": ["rows"], "probabilities": ["rows", 3], "scores": ["rows", 3]}),
        (lambda: net("sine"), {"prediction": ["rows"], "scores": ["rows", 1]}),
    ],
)
def test_inputs_and_outputs_have_fixed_names_and_any_number_of_rows(
    make: Callable[[], Checkpoint], outputs: dict[str, list[Any]], tmp_path: Path
) -> None:
    checkpoint = make()
    graph = model_of(checkpoint, tmp_path).graph

    def shape(one: Any) -> list[Any]:
        return [size.dim_param or size.dim_value for size in one.type.tensor_type.shape.dim]

    assert {one.name: shape(one) for one in graph.input} == {"inputs": ["rows", len(checkpoint.model.columns)]}
    assert {one.name: shape(one) for one in graph.output} == outputs


def test_every_number_is_a_double_and_the_versions_are_those_that_have_every_operator(tmp_path: Path) -> None:
    model = model_of(net("moons", activation="gelu"), tmp_path)
    kinds = {onnx.TensorProto.DataType.Name(one.data_type) for one in model.graph.initializer}
    assert kinds == {"DOUBLE", "INT64", "STRING"}
    assert (model.ir_version, [one.version for one in model.opset_import]) == (FORMAT, [OPSET])


def test_parameters_have_the_names_of_the_model_file_and_no_constant_is_there_twice(tmp_path: Path) -> None:
    checkpoint = net(pictures(), conv=(3,), activation="gelu")
    tensors = model_of(checkpoint, tmp_path).graph.initializer
    names = [one.name for one in tensors]
    assert set(checkpoint.model.shapes()) <= set(names)
    assert len(names) == len(set(names))
    constants = [(one.data_type, tuple(one.dims), one.raw_data) for one in tensors if one.name.startswith("constant")]
    assert len(constants) == len(set(constants))


def test_names_of_a_user_are_in_the_metadata_and_labels_in_a_tensor_whatever_their_characters(tmp_path: Path) -> None:
    checkpoint = net("moons")
    checkpoint.model.__dict__["columns"] = ("größe\n", 'a"b')
    checkpoint.model.__dict__["labels"] = ("j\0a", "\udc80")
    model = model_of(checkpoint, tmp_path)
    metadata = {one.key: json.loads(one.value) for one in model.metadata_props}
    assert metadata["columns"] == ["größe\n", 'a"b']
    assert metadata["labels"] == ["j\0a", "\udc80"]
    (labels,) = (one for one in model.graph.initializer if one.name == "labels")
    assert list(labels.string_data) == [b"j\0a", rb"\udc80"]


def computed(add: Callable[..., str], *arrays: Any) -> Any:
    """What onnxruntime gives for the operations that a function adds."""
    runtime = pytest.importorskip("onnxruntime")
    build = Builder()
    operands = [f"x{number}" for number in range(len(arrays))]
    build.named("y", add(build, *operands))
    double, helper = onnx.TensorProto.DOUBLE, onnx.helper
    graph = helper.make_graph(
        build.nodes,
        "one",
        [helper.make_tensor_value_info(name, double, ["n"]) for name in operands],
        [helper.make_tensor_value_info("y", double, ["n"])],
        build.tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = FORMAT
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(operands, map(np.asarray, arrays), strict=True)))[0]


X = np.array([0.0, -0.0, 1e-300, 1e-8, 0.1, 0.5, 1.0, 2.5, 5.9, 6.1, 30.0, 1e10, 1e300, math.inf])


@pytest.mark.parametrize(("add", "exact"), [(erf, math.erf), (atan, math.atan)])
def test_a_function_that_onnxruntime_lacks_in_double_has_13_digits_or_more(
    add: Callable[..., str], exact: Callable[[float], float]
) -> None:
    points = np.concatenate([X, -X])
    expected = [exact(x) for x in points]
    assert np.allclose(computed(add, points), expected, rtol=2e-14, atol=0)
    assert math.isnan(computed(add, np.array([math.nan]))[0])


def test_a_remainder_has_the_sign_of_the_divisor() -> None:
    x, y = (one.ravel() for one in np.meshgrid([-7.5, -3.0, -0.5, 0.0, 0.5, 3.0, 7.5], [-3.0, -1.25, 1.25, 3.0]))
    assert computed(floored_remainder, x, y).tolist() == np.mod(x, y).tolist()


def test_a_branch_is_chosen_by_any_number_that_is_not_0_and_a_condition_that_is_nan_stays_so() -> None:
    conditions = np.array([0.0, -0.0, 1.0, -3.0, math.inf, math.nan])
    found = computed(where, conditions, np.full(6, 2.0), np.full(6, 5.0))
    assert np.array_equal(found, [5.0, 5.0, 2.0, 2.0, 2.0, math.nan], equal_nan=True)


def test_without_onnx_one_sentence_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UnavailableError) as caught:
        onnx_graph.write_onnx(None)  # type: ignore[arg-type]
    assert "onnx" in caught.value.message
    assert "pip install" in str(caught.value.hint)
