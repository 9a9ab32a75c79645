"""The findings about a net; `tests/faults/test_summary_faults.py` has a case of each."""

from __future__ import annotations

from gradcli.train.data.datasets import make
from gradcli.train.findings import findings
from gradcli.train.run import start


def test_a_net_whose_classes_have_weights_is_not_compared_with_the_most_frequent_class() -> None:
    data = make("moons", samples=100)
    run = start(data, epochs=1, class_weight="1=1000", hidden=())
    for _ in run.events():
        pass
    assert not [one for one in findings(run) if "always predicting" in one or "straight line" in one]
