"""Recurrent layers, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "RNN": (lambda n: n.RNN(3, 4, nonlinearity="relu"), lambda t: [t(5, 2, 3)]),
    "RNN in two ways": (lambda n: n.RNN(3, 4, 2, bidirectional=True), lambda t: [t(5, 2, 3), t(4, 2, 4)]),
    "GRU": (lambda n: n.GRU(3, 4, 2, batch_first=True, bias=False), lambda t: [t(2, 5, 3)]),
    "one sequence": (lambda n: n.GRU(3, 4), lambda t: [t(5, 3), t(1, 4)]),
    "LSTM": (lambda n: n.LSTM(3, 4, num_layers=2), lambda t: [t(5, 2, 3), (t(2, 2, 4), t(2, 2, 4))]),
    "LSTM in two ways": (lambda n: n.LSTM(3, 2, bidirectional=True, batch_first=True), lambda t: [t(2, 5, 3)]),
    "RNNCell": (lambda n: n.RNNCell(3, 4), lambda t: [t(2, 3)]),
    "GRUCell": (lambda n: n.GRUCell(3, 4), lambda t: [t(2, 3), t(2, 4)]),
    "LSTMCell": (lambda n: n.LSTMCell(3, 4, bias=False), lambda t: [t(3), (t(4), t(4))]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_dropout_is_between_layers_and_in_training_only() -> None:
    layer = nn.GRU(3, 4, 2, dropout=0.5)
    x = randn(5, 2, 3)
    assert (layer(x)[0] != layer(x)[0]).any()
    layer.eval()
    assert (layer(x)[0] == layer(x)[0]).all()


def test_what_does_not_fit_is_refused_and_layers_tell_their_sizes() -> None:
    for call, kind, message in [
        (lambda: nn.RNN(3, 4, nonlinearity="sin"), UsageError, "applies tanh or relu, not 'sin'"),
        (lambda: nn.LSTM(3, 4, 0), UsageError, "at least one layer"),
        (lambda: nn.GRU(3, 4)(randn(5, 2, 2)), ShapeError, "sequences of 3 numbers"),
        (lambda: nn.GRU(3, 4)(randn(5, 2, 3), randn(1, 3, 4)), ShapeError, r"first states have the shape \(1, 2, 4\)"),
        (lambda: nn.RNNCell(3, 4)(randn(2, 2, 3)), ShapeError, "one or two axes"),
    ]:
        with pytest.raises(kind, match=message):
            call()
    assert repr(nn.LSTM(3, 4, 2, batch_first=True)) == "LSTM(3, 4, num_layers=2, batch_first=True)"
    assert repr(nn.GRUCell(3, 4)) == "GRUCell(3, 4)"
