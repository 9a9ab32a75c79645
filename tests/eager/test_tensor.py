"""`Tensor` as PyTorch's users know it: what records, what is kept, what is refused, and what no use of it can break."""

from __future__ import annotations

import copy
import gc
import math
import operator
import subprocess
import sys
import threading
import warnings
import weakref
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.pullback import pullback
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f
from tests.support.loops import for_each


def gradient_of(leaf: Tensor) -> Any:
    assert leaf.grad is not None
    return leaf.grad.tolist()


# Data


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1, "float64"),
        (1.5, "float64"),
        (True, "float64"),
        ([1, 2], "float64"),
        ([[1.0], [2.0]], "float64"),
        ([], "float64"),
        ((1, 2), "float64"),
        (np.array([1, 2]), "float64"),
        (np.array([True, False]), "float64"),
        (np.array([1.5], np.float16), "float16"),
        (np.array([1.5], np.float32), "float32"),
        (np.float32(1.5), "float32"),
        (np.int64(3), "float64"),
        (Tensor([1.0], dtype="float32"), "float32"),
        ([Tensor(1.0), 2.0], "float64"),
        ([np.ones(2), np.zeros(2)], "float64"),
    ],
)
def test_numbers_become_floats_and_arrays_of_floats_keep_their_type(data: Any, dtype: str) -> None:
    x = Tensor(data)
    assert x.dtype == dtype
    assert x.shape == np.shape([np.asarray(one) for one in data] if isinstance(data, list) else np.asarray(data))


@pytest.mark.parametrize(
    "data", ["one", ["1"], [[1, 2], [3]], None, {}, object(), [None], 1j, np.array(["a"]), np.array([1j])]
)
def test_what_is_not_numbers_is_refused_in_a_sentence(data: Any) -> None:
    with pytest.raises(ValueError, match=r"^a tensor is made of numbers, in lists of equal lengths$"):
        Tensor(data)


def test_the_array_of_the_caller_is_copied_and_never_changed() -> None:
    array = np.array([1.0, 2.0])
    x = Tensor(array, requires_grad=True)
    y = x * array
    array[0] = 99.0
    assert x.tolist() == [1.0, 2.0]
    y.sum().backward()
    assert gradient_of(x) == [1.0, 2.0]
    gradient = np.array([1.0, 1.0])
    x.grad = None
    (x * 1.0).backward(gradient)
    gradient[0] = 99.0
    assert gradient_of(x) == [1.0, 1.0]
    assert array.flags.writeable
    assert gradient.flags.writeable


@pytest.mark.parametrize(
    "view", [lambda x: np.asarray(x.detach()), lambda x: x.detach().numpy(), lambda x: x.array, lambda x: x.grad.array]
)
def test_every_array_that_is_handed_out_is_read_only(view: Any) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    with pytest.raises(ValueError, match="read-only"):
        view(x)[0] = 1.0


@pytest.mark.parametrize("name", ["exp", "relu", "T", "flatten", "double", "detach", "clone", "half"])
def test_the_array_of_a_result_is_read_only_too(name: str) -> None:
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    result = getattr(x, name)
    result = result() if callable(result) else result
    with pytest.raises(ValueError, match="read-only"):
        result.detach().numpy()[...] = 0.0


def test_an_array_of_numpy_is_made_as_numpy_is_used_to() -> None:
    x = Tensor([1.0, 2.0])
    assert np.asarray(x, np.float32).dtype == np.float32
    mine = np.array(x)
    mine[0] = 5.0
    assert x.tolist() == [1.0, 2.0]
    assert np.allclose(x, [1.0, 2.0])


@pytest.mark.parametrize("name", ["shape", "dtype", "T", "grad_fn", "is_leaf", "ndim", "array"])
def test_what_follows_from_the_array_cannot_be_assigned(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Tensor([1.0]), name, None)
    with pytest.raises(AttributeError):
        Tensor([1.0]).unknown = 1  # type: ignore[attr-defined]


def test_assigning_data_copies_keeps_the_type_and_may_change_the_shape() -> None:
    x = Tensor([1.0, 2.0], dtype="float32", requires_grad=True)
    new = np.array([3.0, 4.0, 5.0])
    x.data = new
    new[0] = 99.0
    assert x.tolist() == [3.0, 4.0, 5.0]
    assert x.dtype == "float32"
    assert x.requires_grad
    same = np.array([7.0, 8.0], np.float32)
    x.data = same
    same[0] = 99.0
    assert x.tolist() == [7.0, 8.0]
    with pytest.raises(ValueError, match="read-only"):
        x.array[0] = 1.0


# Numbers


def test_only_one_number_is_a_number() -> None:
    one = Tensor([[2.5]])
    assert (one.item(), float(one), int(one), bool(one)) == (2.5, 2.5, 2, True)
    assert math.sqrt(Tensor(4.0)) == 2.0
    for use in (Tensor.item, float, int):
        with pytest.raises(ValueError, match=r"^a tensor of shape \(2,\) isn't one number$"):
            use(Tensor([1.0, 2.0]))
    for several in (Tensor([1.0, 2.0]), Tensor([])):
        with pytest.raises(ValueError, match="has no truth value"):
            bool(several)
    with pytest.raises(TypeError):
        operator.index(Tensor(1.0))
    with pytest.raises(TypeError):
        [1, 2][Tensor(1.0)]  # type: ignore[call-overload]


def test_a_tensor_has_a_length_and_parts() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1.0, 2.0], [3.0, 4.0]]
    first, _ = x
    first.sum().backward()
    assert gradient_of(x) == [[1.0, 1.0], [0.0, 0.0]]
    with pytest.raises(TypeError, match=r"^a tensor without axes has no length$"):
        len(Tensor(1.0))
    with pytest.raises(TypeError):
        iter(Tensor(1.0))


def test_tensors_are_compared_by_their_elements_and_are_keys_as_objects() -> None:
    x, y = Tensor([1.0]), Tensor([1.0])
    assert (x == y).tolist() == [True]
    assert (x != y).tolist() == [False]
    assert x != None  # noqa: E711
    assert {x: 1, y: 2}[x] == 1
    assert f.equal(x, y).item() == 1.0


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (Tensor(2.0), "tensor(2.)"),
        (Tensor([1.0, 2.5]), "tensor([1. , 2.5])"),
        (Tensor([]), "tensor([])"),
        (
            Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True),
            "tensor([[1., 2.],\n        [3., 4.]], requires_grad=True)",
        ),
        (Tensor([1.0], dtype="float16"), "tensor([1.], dtype=float16)"),
        (Tensor(2.0, requires_grad=True) * 3.0, "tensor(6., grad_fn=<mul>)"),
        (Tensor([math.nan, math.inf]), "tensor([nan, inf])"),
        (Tensor([0, 2], dtype="int64"), "tensor([0, 2], dtype=int64)"),
    ],
)
def test_the_representation_can_be_read(x: Tensor, text: str) -> None:
    assert repr(x) == text


def test_the_representation_of_many_numbers_is_short() -> None:
    assert len(repr(gradcli.zeros(1000, 1000))) < 1000
    assert repr((Tensor(1.0, requires_grad=True) + 1.0).grad_fn) == "<add>"


# Operators


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod]


@for_each("operation", OPERATORS, ids=lambda operation: operation.__name__)
@for_each(
    "other",
    [
        2,
        2.0,
        True,
        np.float64(2.0),
        np.float32(2.0),
        np.int64(2),
        np.array(2.0),
        np.array([2.0, 3.0]),
        np.array([2, 3]),
        [2.0, 3.0],
    ],
    ids=[
        "int",
        "float",
        "bool",
        "float64",
        "float32",
        "int64",
        "array of no axes",
        "array",
        "array of integers",
        "list",
    ],
)
def test_numbers_and_arrays_stand_on_either_side_of_an_operator(operation: Any, other: Any) -> None:
    numbers = np.array([1.5, 2.5])
    for swapped in (False, True):
        x = Tensor(numbers, requires_grad=True)
        result = operation(other, x) if swapped else operation(x, other)
        assert type(result) is Tensor
        plain = np.asarray(other, float)
        wanted = operation(plain, numbers) if swapped else operation(numbers, plain)
        np.testing.assert_allclose(result.detach().numpy(), wanted, rtol=1e-15)
        result.sum().backward()
        assert x.grad is not None
        assert x.grad.shape == x.shape


def test_minus_plus_abs_and_the_product_of_matrices_are_operators() -> None:
    x = Tensor([[1.0, -2.0]], requires_grad=True)
    ((-x).sum() + abs(x).sum() + (+x).sum() + (np.ones((2, 1)) @ x).sum()).backward()
    assert gradient_of(x) == [[3.0, 1.0]]


def test_augmented_assignment_of_a_result_is_recorded() -> None:
    x = Tensor([1.0], requires_grad=True)
    y = same = x * 1.0
    y += 1.0
    y *= 2.0
    assert y is same
    assert (x.tolist(), same.tolist()) == ([1.0], [4.0])
    y.sum().backward()
    assert gradient_of(x) == [2.0]


@for_each("other", ["a", None, object(), gradcli.Value(1.0), {}], ids=["str", "None", "object", "Value", "dict"])
@for_each("operation", OPERATORS, ids=lambda operation: operation.__name__)
def test_what_is_no_number_is_no_operand(operation: Any, other: Any) -> None:
    for swapped in (False, True):
        if swapped and operation is operator.mod and isinstance(other, str):
            continue  # Python's own formatting of text
        with pytest.raises((TypeError, ValueError)):
            operation(other, Tensor([1.0])) if swapped else operation(Tensor([1.0]), other)


@pytest.mark.parametrize(
    ("apply", "name"),
    [
        (lambda x, y: x + y, "add"),
        (lambda x, y: x * y, "mul"),
        (lambda x, y: x**y, "pow"),
        (lambda x, y: x + y.data, "add"),
        (lambda x, y: x.data - y, "sub"),
        (lambda x, y: f.hypot(x, y), "hypot"),
        (lambda x, y: x.maximum(y), "max"),
        (lambda x, y: f.where(x, y, 0.0), "where"),
    ],
)
def test_shapes_that_do_not_broadcast_are_named_with_the_operation(apply: Any, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^shapes \(2, 3\) and \(2,\) don't broadcast in {name}$"):
        apply(gradcli.ones(2, 3), gradcli.ones(2))


# Recording


def test_only_what_depends_on_a_leaf_that_requires_a_gradient_is_recorded() -> None:
    x, y = Tensor(1.0, requires_grad=True), Tensor(2.0)
    z = x * y
    assert (x.is_leaf, z.is_leaf, (y * y).is_leaf) == (True, False, True)
    assert (x.requires_grad, z.requires_grad, (y * y).requires_grad) == (True, True, False)
    assert x.grad_fn is None
    assert z.grad_fn is not None
    assert z.grad_fn.name == "mul"
    assert z.grad_fn.operands[0] is x
    assert z.sum(axis=-1).grad_fn.options["axis"] is None
    z.backward()
    assert y.grad is None


def test_requires_grad_can_be_set_on_leaves_only() -> None:
    x = Tensor([1.0])
    assert x.set_requires_grad() is x
    y = x * 2.0
    with pytest.raises(RuntimeError, match=r"use detach\(\)"):
        y.requires_grad = False
    x.set_requires_grad(False)
    assert not x.requires_grad
    with pytest.raises(RuntimeError, match="only floats have gradients"):
        Tensor([1], dtype="int64").requires_grad = True
    with pytest.raises(RuntimeError, match="only floats have gradients"):
        Tensor([1], requires_grad=True, dtype="int32")


def test_detach_shares_the_array_and_stops_derivatives() -> None:
    x = Tensor([2.0], requires_grad=True)
    y = x.detach()
    assert y.array is x.array
    assert not y.requires_grad
    (x * y).sum().backward()
    assert gradient_of(x) == [2.0]


def test_clone_is_recorded_and_deepcopy_is_not() -> None:
    x = Tensor([2.0], requires_grad=True)
    (x.clone() * 3.0).sum().backward()
    assert gradient_of(x) == [3.0]
    twin = copy.deepcopy(x)
    assert (twin.requires_grad, twin.tolist(), gradient_of(twin)) == (True, [2.0], [3.0])
    twin.grad = None
    assert gradient_of(x) == [3.0]
    with pytest.raises(RuntimeError, match=r"^only leaves can be copied; use detach\(\)$"):
        copy.deepcopy(x * 2.0)


# Backward


def test_gradients_add_up_until_they_are_zeroed() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    (x * 3.0).sum().backward()
    assert gradient_of(x) == [5.0, 7.0]
    x.zero_grad()
    assert x.grad is None
    (x * 3.0).sum().backward()
    assert gradient_of(x) == [3.0, 3.0]


def test_backward_twice_through_the_same_graph_gives_the_same() -> None:
    x = Tensor(3.0, requires_grad=True)
    y = x * x * x
    for _ in range(2):
        x.grad = None
        y.backward()
        assert gradient_of(x) == 27.0
    y.backward()
    assert gradient_of(x) == 54.0


def test_a_gradient_once_read_does_not_change_with_the_next_backward() -> None:
    x = Tensor([1.0], requires_grad=True)
    y = x * 2.0
    y.backward()
    first = x.grad
    y.backward()
    assert first is not None
    assert first.tolist() == [2.0]


def test_backward_of_an_array_needs_a_gradient_in_its_shape() -> None:
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    y = x * 2.0
    with pytest.raises(
        RuntimeError, match=r"^backward\(\) of an array of shape \(1, 2\) needs a gradient in its shape$"
    ):
        y.backward()
    for gradient in (np.ones((1, 2)), [[1.0, 1.0]], Tensor([[1.0, 1.0]]), np.ones((1, 2), np.float32), 1.0):
        x.grad = None
        y.backward(gradient)
        assert gradient_of(x) == [[2.0, 2.0]]
    for gradient in (np.ones(2), np.ones((2, 1)), [1.0, 1.0], [[1.0]]):
        with pytest.raises(RuntimeError, match=r"^a gradient of shape .* doesn't fit a tensor of shape \(1, 2\)$"):
            y.backward(gradient)
    x.grad = None
    y.sum(axis=1).backward()
    assert gradient_of(x) == [[2.0, 2.0]]


def test_backward_of_what_was_not_recorded_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"^this tensor doesn't depend on a tensor that requires a gradient$"):
        (Tensor(1.0) * 2.0).backward()
    with pytest.raises(RuntimeError, match="doesn't depend"):
        (Tensor(1.0, requires_grad=True) > 0).backward()


def test_backward_of_a_leaf_gives_it_the_gradient() -> None:
    x = Tensor(2.0, requires_grad=True)
    x.backward()
    assert gradient_of(x) == 1.0


def test_a_leaf_that_nothing_reaches_has_no_gradient() -> None:
    x, y = Tensor(1.0, requires_grad=True), Tensor(1.0, requires_grad=True)
    (x * 2.0 + y.detach()).backward()
    assert y.grad is None
    ((y > 0) * x).backward()
    assert y.grad is None
    (f.sign(y) * x).backward()
    assert gradient_of(y) == 0.0


def test_results_keep_a_gradient_only_if_asked() -> None:
    x = Tensor(3.0, requires_grad=True)
    y, z = x * 2.0, (x * 4.0).retain_grad()
    (y * z).backward()
    assert y.grad is None
    assert gradient_of(z) == 6.0
    assert gradient_of(x) == 48.0


def test_a_gradient_has_the_shape_and_type_of_its_tensor_and_is_not_recorded() -> None:
    x = Tensor(np.ones((3, 1)), requires_grad=True, dtype="float32")
    y = Tensor(np.ones(4), requires_grad=True)
    (x * y).sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    assert [x.grad.shape, y.grad.shape] == [(3, 1), (4,)]
    assert [x.grad.dtype, y.grad.dtype] == ["float32", "float64"]
    assert not x.grad.requires_grad


def test_create_graph_gives_derivatives_of_every_order() -> None:
    x = Tensor([0.5, 2.0], requires_grad=True)
    y: Tensor = x**5 + x.exp()
    wanted = [5 * x.data**4, 20 * x.data**3, 60 * x.data**2, 120 * x.data]
    for order in wanted:
        x.grad = None
        y.sum().backward(create_graph=True)
        assert x.grad is not None
        y = x.grad
        np.testing.assert_allclose(y.detach().numpy(), order + np.exp(x.data), rtol=1e-14)


def test_create_graph_records_the_gradient_that_was_given() -> None:
    x, weight = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    (x * x).backward(weight, create_graph=True)
    assert x.grad is not None
    x.grad.sum().backward()
    assert gradient_of(weight) == [2.0, 4.0]


# Depth, memory, threads


def test_a_deep_graph_is_freed_without_recursion_even_with_a_small_stack() -> None:
    program = (
        "import sys, threading; threading.stack_size(256 * 1024)\n"
        "from gradcli import Tensor\n"
        "def run():\n"
        "    x = Tensor(1.0, requires_grad=True); y = x\n"
        "    for _ in range(200_000): y = y.sin()\n"
        "    del y; print('freed')\n"
        "t = threading.Thread(target=run); t.start(); t.join()\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "freed\n"), result.stderr


def test_memory_is_freed_when_the_root_dies() -> None:
    x = Tensor(np.ones(10), requires_grad=True)
    middle = x.exp()
    seen = weakref.ref(middle)
    root = (middle * middle).sum()
    root.backward()
    del middle
    assert seen() is not None
    gc.disable()
    try:
        del root
        assert seen() is None, "the graph keeps itself alive"
    finally:
        gc.enable()
    assert x.grad is not None


def test_a_backward_leaves_nothing_behind_on_the_graph() -> None:
    x = Tensor(np.ones(10), requires_grad=True)
    y = x.exp()
    z = y.sum()
    z.backward()
    assert [node._cotangent for node in (x, y, z)] == [None, None, None]


def test_threads_that_share_a_leaf_record_graphs_of_their_own() -> None:
    weight = Tensor(np.arange(5.0), requires_grad=True)
    found: dict[int, Any] = {}

    def work(number: int) -> None:
        for _ in range(50):
            result = pullback((weight * float(number)).square().sum(), 1.0, [weight])[0]
        assert result is not None
        found[number] = result.detach().numpy()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        np.testing.assert_allclose(found[number], 2.0 * number**2 * np.arange(5.0))


# Warnings


def test_no_warning_of_numpy_reaches_the_user() -> None:
    program = (
        "import warnings\n"
        "import numpy as np\n"
        "from gradcli import Tensor\n"
        "from gradcli.primitives import functions as f\n"
        "big = Tensor([1e308, 1e308, 0.0, -1.0, float('inf')], requires_grad=True)\n"
        "warnings.filterwarnings('ignore', 'a derivative is nan')  # a sentence of gradcli\n"
        "for use in (lambda x: x.sum(), lambda x: x.prod(), lambda x: x.var(), lambda x: x.cumsum(0).sum(),\n"
        "            lambda x: x.std(), lambda x: x.norm(), lambda x: x.mean(), lambda x: x.logsumexp(0),\n"
        "            lambda x: x.softmax(0).sum(), lambda x: x.log().sum(), lambda x: (1.0 / x).sum(),\n"
        "            lambda x: (x * x).sum(), lambda x: x @ x, lambda x: x.exp().sum(), lambda x: x.half().sum(),\n"
        "            lambda x: (x / 0.0).sum(), lambda x: (x ** -1.5).sum(), lambda x: f.sinc(x).sum(),\n"
        "            lambda x: (x % 0.0).sum(), lambda x: x.max(), lambda x: x.gamma().sum(),\n"
        "            lambda x: (x[:, None] * x).sum(), lambda x: f.where(x, x - x, 0.0).sum()):\n"
        "    for again in (False, True):\n"
        "        use(big).backward(create_graph=again)\n"
        "Tensor(1e308, dtype='float32'); Tensor(np.array([1e308]), dtype='float16'); Tensor([float('nan')]).max()\n"
        "float(np.float64(1.0) / Tensor(0.0)); 1 / Tensor([0.0]); np.array(0.0) / Tensor(0.0)\n"
        "repr(big); big.grad.numpy()\n"
    )
    result = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_warnings_of_the_user_are_left_alone() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.log(np.array([0.0]))
        (1.0 / gradcli.zeros(1)).sum()
    assert [warning.category for warning in caught if warning.filename == __file__] == [RuntimeWarning]


def test_names_that_a_user_of_pytorch_tries() -> None:
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    theirs = pytest.importorskip("torch").tensor(x.detach().numpy())
    assert (x.numel(), x.dim(), x.t().tolist()) == (theirs.numel(), theirs.dim(), theirs.t().tolist())
    for bounds in ({"min": 2.5}, {"max": 4.5}, {"min": 2.5, "max": 4.5}):
        assert x.clamp(**bounds).tolist() == theirs.clamp(**bounds).tolist()
    with pytest.raises(ValueError, match=r"^t\(\) is for matrices, not for a tensor of shape \(1, 2, 3\)"):
        x.reshape(1, 2, 3).t()
    with pytest.raises(RuntimeError, match="a tensor is on the device cpu, not on cuda"):
        x.to("cuda")
    with pytest.raises(TypeError, match=r"relu\(x\) has no option 'inplace'"):
        gradcli.functions.relu(x, inplace=True)
    with pytest.raises(AttributeError, match=r"has no attribute 'cat'; there is gradcli.functions.cat$"):
        _ = gradcli.cat


def test_arrays_of_two_libraries_are_refused_and_plain_ones_follow_the_tensors() -> None:
    pytest.importorskip("mlx.core")
    from gradcli import nn, use_backend

    net, x = nn.Linear(2, 2), Tensor([[1.0, 2.0]])
    try:
        use_backend("mlx")
        y = Tensor([[1.0, 2.0]])
        calls = (lambda: net(y), lambda: x + y, lambda: y - x, lambda: f.cat([x, y]), lambda: f.where(x > 0, y, 0.0))
        for call in calls:
            with pytest.raises(TypeError, match=r"^arrays of (numpy and mlx|mlx and numpy) can't be combined"):
                call()
        assert net(Tensor(x.detach().numpy()).detach().numpy()).shape == (1, 2)
        assert [(2 * x * np.ones(2) + [1, 2]).array.__class__, (2 * y * np.ones(2) + [1, 2]).array.__class__] == [
            x.array.__class__,
            y.array.__class__,
        ]
        net.load_state_dict(nn.Linear(2, 2).state_dict())
        assert net(x).array.__class__ is x.array.__class__
    finally:
        use_backend("numpy")


def test_a_leaf_that_an_optimiser_updates_keeps_its_memory_and_old_results_can_not_be_differentiated() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    shared, y, z = x.data, (x * x).sum(), (x + x).sum()
    x.rebind(np.array([3.0, 4.0]))
    assert shared.tolist() == [3.0, 4.0]
    with pytest.raises(RuntimeError, match=r"^the derivative needs an operand of <mul>, but it was changed in place"):
        y.backward()
    z.backward()
    assert gradient_of(x) == [2.0, 2.0]
