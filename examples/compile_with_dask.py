"""A function and its slope on an array that is larger than one wants in memory, block by block, by Dask.

A compiled function is pickled as its text, so it travels to processes and to other machines.
"""

import dask
import dask.array
import numpy as np

import gradcli

wave = gradcli.compile("exp(-x^2/200)*sin(x)", derivatives="value", threads=1)
slope = gradcli.compile("diff(exp(-x^2/200)*sin(x), x)", derivatives="value", threads=1)

if __name__ == "__main__":
    x = dask.array.linspace(-50, 50, 1_000_000, chunks=100_000)
    with dask.config.set(scheduler="processes", num_workers=2):
        heights, slopes = dask.compute(x.map_blocks(wave, dtype=float), x.map_blocks(slope, dtype=float))
    by_differences = np.gradient(heights, 100 / 999_999)
    print(f"{len(heights):,} heights, the largest {heights.max():.6f}")
    print(f"slopes and quotients of differences differ by {abs(slopes - by_differences)[1:-1].max():.0e} at most")
