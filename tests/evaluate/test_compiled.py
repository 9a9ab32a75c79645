"""Compiled functions: at every point what `grad` gives there, for arrays of any shape, layout and type."""

from __future__ import annotations

import math
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import GradcliError, parse
from gradcli import functions as f
from gradcli.errors import LimitError, UnavailableError, UsageError
from gradcli.evaluate.compiled import compile  # noqa: A004
from gradcli.evaluate.point import gradient, hessian, jvp
from tests.support.edge_points import ROWS, Row
from tests.support.loops import for_each

EXECUTORS = ["numpy", "llvm"]


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    if request.param == "llvm":
        pytest.importorskip("llvmlite")
    name: str = request.param
    return name


def compiled(text: Any, executor: str, **options: Any) -> Any:
    """What is compiled; where LLVM has no form of a function, the test ends."""
    function = compile(text, executor=executor, **options)
    try:
        assert function.executor == executor
    except UsageError as error:
        if "no compiled form" not in error.message:
            raise
        pytest.skip(error.message)
    return function


def same(got: float, wanted: float, tolerance: float = 4e-16) -> bool:
    return math.isclose(got, wanted, rel_tol=tolerance) or (got != got and wanted != wanted)


# What is computed


@for_each("row", ROWS, ids=str)
def test_an_edge_point_among_others_has_its_declared_derivative(row: Row, executor: str) -> None:
    function = compiled(row.text, executor)
    for count in (1, 5, 40):
        columns = {name: np.full(count, 1.3) for name in row.point}
        for name, value in row.point.items():
            columns[name][count // 2] = value
        value, partials = function(**columns)
        assert same(value[count // 2], parse(row.text)(**row.point))
        for found, wanted in zip(partials.values(), row.gradient, strict=True):
            assert same(found[count // 2], wanted), f"{found[count // 2]} is not {wanted}"


EXPRESSIONS = [
    "x1*x2 + sin(x1)", "x^2*y", "x^y", "x^3 - 2x*y + y^2", "exp(-x^2)*cos(y)", "log(x^2 + y^2 + 1)",
    "sqrt(x*x + y*y)", "hypot(x, y)", "atan2(y, x)", "tanh(x*y + z)", "sigmoid(x - y)*z", "softplus(x)*y",
    "relu(x*y - z)", "gelu(x)*y", "silu(x) + mish(y)", "elu(x)*selu(y)", "leaky_relu(x - y)", "max(x, y, z)",
    "min(x*y, z)", "clip(x*y, -1, 1)", "abs(x)*sign(y)", "floor(x) + x*ceil(y)", "mod(x, 1.5)*y",
    "where(x > y, x^2, y^3)", "where(x > 0, sqrt(x), y)", "where(x > 0, log(x), x*y)", "x/y", "x/(y*z)",
    "1/(1 + x^2)", "sinh(x)*cosh(y)", "asinh(x) + atan(y)", "tan(x)*sec(y)", "cot(x)*csc(y)", "sech(x)*coth(y)",
    "exp2(x)*expm1(y)", "log1p(x^2)*log2(y^2 + 1)", "cbrt(x)*y", "erf(x)*erfc(y)", "logaddexp(x, y)",
    "xlogy(x^2, y^2)", "sinc(x)*y", "softsign(x)*hard_tanh(y)", "acosh(1 + x^2)*y", "asin(tanh(x))*y",
    "atanh(tanh(x)*0.9)", "(1 - x)^2 + 100(y - x^2)^2", "r = hypot(x, y); sin(r)/r", "f(t) = t*exp(t); f(x)*f(y)",
    "diff(x^3*y^2, x)*z", "lgamma(x^2 + 1)*y", "x*y*z*sin(x*y*z)", "0.5 + 0*x", "gamma(1 + x^2)",
    "square(x) - cbrt(y)",
]  # fmt: skip


@for_each("text", EXPRESSIONS)
def test_values_and_gradients_agree_with_points(text: str, executor: str) -> None:
    expression = parse(text)
    function = compiled(text, executor)
    generator = np.random.default_rng(1)
    columns = {name: generator.normal(0.0, 1.5, 4000) for name in expression.variables}
    value, partials = function(**columns)
    for i in range(0, 4000, 40 if len(text) % 2 else 61):
        exact = gradient(expression, {name: float(column[i]) for name, column in columns.items()})
        # The two may take different ways to a sum in which terms cancel.
        size = max([1.0, *map(abs, exact.gradient.values())]) if math.isfinite(exact.value) else 1.0
        assert same(value[i], exact.value, 1e-12) or abs(value[i] - exact.value) < 1e-13
        for name, wanted in exact.gradient.items():
            assert same(partials[name][i], wanted, 1e-11) or abs(partials[name][i] - wanted) < 1e-12 * size


@for_each("text", EXPRESSIONS[:30])
def test_second_derivatives_and_directions_agree_with_points(text: str, executor: str) -> None:
    expression = parse(text)
    names = expression.variables
    columns = {name: np.random.default_rng(2).uniform(0.3, 1.4, 64) + 0.1 * i for i, name in enumerate(names)}
    moved = {f"d_{name}": np.full(64, 0.5 + i) for i, name in enumerate(names)}
    _, _, second = compiled(text, executor, derivatives="hessian")(**columns)
    value, along = compiled(text, executor, derivatives="jvp")(**columns, **moved)
    for i in range(0, 64, 7):
        point = {name: float(column[i]) for name, column in columns.items()}
        assert same(value[i], expression(**point), 1e-13)
        wanted = jvp(expression, point, {name: 0.5 + i for i, name in enumerate(names)})
        assert along[i] == pytest.approx(wanted, rel=1e-11, abs=1e-12)
        for row, found in hessian(expression, point).items():
            for column, entry in found.items():
                assert second[row][column][i] == pytest.approx(entry, rel=1e-10, abs=1e-11, nan_ok=True)


def test_each_choice_of_derivatives_has_its_form_and_names() -> None:
    x, y = np.arange(3.0), np.arange(3.0) + 1.0
    forms = {kind: compile("x^2*y", derivatives=kind) for kind in ("value", "gradient", "value+gradient")}
    assert forms["value"](x, y).tolist() == [0.0, 2.0, 12.0]
    assert {name: one.tolist() for name, one in forms["gradient"](x, y).items()} == {"x": [0, 4, 12], "y": [0, 1, 4]}
    value, partials = forms["value+gradient"](x, y)
    assert (value.tolist(), list(partials)) == ([0.0, 2.0, 12.0], ["x", "y"])
    assert [one.names for one in forms.values()] == [("value",), ("d_x", "d_y"), ("value", "d_x", "d_y")]
    second = compile("x^2*y", derivatives="hessian")
    assert second.names == ("value", "d_x", "d_y", "d_x_x", "d_x_y", "d_y_y")
    matrix = second(x, y)[2]
    assert list(matrix["y"]) == ["x", "y"]
    assert matrix["x"]["y"] is matrix["y"]["x"]
    along = compile("x^2*y", "y", "jvp")
    assert (along.inputs, along.names) == (("x", "y", "d_y"), ("value", "jvp"))
    assert along(x, y, 2.0)[1].tolist() == [0.0, 2.0, 8.0]


def test_only_the_variables_of_wrt_are_differentiated() -> None:
    function = compile("x*y*z", wrt=("z", "x"))
    assert (function.variables, function.wrt, function.names) == (("x", "y", "z"), ("z", "x"), ("value", "d_z", "d_x"))
    assert [float(one) for one in function(2, 3, 5)[1].values()] == [6.0, 15.0]


def test_a_variable_is_differentiated_once_and_there_may_be_none() -> None:
    assert compile("x*y", wrt=["x", "x"]).names == ("value", "d_x")
    assert compile("x*y", wrt=[], derivatives="gradient")(2.0, np.ones(3)) == {}
    assert compile("2 + 3", derivatives="hessian")() == (5.0, {}, {})


# Arrays


A, B = np.random.default_rng(3).normal(size=(2, 30, 40))
INPUTS = [
    (A, B), (A[:, :1], B), (A.T, B.T), (A[::-1, ::2], B[:, ::2]), (A[0], B[3]), (A[:, 0], B[:, 1]),
    (A[:, 0][::-1], 2.0), (A, 3), (2, B), ([1, 2], [3, 4]), ([[1, 2], [3, 4]], np.asfortranarray(B[:2, :2])),
    (np.arange(5), np.arange(5.0)), (np.arange(5), True), (np.zeros(0), 1.0), (np.zeros((0, 3)), np.zeros(3)),
    (np.zeros((3, 0)), 1), (2.0, 3), (np.array(2.0), np.float32(3)), (np.arange(4, dtype=">f8"), 1.0),
    (A.astype("float32"), B), (A[:, None], B[None]), (np.arange(300_000), np.float64(0.5)),
    (np.zeros((300, 1)), np.ones((1, 1000))), (np.ones((2, 3, 4)).T, 1.0),
    (np.broadcast_to(1.5, (7, 5)), B[:7, :5]), (np.array([1, 2], object), 0.5),
    (np.array([200, 3], "uint8"), np.array([100, 7], "uint8")),
    (np.frombuffer(b"x" + np.arange(4.0).tobytes(), "float64", 4, 1), 1.0),
]  # fmt: skip


@for_each(("x", "y"), INPUTS, ids=lambda one: f"{np.asarray(one).dtype}{np.shape(one)}")
def test_arrays_of_any_shape_layout_and_type(x: Any, y: Any, executor: str) -> None:
    value, partials = compiled("x*y + sin(x)", executor)(x, y)
    first, second = (np.asarray(one, float) for one in (x, y))
    assert np.shape(value) == np.broadcast_shapes(first.shape, second.shape)
    np.testing.assert_allclose(value, first * second + np.sin(first), rtol=1e-14, atol=1e-15)
    slope = np.broadcast_to(second + np.cos(first), np.shape(value))
    np.testing.assert_allclose(partials["x"], slope, rtol=1e-14, atol=1e-15)
    np.testing.assert_array_equal(partials["y"], np.broadcast_to(first, np.shape(value)))
    assert np.asarray(value).dtype == np.float64


def test_arrays_in_the_order_of_fortran_give_such_arrays() -> None:
    value = compile("x*y", derivatives="value")(A.T, B.T)
    assert value.flags.f_contiguous
    assert value.tolist() == (A * B).T.tolist()


def test_numbers_alone_give_a_number() -> None:
    value, partials = compile("x^2")(3)
    assert isinstance(value, float)
    assert (value, partials) == (9.0, {"x": 6.0})
    assert compile("2 + 3")() == (5.0, {})


def test_32_bit_results_are_asked_for(executor: str) -> None:
    x = A.astype("float32")
    assert compiled("x^2", executor)(x)[0].dtype == np.float64
    narrow = compiled("exp(x) + x", executor, dtype=np.float32)
    for given in (x, A, A.tolist(), x[:, ::2]):
        value, partials = narrow(given)
        assert value.dtype == partials["x"].dtype == np.float32
        np.testing.assert_allclose(partials["x"], np.exp(np.float32(given)) + 1, rtol=1e-6)
    assert narrow(np.array([1e300]))[0] == np.inf


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_do_not_change_a_bit(threads: int, executor: str) -> None:
    x, y = np.random.default_rng(4).normal(size=(2, 300_001))
    text = "exp(x)*tanh(y) + where(x > y, sqrt(x), y^2)"
    wanted = compiled(text, executor, threads=1).run({"x": x, "y": y})
    found = compiled(text, executor, threads=threads).run({"x": x, "y": y})
    assert all(one.tobytes() == other.tobytes() for one, other in zip(found, wanted, strict=True))


def test_a_series_is_an_array() -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    function = compile("x*y", derivatives="value")
    assert function(pandas.Series([1, 2]), pandas.Series([3.0, None])).tolist()[0] == 3.0
    assert function(polars.Series([1, 2]), polars.Series([3.5, 4.0])).tolist() == [3.5, 8.0]
    assert np.isnan(function(1.0, polars.Series([3.0, None])))[1]
    gaps = pandas.Series([1, None, 3], dtype="Int64")
    assert function(gaps, 2.0).tolist()[::2] == [2.0, 6.0]
    assert np.isnan(function(gaps, 2.0)[1])


# Arrays to write into


def test_results_are_written_into_out(executor: str) -> None:
    function = compiled("x*y + sin(x)", executor)
    wanted = [one.copy() for one in function.run({"x": A, "y": B})]
    layouts: list[list[np.ndarray]] = [
        [np.empty((30, 40)) for _ in range(3)],
        [np.empty((40, 30)).T for _ in range(3)],
        list(np.empty((3, 30, 40))),
        list(np.moveaxis(np.empty((30, 40, 3)), 2, 0)),
        [np.empty((60, 40))[::-2] for _ in range(3)],
    ]
    for out in layouts:
        value, partials = function(A, B, out=out)
        assert (value is out[0], partials["x"] is out[1], partials["y"] is out[2]) == (True, True, True)
        assert all(one.tolist() == other.tolist() for one, other in zip(out, wanted, strict=True))
    single = np.empty((30, 40))
    assert compiled("x*y", executor, derivatives="value")(A, B, out=single) is single
    numbers = [np.empty(()) for _ in range(3)]
    function(2.0, 3.0, out=numbers)
    assert float(numbers[0]) == pytest.approx(6 + math.sin(2))


@pytest.mark.parametrize("part", [slice(None), slice(0, 900), slice(50, 1000), slice(999, 99, -1)])
def test_out_may_share_memory_with_the_inputs(part: slice, executor: str) -> None:
    function = compiled("x*y + sin(x)", executor)
    x, y = np.random.default_rng(5).normal(size=(2, 1000))
    taken = x[100:] if part != slice(None) else x
    wanted = [one.tolist() for one in function.run({"x": taken, "y": y[: len(taken)]})]
    shared = x[part]
    out = [shared, np.empty(len(taken)), np.empty(len(taken))]
    if len(shared) != len(taken):
        out[0] = shared[: len(taken)]
    if len(out[0]) < len(taken):
        pytest.fail("the case is wrong")
    function(taken, y[: len(taken)], out=out)
    assert [one.tolist() for one in out] == wanted


READ_ONLY = np.broadcast_to(0.0, 4)
TWICE = np.empty(8)
BAD_OUT: list[tuple[Any, str]] = [
    (np.empty(4), "holds 1 arrays, but there are 2 results"),
    ([np.empty(3), np.empty(4)], "`value` has the shape (3,), but the results have (4,)"),
    ([np.empty(4), np.empty(4, "float32")], "`d_x` holds float32, but the results are float64"),
    ([READ_ONLY, np.empty(4)], "read-only"),
    ([TWICE[:4], TWICE[2:6]], "share memory"),
    ([[0.0] * 4, np.empty(4)], "for `value` is list, not an array of NumPy"),
]


@pytest.mark.parametrize(("out", "message"), BAD_OUT, ids=[row[1] for row in BAD_OUT])
def test_a_bad_out_is_refused(out: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile("x^2")(np.arange(4.0), out=out)
    assert message in caught.value.message


def test_columns_of_one_matrix_may_be_written_into() -> None:
    table = np.empty((1000, 2))
    compile("x^2")(np.arange(1000.0), out=list(table.T))
    assert table[3].tolist() == [9.0, 6.0]


# Errors


WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: compile("x*y")(1.0), "no value for `y`"),
    (lambda: compile("x*y")(1.0, 2.0, 3.0), "too many arguments"),
    (lambda: compile("x*y")(1.0, x=2.0), "by position and by name"),
    (lambda: compile("x*y")(x=1.0, z=2.0), "no variable `z`"),
    (lambda: compile("x*y")(np.ones(3), np.ones(4)), "`x` has (3,), `y` has (4,)"),
    (lambda: compile("x")(["a"]), "not real numbers"),
    (lambda: compile("x")(np.ones(2) * 1j), "holds complex numbers"),
    (lambda: compile("x")(np.array(["2020-01-01"], "datetime64[D]")), "not real numbers"),
    (lambda: compile("x")([[1], [1, 2]]), "isn't an array of numbers"),
    (lambda: compile("x")(10**400), "isn't an array of numbers"),
    (lambda: compile("x")(None), "isn't an array of numbers"),
    (lambda: compile("x")(np.array(["1", "2"], object)), "holds text, not real numbers"),
    (lambda: compile("x")(np.array(["1", "2"])), "holds text, not real numbers"),
    (lambda: compile("x", wrt=3), "the name of a variable, or several names, not 3"),
    (lambda: compile("x", derivatives=None), "unknown choice of derivatives `None`"),
    (lambda: compile("x", threads=True), "a natural number, not True"),
    (lambda: compile("out*2")(out=3), "no value for `out`"),
    (lambda: compile(gradcli.grad(lambda x: x * x)), "has the parameter `*arguments`, but"),
    (lambda: compile("x", wrt="y"), "no variable `y`"),
    (lambda: compile("x", derivatives="hess"), "unknown choice of derivatives `hess`"),
    (lambda: compile("x", dtype="int64"), "unknown type of numbers `int64`"),
    (lambda: compile("x", dtype=5), "unknown type of numbers `5`"),
    (lambda: compile("x", executor="gpu"), "unknown executor `gpu`"),
    (lambda: compile("x", threads=0), "natural number"),
    (lambda: compile("sum(x)"), "works on arrays"),
    (lambda: compile("x +"), "where a value is missing"),
    (lambda: compile("x*d_x", derivatives="jvp"), "both a variable and a direction"),
    (lambda: compile("x*y*x_y", derivatives="hessian"), "`d_x_y` is the name of two derivatives"),
]


@for_each(("call", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_what_is_wrong_is_said_in_a_sentence(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call()
    assert message in caught.value.message


def test_the_executor_and_the_reason_for_it_can_be_asked_for() -> None:
    chosen = compile("x", executor="numpy")
    assert (chosen.executor, chosen.note) == ("numpy", None)
    left_open = compile("polygamma(150, x)")
    assert left_open.executor == "numpy"
    assert left_open.note in ("llvmlite is not installed", "polygamma has no compiled form")


# Copies


def twice(x: Any, e: Any) -> Any:
    return x * e**2 + f.max(x, e) - math.pi


COPIED = [
    lambda: compile("x1*x2 + sin(x1)", "x1"),
    lambda: compile(twice, derivatives="hessian"),
    lambda: compile("x^y", derivatives="jvp", dtype="float32", threads=1),
    lambda: compile("diff(sqrt(x^2)*y, x)", derivatives="gradient"),
    lambda: compile(parse("s = x*y; s^2 + tau", variables=["tau"]), executor="numpy"),
    lambda: compile(lambda x, y: x**2),
    lambda: compile("2 + 3"),
]


@pytest.mark.parametrize("make", COPIED)
def test_a_pickle_is_text_and_gives_the_same_bits(make: Callable[[], Any]) -> None:
    function = make()
    saved = pickle.dumps(function)
    again = pickle.loads(saved)
    assert b"numpy" not in saved or function._options.executor == "numpy"
    options = ("text", "variables", "wrt", "derivatives", "inputs", "names", "dtype", "_options")
    assert [getattr(again, name) for name in options] == [getattr(function, name) for name in options]
    columns = dict(zip(function.inputs, np.random.default_rng(6).uniform(1, 2, (4, 100)), strict=False))
    wanted = function.run(columns)
    for found, one in zip(again.run(columns), wanted, strict=True):
        assert np.asarray(found).tobytes() == np.asarray(one).tobytes()


def test_a_derivative_that_no_text_stands_for_is_not_pickled() -> None:
    with pytest.raises(UsageError, match="can't be pickled"):
        pickle.dumps(compile(parse("abs(sqrt(x))").derivative("x")))


def test_other_processes_compute_the_same() -> None:
    function = compile(lambda x, y: x * y + f.sin(x))
    columns = [(np.arange(5.0) + i, np.full(5, float(i))) for i in range(4)]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(function, *zip(*columns, strict=True)))
    for (value, partials), given in zip(found, columns, strict=True):
        assert value.tobytes() == function(*given)[0].tobytes()
        assert partials["x"].tobytes() == function(*given)[1]["x"].tobytes()


def test_the_function_is_public() -> None:
    assert gradcli.compile is compile
    assert repr(gradcli.compile("x*y", "y")) == "<compiled x*y: value, d_y>"


def test_an_argument_may_have_the_name_of_a_parameter_of_the_call() -> None:
    assert compile("self*2", derivatives="value")(self=3) == 6.0
    assert compile("out*2", derivatives="value")(3) == 6.0


def test_a_function_of_the_registry_is_compiled_as_it_is() -> None:
    function = compile(f.atan2)
    assert (function.text, function.variables) == ("atan2(y, x)", ("y", "x"))


def test_a_masked_number_is_missing() -> None:
    masked = np.ma.masked_array([1, 2, 3], [0, 1, 0])
    assert np.array_equal(compile("x^2", derivatives="value")(masked), [1.0, np.nan, 9.0], equal_nan=True)


def test_the_order_of_the_arguments_may_be_chosen(executor: str) -> None:
    function = gradcli.compile("y - x^2 + e", variables=["x", "y"], executor=executor)
    assert (function.variables, function.wrt, function.names) == (("x", "y"), ("x", "y"), ("value", "d_x", "d_y"))
    assert function.point(2.0, 5.0) == [1.0 + math.e, -4.0, 1.0]
    assert pickle.loads(pickle.dumps(function)).point(2.0, 5.0) == [1.0 + math.e, -4.0, 1.0]
    assert function(2.0, 5.0, e=1.0) == (2.0, {"x": -4.0, "y": 1.0})
    with pytest.raises(UsageError, match="each once: y, x"):
        gradcli.compile("y - x^2", variables=["x", "z"])


def test_a_matrix_of_columns_has_the_results_of_a_call(executor: str) -> None:
    function = gradcli.compile("x*y + sin(x)", executor=executor)
    for count in (1, 9, 5000):
        matrix = np.random.default_rng(count).normal(size=(2, count))
        value, gradient = function(*matrix)
        assert np.array_equal(function.columns(matrix), [value, gradient["x"], gradient["y"]])
        out = np.empty((3, count))
        assert function.columns(matrix, out) is out
        assert np.array_equal(out, [value, gradient["x"], gradient["y"]])
    assert function.columns([2, 3]).tolist() == function.point(2, 3) == [6.0 + math.sin(2), 3.0 + math.cos(2), 2.0]


NO_POINTS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda f: f.point(1.0), "no value for `y`"),
    (lambda f: f.point(1.0, 2.0, 3.0), "too many arguments: 3"),
    (lambda f: f.point("a", 2.0), "holds text"),
    (lambda f: f.point([1.0, 2.0], 3.0), "isn't a number"),
    (lambda f: f.columns(np.ones((3, 4))), r"has the shape \(3, 4\), not \(2, rows\)"),
    (lambda f: f.columns([["a"], ["b"]]), "holds text"),
    (lambda f: f.columns(np.ones((2, 4)), np.ones((2, 4))), r"the results have the shape \(3, 4\)"),
    (lambda f: f.columns(np.ones((2, 4)), [1.0]), "is list, not an array"),
    (lambda f: f.columns(np.ones((2, 4)), np.ones((3, 4), np.float32)), "holds float32"),
]


@pytest.mark.parametrize(("call", "message"), NO_POINTS, ids=[row[1] for row in NO_POINTS])
def test_a_point_or_a_matrix_that_does_not_fit_is_refused(
    call: Callable[[Any], Any], message: str, executor: str
) -> None:
    with pytest.raises(UsageError, match=message):
        call(gradcli.compile("x*y", executor=executor))


@pytest.mark.parametrize("text", ["abs(x) + exp(x)", "exp(x)"])
def test_derivatives_of_an_order_have_points_and_columns(text: str, executor: str) -> None:
    function = gradcli.compile(text, order=3, executor=executor)
    for x in (0.0, 0.5):
        value, slopes = function(np.array([x]))
        assert function.point(x) == function.columns([x]).tolist() == [value[0], *[one[0] for one in slopes["x"]]]


def test_a_ufunc_works_in_other_libraries_of_arrays() -> None:
    pytest.importorskip("llvmlite")
    value, every = (gradcli.compile("x*y + sin(x)", derivatives=one).ufunc for one in ("value", "value+gradient"))
    numbers, exact = [1.0, 2.0, 3.0], [2.0 * x + math.sin(x) for x in (1.0, 2.0, 3.0)]
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(numbers, index=list("abc"))
    assert all(isinstance(one, pandas.Series) and list(one.index) == list("abc") for one in every(series, 2.0))
    assert value(series, 2.0).tolist() == pytest.approx(exact)
    dask = pytest.importorskip("dask.array")
    assert value(dask.from_array(np.array(numbers), chunks=2), 2.0).compute().tolist() == pytest.approx(exact)
    xarray = pytest.importorskip("xarray")
    found = every(xarray.DataArray(numbers, dims="time"), 2.0)
    assert [one.dims for one in found] == [("time",)] * 3
    assert found[0].values.tolist() == pytest.approx(exact)


def test_where_there_is_no_ufunc_the_reason_is_said() -> None:
    with pytest.raises(UnavailableError, match="the executor is NumPy"):
        gradcli.compile("x", executor="numpy").ufunc  # noqa: B018
    pytest.importorskip("llvmlite")
    with pytest.raises(UnavailableError, match="polygamma has no compiled form"):
        gradcli.compile("polygamma(9, x)").ufunc  # noqa: B018
    with pytest.raises(UnavailableError, match="some points need a second program"):
        gradcli.compile("abs(x)", order=3).ufunc  # noqa: B018
    with pytest.raises(LimitError, match="at most 32 operands and results, not 20 and 21"):
        gradcli.compile(" + ".join(f"x{i}" for i in range(20))).ufunc  # noqa: B018
