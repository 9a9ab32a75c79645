"""`gradcheck` passes for every function, in both orders, and fails for every kind of wrong rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from gradcli import Tensor
from gradcli.evaluate.gradcheck import gradcheck
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f
from tests.support.checking import forget_rules
from tests.support.loops import for_each

GENERATOR = np.random.default_rng(11)


def normal(*shape: int) -> Any:
    return GENERATOR.normal(size=shape)


A, B, X, Y = normal(2, 3), normal(3, 2), normal(3), normal(3)
IMAGES, KERNELS = normal(1, 2, 3, 3), normal(2, 2, 2, 2)

#: The name of a function of arrays -> applications of it.
OPERATIONS: dict[str, list[tuple[Callable[..., Any], tuple[Any, ...]]]] = {
    "sum": [(lambda a: a.sum(), (A,)), (lambda a: a.sum(axis=0), (A,)), (lambda a: a.sum(axis=1, keepdims=True), (A,))],
    "mean": [(lambda a: a.mean(), (A,)), (lambda a: a.mean(axis=(0, 1)), (A,))],
    "var": [(lambda a: a.var(axis=1), (A,)), (lambda a: a.var(correction=0), (A,))],
    "std": [(lambda a: a.std(axis=1), (A,)), (lambda a: a.std(), (X,))],
    "prod": [
        (lambda a: a.prod(), (A,)),
        (lambda a: a.prod(axis=0), (A,)),
        (lambda a: (a * [1.0, 0.0, 2.0]).prod(), (X,)),
    ],
    "max": [(lambda a: a.max(), (A,)), (lambda a: f.max(a, axis=0) ** 2, (A,))],
    "min": [(lambda a: a.min(), (A,)), (lambda a: f.min(a, axis=1, keepdims=True) ** 2, (A,))],
    "euclidean_norm": [(f.euclidean_norm, (A,)), (lambda a: f.euclidean_norm(a, axis=1), (A,))],
    "power_norm": [(f.power_norm, (A,)), (lambda a: f.power_norm(a, axis=1, order=1.5), (A,))],
    "norm": [(f.norm, (X,)), (lambda a: f.norm(a, ord=3, axis=0), (np.abs(A) + 0.1,)), (lambda x: f.norm(x, 1), (X,))],
    "logsumexp": [(lambda a: f.logsumexp(a), (A,)), (lambda a: f.logsumexp(a, axis=0), (A,))],
    "softmax": [(lambda a: f.softmax(a, axis=0), (A,))],
    "log_softmax": [(lambda a: f.log_softmax(a), (A,))],
    "cumsum": [(lambda a: f.cumsum(a) ** 2, (A,)), (lambda a: f.cumsum(a, axis=0, reverse=True) ** 2, (A,))],
    "reshape": [(lambda a: a.reshape(3, -1) ** 2, (A,))],
    "transpose": [(lambda a: a.T**3, (A,)), (lambda a: f.transpose(a, (1, 0, 2)) ** 2, (normal(2, 1, 2),))],
    "expand": [(lambda x: f.expand(x, (2, 3)).sin(), (X,))],
    "pad": [(lambda a: f.pad(a, ((1, 0), (0, 2)), 1.5) ** 2, (A,))],
    "index": [
        (lambda a: a[1:, ::2] ** 2, (A,)),
        (lambda a: a[[0, 1, 1], [2, 0, 0]] ** 2, (A,)),
        (lambda x: x[-1] ** 2, (X,)),
    ],
    "cat": [(lambda a, b: f.cat([a, b.T], axis=0) ** 2, (A, B))],
    "stack": [(lambda x, y: f.stack([x, y], axis=1) ** 2, (X, Y))],
    "split": [(lambda x: [part**3 for part in f.split(x, [1, 2])], (X,))],
    "squeeze": [(lambda a: f.squeeze(a) ** 2, (normal(1, 2, 1),))],
    "unsqueeze": [(lambda x: f.unsqueeze(x, 1) * x, (X,))],
    "flatten": [(lambda a: f.flatten(a) ** 2, (A,))],
    "masked_fill": [(lambda a: f.masked_fill(a, np.array([1.0, 0.0, 1.0]), 2.0) ** 2, (A,))],
    "cast": [(lambda x: f.cast(x, "float64") ** 2, (X,))],
    "matmul": [
        (lambda a, b: a @ b, (A, B)),
        (lambda a, x: a @ x, (A, X)),
        (lambda x, b: x @ b, (X, B)),
        (lambda x, y: x @ y, (X, Y)),
        (lambda a, b: a @ b, (normal(2, 1, 2, 2), normal(2, 2, 1))),
    ],
    "dot": [(f.dot, (X, Y))],
    "affine": [(f.affine, (A, normal(2, 3), normal(2)))],
    "linear": [(f.linear, (A, normal(2, 3), normal(2))), (f.linear, (A, normal(2, 3)))],
    "patches": [(lambda x: f.patches(x, kernel=2) ** 2, (IMAGES,))],
    "convolution": [(lambda x, w: f.convolution(x, w, stride=2, padding=1), (IMAGES, KERNELS))],
    "conv_transpose": [(lambda x, w: f.conv_transpose(x, f.transpose(w, (1, 0, 2, 3)), stride=2), (IMAGES, KERNELS))],
    "conv2d": [(lambda x, w, b: f.conv2d(x, w, b, padding=1), (IMAGES, KERNELS[:1], normal(1)))],
    "max_pool2d": [(lambda x: f.max_pool2d(x, 2, stride=1) ** 2, (IMAGES,))],
    "embedding": [(lambda w: f.embedding(np.array([0, 2, 0]), w) ** 2, (B,))],
}
WITHOUT_DERIVATIVE = {"argmax", "argmin", "eye_like"}
CASES = [(name, place) for name, several in OPERATIONS.items() for place in range(len(several))]


@for_each(("name", "place"), CASES)
def test_every_function_of_arrays_passes_in_both_orders(name: str, place: int) -> None:
    function, inputs = OPERATIONS[name][place]
    report = gradcheck(function, inputs, order=2)
    assert report, str(report)
    assert report.checked == 2 * sum(np.size(one) for one in inputs)


def test_every_function_of_arrays_is_checked() -> None:
    public = {name for name, one in REGISTRY.arrays.items() if not getattr(one, "internal", False)}
    assert public - WITHOUT_DERIVATIVE == set(OPERATIONS)


POINTWISE = [
    name
    for name, one in REGISTRY.items()
    if one.samples and not one.internal and not one.is_locally_constant and name not in ("where", "guard")
]


@for_each("name", POINTWISE)
def test_every_function_of_numbers_passes_on_arrays_in_both_orders(name: str) -> None:
    primitive = REGISTRY[name]
    box = primitive.samples[0]
    static = [float(round(sum(interval) / 2)) for interval in box[: len(primitive.static)]]
    free = box[len(primitive.static) :]
    # Of two operands the second is broadcast.
    inputs = [
        low + (high - low) * GENERATOR.uniform(0.3, 0.7, (2,) if i == 0 else ()) for i, (low, high) in enumerate(free)
    ]
    report = gradcheck(lambda *given: primitive(*static, *given), inputs, order=2)
    assert report, str(report)


@contextmanager
def changed(primitive: Any, **fields: Any) -> Iterator[None]:
    """A primitive with other rules for a while."""
    before = {name: getattr(primitive, name) for name in fields}
    for name, content in fields.items():
        setattr(primitive, name, content)
    forget_rules()
    try:
        yield
    finally:
        for name, content in before.items():
            setattr(primitive, name, content)
        forget_rules()


def wrong(name: str, change: Callable[[Any], Any], position: int = 0) -> dict[str, Any]:
    """The vjp of a function of arrays with one rule changed."""
    rules = list(REGISTRY.arrays[name].vjp)
    right = rules[position]
    rules[position] = lambda *given, **options: change(right(*given, **options))
    return {"vjp": tuple(rules)}


WRONG: dict[str, tuple[str, dict[str, Any], str, int]] = {
    "off by a thousandth": ("matmul", wrong("matmul", lambda g: g * 1.001), "matmul", 0),
    "off toward the second operand": ("matmul", wrong("matmul", lambda g: g * 1.001, 1), "matmul", 0),
    "the wrong sign": ("logsumexp", wrong("logsumexp", lambda g: -g), "logsumexp", 0),
    "a missing term": ("softmax", {"vjp": (lambda g, y, x, axis: y * g,)}, "softmax", 0),
    "axes exchanged": ("transpose", {"vjp": (lambda g, y, x, axes: g.T.T.reshape(x.shape),)}, "transpose", 0),
    "one entry too few": ("cumsum", wrong("cumsum", lambda g: g * np.array([1.0, 1.0, 0.0])), "cumsum", 0),
    "a shape that does not fit": ("matmul", wrong("matmul", lambda g: g.sum(axis=0).reshape(1, 1, -1)), "matmul", 0),
    "an expansion that is not summed": ("expand", {"vjp": (lambda g, y, x, shape: g,)}, "expand", 0),
    "an expansion that is averaged": ("expand", {"vjp": (lambda g, y, x, shape: g.mean(axis=0),)}, "expand", 0),
    "a tangent off by a thousandth": ("mean", {"jvp": lambda t, y, x, **o: f.mean(t[0], **o) * 1.001}, "mean", 0),
    "a tangent that is lost": ("matmul", {"jvp": lambda t, y, a, b: f.matmul(a * 0.0, b)}, "matmul", 0),
    "a rule that fails": ("var", {"vjp": (lambda g, y, x, **options: g @ "no",)}, "var", 0),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_rule_of_a_function_of_arrays_fails(case: str) -> None:
    name, fields, operation, place = WRONG[case]
    function, inputs = OPERATIONS[operation][place]
    assert gradcheck(function, inputs)
    with changed(REGISTRY.arrays[name], **fields):
        report = gradcheck(function, inputs)
    assert not report
    assert report.problems
    assert all(problem.startswith("order 1: ") for problem in report.problems)


@for_each("name", [name for name in POINTWISE if REGISTRY[name].active is None])
def test_a_rule_of_a_function_of_numbers_that_is_off_by_a_thousandth_fails(name: str) -> None:
    primitive = REGISTRY[name]
    right = primitive.partials
    box = primitive.samples[0]
    static = [float(round(sum(interval) / 2)) for interval in box[: len(primitive.static)]]
    inputs = [low + (high - low) * GENERATOR.uniform(0.3, 0.7, 2) for low, high in box[len(primitive.static) :]]
    with changed(primitive, partials=lambda *given: [1.001 * partial for partial in right(*given)]):
        assert not gradcheck(lambda *given: primitive(*static, *given), inputs)


def test_a_rule_that_is_right_but_can_not_be_differentiated_fails_in_the_second_order() -> None:
    function, inputs = OPERATIONS["logsumexp"][0]
    lost = wrong("logsumexp", lambda g: g.detach() if isinstance(g, Tensor) else g)
    with changed(REGISTRY.arrays["logsumexp"], **lost):
        assert gradcheck(function, inputs)
        report = gradcheck(function, inputs, order=2)
    assert not report
    assert all(problem.startswith("order 2: ") for problem in report.problems)


def test_a_function_that_cuts_the_graph_fails() -> None:
    assert not gradcheck(lambda x: (x * x.detach()).sum(), (X,))
    assert not gradcheck(lambda x: Tensor(x.data) * 2.0, (X,))


def test_the_report_names_the_place_and_the_three_numbers() -> None:
    with changed(REGISTRY.arrays["matmul"], **wrong("matmul", lambda g: g * 1.5)):
        report = gradcheck(lambda a, x: a @ x, ([[1.0, 2.0]], [3.0, 4.0]))
    first, second = report.problems
    assert first.startswith("order 1: the derivative with respect to element [0, 0] of input 0 is ")
    assert "by the reverse sweep" in first
    assert "by the forward sweep" in first
    assert "by finite differences" in first
    assert "[0, 1]" in second
    assert str(report) == f"{first}\n{second}"


def test_inputs_of_every_kind_and_functions_of_several_results() -> None:
    report = gradcheck(lambda x, y, s: [x * y, (x * s).sum()], (Tensor([1.0, 2.0]), [3, 4], 2.0))
    assert (bool(report), report.checked) == (True, 5)
    assert str(report) == "reverse, forward and finite differences agree in 5 entries"
    assert gradcheck(lambda x: Tensor([1.0]), (X,))


def test_what_the_function_itself_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="don't fit a product of matrices"):
        gradcheck(lambda a, b: a @ b, (A, A))
