"""`Module.summary`: the layers with their shapes and numbers of parameters, as data and as a table."""

from __future__ import annotations

import pytest

from gradcli import nn

np = pytest.importorskip("numpy")


def test_a_summary_is_data_and_a_table() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, 10)
    )
    net[4].eval()
    summary = net.summary((5, 1, 8, 8))
    assert [row.output_shape for row in summary.rows][:3] == [(5, 4, 8, 8), (5, 4, 8, 8), (5, 4, 4, 4)]
    assert (summary.total, summary.trainable, summary.output_shape) == (690, 690, (5, 10))
    assert summary.rows[-1] == ("5", "Linear", (5, 10), 650)
    assert [line.split() for line in str(summary).splitlines()[-1:]] == [["total", "(5,", "10)", "690"]]
    assert net[0].training  # the mode is as before, and so are the calls
    assert not net[4].training
    assert "forward" not in vars(net[0])
    assert str(nn.Linear(2, 1).summary()).splitlines()[2].split() == ["Linear", "-", "3"]
    with pytest.raises(ValueError, match="don't fit"):
        net.summary((5, 2, 8, 8))
    assert "forward" not in vars(net[0])


def test_a_summary_of_a_net_of_values() -> None:
    summary = nn.MLP(2, [3, 1]).summary(2)
    assert summary.total == 13
    assert summary.rows[0] == ("layers.0.neurons.0", "Neuron", (), 3)
    assert summary.output_shape == ()
