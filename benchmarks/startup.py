"""The time of whole processes: gradcli's gradient of the worked example against the same job in a script of its peers.

The programs take turns, so that a drift of the machine's speed meets all of them; medians and ratios are printed.
A peer that is not installed is left out.

    python benchmarks/startup.py [rounds]
"""

from __future__ import annotations

import importlib.util
import os
import platform
import statistics
import subprocess
import sys
import time

SYMPY = """
import sympy
x1, x2 = sympy.symbols("x1 x2")
f = sympy.sympify("x1*x2+sin(x1)")
at = {x1: 2, x2: 3}
print(f.subs(at).evalf(17), [sympy.diff(f, x).subs(at).evalf(17) for x in (x1, x2)])
"""
JAX = """
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
f = lambda x1, x2: x1 * x2 + jnp.sin(x1)
print(*jax.value_and_grad(f, (0, 1))(2.0, 3.0))
"""
TORCH = """
import torch
x1 = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
x2 = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
y = x1 * x2 + torch.sin(x1)
y.backward()
print(y.item(), x1.grad.item(), x2.grad.item())
"""

# An installed program has its bytecode; so have these.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

PROGRAMS = {
    "gradcli": ["-m", "gradcli", "grad", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3"],
    "sympy": ["-c", SYMPY],
    "jax": ["-c", JAX],
    "torch": ["-c", TORCH],
    "bare Python": ["-c", "pass"],
}


def seconds(words: list[str]) -> float:
    """The wall time of one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], capture_output=True, check=True, env=ENVIRONMENT)
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Print the table."""
    programs = {
        name: words
        for name, words in PROGRAMS.items()
        if name in ("gradcli", "bare Python") or importlib.util.find_spec(name) is not None
    }
    for words in programs.values():
        seconds(words)  # caches: bytecode, the grammar's table
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, words in programs.items():
            times[name].append(seconds(words))
    print(f"Python {platform.python_version()} on {platform.machine()}, {platform.system()}; {rounds} processes each\n")
    print(f"{'program':<12} {'median ms':>10} {'gradcli / it':>13}")
    for name, found in times.items():
        ratios = [own / other for own, other in zip(times["gradcli"], found, strict=True)]
        print(f"{name:<12} {1e3 * statistics.median(found):>10.1f} {statistics.median(ratios):>13.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
