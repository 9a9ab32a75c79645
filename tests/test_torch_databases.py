"""A sample of each module and optimiser in PyTorch's databases agrees with PyTorch.

`python benchmarks/opinfo.py` compares all samples, and all operations.
"""

from __future__ import annotations

import warnings

import pytest

#: The samples that differ by the convention of docs/edge_points.md, and those that can't be had.
EXPECTED = {"nn.KLDivLoss", "nn.LPPool1d", "nn.LPPool2d", "nn.LPPool3d"}


def test_a_sample_of_each_name_agrees() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype(), torch.get_num_threads()
    import opinfo  # it is on the path that pyproject.toml gives to pytest

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name in ("module_db, float64", "optim_db, float64"):
                outcome = opinfo.COMPARISONS[name]([], 1)
                assert len(outcome.rows) >= 15
                reasons = {key for key in outcome.reasons if key[0] not in EXPECTED}
                assert {key for key in reasons if key[1] == "differ"} == set()
                assert outcome.samples["agree"] >= 0.97 * outcome.samples.total()
    finally:
        torch.set_default_dtype(before[0])
        torch.set_num_threads(before[1])
