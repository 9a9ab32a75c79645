"""The numbers of the systems that gradcli grew from: micrograd, its lecture, MiniGrad, and the worked example.

Each case is given both as an expression and as a program on Values, and both must give the number; exactly, where the
arithmetic is the same.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from gradcli import Value, derivative, functions, nn, parse
from gradcli.evaluate.point import derivatives


def micrograd_sanity(x: Value) -> Value:
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def micrograd_readme(a: Value, b: Value) -> Value:
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


README_TEXT = (
    "c = a + b; d = a*b + b^3; c = c + (c + 1); c = c + (1 + c + (-a)); d = d + (d*2 + relu(b + a));"
    "d = d + (3*d + relu(b - a)); e = c - d; f = e^2; g = f/2; g + 10/f"
)


def shared(a: Value, b: Value) -> Value:
    c, d = a + b, a * b
    return (c + d) + (c * d)


CASES: list[tuple[str, str, Callable[..., Value], dict[str, float], float, list[float], float]] = [
    (
        "the worked example",
        "x1*x2 + sin(x1)",
        lambda x1, x2: x1 * x2 + x1.sin(),
        {"x1": 2.0, "x2": 3.0},
        6.909297426825682,
        [2.5838531634528574, 2.0],
        0.0,
    ),
    (
        "micrograd's sanity test",
        "z = 2*x + 2 + x; q = relu(z) + z*x; h = relu(z*z); h + q + q*x",
        micrograd_sanity,
        {"x": -4.0},
        -20.0,
        [46.0],
        0.0,
    ),
    (
        "micrograd's README",
        README_TEXT,
        micrograd_readme,
        {"a": -4.0, "b": 2.0},
        24.70408163265306,
        [138.83381924198252, 645.5772594752187],
        1e-15,
    ),
    (
        "MiniGrad's first",
        "a^3/5 + relu(b^2)",
        lambda a, b: a**3 / 5 + (b**2).relu(),
        {"a": 1.5, "b": -4.0},
        16.675,
        [1.35, -8.0],
        2e-16,
    ),
    (
        "MiniGrad's second",
        "x*x*y + y + 2",
        lambda x, y: x * x * y + y + 2,
        {"x": 3.0, "y": 4.0},
        42.0,
        [24.0, 10.0],
        0.0,
    ),
    (
        "the lecture's product",
        "(a*b + c)*f",
        lambda a, b, c, f: (a * b + c) * f,
        {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0},
        -8.0,
        [6.0, -4.0, -2.0, 4.0],
        0.0,
    ),
    (
        "the lecture's neuron",
        "tanh(x1*w1 + x2*w2 + b)",
        lambda x1, w1, x2, w2, b: (x1 * w1 + x2 * w2 + b).tanh(),
        {"x1": 2.0, "w1": -3.0, "x2": 0.0, "w2": 1.0, "b": 6.8813735870195432},
        0.7071067811865476,
        [-1.5, 1.0, 0.5, 0.0, 0.5],
        4e-16,
    ),
    ("a - a", "a - a", lambda a: a - a, {"a": 3.0}, 0.0, [0.0], 0.0),
    ("a / a", "a/a", lambda a: a / a, {"a": 3.0}, 1.0, [0.0], 0.0),
    ("a + a", "a + a", lambda a: a + a, {"a": 3.0}, 6.0, [2.0], 0.0),
    ("a * a", "a*a", lambda a: a * a, {"a": 3.0}, 9.0, [6.0], 0.0),
    (
        "shared operands",
        "c = a + b; d = a*b; (c + d) + (c*d)",
        shared,
        {"a": 2.0, "b": 3.0},
        41.0,
        [25.0, 19.0],
        0.0,
    ),
    ("a power", "a^b", lambda a, b: a**b, {"a": 2.0, "b": 3.0}, 8.0, [12.0, 5.545177444479562], 0.0),
    ("a negative base", "a^b", lambda a, b: a**b, {"a": -2.0, "b": -3.0}, -0.125, [-0.1875, math.nan], 0.0),
    ("the cube", "x*x*x", lambda x: x * x * x, {"x": 3.0}, 27.0, [27.0], 0.0),
]


def close(found: float, expected: float, tolerance: float) -> bool:
    if expected != expected:
        return found != found
    return abs(found - expected) <= tolerance * abs(expected)


@pytest.mark.parametrize(("name", "text", "_", "at", "value", "partials", "tolerance"), CASES)
def test_an_expression_gives_the_numbers_of_the_seed(
    name: str, text: str, _: object, at: dict[str, float], value: float, partials: list[float], tolerance: float
) -> None:
    expression = parse(text)
    gradient = expression.gradient(**at)
    assert close(expression(**at), value, tolerance)
    assert all(close(gradient[key], partial, tolerance) for key, partial in zip(at, partials, strict=True)), gradient


@pytest.mark.parametrize(("name", "_", "program", "at", "value", "partials", "tolerance"), CASES)
def test_a_program_on_values_gives(
    name: str,
    _: object,
    program: Callable[..., Value],
    at: dict[str, float],
    value: float,
    partials: list[float],
    tolerance: float,
) -> None:
    leaves = [Value(x) for x in at.values()]
    root = program(*leaves)
    for _ in range(2):  # a second backward changes nothing
        root.backward()
        assert close(root.data, value, tolerance)
        assert all(map(close, [leaf.grad for leaf in leaves], partials, [tolerance] * len(leaves)))


def test_the_bell_curve_at_0() -> None:
    assert derivatives(parse("exp(-x^2)"), {"x": 0.0}, 4) == {"x": [0.0, -2.0, 0.0, 12.0]}
    assert [derivative(lambda x: (-(x**2)).exp(), order)(0.0) for order in (1, 2, 3, 4)] == [0.0, -2.0, 0.0, 12.0]


def test_a_chain_of_100000_additions() -> None:
    x = root = Value(1.0)
    for _ in range(100_000):
        root = root + 1
    root.backward()
    assert (root.data, x.grad) == (100_001.0, 1.0)


def test_a_neuron_has_the_numbers_of_micrograds() -> None:
    random.seed(1337)
    neuron = nn.Neuron(2)
    out = neuron([1, -2])
    out.backward()
    assert out.data == 0.102443419482938
    assert [weight.grad for weight in neuron.w] == [1.0, -2.0]


def test_one_loss_of_micrograds_moons_demo_is_the_published_one() -> None:
    np = pytest.importorskip("numpy")
    from gradcli.train.data.datasets import moons

    points, classes = moons(100, 0.1, np.random.RandomState(1337))
    labels = [2.0 * one - 1.0 for one in classes.tolist()]
    random.seed(1337)
    net = nn.MLP(2, [16, 16, 1])
    scores = [net(list(map(Value, row))) for row in points.tolist()]
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
    loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())
    assert loss.data == pytest.approx(0.8958441028683222, rel=1e-15)


def test_what_went_wrong_elsewhere() -> None:
    cube_root = Value(-8.0) ** (1 / 3)
    assert math.isnan(cube_root.data)  # not silently complex
    x = Value(0.0)
    (x**0).backward()  # does not raise
    assert x.grad == 0.0
    doubled = parse("a + a").root
    assert doubled.operands[0] is doubled.operands[1]  # two edges to one node
    with pytest.raises(ValueError, match="a neuron with 2 inputs was given 3"):
        nn.Neuron(2)([1, 2, 3])


def test_binary_cross_entropy_and_exact_gelu_of_the_seeds() -> None:
    assert parse("-log(p)")(p=0.9) == pytest.approx(0.1053605156578263, rel=1e-15)
    assert functions.gelu(1.0) == pytest.approx(0.8413447460685429, rel=1e-15)
