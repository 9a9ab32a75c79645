"""`gradcli.eager.tensor_text`: what is printed of a tensor, and what a notebook shows of it."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import Tensor, tensor, zeros
from gradcli.eager.tensor_text import tensor_html, tensor_text

X = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
#: A tensor, its text, and what is around the numbers in a notebook.
CASES = [
    (X, "tensor([[1., 2.],\n        [3., 4.]], requires_grad=True)", "tensor of shape 2 × 2, float64"),
    ((X * X).sum(), "tensor(30., grad_fn=<sum>)", "tensor of one number, float64, made by sum"),
    (tensor([0.5], dtype=np.float32), "tensor([0.5], dtype=float32)", "tensor of shape 1, float32"),
]


@pytest.mark.parametrize(("made", "text", "caption"), CASES)
def test_a_tensor_says_its_numbers_its_type_and_its_origin(made: Tensor, text: str, caption: str) -> None:
    assert tensor_text(made) == repr(made) == text
    assert f">{caption}</caption>" in tensor_html(made) == made._repr_html_()


def test_a_gradient_has_a_column() -> None:
    leaf = tensor([1.0, 2.0], requires_grad=True)
    assert "gradient" not in tensor_html(leaf)
    (leaf * leaf).sum().backward()
    assert "[1., 2.]" in tensor_html(leaf)
    assert "[2., 4.]" in tensor_html(leaf)
    assert "gradient" in tensor_html(leaf)


def test_of_a_large_tensor_the_ends_are_shown() -> None:
    assert len(tensor_html(zeros(500, 500))) < 1000
    assert "..." in tensor_text(zeros(2000))
    assert "0 × 3" in tensor_html(zeros(0, 3))
