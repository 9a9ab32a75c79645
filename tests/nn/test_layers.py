"""Every layer gives PyTorch's outputs and derivatives for PyTorch's weights, on every array library."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from gradcli import Tensor, manual_seed, nn, no_grad, randn
from gradcli.nn.layers import Parameter
from tests.support.loops import for_each

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("backend")


class Case(NamedTuple):
    name: str
    ours: Callable[[], nn.Module]
    theirs: Callable[[], Any]
    shape: tuple[int, ...]


def case(kind: str, shape: tuple[int, ...], *values: Any, **options: Any) -> Case:
    """A layer that has PyTorch's name and arguments."""
    words = [*map(str, values), *(f"{name}={value}" for name, value in options.items())]
    return Case(
        f"{kind}({', '.join(words)}) of {shape}",
        lambda: getattr(nn, kind)(*values, **options),
        lambda: getattr(torch.nn, kind)(*values, **options),
        shape,
    )


CASES = [
    case("Linear", (7, 3), 3, 5),
    case("Linear", (3,), 3, 5),
    case("Linear", (2, 4, 3), 3, 5),
    case("Linear", (0, 3), 3, 5),
    case("Linear", (7, 3), 3, 5, bias=False),
    case("Linear", (2, 2, 3), 3, 1, False),
    case("Conv2d", (2, 3, 6, 5), 3, 4, 3),
    case("Conv2d", (2, 3, 6, 5), 3, 4, (3, 2), stride=(2, 1), padding=(1, 0)),
    case("Conv2d", (2, 3, 6, 5), 3, 4, 1, 2, 1, bias=False),
    case("Conv2d", (1, 4, 6, 6), 4, 6, 3, padding=1, groups=2),
    case("Conv2d", (2, 4, 5, 5), 4, 4, 2, groups=4),
    case("MaxPool2d", (2, 3, 6, 6), 2),
    case("MaxPool2d", (2, 3, 7, 6), 3, stride=2, padding=1),
    case("MaxPool2d", (2, 3, 7, 6), (2, 3), (1, 2)),
    case("Flatten", (2, 3, 4, 5)),
    case("Flatten", (2, 3, 4, 5), 0, 1),
    case("Flatten", (2, 3, 4, 5), start_dim=2),
    case("LayerNorm", (5, 7), 7),
    case("LayerNorm", (2, 3, 4), (3, 4)),
    case("LayerNorm", (2, 3, 4), [2, 3, 4], eps=1e-3),
    case("LayerNorm", (5, 7), 7, elementwise_affine=False),
    case("LayerNorm", (5, 7), 7, bias=False),
    case("Dropout", (3, 4), 0.0),
    case("Identity", (3, 4)),
    case("Identity", (3, 4), 54, unused=1),
    case("Softmax", (3, 4), 1),
    case("Softmax", (3, 4, 2), dim=0),
    case("LogSoftmax", (3, 4), dim=-1),
    case("LogSoftmax", (3, 4, 2), dim=1),
    case("ReLU", (3, 4)),
    case("LeakyReLU", (3, 4)),
    case("LeakyReLU", (3, 4), 0.2),
    case("LeakyReLU", (3, 4), negative_slope=0.0),
    case("ELU", (3, 4)),
    case("ELU", (3, 4), alpha=1.5),
    case("SELU", (3, 4)),
    case("GELU", (3, 4)),
    case("GELU", (3, 4), approximate="tanh"),
    case("SiLU", (3, 4)),
    case("Mish", (3, 4)),
    case("Softplus", (3, 4)),
    case("Softplus", (3, 4), beta=2.0),
    case("Softsign", (3, 4)),
    case("Tanh", (3, 4)),
    case("Sigmoid", (3, 4)),
    case("Hardtanh", (3, 4)),
    case("Hardtanh", (3, 4), -0.5, 2.0),
    Case(
        "a convolutional net",
        lambda: nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 4), nn.LogSoftmax(1)
        ),
        lambda: torch.nn.Sequential(
            torch.nn.Conv2d(1, 3, 3, padding=1),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(27, 4),
            torch.nn.LogSoftmax(1),
        ),
        (2, 1, 6, 6),
    ),
]


def agree(ours: Any, theirs: Any, tolerance: float = 1e-12) -> None:
    """Whether shapes are equal, and numbers to a part of the largest."""
    found, expected = np.asarray(ours.detach().numpy()), theirs.detach().numpy()
    assert found.shape == expected.shape
    assert found.dtype == np.float64
    if expected.size:
        assert np.abs(found - expected).max() <= tolerance * max(np.abs(expected).max(), 1e-3), (found, expected)


def twins(one: Case) -> tuple[nn.Module, Any, Tensor, Any]:
    """Our layer and PyTorch's with the same weights, and inputs."""
    torch.manual_seed(3)
    manual_seed(3)
    ours, theirs = one.ours(), one.theirs().double()
    ours.load_state_dict(theirs.state_dict())
    inputs = np.random.default_rng(5).standard_normal(one.shape)
    return ours, theirs, Tensor(inputs, requires_grad=True), torch.tensor(inputs, requires_grad=True)


by_name = pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)


@by_name
def test_names_shapes_and_repr_are_pytorchs(one: Case) -> None:
    ours, theirs = one.ours(), one.theirs()
    expected = {name: tuple(numbers.shape) for name, numbers in theirs.state_dict().items()}
    assert {name: tuple(numbers.shape) for name, numbers in ours.state_dict().items()} == expected
    assert list(ours.state_dict()) == list(expected)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]


@by_name
def test_outputs_and_first_and_second_derivatives_are_pytorchs(one: Case) -> None:
    ours, theirs, x, x_torch = twins(one)
    y, y_torch = ours(x), theirs(x_torch)
    agree(y, y_torch)
    weights = np.random.default_rng(6).standard_normal(y.shape)
    leaves, leaves_torch = [x, *ours.parameters()], [x_torch, *theirs.parameters()]
    (y * Tensor(weights)).sum().backward(create_graph=True)
    firsts = torch.autograd.grad((y_torch * torch.tensor(weights)).sum(), leaves_torch, create_graph=True)
    total, total_torch = 0.0, 0.0
    generator = np.random.default_rng(7)
    for leaf, first_torch in zip(leaves, firsts, strict=True):
        first, leaf.grad = leaf.grad, None
        assert first is not None
        agree(first, first_torch)
        direction = generator.standard_normal(first.shape)
        total = total + (first * Tensor(direction)).sum()
        total_torch = total_torch + (first_torch * torch.tensor(direction)).sum()
    if not getattr(total_torch, "requires_grad", False):
        return
    if isinstance(total, Tensor) and total.requires_grad:
        total.backward()  # otherwise no first derivative depends on anything
    seconds = torch.autograd.grad(total_torch, leaves_torch, allow_unused=True)
    for leaf, second_torch in zip(leaves, seconds, strict=True):
        if second_torch is None:
            assert leaf.grad is None or not leaf.grad.numpy().any()
        elif leaf.grad is None:
            assert not second_torch.detach().numpy().any()
        else:
            agree(leaf.grad, second_torch, 1e-11)


ATTENTION = [(6, 1, (2, 5, 6)), (6, 3, (2, 5, 6)), (4, 2, (1, 1, 4)), (4, 2, (7, 4)), (4, 2, (2, 3, 5, 4))]


@pytest.mark.parametrize(("features", "heads", "shape"), ATTENTION)
def test_attention_has_pytorchs_outputs_and_derivatives(features: int, heads: int, shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    theirs = torch.nn.MultiheadAttention(features, heads, batch_first=True, dtype=torch.float64)
    torch.nn.init.normal_(theirs.in_proj_bias)
    ours = nn.CausalSelfAttention(features, heads)
    names = {"c_attn.weight": "in_proj_weight", "c_attn.bias": "in_proj_bias"}
    names |= {"c_proj.weight": "out_proj.weight", "c_proj.bias": "out_proj.bias"}
    state = theirs.state_dict()
    ours.load_state_dict({name: state[other] for name, other in names.items()})
    inputs = np.random.default_rng(5).standard_normal(shape)
    x, x_torch = Tensor(inputs, requires_grad=True), torch.tensor(inputs, requires_grad=True)
    mask = torch.ones(shape[-2], shape[-2], dtype=torch.bool).triu(1)
    flat = x_torch.reshape(-1, *shape[-2:])
    y, y_torch = ours(x), theirs(flat, flat, flat, attn_mask=mask)[0].reshape(shape)
    agree(y, y_torch)
    (y * y).sum().backward()
    (y_torch * y_torch).sum().backward()
    agree(x.grad, x_torch.grad)
    grads = {name: parameter.grad for name, parameter in theirs.named_parameters()}
    for name, parameter in ours.named_parameters():
        agree(parameter.grad, grads[names[name]])


def test_second_derivatives_of_attention_are_those_of_finite_differences() -> None:
    manual_seed(2)
    layer = nn.CausalSelfAttention(4, 2)
    numbers = np.random.default_rng(5).standard_normal((1, 3, 4))
    direction = np.random.default_rng(6).standard_normal((1, 3, 4))

    def slope(at: Any, create_graph: bool = False) -> tuple[Tensor, Tensor]:
        x = Tensor(at, requires_grad=True)
        (layer(x) ** 2).sum().backward(create_graph=create_graph)
        assert x.grad is not None
        found, x.grad = x.grad, None
        return x, found

    x, found = slope(numbers, create_graph=True)
    (found * Tensor(direction)).sum().backward()
    step = 1e-5
    after, before = [slope(numbers + sign * step * direction)[1].detach().numpy() for sign in (1, -1)]
    assert x.grad is not None
    assert np.allclose(x.grad.numpy(), (after - before) / (2 * step), rtol=1e-7, atol=1e-8)


def test_attention_does_not_see_what_comes_later() -> None:
    manual_seed(0)
    layer = nn.CausalSelfAttention(8, 2)
    numbers = np.random.default_rng(1).standard_normal((1, 6, 8))
    for position in range(6):
        x = Tensor(numbers, requires_grad=True)
        layer(x)[0, position].sum().backward()
        assert x.grad is not None
        seen = np.abs(x.grad.numpy()[0]).max(axis=1) > 0
        assert seen.tolist() == [other <= position for other in range(6)]
        changed = np.array(numbers)
        changed[0, position + 1 :] = 1e6
        assert np.array_equal(
            layer(Tensor(changed)).detach().numpy()[0, position], layer(Tensor(numbers)).detach().numpy()[0, position]
        )


def test_dropout_keeps_the_mean_in_training_and_does_nothing_in_use() -> None:
    manual_seed(0)
    dropout = nn.Dropout(0.25)
    x = Tensor(np.full((200, 200), 3.0), requires_grad=True)
    y = dropout(x)
    numbers = y.detach().numpy()
    assert set(np.unique(numbers)) == {0.0, 4.0}
    assert abs((numbers == 0.0).mean() - 0.25) < 0.01
    assert abs(numbers.mean() - 3.0) < 0.05
    y.sum().backward()
    assert x.grad is not None
    assert np.array_equal(x.grad.numpy(), numbers / 3.0)
    assert not np.array_equal(dropout(x).detach().numpy(), numbers)
    assert dropout.eval()(x) is x
    assert not nn.Dropout(1.0)(x).detach().numpy().any()


def test_dropout_leaves_out_the_same_after_the_same_seed() -> None:
    x = randn(50, 50)
    draws = []
    for _ in range(2):
        manual_seed(4)
        draws.append((nn.Dropout(0.5)(x).detach().numpy(), nn.Dropout(0.5, seed=9)(x).detach().numpy()))
    assert np.array_equal(draws[0][0], draws[1][0])
    assert np.array_equal(draws[0][1], draws[1][1])
    manual_seed(5)
    assert not np.array_equal(nn.Dropout(0.5)(x).detach().numpy(), draws[0][0])
    assert np.array_equal(nn.Dropout(0.5, seed=9)(x).detach().numpy(), draws[0][1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(4, 2),
        lambda: nn.LayerNorm(4),
        lambda: nn.Dropout(0.5, seed=1),
        lambda: nn.CausalSelfAttention(4, 2),
        lambda: nn.Softmax(),
    ],
)
def test_layers_take_lists_and_arrays(make: Callable[[], nn.Module]) -> None:
    layer = make()
    numbers = [[1.0, 2.0, -3.0, 0.5], [0.0, 0.0, 1.0, 0.0]]
    expected = copy.deepcopy(layer)(Tensor(numbers)).detach().numpy()
    with no_grad():
        assert np.array_equal(np.asarray(copy.deepcopy(layer)(numbers)), expected)
        assert np.array_equal(np.asarray(copy.deepcopy(layer)(np.array(numbers))), expected)


def test_dropout_and_attention_keep_the_type() -> None:
    x = randn(2, 3, 4, dtype="float32")
    net = nn.Sequential(nn.CausalSelfAttention(4, 2, dropout=0.5), nn.LayerNorm(4), nn.Dropout(), nn.Linear(4, 2))
    assert str(net.float()(x).dtype).endswith("float32")


def test_the_gradient_of_an_embedding_adds_up_over_repeated_indices() -> None:
    torch.manual_seed(0)
    theirs, ours = torch.nn.Embedding(6, 3, dtype=torch.float64), nn.Embedding(6, 3)
    ours.load_state_dict(theirs.state_dict())
    indices = np.array([[1, 5, 1], [0, 1, 4]])
    weights = np.random.default_rng(0).standard_normal((2, 3, 3))
    y, y_torch = ours(indices), theirs(torch.tensor(indices))
    agree(y, y_torch)
    (y * y * Tensor(weights)).sum().backward(create_graph=True)
    (first,) = torch.autograd.grad((y_torch**2 * torch.tensor(weights)).sum(), [theirs.weight], create_graph=True)
    gradient, ours.weight.grad = ours.weight.grad, None
    assert gradient is not None
    agree(gradient, first)
    (gradient * gradient).sum().backward()
    (first * first).sum().backward()
    agree(ours.weight.grad, theirs.weight.grad)


@pytest.mark.parametrize(
    "indices", [[1, 2], np.array([1, 2]), Tensor([1.0, 2.0]), Tensor([1, 2], dtype="int64"), torch.tensor([1, 2])]
)
def test_an_embedding_takes_indices_in_any_form(indices: Any) -> None:
    layer = nn.Embedding(3, 2)
    assert np.array_equal(layer(indices).detach().numpy(), layer.weight.detach().numpy()[1:])
    assert layer(1).shape == (2,)


@pytest.mark.parametrize("indices", [[3], [-1], [0, 1, 99], [math.nan], [0.5], "word"])
def test_an_embedding_refuses_what_is_no_index(indices: Any) -> None:
    with pytest.raises(IndexError, match="ind"):
        nn.Embedding(3, 2)(indices)


FIRST_NUMBERS = [
    ("Linear", (200, 300), {"weight": 1 / math.sqrt(200), "bias": 1 / math.sqrt(200)}),
    ("Conv2d", (8, 60, 5), {"weight": 1 / math.sqrt(200), "bias": 1 / math.sqrt(200)}),
]


@pytest.mark.parametrize(("kind", "sizes", "bounds"), FIRST_NUMBERS)
def test_layers_begin_uniformly_as_pytorchs(kind: str, sizes: tuple[int, ...], bounds: dict[str, float]) -> None:
    manual_seed(1)
    torch.manual_seed(1)
    layer, theirs = getattr(nn, kind)(*sizes), getattr(torch.nn, kind)(*sizes)
    for name, bound in bounds.items():
        for numbers in (
            getattr(layer, name).detach().numpy(),
            getattr(theirs, name).detach().double().numpy(),
        ):
            assert np.abs(numbers).max() <= bound
            assert np.abs(numbers).max() > 0.9 * bound
            assert abs(numbers.mean()) < 0.2 * bound
            assert numbers.var() == pytest.approx(bound**2 / 3, rel=0.3)


def test_embeddings_begin_normally_and_norms_at_1_and_0() -> None:
    manual_seed(1)
    weight = nn.Embedding(100, 200).weight.detach().numpy()
    assert weight.std() == pytest.approx(1.0, rel=0.02)
    assert abs(weight.mean()) < 0.02
    layer = nn.LayerNorm((2, 3))
    assert (layer.weight.detach().numpy() == 1.0).all()
    assert (layer.bias.detach().numpy() == 0.0).all()


def test_a_seed_makes_nets_repeatable() -> None:
    nets = []
    for _ in range(2):
        manual_seed(11)
        nets.append(nn.Sequential(nn.Linear(3, 4), nn.Conv2d(1, 2, 3), nn.Embedding(3, 2)))
    for one, other in zip(*[net.parameters() for net in nets], strict=True):
        assert np.array_equal(one.detach().numpy(), other.detach().numpy())


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: nn.Linear(3, 2)(randn(4, 5)), r"\(4, 5\).*\(2, 3\)"),
    (lambda: nn.Linear(3, 2, bias=False)(randn(4, 5)), r"\(4, 5\).*\(2, 3\)"),
    (lambda: nn.Conv2d(3, 4, 3)(randn(2, 2, 5, 5)), r"\(2, 2, 5, 5\).*\(4, 3, 3, 3\)"),
    (lambda: nn.Conv2d(3, 4, 3)(randn(5, 5)), r"\(5, 5\)"),
    (lambda: nn.Conv2d(3, 4, 9)(randn(1, 3, 5, 5)), r"larger than images"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), "3 and 4 channels can't be divided into 2 groups"),
    (lambda: nn.LayerNorm(3)(randn(3, 4)), r"\(3, 4\) don't end in the axes \(3,\)"),
    (lambda: nn.LayerNorm((2, 3))(randn(3)), r"\(3,\) don't end in the axes \(2, 3\)"),
    (lambda: nn.Dropout(1.5), "probability from 0 to 1, not 1.5"),
    (lambda: nn.CausalSelfAttention(6, 4), "6 features can't be divided into 4 heads"),
    (lambda: nn.CausalSelfAttention(6, 2)(randn(2, 3, 4)), r"\(2, 3, 4\)"),
    (lambda: nn.CausalSelfAttention(4, 2)(randn(4)), r"\(..., positions, features\), not \(4,\)"),
    (lambda: nn.Linear(-1, 2), "in_features is a whole number of at least 0, not -1"),
    (lambda: nn.Linear(2, 1.5), "out_features is a whole number of at least 0, not 1.5"),  # type: ignore[arg-type]
    (lambda: nn.Embedding(-1, 2), "num_embeddings is a whole number"),
    (lambda: nn.Conv2d(1, 1, 0), "a kernel is one or two whole numbers of at least 1, not 0"),
    (lambda: nn.Conv2d(1, 1, 3, padding="full"), "a padding is 'valid' or 'same' or numbers, not 'full'"),
    (lambda: nn.MaxPool2d(2, stride=0), "a stride is one or two whole numbers of at least 1, not 0"),
    (lambda: nn.Softmax(3)(randn(2, 2)), "axis 3 does not exist"),
    (lambda: nn.GELU("erf"), "'none' or 'tanh', not 'erf'"),
    (lambda: nn.Activation("sni"), "'sni' is not a function of one operand"),
]


@for_each(("attempt", "message"), REFUSED)
def test_what_does_not_fit_is_refused_with_the_shapes(attempt: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attempt()


def test_a_layer_is_recorded_as_few_operations() -> None:
    x = randn(4, 3)
    y = nn.Linear(3, 2)(x)
    assert y.grad_fn is not None
    assert y.grad_fn.name == "affine"
    assert [operand.is_leaf for operand in y.grad_fn.operands if operand is not None] == [True] * 3
    assert nn.Tanh()(y).grad_fn.operands == (y,)
    with no_grad():
        assert nn.Linear(3, 2)(x).grad_fn is None


def test_parameters_live_in_the_chosen_library(backend: str) -> None:
    assert type(nn.Linear(2, 2).weight.array).__module__.split(".")[0] == backend
    assert isinstance(nn.Linear(2, 2).weight, Parameter)
