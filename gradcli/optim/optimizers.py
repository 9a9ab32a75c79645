"""Optimisers: formulas that compute the next parameters from a gradient.

One entry of `OPTIMIZERS` is one method, with PyTorch's formula, option names and defaults.  A method is a pure,
elementwise function of arrays.  So it works on one flat vector, the array of one parameter, 32-bit floats, arrays of
another library and plain numbers.  Between updates a method keeps named arrays, which are never changed in place.

The classes of `gradcli.optim` with PyTorch's names are made from these entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.optim.lbfgs import descend
from gradcli.optim.option import ABOVE_0, COUNT, SHARE, Option, Range
from gradcli.source import suggestion

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["OPTIMIZERS", "Method"]

Memory = dict[str, Any]
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Method:
    """The declaration of one method, which has either a ``step`` or a ``descend``.

    Args:
        title: the name of its class in `gradcli.optim`; empty for an entry that has the class of another entry, with
            other defaults.
        about: a sentence for the help.
        learning_rate: the default of `gradcli train`, which suits small nets; 1 for a ``descend``, which finds its own
            step lengths.
        options: the hyper-parameters, among them PyTorch's ``lr``, in PyTorch's order.
        memory: ``memory(options)`` returns the names of the arrays that are kept between updates.
        step: ``step(parameters, gradient, memory, options, number)`` gives the next parameters and memory from the
            values of all options; ``number`` counts updates from 1.  A ``step`` that uses only operators can be
            compiled.
        descend: ``descend(function, parameters, options)`` yields one flat vector of parameters after another;
            ``function(parameters)`` returns the loss and the gradient, always for the same rows.
    """

    title: str
    about: str
    learning_rate: float
    options: tuple[Option, ...]
    memory: Callable[[Options], tuple[str, ...]] = lambda options: ()
    step: Callable[[Any, Any, Memory, Options, int], tuple[Any, Memory]] | None = None
    descend: Callable[[Callable[[Floats], tuple[float, Floats]], Floats, Options], Iterator[Floats]] | None = None

    def option(self, name: str) -> Option:
        """Return the option of this name.

        Raises:
            UsageError: no option has this name.
        """
        known = {option.name: option for option in self.options}
        if name not in known:
            hint = suggestion(name, known, f"choose one of {', '.join(known)}")
            raise UsageError(f"the optimiser has no option `{name}`", kind="unknown_option", hint=hint)
        return known[name]

    def configured(self, **given: Any) -> dict[str, Any]:
        """Return the values of all options; the defaults are PyTorch's.

        Raises:
            UsageError: there is no such option, its value is out of range, or two values don't fit together.

        >>> OPTIMIZERS["sgd"].configured(lr=0.1, momentum=0.9)
        {'lr': 0.1, 'momentum': 0.9, 'dampening': 0.0, 'weight_decay': 0.0, 'nesterov': False}
        """
        checked = {name: self.option(name).checked(value) for name, value in given.items()}
        result = {option.name: checked.get(option.name, option.default) for option in self.options}
        if result.get("nesterov") and (not result["momentum"] or result["dampening"]):
            raise UsageError("Nesterov's method needs a momentum, and no dampening")
        return result

    def start(self, options: Options, zero: Any = 0.0) -> Memory:
        """Return the memory before the first update: zeros of the shape of ``zero``."""
        return dict.fromkeys(self.memory(options), zero)


def decayed(parameters: Any, gradient: Any, options: Options) -> Any:
    """Return the gradient of the loss plus weight_decay/2 times the sum of squared parameters."""
    decay = options["weight_decay"]
    return gradient + decay * parameters if decay else gradient


def sgd(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Gradient descent with momentum m: b = m b + (1 - dampening) g, at first b = g; then p - lr b.

    Nesterov's variant: p - lr (g + m b).
    """
    if options["weight_decay"]:
        gradient = decayed(parameters, gradient, options)
    momentum = options["momentum"]
    if not momentum:
        return parameters - options["lr"] * gradient, memory
    buffer = gradient
    if number > 1 and "momentum_buffer" in memory:  # it is missing if the momentum was 0 so far
        dampening = options["dampening"]
        fresh = gradient * (1 - dampening) if dampening else gradient
        buffer = momentum * memory["momentum_buffer"] + fresh
    direction = gradient + momentum * buffer if options["nesterov"] else buffer
    return parameters - options["lr"] * direction, {"momentum_buffer": buffer}


def rmsprop(parameters: Any, gradient: Any, memory: Memory, options: Options, _number: int) -> tuple[Any, Memory]:
    """The gradient divided by its running root mean square: s = a s + (1 - a) g^2; q = g / (sqrt(s) + eps); p - lr q.

    With a momentum m, the quotients accumulate: b = m b + q; p - lr b.
    """
    gradient, alpha, momentum = decayed(parameters, gradient, options), options["alpha"], options["momentum"]
    square = alpha * memory["square_avg"] + (1 - alpha) * gradient * gradient
    direction, after = gradient / (square**0.5 + options["eps"]), {"square_avg": square}
    if momentum:
        direction = after["momentum_buffer"] = momentum * memory.get("momentum_buffer", 0.0) + direction
    return parameters - options["lr"] * direction, after


def adam(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam (Kingma and Ba, 2015, algorithm 1): running means of g and g^2, both corrected as they start at 0."""
    gradient, (beta1, beta2) = decayed(parameters, gradient, options), options["betas"]
    mean = beta1 * memory["exp_avg"] + (1 - beta1) * gradient
    square = beta2 * memory["exp_avg_sq"] + (1 - beta2) * gradient * gradient
    spread = square**0.5 / (1 - beta2**number) ** 0.5 + options["eps"]
    rate = options["lr"] / (1 - beta1**number)
    return parameters - rate * mean / spread, {"exp_avg": mean, "exp_avg_sq": square}


def adamw(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam with a weight decay that shrinks the parameters directly (Loshchilov and Hutter, 2019)."""
    shrunk = parameters * (1 - options["lr"] * options["weight_decay"])
    return adam(shrunk, gradient, memory, {**options, "weight_decay": 0.0}, number)


def buffer_of(options: Options) -> tuple[str, ...]:
    """Return the name of the array that a momentum needs."""
    return ("momentum_buffer",) if options["momentum"] else ()


RATE = Option("lr", 1e-3, "the learning rate")
MOMENTUM = Option("momentum", 0.0, "the share of the last step that is kept")
DAMPENING = Option("dampening", 0.0, "the share of the gradient that is not added to the momentum")
NESTEROV = Option("nesterov", False, "whether to look ahead along the momentum", None)
DECAY = Option("weight_decay", 0.0, "the weight of the parameters that are added to the gradient")
SHRINKAGE = Option("weight_decay", 1e-2, "the share of the parameters, times lr, that an update removes")
# It can't be 0: a gradient of 0 would give 0/0.
EPSILON = Option("eps", 1e-8, "a number that is added to the divisor so that it isn't 0", ABOVE_0)
ALPHA = Option("alpha", 0.99, "the share of the running mean square that is kept", SHARE)
SHARES = Range("2 numbers of at least 0 and less than 1", lambda pair: len(pair) == 2 and all(map(SHARE.holds, pair)))
BETAS = Option(
    "betas",
    (0.9, 0.999),
    "the shares of the two running means, of the gradient and of its square, that an update keeps",
    SHARES,
)

OPTIMIZERS: dict[str, Method] = {
    "sgd": Method(
        "SGD",
        "plain gradient descent",
        0.1,
        (RATE, MOMENTUM, DAMPENING, DECAY, NESTEROV),
        buffer_of,
        sgd,
    ),
    "momentum": Method(
        "",
        "gradient descent with momentum 0.9",
        0.02,
        (RATE, replace(MOMENTUM, default=0.9), DAMPENING, DECAY, NESTEROV),
        buffer_of,
        sgd,
    ),
    "rmsprop": Method(
        "RMSprop",
        "gradients divided by their running root mean square",
        0.005,
        (replace(RATE, default=1e-2), ALPHA, EPSILON, DECAY, MOMENTUM),
        lambda options: ("square_avg", *buffer_of(options)),
        rmsprop,
    ),
    "adam": Method(
        "Adam",
        "momentum and running root mean square, both corrected because they start at 0",
        0.02,
        (RATE, BETAS, EPSILON, DECAY),
        lambda options: ("exp_avg", "exp_avg_sq"),
        adam,
    ),
    "adamw": Method(
        "AdamW",
        "Adam with a weight decay that shrinks the parameters directly",
        0.02,
        (RATE, BETAS, EPSILON, SHRINKAGE),
        lambda options: ("exp_avg", "exp_avg_sq"),
        adamw,
    ),
    "lbfgs": Method(
        "LBFGS",
        "a quasi-Newton method on all rows at once",
        1.0,
        (
            Option("max_iter", 20, "the largest number of iterations", COUNT),
            Option("tolerance_grad", 1e-7, "the largest entry of the gradient at which the search ends"),
            Option("tolerance_change", 1e-9, "the relative change of the loss at which the search ends"),
            Option("history_size", 100, "the number of past steps from which the curvature is estimated", COUNT),
        ),
        descend=descend,
    ),
}
