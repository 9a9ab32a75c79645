"""Losses of pairs, triplets and several labels, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn, tensor
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import pair_losses as losses
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "ranking": lambda t, x, y: [
        t.nn.functional.margin_ranking_loss(x, y, t.sign(y.detach() - 0.6), 0.4),
        t.nn.MarginRankingLoss(reduction="none")(x, y * 2.0, t.sign(x.detach())),
    ],
    "cosine": lambda t, x, y: [
        t.nn.functional.cosine_embedding_loss(x, y, t.tensor([1, -1]), margin=0.1, reduction="none"),
        t.nn.CosineEmbeddingLoss()(x[0], y[0], t.tensor(-1)),
    ],
    "triplet": lambda t, x, y: [
        t.nn.functional.triplet_margin_loss(x, y, x * 0.5, p=1.0, swap=True),
        t.nn.TripletMarginLoss(margin=20.0, reduction="sum")(x, y, y * 2.0),
        t.nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(-1))(x, y, x + 1.0),
    ],
    "gaussian": lambda t, x, y: [
        t.nn.functional.gaussian_nll_loss(x, y, y.abs() * 0.5, full=True),
        t.nn.GaussianNLLLoss(reduction="none")(x, y, t.tensor([[0.0], [2.0]], dtype=t.float64)),
    ],
    "labels": lambda t, x, b: [
        t.nn.functional.multilabel_soft_margin_loss(x, b.double(), t.tensor([1.0, 2.0, 0.5], dtype=t.float64)),
        t.nn.functional.multilabel_margin_loss(x, t.tensor([[2, 0, -1], [1, -1, 0]])),
        t.nn.MultiLabelMarginLoss(reduction="none")(x[0], t.tensor([0, -1, 2])),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_what_has_no_meaning_is_refused() -> None:
    x = randn(2, 3)
    for call, kind, message in [
        (lambda: losses.margin_ranking_loss(x, x, tensor(1.0)), ShapeError, "different numbers of axes"),
        (lambda: losses.cosine_embedding_loss(x, x, x), ShapeError, "don't fit targets"),
        (lambda: losses.triplet_margin_loss(x, x, x, margin=0.0), UsageError, "above 0"),
        (lambda: losses.gaussian_nll_loss(x, x, -x * x), UsageError, "a variance is at least 0"),
        (lambda: losses.gaussian_nll_loss(x, x, randn(5) ** 2), ShapeError, "variances of shape"),
        (lambda: losses.multilabel_margin_loss(x, tensor([[3, 0, 0], [0, 0, 0]])), UsageError, "there are 3 classes"),
    ]:
        with pytest.raises(kind, match=message):
            call()


def test_every_loss_is_a_module_with_the_name_of_pytorch_s() -> None:
    torch = pytest.importorskip("torch")
    for found in nn.PAIR_LOSSES.values():
        assert getattr(nn, found.__name__) is found
        assert hasattr(torch.nn, found.__name__)
