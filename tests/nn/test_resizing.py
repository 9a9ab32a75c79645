"""Borders, other sizes and shuffled channels, beside PyTorch's; `benchmarks/opinfo.py` compares far more."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import randn
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import resizing
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "borders": lambda t, x: [
        t.nn.functional.pad(x, (1, 2)),
        t.nn.functional.pad(x, (-1, 1, 0, 2), value=7.0),
        t.nn.functional.pad(x, (2, 1), mode="reflect"),
        t.nn.functional.pad(x, (2, 3), mode="replicate"),
        t.nn.functional.pad(x, (3, 1), mode="circular"),
        t.nn.functional.pad(x, (-1, 2), mode="circular"),
    ],
    "nearest": lambda t, x: [
        t.nn.functional.interpolate(x[None], 5),
        t.nn.functional.interpolate(x[None, None], scale_factor=(1.5, 2.4), mode="nearest-exact"),
        t.nn.functional.interpolate(x[None, None], (1, 2), mode="area"),
    ],
    "lines": lambda t, x: [
        t.nn.functional.interpolate(x[None], 7, mode="linear", align_corners=True),
        t.nn.functional.interpolate(x[None, None], (5, 2), mode="bilinear"),
        t.nn.functional.interpolate(x.repeat(2, 2)[None, None], (3, 3), mode="bilinear", antialias=True),
        t.nn.functional.interpolate(x[None, None, None], (2, 3, 5), mode="trilinear"),
        t.nn.functional.upsample_bilinear(x[None, None], scale_factor=2),
    ],
    "cubic": lambda t, x: [
        t.nn.functional.interpolate(x[None, None], scale_factor=2.3, mode="bicubic"),
        t.nn.functional.interpolate(x[None, None], scale_factor=2.3, mode="bicubic", recompute_scale_factor=True),
        t.nn.functional.interpolate(x.repeat(3, 3)[None, None], (3, 4), mode="bicubic", antialias=True),
    ],
    "shuffled": lambda t, x: [
        t.nn.functional.pixel_shuffle(x.repeat(2, 1)[:, None], 2),
        t.nn.functional.pixel_unshuffle(x.repeat(1, 2)[None], 2),
        t.nn.functional.channel_shuffle(x.repeat(2, 1)[None, :, :, None], 2),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_what_has_no_meaning_is_refused() -> None:
    image = randn(1, 1, 2, 2)
    for call, kind, message in [
        (lambda: resizing.pad(randn(2), (1, 1), "mirror"), UsageError, "not 'mirror'"),
        (lambda: resizing.pad(randn(2), (1,)), ShapeError, "there are two for each axis"),
        (lambda: resizing.pad(randn(2), (2, 2), "reflect"), ShapeError, "too wide for an axis of length 2"),
        (lambda: resizing.interpolate(image), UsageError, "either a size or a scale_factor"),
        (lambda: resizing.interpolate(image, 3, mode="cubic"), UsageError, "not 'cubic'"),
        (lambda: resizing.interpolate(image, 3, mode="linear"), NotImplementedError, "doesn't take an input"),
        (lambda: resizing.interpolate(image, 3, align_corners=True), UsageError, "has no meaning for nearest"),
        (lambda: resizing.interpolate(image, 0), ShapeError, "can't get the size"),
        (lambda: resizing.interpolate(image.long(), 3, mode="bilinear"), NotImplementedError, "means of floats"),
        (lambda: resizing.pixel_shuffle(image, 2), ShapeError, "can't be shuffled"),
        (lambda: resizing.channel_shuffle(image, 2), ShapeError, "can't be divided"),
    ]:
        with pytest.raises(kind, match=message):
            call()
