"""`gradcli.draw.sketch`: a net as lines of characters."""

from __future__ import annotations

from gradcli.draw.net import layers
from gradcli.draw.sketch import sketch


def test_a_sketch_fits_the_screen() -> None:
    for sizes in ([2, 3, 1], [784, 128, 10], [2, 16, 16, 1]):
        assert max(map(len, sketch(layers(sizes), 60))) <= 60


def test_a_sketch_shows_each_neuron_that_is_drawn() -> None:
    lines = "\n".join(sketch(layers([2, 3, 1]), 80))
    assert lines.count("○") == 6
    assert "x1 ○" in lines
    assert "○ y" in lines
