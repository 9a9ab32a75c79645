"""Round numbers along an axis."""

import pytest

from gradcli.draw.ticks import ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-3.0, 3.0, 7, ["-3", "-2", "-1", "0", "1", "2", "3"]),
        (-3.0, 3.0, 6, ["-2", "0", "2"]),
        (0.0, 0.01, 6, ["0", "0.002", "0.004", "0.006", "0.008", "0.010"]),
        (-0.1, 1.1, 5, ["0", "0.5", "1.0"]),
        (0.0, 2.5e9, 6, ["0", "5.0e8", "1.0e9", "1.5e9", "2.0e9", "2.5e9"]),
        (1e-9, 5e-9, 6, ["1e-9", "2e-9", "3e-9", "4e-9", "5e-9"]),
        (100.0, 100.0, 5, []),
    ],
)
def test_ticks(low: float, high: float, most: int, expected: list[str]) -> None:
    found = ticks(low, high, most)
    assert [text for _, text in found] == expected
    assert all(float(text) == value and low <= value <= high for value, text in found)
