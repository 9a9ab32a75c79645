"""`LBFGS`, with PyTorch's name, options and numbers: a step is a whole minimisation, which calls the loss many times.

`gradcli train --optimizer lbfgs` uses SciPy's search (`gradcli.optim.lbfgs`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gradcli.errors import UsageError
from gradcli.optim.classes import Optimizer, array_of, assign
from gradcli.optim.optimizers import Method
from gradcli.optim.option import COUNT, Form, Option, Range, plain
from gradcli.primitives.backends import backend_of
from gradcli.records import NamedTuple

__all__ = ["LBFGS"]

#: The constants of the Wolfe conditions: how much the loss falls, and how much its slope.
SUFFICIENT, FLATTER = 1e-4, 0.9
#: The least curvature of a step that is kept.
LEAST_CURVATURE = 1e-10

_COUNT_OR_NONE: Final = Form(
    "a whole number or None", int, lambda value: value if value is None else plain(int, int)(value)
)
_NAME_OR_NONE: Final = Form("a text or None", str, lambda value: value if value is None else plain(str, str)(value))

METHOD: Final = Method(
    "LBFGS",
    "a quasi-Newton method on all rows at once",
    1.0,
    (
        Option("lr", 1.0, "the length of a step, in proportion to the direction"),
        Option("max_iter", 20, "the largest number of iterations of a step", COUNT),
        Option("max_eval", None, "the largest number of losses of a step, by default 5/4 max_iter",
               Range("a whole number above 0 or None", lambda value: value is None or value > 0), _COUNT_OR_NONE),
        Option("tolerance_grad", 1e-7, "the largest entry of the gradient at which a step ends"),
        Option("tolerance_change", 1e-9, "the change of the loss, or of all parameters, at which a step ends"),
        Option("history_size", 100, "the number of past steps from which the curvature is estimated", COUNT),
        Option("line_search_fn", None, "strong_wolfe for a search along the direction; None for none",
               Range("strong_wolfe or None", lambda value: value in (None, "strong_wolfe")), _NAME_OR_NONE),
    ),
    counts=False,
)  # fmt: skip


class Point(NamedTuple):
    """A point of a line: the step to it, the loss there, its gradient, and the slope along the line."""

    step: float
    loss: float
    gradient: Any
    slope: float


class LBFGS(Optimizer):
    """The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Nocedal, 1980), as in PyTorch.

    Args:
        parameters: as for `Optimizer`, in one group.
        lr: the length of a step, in proportion to the direction.
        max_iter: the largest number of iterations of a step.
        max_eval: the largest number of losses of a step, by default 5/4 ``max_iter``.
        tolerance_grad: the largest entry of the gradient at which a step ends.
        tolerance_change: the change of the loss, or of all parameters, at which a step ends.
        history_size: the number of past steps from which the curvature is estimated.
        line_search_fn: ``"strong_wolfe"`` for a search along each direction (Nocedal and Wright, "Numerical
            Optimization", algorithms 3.5 and 3.6); None for a step of length ``lr``.

    Raises:
        UsageError: as for `Optimizer`, or there are several groups.

    >>> from gradcli import Value
    >>> x = Value(3.0)
    >>> optimizer = LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (x - 1.0) ** 2
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).data, round(x.data, 6)
    (4.0, 1.0)
    """

    method = METHOD

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        if self.param_groups:
            raise UsageError("this optimiser takes one group of parameters")
        super().add_param_group(group)
        (only,) = self.param_groups
        if only["max_eval"] is None:
            only["max_eval"] = self.defaults["max_eval"] = only["max_iter"] * 5 // 4

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Minimise the loss until a bound among the options is reached; the closure is called many times.

        Args:
            closure: a function that resets the gradients, computes the loss, calls its ``backward()`` and returns it.

        Returns:
            The first result of the closure.

        Raises:
            UsageError: there is no closure.
        """
        import numpy as np

        if closure is None:
            raise UsageError("this optimiser needs a closure that computes the loss again")
        (group,), parameters = self.param_groups, self._parameters()
        state = self._memory.setdefault(id(parameters[0]), (0, {"func_evals": 0, "n_iter": 0}))[1]
        place = _flat([array_of(one) for one in parameters])

        def evaluate(at: Any) -> tuple[Any, float, Any]:
            assign(parameters, at)
            found = closure()
            gradients = [0.0 * array_of(one) if one.grad is None else array_of(one.grad) for one in parameters]
            return found, float(array_of(found)), _flat(gradients)

        try:
            first, loss, gradient = evaluate(place)
            count = 1
            state["func_evals"] += 1
            if np.abs(gradient).max(initial=0.0) <= group["tolerance_grad"]:
                return first
            for iteration in range(1, group["max_iter"] + 1):
                state["n_iter"] += 1
                direction = _direction(state, gradient, group["history_size"])
                state["prev_flat_grad"], before = gradient.copy(), loss
                state["prev_loss"] = loss
                rate = group["lr"]
                state["t"] = rate * min(1.0, 1.0 / float(np.abs(gradient).sum())) if state["n_iter"] == 1 else rate
                slope = float(gradient @ direction)
                if slope > -group["tolerance_change"]:
                    break
                origin, losses = place, 0
                if group["line_search_fn"]:

                    def at(step: float, origin: Any = origin, direction: Any = direction) -> Point:
                        _, there, steepness = evaluate(_added(origin, direction, step))
                        return Point(step, there, steepness, float(steepness @ direction))

                    here = Point(0.0, loss, gradient, slope)
                    end, losses = _searched(at, here, state["t"], direction, group["max_eval"] - count)
                    state["t"], loss, gradient = end.step, end.loss, end.gradient
                    place = _added(origin, direction, state["t"])
                else:
                    trial = _added(origin, direction, state["t"])
                    if iteration != group["max_iter"]:
                        _, loss, gradient = evaluate(trial)  # if it raises, the parameters stay where they were
                        losses = 1
                    place = trial
                count += losses
                state["func_evals"] += losses
                if (
                    iteration == group["max_iter"]
                    or count >= group["max_eval"]
                    or np.abs(gradient).max(initial=0.0) <= group["tolerance_grad"]
                    or np.abs(direction * state["t"]).max(initial=0.0) <= group["tolerance_change"]
                    or abs(loss - before) < group["tolerance_change"]
                ):
                    break
        finally:
            assign(parameters, place)
        return first

    def _shown(self, _step: int, memory: Mapping[str, Any], _group: Any, parameter: Any) -> dict[str, Any]:
        if not hasattr(parameter, "of_array"):
            return dict(memory)

        def shown(content: Any) -> Any:
            if isinstance(content, list):
                return [shown(one) for one in content]
            return parameter.of_array(content) if hasattr(content, "dtype") else content

        return {name: shown(content) for name, content in memory.items()}

    def _read(self, state: Mapping[str, Any], _group: Any, _parameter: Any) -> tuple[int, dict[str, Any]]:
        def read(content: Any) -> Any:
            import numpy as np

            if isinstance(content, (list, tuple)):
                return [read(one) for one in content]
            return np.asarray(content.detach()) if hasattr(content, "detach") else content

        return 0, {name: read(content) for name, content in state.items()}


def _flat(arrays: Sequence[Any]) -> Any:
    """Return the numbers of all arrays, joined in one NumPy array of their common type."""
    import numpy as np

    parts = [np.ravel(backend_of(one).to_numpy(one) if hasattr(one, "dtype") else np.float64(one)) for one in arrays]
    return np.concatenate(parts)


def _added(place: Any, direction: Any, step: float) -> Any:
    return (place + direction * step).astype(place.dtype)


def _direction(state: dict[str, Any], gradient: Any, history: int) -> Any:
    """Return the direction of the next step, from the differences of gradients and points so far."""
    if state["n_iter"] == 1:
        state.update(d=-gradient, old_dirs=[], old_stps=[], ro=[], H_diag=1)
        return state["d"]
    change, moved = gradient - state["prev_flat_grad"], state["d"] * state["t"]
    curvature = change @ moved
    if curvature > LEAST_CURVATURE:
        for name, content in (("old_dirs", change), ("old_stps", moved), ("ro", 1.0 / curvature)):
            state[name] = [*state[name], content][-history:]
        state["H_diag"] = curvature / (change @ change)
    past = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    shares = state.setdefault("al", [None] * history)
    direction = -gradient
    for i in reversed(range(len(past))):
        difference, moved, inverse = past[i]
        shares[i] = (moved @ direction) * inverse
        direction = direction - shares[i] * difference
    direction = direction * state["H_diag"]
    for i, (difference, moved, inverse) in enumerate(past):
        direction = direction + (shares[i] - (difference @ direction) * inverse) * moved
    state["d"] = direction.astype(gradient.dtype)
    return state["d"]


def _cubic(first: Point, second: Point, least: float | None = None, most: float | None = None) -> float:
    """Return the minimum of the cubic polynomial through two points and their slopes, within bounds."""
    least = min(first.step, second.step) if least is None else least
    most = max(first.step, second.step) if most is None else most
    low, high = (first, second) if first.step <= second.step else (second, first)
    d1 = first.slope + second.slope - 3.0 * (first.loss - second.loss) / (first.step - second.step)
    square = d1 * d1 - first.slope * second.slope
    if not square >= 0.0:
        return (least + most) / 2.0
    d2 = math.sqrt(square)
    divisor = high.slope - low.slope + 2.0 * d2
    share = (high.slope + d2 - d1) / divisor if divisor else math.nan
    return min(max(high.step - (high.step - low.step) * share, least), most)


def _searched(at: Callable[[float], Point], here: Point, step: float, direction: Any, most: int) -> tuple[Point, int]:
    """Return a point of a line that fulfils the strong Wolfe conditions, and how many losses were computed."""
    import numpy as np

    length = float(np.abs(direction).max())
    before, now, count = here, at(step), 1
    bracket: list[Point] = []
    is_done = False
    tried = 0
    while tried < most:
        if now.loss > here.loss + SUFFICIENT * now.step * here.slope or (tried > 1 and now.loss >= before.loss):
            bracket = [before, now]
            break
        if abs(now.slope) <= -FLATTER * here.slope:
            bracket, is_done = [now], True
            break
        if now.slope >= 0.0:
            bracket = [before, now]
            break
        least, largest = now.step + 0.01 * (now.step - before.step), now.step * 10.0
        step = _cubic(before, now, least, largest)
        before, now = now, at(step)
        count += 1
        tried += 1
    if tried == most:
        bracket = [here, now]
    is_slow = False
    low, high = (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)
    while not is_done and tried < most:
        ends = [one.step for one in bracket]
        if abs(ends[1] - ends[0]) * length < 1e-9:
            break
        step = _cubic(bracket[0], bracket[1])
        margin = 0.1 * (max(ends) - min(ends))
        if min(max(ends) - step, step - min(ends)) < margin:
            if is_slow or step >= max(ends) or step <= min(ends):
                step = max(ends) - margin if abs(step - max(ends)) < abs(step - min(ends)) else min(ends) + margin
                is_slow = False
            else:
                is_slow = True
        else:
            is_slow = False
        now = at(step)
        count += 1
        tried += 1
        if now.loss > here.loss + SUFFICIENT * now.step * here.slope or now.loss >= bracket[low].loss:
            bracket[high] = now
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
            continue
        if abs(now.slope) <= -FLATTER * here.slope:
            is_done = True
        elif now.slope * (bracket[high].step - bracket[low].step) >= 0.0:
            bracket[high] = bracket[low]
        bracket[low] = now
    return bracket[low], count
