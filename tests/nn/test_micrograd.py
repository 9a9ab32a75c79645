"""Module, Neuron, Layer and MLP have micrograd's names, arguments, random numbers and repr."""

from __future__ import annotations

import copy
import pickle
import random

import pytest

from gradcli import Value, nn
from gradcli.nn import MLP, Layer, Module, Neuron
from gradcli.primitives import REGISTRY
from tests.support.loops import for_each


def test_the_neuron_of_micrograd() -> None:
    random.seed(1337)
    neuron = Neuron(2)
    out = neuron([Value(1.0), Value(-2.0)])
    assert out.data == 0.102443419482938
    out.backward()
    assert [weight.grad for weight in neuron.w] == [1.0, -2.0]
    assert (neuron.b.data, neuron.b.grad) == (0.0, 1.0)


def test_every_repr_is_micrograds_own() -> None:
    assert repr(Neuron(3)) == "ReLUNeuron(3)"
    assert repr(Neuron(3, nonlin=False)) == "LinearNeuron(3)"
    assert repr(Neuron(3, False)) == "LinearNeuron(3)"
    assert repr(Layer(2, 2)) == "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"
    assert repr(MLP(2, [2, 1])) == "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]"
    assert repr(Neuron(3, activation="tanh")) == "TanhNeuron(3)"


def test_weights_are_drawn_neuron_by_neuron_and_biases_are_zero() -> None:
    random.seed(7)
    net = MLP(2, [3, 1])
    random.seed(7)
    for layer in net.layers:
        for neuron in layer.neurons:
            assert [weight.data for weight in neuron.w] == [random.uniform(-1, 1) for _ in neuron.w]
            assert neuron.b.data == 0.0


def test_parameters_always_come_in_the_same_order() -> None:
    net = MLP(2, [16, 16, 1])
    assert len(net.parameters()) == 337
    first = net.layers[0].neurons[0]
    assert net.parameters()[:3] == [*first.w, first.b]
    assert net.parameters() == net.parameters()
    assert Module().parameters() == []


def test_zero_grad_resets_every_parameter() -> None:
    net = MLP(2, [2, 1])
    for parameter in net.parameters():
        parameter.grad = 5.0
    net.zero_grad()
    assert {parameter.grad for parameter in net.parameters()} == {0.0}


def test_a_layer_gives_a_list_or_one_value() -> None:
    assert len(Layer(2, 3)([1.0, 2.0])) == 3
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert len(MLP(2, [3, 2])([1.0, 2.0])) == 2


def test_a_layer_of_one_neuron_may_stand_in_the_middle() -> None:
    net = MLP(2, [1, 3, 1])
    net([1.0, 2.0]).backward()
    assert isinstance(net((1.0, 2.0)), Value)


def test_only_the_last_layer_is_linear() -> None:
    net = MLP(1, [2, 2, 1], activation="sigmoid")
    assert [[neuron.nonlin for neuron in layer.neurons] for layer in net.layers] == [[True] * 2, [True] * 2, [False]]


def test_numpy_rows_and_values_may_be_inputs() -> None:
    np = pytest.importorskip("numpy")
    net = MLP(2, [2, 1], generator=random.Random(1))
    expected = net([1.0, -2.0]).data
    assert net(np.array([1.0, -2.0])).data == expected
    assert net([Value(1.0), Value(-2.0)]).data == expected
    assert net((1, -2)).data == expected


@pytest.mark.parametrize("inputs", [[], [1.0], [1.0, 2.0, 3.0]])
def test_inputs_of_another_length_are_refused(inputs: list[float]) -> None:
    for module in (Neuron(2), Layer(2, 2), MLP(2, [2, 1])):
        with pytest.raises(ValueError, match="inputs"):
            module(inputs)


UNARY = [primitive.name for primitive in REGISTRY.public() if primitive.arity == 1]


@for_each("name", UNARY)
def test_any_function_of_one_operand_is_an_activation(name: str) -> None:
    neuron = Neuron(1, activation=name)
    neuron.w[0].data, neuron.b.data = 0.25, 0.5
    out = neuron([1.0])
    assert out.data == REGISTRY[name](0.75) or out.data != out.data
    out.backward()
    plain = Value(0.75)
    REGISTRY[name](plain).backward()
    assert neuron.b.grad == plain.grad or plain.grad != plain.grad


def test_an_unknown_initialiser_is_refused_with_a_list() -> None:
    with pytest.raises(ValueError, match="uniform, normal, xavier"):
        Neuron(2, initialization="best")


def test_a_generator_makes_a_net_repeatable() -> None:
    nets = [MLP(2, [3, 1], generator=random.Random(5), initialization="he") for _ in range(2)]
    assert [p.data for p in nets[0].parameters()] == [p.data for p in nets[1].parameters()]


def test_a_copy_of_a_net_has_parameters_of_its_own() -> None:
    net = MLP(2, [2, 1])
    twin = copy.deepcopy(net)
    assert [p.data for p in twin.parameters()] == [p.data for p in net.parameters()]
    assert not set(map(id, twin.parameters())) & set(map(id, net.parameters()))
    twin([1.0, 2.0]).backward()
    assert {p.grad for p in net.parameters()} == {0.0}
    thawed = pickle.loads(pickle.dumps(net))
    assert thawed([1.0, 2.0]).data == net([1.0, 2.0]).data


def test_a_module_of_ones_own_needs_only_parameters() -> None:
    class Pair(nn.Module):
        def __init__(self) -> None:
            self.inner = Neuron(1)

        def parameters(self) -> list[Value]:
            return self.inner.parameters()

    pair = Pair()
    pair.inner([2.0]).backward()
    pair.zero_grad()
    assert [parameter.grad for parameter in pair.parameters()] == [0.0, 0.0]
