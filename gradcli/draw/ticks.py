"""Round numbers along an axis."""

from __future__ import annotations

import math

__all__ = ["logarithmic_ticks", "ticks"]


def ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return round numbers between two ends, at equal distances of 1, 2 or 5 times a power of ten, with their texts.

    Args:
        low, high: the ends, in ascending order.
        most: the largest number of ticks.

    >>> ticks(-3.0, 3.0, 7)
    [(-3.0, '-3'), (-2.0, '-2'), (-1.0, '-1'), (0.0, '0'), (1.0, '1'), (2.0, '2'), (3.0, '3')]
    >>> [text for _, text in ticks(0.0, 0.01, 6)]
    ['0', '0.002', '0.004', '0.006', '0.008', '0.010']
    """
    width = high - low
    if not (0.0 < width < math.inf) or most < 1:
        return []
    power = math.floor(math.log10(width / most))
    for factor in (1, 2, 5, 10, 20, 50):
        step = factor * 10.0**power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    digits = max(0, -math.floor(math.log10(step * 1.0000001)))
    size = max(abs(first * step), abs(last * step))
    result = []
    for number in range(first, last + 1):
        value = float(f"{number * step:.15g}")
        if not value:
            text = "0"
        elif size >= 1e6 or digits > 5:
            places = math.floor(math.log10(size) + 1e-9) - math.floor(math.log10(step) + 1e-9)
            text = f"{value:.{max(0, places)}e}"
            mantissa, _, exponent = text.partition("e")
            text = f"{mantissa}e{int(exponent)}"
        else:
            text = f"{value:.{digits}f}"
        result.append((value, text))
    return result


def logarithmic_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return round numbers between two positive ends on a logarithmic scale, at most seven, with their texts.

    >>> logarithmic_ticks(0.008, 3.0)
    [(0.01, '0.01'), (0.03, '0.03'), (0.1, '0.1'), (0.3, '0.3'), (1.0, '1'), (3.0, '3')]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [float(f"{factor}e{power}") for power in range(first, last + 1) for factor in factors]
        found = [value for value in found if low <= value <= high]
        if len(found) <= 7:
            return [(value, f"{value:.3g}") for value in found] if len(found) > 1 else ticks(low, high, 5)
    step = -(-len(found) // 6)
    return [(value, f"{value:.3g}") for value in found[::step]]
