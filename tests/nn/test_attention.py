"""`MultiheadAttention`, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

SEEN = np.tril(np.ones((4, 4), bool))


def masked(t: Any) -> list[Any]:
    x = t(4, 2, 6)
    library = type(x)
    mask = x.detach()[:, 0, :4] * 0.0 - 1e9 * library((~SEEN).astype(float))
    padding = x.detach()[:, :, 0].T > 1.0
    return [x, x, x, padding, True, mask, False]


CASES: dict[str, tuple[Any, Any]] = {
    "to others": (lambda n: n.MultiheadAttention(6, 2), lambda t: [t(4, 2, 6), t(5, 2, 6), t(5, 2, 6)]),
    "to itself": (lambda n: n.MultiheadAttention(6, 3, batch_first=True, bias=False), lambda t: [t(2, 4, 6)] * 3),
    "other sizes": (lambda n: n.MultiheadAttention(4, 2, kdim=3, vdim=5), lambda t: [t(4, 4), t(6, 3), t(6, 5)]),
    "masks": (lambda n: n.MultiheadAttention(6, 2), masked),
}


@pytest.mark.parametrize("name", CASES)
def test_attention_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_a_mask_of_truth_values_hides_keys() -> None:
    layer, x = nn.MultiheadAttention(6, 2), randn(4, 1, 6)
    _, weights = layer(x, x, x, attn_mask=~SEEN)
    assert ((weights.detach().numpy()[0] > 0) == SEEN).all()
    output, none = layer(x, x, x, need_weights=False, key_padding_mask=np.array([[False, True, True, True]]))
    assert none is None
    np.testing.assert_allclose(output.detach().numpy(), np.broadcast_to(output.detach().numpy()[:1], (4, 1, 6)))


def test_what_does_not_fit_is_refused() -> None:
    for call, kind, message in [
        (lambda: nn.MultiheadAttention(6, 4), UsageError, "6 features can't be divided into 4 heads"),
        (lambda: nn.MultiheadAttention(6, 2)(*[randn(6)] * 3), ShapeError, "two axes, or all three"),
        (lambda: nn.MultiheadAttention(6, 2)(*[randn(2, 6)] * 3, is_causal=True), UsageError, "its mask"),
    ]:
        with pytest.raises(kind, match=message):
            call()
