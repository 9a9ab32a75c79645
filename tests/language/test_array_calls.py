"""Arrays in the language: what each form means, against NumPy, and what it is in the graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.graph import Slice, substitute
from gradcli.primitives import REGISTRY
from tests.support.loops import for_each
from tests.support.refusal import check_refusal

A = np.arange(1.0, 13.0).reshape(3, 4)
B = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -2.0]])
X, Y = np.array([1.0, -2.0, 0.5, 3.0]), np.array([2.0, 0.5, 4.0, 1.0])
POINT: dict[str, Any] = {"A": A, "B": B, "x": X, "y": Y, "s": 2.0}

#: An expression and the same in NumPy.
MEANINGS: list[tuple[str, Any]] = [
    ("[1, 2]", [1.0, 2.0]),
    ("[[1, 2], [3, 4]]", [[1.0, 2.0], [3.0, 4.0]]),
    ("[s, s^2, pi]", [2.0, 4.0, math.pi]),
    ("[x, y, x*y]", [X, Y, X * Y]),
    ("[[[1]], [[2]]]", [[[1.0]], [[2.0]]]),
    ("[-1]", [-1.0]),
    # indices
    ("x[0]", X[0]),
    ("x[-1]", X[-1]),
    ("x[1:]", X[1:]),
    ("x[:-1]", X[:-1]),
    ("x[::2]", X[::2]),
    ("x[::-1]", X[::-1]),
    ("x[2:0:-1]", X[2:0:-1]),
    ("x[:]", X),
    ("x[3:1]", X[3:1]),
    ("A[0, 1]", A[0, 1]),
    ("A[0][1]", A[0][1]),
    ("A[1]", A[1]),
    ("A[:, 0]", A[:, 0]),
    ("A[1:, -2:]", A[1:, -2:]),
    ("A[::2, ::-1]", A[::2, ::-1]),
    ("x[3 - 1]", X[2]),
    ("x[2*1]", X[2]),
    ("[1, 2, 3][1]", 2.0),
    ("(x + y)[1]", (X + Y)[1]),
    ("sin(x)[0]^2", np.sin(X)[0] ** 2),
    ("x[0]^2", X[0] ** 2),
    ("-x[0]", -X[0]),
    ("2x[0] + 1", 2 * X[0] + 1),
    ("2x[1]^2", 2 * X[1] ** 2),
    ("x[3]!", 6.0),
    ("x[0]²", 1.0),
    # @ is a product: from the left, as tight as * and /
    ("A @ x", A @ X),
    ("x @ y", X @ Y),
    ("B @ A @ x", B @ A @ X),
    ("B @ A", B @ A),
    ("-A @ x", -A @ X),
    ("s*A @ x", 2 * A @ X),
    ("A @ x/s", A @ X / 2),
    ("A @ x^2", A @ X**2),
    ("A @ x + 1", A @ X + 1),
    ("x @ transpose(A)", X @ A.T),
    # reductions
    ("sum(A)", A.sum()),
    ("sum(A, 0)", A.sum(0)),
    ("sum(A, axis=1)", A.sum(1)),
    ("sum(A, -1)", A.sum(-1)),
    ("sum(A, [0, 1])", A.sum()),
    ("sum(A, axis=0, keepdims=1)", A.sum(0, keepdims=True)),
    ("sum(A, 0, 1)", A.sum(0, keepdims=True)),
    ("sum(A, keepdims=1)", A.sum(keepdims=True)),
    ("mean(A, 0)", A.mean(0)),
    ("prod(x)", X.prod()),
    ("max(x)", X.max()),
    ("max(A, axis=0)", A.max(0)),
    ("max(A, 6)", np.maximum(A, 6.0)),
    ("max(x, y)", np.maximum(X, Y)),
    ("min(x)", X.min()),
    ("min(x, y, 1)", np.minimum(np.minimum(X, Y), 1.0)),
    ("argmax(x)", 3.0),
    ("argmin(A, 1)", A.argmin(1)),
    ("var(x)", X.var(ddof=1)),
    ("var(x, correction=0)", X.var()),
    ("std(A, 0)", A.std(0, ddof=1)),
    ("norm(x)", np.linalg.norm(X)),
    ("norm(x, 1)", np.abs(X).sum()),
    ("norm(x, inf)", np.abs(X).max()),
    ("norm(A, axis=1)", np.linalg.norm(A, axis=1)),
    ("logsumexp(x)", np.log(np.exp(X).sum())),
    ("sum^2(x)", X.sum() ** 2),
    # the rest
    ("dot(x, y)", X @ Y),
    ("softmax(x)", np.exp(X) / np.exp(X).sum()),
    ("softmax(A, 0)", np.exp(A) / np.exp(A).sum(0)),
    ("log_softmax(x)", X - np.log(np.exp(X).sum())),
    ("cumsum(x)", X.cumsum()),
    ("cumsum(A, 0, reverse=1)", A[::-1].cumsum(0)[::-1]),
    ("transpose(A)", A.T),
    ("transpose(A, [0, 1])", A),
    ("reshape(A, [4, 3])", A.reshape(4, 3)),
    ("reshape(A, -1)", A.reshape(-1)),
    ("reshape(A, [2, -1])", A.reshape(2, -1)),
    ("flatten(A)", A.reshape(-1)),
    ("squeeze([[1, 2]])", [1.0, 2.0]),
    ("expand(x, [2, 4])", [X, X]),
    ("pad(x, 1)", np.pad(X, 1)),
    ("pad([[1]], [[1, 0], [0, 1]], 7)", [[7.0, 7.0], [1.0, 7.0]]),
    ("cat(x, y)", np.concatenate([X, Y])),
    ("cat(A, A, axis=1)", np.concatenate([A, A], 1)),
    ("stack(x, y, axis=1)", np.stack([X, Y], 1)),
    # functions of numbers apply to each element and broadcast
    ("tanh(A)", np.tanh(A)),
    ("A*x", A * X),
    ("A + s", A + 2.0),
    ("x^2 + y^2", X**2 + Y**2),
    ("[[1], [2]]*[10, 20]", [[10.0, 20.0], [20.0, 40.0]]),
    ("if(x > 0, x, 0)", np.where(X > 0, X, 0.0)),
    ("|x|", np.abs(X)),
    ("x % 2", X % 2),
    ("x > y", (X > Y).astype(float)),
    ("polygamma(1, [1, 2])", [math.pi**2 / 6, math.pi**2 / 6 - 1]),
    ("diff(s^3, s)*x", 12.0 * X),
    # definitions
    ("r = A @ x; r[0] + sum(r)", (A @ X)[0] + (A @ X).sum()),
    ("f(v) = v @ v; f(x) + f([1, 2])", X @ X + 5.0),
    ("f(v, i) = v[i]; f(x, 2) + f(y, -1)", X[2] + Y[-1]),
    ("f(v, n) = sum(v, axis=n); f(A, 1)", A.sum(1)),
    ("sum(t) = t + 1; sum(2)", 3.0),
    ("sum = 3; sum*2", 6.0),
    ("r = [1, 2]; s", 2.0),
]


@for_each(("text", "value"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_a_text_means_what_numpy_means_by_it(text: str, value: Any) -> None:
    expression = parse(text)
    found = expression(**{name: POINT[name] for name in expression.variables})
    value = np.asarray(value, dtype=float)
    assert np.shape(found) == value.shape
    np.testing.assert_allclose(found, value, rtol=1e-14, atol=1e-300)


@for_each("text", [text for text, _ in MEANINGS])
def test_what_is_printed_is_read_as_the_same(text: str) -> None:
    expression = parse(text)
    again = parse(str(expression))
    assert str(again) == str(expression)
    point = {name: POINT[name] for name in expression.variables}
    np.testing.assert_array_equal(again(**point), expression(**point))


def test_options_are_part_of_a_node_and_defaults_are_none() -> None:
    expression = parse("sum(A, axis=0) + sum(A, 0) + sum(A, keepdims=0) + sum(A)")
    sums = {node for node in expression.graph.nodes if node.primitive is REGISTRY.arrays["sum"]}
    assert {node.options for node in sums} == {(), (("axis", 0),)}
    [index] = [node for node in parse("A[1:, 0, ::-1]").graph.nodes if node.primitive is REGISTRY.arrays["index"]]
    assert index.options == (("key", (Slice(1, None, None), 0, Slice(None, None, -1))),)


def test_a_substitution_keeps_options() -> None:
    root = parse("sum(A*2, 0)[1]").root
    graph = root.graph
    other = substitute(root, {graph.variable("A"): graph.variable("B")})
    assert str(parse("sum(B*2, 0)[1]")) == "sum(B*2, 0)[1]"
    from gradcli.printing.text import to_text

    assert to_text(other) == "sum(B*2, 0)[1]"


@pytest.mark.parametrize(
    ("use", "word"),
    [
        (lambda one: one.derivative("x"), "sum"),
        (lambda one: one.refuse_arrays("this"), "sum"),
    ],
)
def test_what_takes_numbers_only_refuses_arrays(use: Callable[[Any], Any], word: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        use(parse("2*sum(x)"))
    assert (caught.value.kind, tuple(caught.value.span or ())) == ("array", (2, 8))
    assert word in caught.value.message


REFUSED: list[tuple[str, str, tuple[int, int], str | None]] = [
    ("[]", "array", (0, 2), "for example `[1, 2]`"),
    ("2[1, 2]", "array", (0, 7), "to multiply, write `2*[1, 2]`"),
    ("x^2[0]", "array", (2, 6), "to multiply, write `2*[0]`"),
    ("x[0.5]", "array", (0, 6), "an index counts from 0, and a negative index from the end"),
    ("x[i]", "array", (0, 4), "an index can't depend on a variable"),
    ("x[[0, 1]]", "array", (0, 9), None),
    ("x[1:2:0]", "array", (0, 8), None),
    ("sum(x, axes=0)", "option", (0, 14), "to compare, write `==`"),
    ("sum(x, 0, axis=0)", "option", (0, 17), None),
    ("diff(sum(x), x)", "array", (0, 15), "gradcli grad differentiates functions of arrays"),
    ("f(t) = sum(t^2); f'(2)", "array", (17, 22), "gradcli grad differentiates functions of arrays"),
    ("norm'(x)", "array", (0, 8), None),
]


@pytest.mark.parametrize(("text", "kind", "span", "hint"), REFUSED)
def test_a_wrong_index_or_option_names_its_kind_its_place_and_a_way_out(
    text: str, kind: str, span: tuple[int, int], hint: str | None
) -> None:
    check_refusal(text, kind, span, hint)
