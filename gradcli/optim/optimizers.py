"""Optimisers: formulas that compute the next parameters from a gradient.

One entry of `OPTIMIZERS` is one method, with PyTorch's formula, option names and defaults.  A method is a pure,
elementwise function of arrays.  So it works on one flat vector, the array of one parameter, 32-bit floats, arrays of
another library and plain numbers.  Between updates a method keeps named arrays, which are never changed in place.

The classes of `gradcli.optim` with PyTorch's names are made from these entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.optim.lbfgs import descend
from gradcli.optim.option import ABOVE_0, COUNT, SHARE, Option, Range
from gradcli.primitives import functions as f
from gradcli.source import suggestion

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["ONE_NUMBER", "OPTIMIZERS", "Method"]

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
        flags: further options of PyTorch's class, which don't change the result, and their defaults.
        counts: whether PyTorch's state has the number of the update.
        shown: how PyTorch keeps an array of the memory: its name there, and functions of the array and the options that
            turn it into PyTorch's and back.
    """

    title: str
    about: str
    learning_rate: float
    options: tuple[Option, ...]
    memory: Callable[[Options], tuple[str, ...]] = lambda options: ()
    step: Callable[[Any, Any, Memory, Options, int], tuple[Any, Memory]] | None = None
    descend: Callable[[Callable[[Floats], tuple[float, Floats]], Floats, Options], Iterator[Floats]] | None = None
    flags: Mapping[str, Any] = field(default_factory=dict, hash=False)
    counts: bool = True
    shown: Mapping[str, tuple[str, Callable[..., Any], Callable[..., Any]]] = field(default_factory=dict, hash=False)

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
        {'lr': 0.1, 'momentum': 0.9, 'dampening': 0.0, 'weight_decay': 0.0, 'nesterov': False, 'maximize': False}
        """
        checked = {name: self.option(name).checked(value) for name, value in given.items()}
        result = {option.name: checked.get(option.name, option.default) for option in self.options}
        if result.get("nesterov") and "dampening" in result and (not result["momentum"] or result["dampening"]):
            raise UsageError("Nesterov's method needs a momentum, and no dampening")
        return result

    def start(self, options: Options, zero: Any = 0.0) -> Memory:
        """Return the memory before the first update: zeros of the shape of ``zero``."""
        return dict.fromkeys(self.memory(options), zero)


def decayed(parameters: Any, gradient: Any, options: Options) -> Any:
    """Return the gradient of the loss plus weight_decay/2 times the sum of squared parameters.

    With ``maximize``, the loss has the other sign.
    """
    gradient, decay = -gradient if options.get("maximize") else gradient, options["weight_decay"]
    return gradient + decay * parameters if decay else gradient


def shrunk(parameters: Any, gradient: Any, options: Options) -> tuple[Any, Any]:
    """Return parameters and gradient with a weight decay: of the parameters themselves, or as a part of the loss."""
    if not options.get("decoupled_weight_decay"):
        return parameters, decayed(parameters, gradient, options)
    parameters = parameters * (1 - options["lr"] * options["weight_decay"])
    return parameters, decayed(parameters, gradient, {**options, "weight_decay": 0.0})


def sgd(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Gradient descent with momentum m: b = m b + (1 - dampening) g, at first b = g; then p - lr b.

    Nesterov's variant: p - lr (g + m b).
    """
    if options["weight_decay"] or options.get("maximize"):
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

    With a momentum m, the quotients accumulate: b = m b + q; p - lr b.  If it is centered, the square of the running
    mean of the gradient is subtracted from s: the divisor is a deviation.
    """
    gradient, alpha, momentum = decayed(parameters, gradient, options), options["alpha"], options["momentum"]
    square = alpha * memory["square_avg"] + (1 - alpha) * gradient * gradient
    after = {"square_avg": square}
    spread = square
    if options.get("centered"):
        mean = after["grad_avg"] = alpha * memory["grad_avg"] + (1 - alpha) * gradient
        spread = square - mean * mean
    direction = gradient / (spread**0.5 + options["eps"])
    if momentum:
        direction = after["momentum_buffer"] = momentum * memory.get("momentum_buffer", 0.0) + direction
    return parameters - options["lr"] * direction, after


def adam(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam (Kingma and Ba, 2015, algorithm 1): running means of g and g^2, both corrected as they start at 0.

    With ``amsgrad``, the divisor is of the largest mean of g^2 so far (Reddi, Kale and Kumar, 2018).
    """
    parameters, gradient = shrunk(parameters, gradient, options)
    beta1, beta2 = options["betas"]
    mean = beta1 * memory["exp_avg"] + (1 - beta1) * gradient
    square = beta2 * memory["exp_avg_sq"] + (1 - beta2) * gradient * gradient
    after = {"exp_avg": mean, "exp_avg_sq": square}
    largest = square
    if options.get("amsgrad"):
        largest = after["max_exp_avg_sq"] = larger(memory["max_exp_avg_sq"], square)
    spread = largest**0.5 / (1 - beta2**number) ** 0.5 + options["eps"]
    rate = options["lr"] / (1 - beta1**number)
    return parameters - rate * mean / spread, after


#: The memory that is one number for all elements of a parameter.
ONE_NUMBER = frozenset({"mu_rest", "eta", "mu"})


def larger(first: Any, second: Any) -> Any:
    """Return the larger one of each two numbers."""
    return f.where(first > second, first, second)


def adamw(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam with a weight decay that shrinks the parameters directly (Loshchilov and Hutter, 2019)."""
    return adam(parameters, gradient, memory, {**options, "decoupled_weight_decay": True}, number)


def adagrad(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adagrad (Duchi, Hazan and Singer, 2011): the gradient divided by the root of the sum of all squares so far."""
    gradient = decayed(parameters, gradient, options)
    total = memory["sum"] + gradient * gradient
    rate = options["lr"] / (1 + (number - 1) * options["lr_decay"])
    spread = (total + options["initial_accumulator_value"]) ** 0.5 + options["eps"]
    return parameters - rate * gradient / spread, {"sum": total}


def adadelta(parameters: Any, gradient: Any, memory: Memory, options: Options, _number: int) -> tuple[Any, Memory]:
    """Adadelta (Zeiler, 2012): steps in proportion to the running root mean square of the steps before."""
    gradient, rho, epsilon = decayed(parameters, gradient, options), options["rho"], options["eps"]
    square = rho * memory["square_avg"] + (1 - rho) * gradient * gradient
    step = (memory["acc_delta"] + epsilon) ** 0.5 / (square + epsilon) ** 0.5 * gradient
    steps = rho * memory["acc_delta"] + (1 - rho) * step * step
    return parameters - options["lr"] * step, {"square_avg": square, "acc_delta": steps}


def adamax(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adamax (Kingma and Ba, 2015, algorithm 2): Adam with a running largest gradient as the divisor."""
    gradient, (beta1, beta2) = decayed(parameters, gradient, options), options["betas"]
    mean = beta1 * memory["exp_avg"] + (1 - beta1) * gradient
    largest = larger(beta2 * memory["exp_inf"], abs(gradient) + options["eps"])
    rate = options["lr"] / (1 - beta1**number)
    return parameters - rate * mean / largest, {"exp_avg": mean, "exp_inf": largest}


def nadam(parameters: Any, gradient: Any, memory: Memory, options: Options, number: int) -> tuple[Any, Memory]:
    """Adam with Nesterov's momentum, whose share grows from step to step (Dozat, 2016)."""
    parameters, gradient = shrunk(parameters, gradient, options)
    beta1, beta2 = options["betas"]
    mean = beta1 * memory["exp_avg"] + (1 - beta1) * gradient
    square = beta2 * memory["exp_avg_sq"] + (1 - beta2) * gradient * gradient
    share, following = [beta1 * (1 - 0.5 * 0.96 ** (one * options["momentum_decay"])) for one in (number, number + 1)]
    # The product of all shares so far begins at 1, so its distance to 1 is kept, which begins at 0 as all arrays do.
    rest = 1 - (1 - memory["mu_rest"]) * share
    spread = square**0.5 / (1 - beta2**number) ** 0.5 + options["eps"]
    step = (1 - share) / rest * gradient + following / (1 - (1 - rest) * following) * mean
    after = {"exp_avg": mean, "exp_avg_sq": square, "mu_rest": rest}
    return parameters - options["lr"] * step / spread, after


def buffer_of(options: Options) -> tuple[str, ...]:
    """Return the name of the array that a momentum needs."""
    return ("momentum_buffer",) if options["momentum"] else ()


def means_of(options: Options) -> tuple[str, ...]:
    """Return the names of the arrays of Adam."""
    return ("exp_avg", "exp_avg_sq", *("max_exp_avg_sq",) * bool(options.get("amsgrad")))


RATE = Option("lr", 1e-3, "the learning rate")
MOMENTUM = Option("momentum", 0.0, "the share of the last step that is kept")
DAMPENING = Option("dampening", 0.0, "the share of the gradient that is not added to the momentum")
NESTEROV = Option("nesterov", False, "whether to look ahead along the momentum", None)
DECAY = Option("weight_decay", 0.0, "the weight of the parameters that are added to the gradient")
SHRINKAGE = Option("weight_decay", 1e-2, "the share of the parameters, times lr, that an update removes")
# It can't be 0: a gradient of 0 would give 0/0.
EPSILON = Option("eps", 1e-8, "a number that is added to the divisor so that it isn't 0", ABOVE_0)
ALPHA = Option("alpha", 0.99, "the share of the running mean square that is kept", SHARE)
MAXIMIZE = Option("maximize", False, "whether to climb in place of descending", None)
CENTERED = Option("centered", False, "whether to divide by the running deviation of the gradient", None)
DECOUPLED = Option("decoupled_weight_decay", False, "whether the weight decay shrinks the parameters directly", None)
#: PyTorch's options that choose among implementations with the same result.
LOOPS = {"foreach": None, "differentiable": False}
CAPTURED = {**LOOPS, "capturable": False}
AMSGRAD = Option("amsgrad", False, "whether to divide by the largest running mean square so far", None)
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
        (RATE, MOMENTUM, DAMPENING, DECAY, NESTEROV, MAXIMIZE),
        buffer_of,
        sgd,
        flags={**LOOPS, "fused": None},
        counts=False,
    ),
    "momentum": Method(
        "",
        "gradient descent with momentum 0.9",
        0.02,
        (RATE, replace(MOMENTUM, default=0.9), DAMPENING, DECAY, NESTEROV, MAXIMIZE),
        buffer_of,
        sgd,
        flags={**LOOPS, "fused": None},
        counts=False,
    ),
    "rmsprop": Method(
        "RMSprop",
        "gradients divided by their running root mean square",
        0.005,
        (replace(RATE, default=1e-2), ALPHA, EPSILON, DECAY, MOMENTUM, CENTERED, MAXIMIZE),
        lambda options: ("square_avg", *("grad_avg",) * bool(options.get("centered")), *buffer_of(options)),
        rmsprop,
        flags=CAPTURED,
    ),
    "adam": Method(
        "Adam",
        "momentum and running root mean square, both corrected because they start at 0",
        0.02,
        (RATE, BETAS, EPSILON, DECAY, AMSGRAD, MAXIMIZE),
        means_of,
        adam,
        flags={**CAPTURED, "fused": None, "decoupled_weight_decay": False},
    ),
    "adamw": Method(
        "AdamW",
        "Adam with a weight decay that shrinks the parameters directly",
        0.02,
        (RATE, BETAS, EPSILON, SHRINKAGE, AMSGRAD, MAXIMIZE),
        means_of,
        adamw,
        flags={**CAPTURED, "fused": None, "decoupled_weight_decay": True},
    ),
    "nadam": Method(
        "NAdam",
        "Adam with Nesterov's momentum",
        0.02,
        (
            replace(RATE, default=2e-3),
            BETAS,
            EPSILON,
            DECAY,
            Option("momentum_decay", 4e-3, "how fast the momentum grows toward its share"),
            DECOUPLED,
            MAXIMIZE,
        ),
        lambda options: ("exp_avg", "exp_avg_sq", "mu_rest"),
        nadam,
        flags=CAPTURED,
        shown={"mu_rest": ("mu_product", lambda rest, options: 1.0 - rest, lambda product, options: 1.0 - product)},
    ),
    "adamax": Method(
        "Adamax",
        "Adam that divides by a running largest gradient",
        0.02,
        (replace(RATE, default=2e-3), BETAS, EPSILON, DECAY, MAXIMIZE),
        lambda options: ("exp_avg", "exp_inf"),
        adamax,
        flags=CAPTURED,
    ),
    "adagrad": Method(
        "Adagrad",
        "gradients divided by the root of the sum of all squares so far",
        0.1,
        (
            replace(RATE, default=1e-2),
            Option("lr_decay", 0.0, "how fast the learning rate falls"),
            DECAY,
            Option("initial_accumulator_value", 0.0, "the sum of squares at the start"),
            replace(EPSILON, default=1e-10),
            MAXIMIZE,
        ),
        lambda options: ("sum",),
        adagrad,
        flags={**LOOPS, "fused": None},
        shown={
            "sum": (
                "sum",
                lambda total, options: total + options["initial_accumulator_value"],
                lambda total, options: total - options["initial_accumulator_value"],
            )
        },
    ),
    "adadelta": Method(
        "Adadelta",
        "steps in proportion to the running root mean square of the steps before",
        1.0,
        (
            replace(RATE, default=1.0),
            Option("rho", 0.9, "the share of both running mean squares that is kept", SHARE),
            replace(EPSILON, default=1e-6),
            DECAY,
            MAXIMIZE,
        ),
        lambda options: ("square_avg", "acc_delta"),
        adadelta,
        flags=CAPTURED,
    ),
    "lbfgs": Method(
        "",
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
