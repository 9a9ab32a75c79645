"""Modules find, name, save, load, convert, copy and show what they hold, as PyTorch's do."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

from gradcli import Tensor, Value, manual_seed, nn, no_grad, ones, optim, randn, zeros
from gradcli.errors import UsageError
from gradcli.nn.modules import Module, function_named

np = pytest.importorskip("numpy")


class Block(nn.Module):
    """Parameters and modules in every place that one may put them."""

    def __init__(self) -> None:
        self.scale = nn.Parameter(np.ones(3))
        self.inner = nn.Linear(3, 3)
        self.more = nn.ModuleDict({"norm": nn.LayerNorm(3), "list": nn.ModuleList([nn.Linear(3, 1, bias=False)])})
        self.plain = [nn.Linear(3, 2), {"deep": (nn.Linear(2, 2), nn.Parameter([1.0]))}]
        self.loose = Tensor([1.0], requires_grad=True)
        self.constant = Tensor([1.0])
        self.number, self.text, self.array = 3, "text", np.ones(2)
        self.register_buffer("average", zeros(3))
        self.register_buffer("passing", zeros(2), persistent=False)
        self.register_buffer("later", None)

    def forward(self, x: Any) -> Any:
        return self.more["norm"](self.inner(x) * self.scale)


NAMES = [
    "scale", "plain.1.deep.1", "loose", "inner.weight", "inner.bias", "more.norm.weight", "more.norm.bias",
    "more.list.0.weight", "plain.0.weight", "plain.0.bias", "plain.1.deep.0.weight", "plain.1.deep.0.bias",
]  # fmt: skip


def test_parameters_are_found_wherever_they_are() -> None:
    block = Block()
    assert [name for name, _ in block.named_parameters()] == NAMES
    assert [id(one) for one in block.parameters()] == [id(one) for _, one in block.named_parameters()]
    assert [name for name, _ in block.named_buffers()] == ["average", "passing"]
    assert block.buffers()[0] is block.average
    assert set(block.state_dict()) == {*NAMES, "average"}
    assert [name for name, _ in block.named_children()] == ["inner", "more", "plain.0", "plain.1.deep.0"]
    assert block.children()[0] is block.inner
    assert [name for name, _ in block.named_modules()][:4] == ["", "inner", "more", "more.norm"]
    assert len(block.modules()) == 8


def test_an_intermediate_result_is_no_parameter() -> None:
    block = Block()
    block.last = block(ones(3))  # type: ignore[attr-defined]
    block.sum = Value(1.0) * 2.0  # type: ignore[attr-defined]
    assert [name for name, _ in block.named_parameters()] == NAMES


def test_a_frozen_parameter_remains_one_and_gets_no_gradient() -> None:
    net = nn.Linear(2, 1)
    net.bias.requires_grad = False  # type: ignore[union-attr]
    net(ones(1, 2)).sum().backward()
    assert len(net.parameters()) == 2
    assert net.bias.grad is None  # type: ignore[union-attr]
    assert net.summary().trainable == 2


def test_what_is_held_twice_counts_once_and_has_two_names() -> None:
    shared = nn.Linear(2, 2)
    net = nn.Sequential(shared, nn.Tanh(), shared)
    assert len(net.parameters()) == 2
    assert len(net.modules()) == 3
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert net.summary().total == 6
    tied = nn.ModuleDict({"one": nn.Embedding(3, 2), "two": nn.Linear(2, 3)})
    tied["two"].weight = tied["one"].weight
    assert [name for name, _ in tied.named_parameters()] == ["one.weight", "two.bias"]
    twin = copy.deepcopy(tied)
    assert twin["two"].weight is twin["one"].weight
    assert twin["two"].weight is not tied["one"].weight


def test_training_and_use_reach_every_part() -> None:
    block = Block()
    assert all(module.training for module in block.modules())
    assert block.eval() is block
    assert not any(module.training for module in block.modules())
    assert all(module.training for module in block.train().modules())
    assert nn.Dropout().training  # the class is as before


def test_zero_grad_forgets_every_gradient() -> None:
    net = nn.ModuleList([nn.Linear(2, 1), nn.Neuron(2)])
    (net[0](ones(2)).sum()).backward()
    net[1]([1.0, 2.0]).backward()
    net.zero_grad()
    assert [one.grad for one in net.parameters()] == [None, None, 0.0, 0.0, 0.0]
    net[0](ones(2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert [one.grad.tolist() for one in net[0].parameters()] == [[[0.0, 0.0]], [0.0]]


def test_a_module_is_frozen_and_stays_on_the_processor() -> None:
    net = nn.Linear(2, 1)
    assert net.requires_grad_(False) is net
    assert [one.requires_grad for one in net.parameters()] == [False, False]
    assert str(net.to("cpu").weight.dtype) == "float64"
    assert str(net.to("cpu", "float32").weight.dtype) == "float32"
    assert str(net.weight.device) == "cpu"
    with pytest.raises(UsageError, match="not on cuda"):
        net.to("cuda:0")


def test_apply_goes_from_the_parts_to_the_whole() -> None:
    seen: list[str] = []
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh()), nn.ReLU())
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "Tanh", "Sequential", "ReLU", "Sequential"]


def test_a_state_is_a_copy_that_training_does_not_touch() -> None:
    net = nn.Linear(2, 1)
    state = net.state_dict()
    before = state["weight"].detach().numpy().copy()
    net(ones(1, 2)).sum().backward()
    optim.SGD(net.parameters(), lr=1.0).step()
    assert np.array_equal(state["weight"].detach().numpy(), before)
    assert not np.array_equal(net.weight.detach().numpy(), before)
    assert not state["weight"].requires_grad
    net.load_state_dict(state)
    assert np.array_equal(net.weight.detach().numpy(), before)
    assert net.weight.requires_grad


@pytest.mark.parametrize("make", [Block, lambda: nn.MLP(2, [3, 1]), lambda: nn.CausalSelfAttention(4, 2)])
def test_a_state_goes_from_one_net_to_another(make: Callable[[], Module]) -> None:
    one, other = make(), make()
    assert other.load_state_dict(one.state_dict()) == ([], [])
    for mine, yours in zip(one.parameters(), other.parameters(), strict=True):
        assert np.array_equal(mine.data, yours.data)
        assert mine is not yours


WRONG: list[tuple[Callable[[dict[str, Any]], Any], list[str]]] = [
    (lambda state: state.pop("0.weight"), ["missing: `0.weight`"]),
    (lambda state: state.update({"3.bias": 1.0}), ["unexpected: `3.bias`"]),
    (
        lambda state: state.update({"0.weight": np.ones((3, 2))}),
        ["`0.weight` has shape (4, 2), but the given array has shape (3, 2)"],
    ),
    (
        lambda state: state.update({"5.x": [[1.0]], "2.bias": [1.0, 2.0], "2.weight": state.pop("0.bias")}),
        [
            "missing: `0.bias`; unexpected: `5.x`",
            "`2.bias` has shape (1,), but the given array has shape (2,)",
            "`2.weight` has shape (1, 4), but the given array has shape (4,)",
        ],
    ),
]


@pytest.mark.parametrize(("spoil", "messages"), WRONG)
def test_a_state_that_does_not_fit_is_refused_by_name_and_changes_nothing(
    spoil: Callable[[dict[str, Any]], Any], messages: list[str]
) -> None:
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    before = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
    state = {name: tensor + 1.0 for name, tensor in net.state_dict().items()}
    spoil(state)
    with pytest.raises(UsageError) as caught:
        net.load_state_dict(state)
    assert "the state doesn't fit Sequential: " in str(caught.value)
    for message in messages:
        assert message in str(caught.value)
    assert all(np.array_equal(tensor.detach().numpy(), before[name]) for name, tensor in net.state_dict().items())


def test_without_strict_what_fits_is_loaded_and_the_rest_named() -> None:
    net = nn.Linear(2, 1)
    names = net.load_state_dict({"weight": [[3.0, 4.0]], "other": 1.0}, strict=False)
    assert names.missing_keys == ["bias"]
    assert names.unexpected_keys == ["other"]
    assert net.weight.tolist() == [[3.0, 4.0]]
    with pytest.raises(UsageError, match="`weight` has shape"):
        net.load_state_dict({"weight": [3.0, 4.0]}, strict=False)


def test_states_go_to_pytorch_and_back() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3))
    ours = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3)).float()
    theirs.load_state_dict({name: torch.tensor(tensor.detach().numpy()) for name, tensor in ours.state_dict().items()})
    ours.zero_grad()
    ours.load_state_dict(dict(theirs.named_parameters()))  # also tensors that require a gradient
    x = np.ones((1, 2), np.float32)
    assert np.allclose(ours(Tensor(x)).detach().numpy(), theirs(torch.tensor(x)).detach().numpy(), rtol=1e-6)


def test_types_change_in_place_and_optimisers_follow() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3))
    net.register_buffer("average", zeros(3))
    net.register_buffer("places", Tensor([1, 2], dtype="int64"))
    descent = optim.SGD(net.parameters(), lr=0.1)
    for convert, kind in ((net.half, "float16"), (net.float, "float32"), (net.double, "float64")):
        assert convert() is net
        assert {str(one.dtype) for one in net.parameters()} == {kind}
        assert str(net.average.dtype) == kind  # type: ignore[attr-defined]
        x = Tensor(np.ones((1, 2)), dtype=kind)
        y = net(x)
        assert str(y.dtype) == kind
        descent.zero_grad()
        y.sum().backward()
        before = net[0].bias.detach().numpy().copy()
        (net[0](x) * x[0, 0]).sum().backward()
        descent.step()
        assert {str(one.dtype) for one in net.parameters()} == {kind}
        assert not np.array_equal(net[0].bias.detach().numpy(), before)
    assert str(net.places.dtype) == "int64"  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="64-bit"):
        nn.Neuron(2).half()


def test_copies_and_pickles_have_parameters_of_their_own() -> None:
    manual_seed(0)
    net = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), second=nn.GELU("tanh"), last=nn.Activation("sin")))
    x = randn(4, 2)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert np.array_equal(twin(x).detach().numpy(), net(x).detach().numpy())
        assert repr(twin) == repr(net)
        twin[0].weight.data = np.zeros((3, 2))
        assert net[0].weight.detach().numpy().any()


def test_the_repr_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")

    def build(library: Any) -> list[Any]:
        return [
            library.Sequential(
                library.Conv2d(1, 8, 3, padding=1),
                library.Conv2d(8, 8, (3, 2), stride=2, groups=2, bias=False),
                library.Sequential(library.Linear(4, 2), library.LayerNorm(2), library.Softmax(dim=1)),
                library.ModuleDict({"drop": library.Dropout(0.1), "words": library.Embedding(5, 3)}),
                library.Flatten(),
                library.LeakyReLU(negative_slope=0.2),
                library.GELU(approximate="tanh"),
                library.ELU(alpha=1.0),
                library.Identity(),
            ),
            library.Tanh(),
            library.Sequential(),
        ]

    def shown(library: Any) -> str:
        text = "\n".join(map(repr, build(library)))
        # There is no inplace here, and not every PyTorch shows the bias of a norm.
        return text.replace(", inplace=False", "").replace("affine=True, bias=True", "affine=True")

    assert shown(nn) == shown(torch.nn)


def test_a_module_without_forward_says_so() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty doesn't define forward"):
        Empty()(1.0)


def test_nothing_is_recorded_within_no_grad() -> None:
    with no_grad():
        assert not nn.Linear(2, 1)(ones(1, 2)).requires_grad


@pytest.mark.parametrize("name", ["hypot", "max", "where", "guard", "sni", ""])
def test_what_is_no_function_of_one_operand_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a function of one operand"):
        function_named(name)
