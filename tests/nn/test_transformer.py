"""The Transformer, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "encoder": (
        lambda n: n.TransformerEncoder(n.TransformerEncoderLayer(4, 2, 8, 0.0), 2, n.LayerNorm(4)),
        lambda t: [t(3, 2, 4)],
    ),
    "encoder layer": (
        lambda n: n.TransformerEncoderLayer(4, 2, 8, 0.0, "gelu", norm_first=True, bias=False),
        lambda t: [t(3, 4)],
    ),
    "decoder": (
        lambda n: n.TransformerDecoder(n.TransformerDecoderLayer(4, 2, 8, 0.0, batch_first=True), 1),
        lambda t: [t(2, 3, 4), t(2, 5, 4)],
    ),
    "both": (lambda n: n.Transformer(4, 2, 1, 1, 8, 0.0), lambda t: [t(3, 2, 4), t(5, 2, 4)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_a_position_does_not_see_those_after_it() -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0)
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    x = randn(3, 1, 4)
    first = layer(x, src_mask=mask)
    x[2] = 7.0
    assert first[:2].tolist() == layer(x, src_mask=mask)[:2].tolist()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="relu, gelu or a function, not 'tanh'"):
        nn.TransformerEncoderLayer(4, 2, activation="tanh")
    net = nn.Transformer(4, 2, 1, 1, 8)
    with pytest.raises(ShapeError, match="different rows"):
        net(randn(3, 2, 4), randn(3, 1, 4))
    with pytest.raises(ShapeError, match="have 4 features"):
        net(randn(3, 2, 4), randn(3, 2, 5))
