"""The classes named as PyTorch's: the same steps over groups of parameters, states that go on, refusals."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import gradcli.optim
from gradcli import Value
from gradcli.eager.tensor import Tensor
from gradcli.errors import UsageError
from gradcli.optim import FURTHER_OPTIMIZERS, LBFGS, OPTIMIZERS, SGD, Adam, AdamW, Muon, RMSprop
from gradcli.optim.classes import CLASSES
from tests.support.loops import for_each

SHAPES = [(3, 2), (3,), (), (1, 4)]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-2}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.05, "momentum": 0.5}),
    ("Adam", {"betas": (0.8, 0.99)}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.05, "amsgrad": True, "fused": False, "foreach": None}),
    ("NAdam", {}),
    ("Adagrad", {"lr_decay": 0.01, "initial_accumulator_value": 0.1}),
]


def tensors(dtype: str = "float64") -> list[Tensor]:
    draw = np.random.RandomState(3)
    return [Tensor(draw.normal(size=shape), requires_grad=True, dtype=dtype) for shape in SHAPES]


def twins(parameters: list[Tensor]) -> list[Any]:
    torch = pytest.importorskip("torch")
    return [torch.nn.Parameter(torch.tensor(parameter.detach().numpy().copy())) for parameter in parameters]


def feed(parameters: list[Any], seed: int, make: Any) -> None:
    draw = np.random.RandomState(seed)
    for parameter, shape in zip(parameters, SHAPES, strict=True):
        parameter.grad = make(np.asarray(draw.normal(size=shape)))


@pytest.mark.parametrize(("title", "options"), CASES, ids=str)
def test_fifty_steps_over_two_groups_are_those_of_pytorch(title: str, options: dict[str, Any], torch: Any) -> None:
    ours = tensors()
    theirs = twins(ours)

    def groups(parameters: list[Any]) -> list[dict[str, Any]]:
        return [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.02, "weight_decay": 0.1}]

    mine = CLASSES[title](groups(ours), **options)
    peer = getattr(torch.optim, title)(groups(theirs), **options)
    for seed in range(50):
        feed(ours, seed, Tensor)
        feed(theirs, seed, torch.tensor)
        if seed % 3 == 1:  # a parameter that the loss did not reach: its count of updates stands still
            ours[1].grad = theirs[1].grad = None
        mine.step()
        peer.step()
        for parameter, twin in zip(ours, theirs, strict=True):
            assert np.allclose(parameter.detach().numpy(), twin.detach().numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("title", "options"), CASES, ids=str)
def test_a_state_that_was_saved_goes_on_to_the_same_bits(title: str, options: dict[str, Any]) -> None:
    def run(parameters: list[Tensor], optimizer: Any, seeds: range) -> None:
        for seed in seeds:
            feed(parameters, seed, Tensor)
            optimizer.step()

    whole = tensors()
    run(whole, CLASSES[title](whole, **options), range(20))
    first = tensors()
    optimizer = CLASSES[title](first, **options)
    run(first, optimizer, range(11))
    saved = optimizer.state_dict()
    run(first, optimizer, range(11, 13))  # what was saved doesn't move with the optimiser
    second = tensors()
    half = tensors()
    run(half, CLASSES[title](half, **options), range(11))
    for parameter, reached in zip(second, half, strict=True):
        parameter.data = reached.data
    fresh = CLASSES[title](second)
    fresh.load_state_dict(saved)
    run(second, fresh, range(11, 20))
    for one, other in zip(whole, second, strict=True):
        assert np.array_equal(one.detach().numpy(), other.detach().numpy())


def test_a_momentum_that_changes_on_the_way_does_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    ours = tensors()
    theirs = twins(ours)
    mine, peer = SGD(ours, lr=0.1), torch.optim.SGD(theirs, lr=0.1)
    for seed in range(12):
        feed(ours, seed, Tensor)
        feed(theirs, seed, torch.tensor)
        if seed % 3 == 2:
            momentum = {2: 0.9, 5: 0.0, 8: 0.8, 11: 0.9}[seed]
            mine.param_groups[0]["momentum"] = peer.param_groups[0]["momentum"] = momentum
        mine.step()
        peer.step()
        for parameter, twin in zip(ours, theirs, strict=True):
            assert np.allclose(parameter.detach().numpy(), twin.detach().numpy(), rtol=1e-12, atol=1e-13)


def test_a_state_is_laid_out_as_pytorch_s() -> None:
    torch = pytest.importorskip("torch")
    ours = tensors()
    theirs = twins(ours)
    mine, peer = Adam(ours, lr=0.1), torch.optim.Adam(theirs, lr=0.1)
    feed(ours, 0, Tensor)
    feed(theirs, 0, torch.tensor)
    mine.step()
    peer.step()
    state, expected = mine.state_dict(), peer.state_dict()
    assert state["param_groups"][0]["params"] == expected["param_groups"][0]["params"]
    assert state["param_groups"][0].items() <= expected["param_groups"][0].items()
    assert {number: set(memory) for number, memory in state["state"].items()} == {
        number: set(memory) for number, memory in expected["state"].items()
    }
    assert np.allclose(state["state"][0]["exp_avg_sq"], expected["state"][0]["exp_avg_sq"], rtol=1e-14)


#: The classes whose parameters may have any shape, and whose gradients aren't sparse.
USUAL = [title for title in CLASSES if title not in ("Muon", "SparseAdam")]


@for_each("title", USUAL)
@for_each("dtype", ["float16", "float32"])
def test_short_floats_keep_their_type_and_a_gradient_of_zero_gives_no_nan(title: str, dtype: str) -> None:
    parameters = tensors(dtype)
    before = [parameter.detach().numpy().copy() for parameter in parameters]
    options = {"Rprop": {}, "ASGD": {"lambd": 0.0}}.get(title, {"weight_decay": 0.0})
    optimizer = CLASSES[title](parameters, **options)
    for _ in range(2):
        for parameter in parameters:
            parameter.grad = Tensor(np.zeros(parameter.shape, dtype))
        optimizer.step()
    for parameter, start in zip(parameters, before, strict=True):
        assert parameter.dtype == dtype
        assert np.array_equal(parameter.detach().numpy(), start)


def test_adam_with_16_bits_moves_by_the_rate_where_squares_of_gradients_vanish() -> None:
    x = Tensor([1.0], requires_grad=True, dtype="float16")
    x.grad = Tensor(np.array([1e-5], "float16"))
    Adam([x], lr=0.1).step()
    assert x.detach().numpy()[0] == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize("title", [title for title in USUAL if title != "Adafactor"])  # which scales by the shape
def test_values_are_trained_as_tensors_are(title: str) -> None:
    values, tensor = [Value(1.0), Value(-2.0)], Tensor([1.0, -2.0], requires_grad=True)
    scalar, array = CLASSES[title](values, lr=0.1), CLASSES[title]([tensor], lr=0.1)
    for _ in range(5):
        scalar.zero_grad()
        array.zero_grad()
        ((values[0] - 3) ** 2 + values[1] ** 4).backward()
        ((tensor[0] - 3) ** 2 + tensor[1] ** 4).backward()
        scalar.step()
        array.step()
    assert all(type(value.data) is float for value in values)
    assert [value.data for value in values] == pytest.approx(tensor.tolist(), rel=1e-14)


def test_mlx_arrays_are_trained_as_numpy_s_are() -> None:
    pytest.importorskip("mlx.core")
    from gradcli.primitives.backends import use_backend

    ends = []
    for backend in ("numpy", "mlx"):
        use_backend(backend)
        try:
            x = Tensor([1.0, -2.0], requires_grad=True, dtype="float32")
            for title in USUAL:
                optimizer = CLASSES[title]([x])

                def closure(x: Tensor = x, optimizer: Any = optimizer) -> Tensor:
                    optimizer.zero_grad()
                    loss = ((x - 0.5) ** 2).sum()
                    loss.backward()
                    return loss

                optimizer.step(closure)
            ends.append(x.tolist())
        finally:
            use_backend("numpy")
    assert ends[0] == pytest.approx(ends[1], abs=1e-5)


def test_every_method_has_a_class_that_type_checkers_and_help_can_read() -> None:
    assert set(CLASSES) == {
        *("SGD", "RMSprop", "Adam", "AdamW", "NAdam", "Adamax", "Adagrad", "Adadelta"),
        *("RAdam", "Rprop", "ASGD", "Adafactor", "Muon", "SparseAdam"),
    }
    for title, found in CLASSES.items():
        assert getattr(gradcli.optim, title) is found
        assert found.__module__ == "gradcli.optim"
        assert "Args:" in str(found.__doc__)
    assert str(inspect.signature(SGD)) == (
        "(parameters, lr=0.001, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False, *, "
        "foreach=None, differentiable=False, fused=None)"
    )
    assert repr(RMSprop(tensors(), 0.5)) == (
        "RMSprop(4 parameters, lr=0.5, alpha=0.99, eps=1e-08, weight_decay=0.0, momentum=0.0, centered=False, "
        "maximize=False)"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD([]), "an optimiser needs at least one parameter"),
        (
            lambda: SGD([{"params": [x]} for x in [Value(1.0)] * 2]),
            "a parameter can be in only one group of an optimiser",
        ),
        (lambda: SGD([("x", Value(1.0)), Value(1.0)]), "either all parameters of an optimiser have names, or none"),
        (lambda: SGD([Value(1.0)], lr=Tensor([1.0, 2.0])), "a tensor as lr has one element"),
        (lambda: SGD([Value(1.0)], fused=True, foreach=True), "foreach and fused can't both be true"),
        (
            lambda: SGD([Value(1.0)], differentiable=True),
            "an optimiser's step has no derivative here: differentiable=True can't be had",
        ),
        (lambda: SGD([Tensor([1.0], True) * 2]), "a parameter is a leaf, and not the result of an operation"),
        (lambda: Muon([Value(1.0)]), "Muon takes matrices; give other parameters to another optimiser"),
        (lambda: SGD([Value(1.0)], learning_rate=1.0), "the optimiser has no option `learning_rate`"),
        (lambda: SGD([Value(1.0)], lr=-1), "the option `lr` is a number of at least 0, not -1"),
        (lambda: AdamW([{"params": [Value(1.0)], "lrr": 1.0}]), "the optimiser has no option `lrr`"),
    ],
)
def test_what_is_no_list_of_parameters_is_refused(make: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert caught.value.message == message


def test_what_is_no_parameter_is_a_type_error_and_one_twice_in_a_group_a_warning() -> None:
    for make, message in [
        (lambda: SGD(Tensor([1.0], True)), "an optimiser takes a list of parameters, not a single one"),
        (lambda: SGD([1.0]), "a parameter is a tensor or a value, not float"),
    ]:
        with pytest.raises(TypeError, match=message):
            make()
    with pytest.warns(UserWarning, match="a parameter twice"):
        SGD([Value(1.0)] * 2)


def test_parameters_may_have_names() -> None:
    optimizer = SGD([("first", Value(1.0)), ("second", Value(2.0))])
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["first", "second"]


@pytest.mark.parametrize("call", [lambda: SGD([Value(1.0)], 0.1, lr=0.1), lambda: LBFGS([Value(1.0)], *[1] * 8)])
def test_an_argument_too_many_is_a_type_error(call: Any) -> None:
    with pytest.raises(TypeError, match="each once"):
        call()


def test_a_state_of_something_else_is_refused_and_changes_nothing() -> None:
    def trained(optimizer: Any) -> dict[str, Any]:
        for parameter in optimizer.param_groups[0]["params"]:
            parameter.grad = Tensor(np.ones(parameter.shape))
        optimizer.step()
        return dict(optimizer.state_dict())

    ours = Adam(tensors())
    before = trained(ours)
    other_shapes = trained(Adam([Tensor(np.ones(5), True) for _ in SHAPES]))
    for state, message in [
        (trained(Adam(tensors()[:2])), "the state belongs to an optimiser of other parameters"),
        (trained(SGD(tensors(), momentum=0.9)), "the state belongs to another optimiser"),
        (other_shapes, "the state belongs to parameters of other shapes"),
    ]:
        with pytest.raises(UsageError) as caught:
            ours.load_state_dict(state)
        assert caught.value.message == message
        after = ours.state_dict()
        assert after["param_groups"] == before["param_groups"]
        for number, memory in before["state"].items():
            assert all(np.array_equal(after["state"][number][name], one) for name, one in memory.items())


def test_zero_grad_forgets_the_gradients_of_tensors_and_values() -> None:
    x, y = Tensor([1.0], True), Value(2.0)
    x.sum().backward()
    (y * 3).backward()
    SGD([x, y]).zero_grad()
    assert x.grad is None
    assert y.grad == 0.0


def test_the_table_and_the_classes_are_the_same_methods() -> None:
    methods = [*OPTIMIZERS.values(), *FURTHER_OPTIMIZERS.values()]
    assert {found.method for found in CLASSES.values()} == {method for method in methods if method.title}
