"""Optimisers that `gradcli train` doesn't have: some look at the shape of a parameter, some at signs of gradients.

They are declared as those of `gradcli.optim.optimizers`, but a ``step`` here gets the arrays of one parameter in its
shape, and is not compiled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gradcli.errors import UsageError
from gradcli.optim.optimizers import (
    BETAS,
    CAPTURED,
    DECAY,
    DECOUPLED,
    EPSILON,
    MAXIMIZE,
    RATE,
    Memory,
    Method,
    Options,
    shrunk,
)
from gradcli.optim.option import ABOVE_0, NUMBERS, Form, Option, Range, plain
from gradcli.primitives.backends import backend_of

__all__ = ["FURTHER_OPTIMIZERS"]


def _array(numbers: Any) -> Any:
    """Return numbers as a NumPy array."""
    import numpy as np

    return np.asarray(backend_of(numbers).to_numpy(numbers))


def _like(found: Any, parameters: Any) -> Any:
    """Return an array as the kind of array, or the number, that a parameter has."""
    if isinstance(parameters, (float, int)):
        return float(found)
    backend = backend_of(parameters)
    return backend.from_numpy(found, parameters.dtype)


def radam(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam that divides by the running root mean square only when its variance is small (Liu et al., 2020)."""
    parameters, gradient = shrunk(parameters, gradient, options)
    beta1, beta2 = options["betas"]
    mean = beta1 * memory["exp_avg"] + (1 - beta1) * gradient
    square = beta2 * memory["exp_avg_sq"] + (1 - beta2) * gradient * gradient
    step = mean * (options["lr"] / (1 - beta1**number))
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * number * beta2**number / (1 - beta2**number)
    if length > 5.0:
        share = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        step = step * (share * (1 - beta2**number)) ** 0.5 / (square**0.5 + options["eps"])
    return parameters - step, {"exp_avg": mean, "exp_avg_sq": square}


def rprop(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Steps that grow while the sign of the gradient stays, and shrink when it changes (Riedmiller and Braun, 1993)."""
    import numpy as np

    x, g = _array(parameters), _array(-gradient if options["maximize"] else gradient)
    size = _array(memory["step_size"]) if number > 1 else np.full(x.shape, options["lr"], x.dtype)
    turn = np.sign(g * _array(memory["prev"]))
    shrink, grow = options["etas"]
    factors = np.where(turn > 0, grow, np.where(turn < 0, shrink, 1.0)).astype(x.dtype)
    size = np.clip(size * factors, *options["step_sizes"]).astype(x.dtype)
    g = np.where(turn < 0, 0.0, g).astype(x.dtype)
    after = x - np.sign(g) * size
    return _like(after, parameters), {"prev": _like(g, parameters), "step_size": _like(size, parameters)}


def asgd(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Gradient descent with falling steps, and an average of all points (Polyak and Juditsky, 1992)."""
    gradient = -gradient if options["maximize"] else gradient
    if options["weight_decay"]:
        gradient = gradient + options["weight_decay"] * parameters
    eta, mu = _falling(options, number - 1)
    after = parameters * (1 - options["lambd"] * eta) - eta * gradient
    average = after if mu == 1.0 else memory["ax"] + (after - memory["ax"]) * mu
    eta, mu = _falling(options, number)
    return after, {"eta": eta, "mu": mu, "ax": average}


def _falling(options: Options, number: int) -> tuple[float, float]:
    """Return the step and the share of the newest point in the average, after a number of updates."""
    if not number:
        return options["lr"], 1.0
    rate = options["lr"] / (1 + options["lambd"] * options["lr"] * number) ** options["alpha"]
    return rate, 1 / max(1.0, number - options["t0"])


def adafactor(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam that keeps means of squares only for rows and columns of a matrix (Shazeer and Stern, 2018)."""
    import numpy as np

    x, g = _array(parameters), _array(-gradient if options["maximize"] else gradient)
    small = float(np.finfo(x.dtype).eps) if options["eps"][0] is None else options["eps"][0]
    share = float(number) ** options["beta2_decay"]
    scale = max(options["eps"][1], float(np.linalg.norm(x)) / x.size**0.5) if x.size else options["eps"][1]
    rate = scale * min(options["lr"], 1 / number**0.5)
    if options["weight_decay"]:
        x = x * (1 - options["lr"] * options["weight_decay"])
    if g.ndim > 1:
        row = _moved(memory.get("row_var", 0.0), (g * g).mean(-1, keepdims=True), share)
        column = _moved(memory.get("col_var", 0.0), (g * g).mean(-2, keepdims=True), share)
        square = row @ column / np.maximum(row.mean(-2, keepdims=True), small)
        after = {"row_var": row, "col_var": column}
    else:
        square = _moved(memory.get("variance", 0.0), g * g, share)
        after = {"variance": square}
    update = g / np.sqrt(np.maximum(square, small * small))
    most = max(1.0, float(np.linalg.norm(update)) / (update.size**0.5 * options["d"])) if update.size else 1.0
    found = (x - (rate / most) * update).astype(x.dtype)
    return _like(found, parameters), {name: _like(one, parameters) for name, one in after.items()}


def _moved(average: Any, now: Any, share: float) -> Any:
    average = _array(average)
    return (average + (now - average) * share).astype(now.dtype)


def _short(x: Any) -> Any:
    """Round 32-bit floats to the 8 digits of a mantissa that PyTorch's bfloat16 has."""
    import numpy as np

    bits = np.ascontiguousarray(x, dtype=np.float32).view(np.uint32)
    bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return bits.astype(np.uint32).view(np.float32)


def muon(parameters: Any, gradient: Any, memory: Memory, options: Options, _number: int) -> tuple[Any, Memory]:
    """Momentum whose matrix is made nearly orthogonal by Newton and Schulz's iteration (Jordan et al., 2024).

    As in PyTorch, the iteration runs on floats with 8 digits of a mantissa.
    """
    import numpy as np

    x, g, momentum = _array(parameters), _array(gradient), options["momentum"]
    buffer = _moved(memory.get("momentum_buffer", 0.0), g, 1 - momentum)
    update = g + (buffer - g) * momentum if options["nesterov"] else buffer
    a, b, c = options["ns_coefficients"]
    q = _short(update)
    is_tall = q.shape[0] > q.shape[1]
    q = q.T if is_tall else q
    length = _short(np.float32(np.sqrt(np.square(q, dtype=np.float32).sum(dtype=np.float32)))).item()
    q = _short(q / np.float32(max(length, _short(np.float32(options["eps"])).item())))
    for _ in range(options["ns_steps"]):
        gram = _short(q @ q.T)
        step = _short(np.float32(b) * gram + np.float32(c) * (gram @ gram))
        q = _short(np.float32(a) * q + step @ q)
    q = (q.T if is_tall else q).astype(x.dtype)
    rows, columns = x.shape
    how = options["adjust_lr_fn"]
    ratio = 0.2 * math.sqrt(max(rows, columns)) if how == "match_rms_adamw" else math.sqrt(max(1.0, rows / columns))
    after = x * (1 - options["lr"] * options["weight_decay"]) - options["lr"] * ratio * q
    return _like(after.astype(x.dtype), parameters), {"momentum_buffer": _like(buffer, parameters)}


def sparse_adam(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam that changes only the elements, and their means, that a sparse gradient has.

    Raises:
        RuntimeError: the gradient isn't sparse.
    """
    import numpy as np

    if not getattr(gradient, "is_sparse", False):
        raise UsageError("SparseAdam takes sparse gradients, from sparse_coo_tensor or to_sparse(); Adam takes others")
    gradient = gradient.coalesce()
    places, g = tuple(_array(gradient.indices().array)), _array(gradient.values().array)
    x = _array(parameters).copy()
    mean, square = [
        np.array(np.broadcast_to(_array(memory[name]), x.shape), dtype=x.dtype) for name in ("exp_avg", "exp_avg_sq")
    ]
    if g.size:
        g, (beta1, beta2) = -g if options["maximize"] else g, options["betas"]
        mean[places] += (g - mean[places]) * (1 - beta1)
        square[places] += (g * g - square[places]) * (1 - beta2)
        rate = options["lr"] * math.sqrt(1 - beta2**number) / (1 - beta1**number)
        x[places] -= rate * mean[places] / (np.sqrt(square[places]) + options["eps"])
    return _like(x, parameters), {"exp_avg": _like(mean, parameters), "exp_avg_sq": _like(square, parameters)}


def _small(pair: Any) -> tuple[float | None, float]:
    first, second = pair
    take = plain(float, float, int)
    return None if first is None else take(first), take(second)


SMALL: Final = Form("2 numbers, of which the first may be None", str, _small)
NAME: Final = Form("a text or None", str, lambda value: value if value is None else plain(str, str)(value))

#: Name -> method.
FURTHER_OPTIMIZERS: Final[Mapping[str, Method]] = {
    "radam": Method(
        "RAdam",
        "Adam that divides only when the variance of the divisor is small",
        0.02,
        (RATE, BETAS, EPSILON, DECAY, DECOUPLED, MAXIMIZE),
        lambda options: ("exp_avg", "exp_avg_sq"),
        radam,
        flags=CAPTURED,
    ),
    "rprop": Method(
        "Rprop",
        "steps that depend on the signs of gradients alone",
        0.01,
        (
            replace(RATE, default=1e-2),
            Option(
                "etas",
                (0.5, 1.2),
                "the factors of a step when the sign changes, and when it stays",
                Range("2 numbers, one between 0 and 1 and one above 1", lambda v: len(v) == 2 and 0 < v[0] < 1 < v[1]),
            ),
            Option("step_sizes", (1e-6, 50.0), "the least and the largest step", None),
            MAXIMIZE,
        ),
        lambda options: ("prev", "step_size"),
        rprop,
        flags=CAPTURED,
    ),
    "asgd": Method(
        "ASGD",
        "gradient descent with an average of all points",
        0.01,
        (
            replace(RATE, default=1e-2),
            Option("lambd", 1e-4, "how fast the steps fall, and the parameters shrink"),
            Option("alpha", 0.75, "the power with which the steps fall"),
            Option("t0", 1e6, "the number of the update at which the average begins"),
            DECAY,
            MAXIMIZE,
        ),
        lambda options: ("eta", "mu", "ax"),
        asgd,
        flags=CAPTURED,
    ),
    "adafactor": Method(
        "Adafactor",
        "running mean squares of rows and columns in place of all elements",
        0.01,
        (
            replace(RATE, default=1e-2),
            Option("beta2_decay", -0.8, "the power with which the share of a new square falls",
                   Range("a number of at most 0", lambda value: value <= 0.0)),
            Option("eps", (None, 1e-3), "the least divisor, by default that of the type, and the least scale",
                   Range("2 numbers of at least 0", lambda v: (v[0] is None or v[0] >= 0.0) and v[1] >= 0.0), SMALL),
            Option("d", 1.0, "the largest root mean square of an update",
                   Range("a number of at least 1", lambda value: value >= 1.0)),
            replace(DECAY, about="the share of the parameters, times lr, that an update removes"),
            MAXIMIZE,
        ),
        lambda options: (),
        adafactor,
        flags={"foreach": None},
    ),
    "muon": Method(
        "Muon",
        "momentum whose matrix is made nearly orthogonal",
        0.02,
        (
            RATE,
            replace(DECAY, default=0.1, about="the share of the parameters, times lr, that an update removes"),
            Option("momentum", 0.95, "the share of the momentum that is kept"),
            Option("nesterov", True, "whether to look ahead along the momentum", None),
            Option("ns_coefficients", (3.4445, -4.775, 2.0315), "the coefficients of the iteration",
                   Range("3 numbers", lambda value: len(value) == 3), NUMBERS),
            replace(EPSILON, default=1e-7),
            Option("ns_steps", 5, "the number of iterations", Range("a whole number from 1 to 99",
                                                                    lambda value: 0 < value < 100)),
            Option("adjust_lr_fn", None, "how the rate follows from the shape: original or match_rms_adamw",
                   Range("original, match_rms_adamw or None",
                         lambda value: value in (None, "original", "match_rms_adamw")), NAME),
        ),
        lambda options: ("momentum_buffer",),
        muon,
        counts=False,
    ),
    "sparse_adam": Method(
        "SparseAdam",
        "Adam for sparse gradients, which changes only the elements that they have",
        0.02,
        (replace(RATE, range=ABOVE_0), BETAS, EPSILON, MAXIMIZE),
        lambda options: ("exp_avg", "exp_avg_sq"),
        sparse_adam,
    ),
}  # fmt: skip
