"""A comparison of derivatives of a function of tensors: by reverse mode, forward mode and finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.evaluate.finite_differences import Entry, entries_of
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.eager.tensor import Tensor

__all__ = ["GradcheckReport", "gradcheck"]


class GradcheckReport(NamedTuple):
    """The findings of `gradcheck`; as a condition, a report is true if all methods agree.

    Attributes:
        agree: whether all methods agree.
        problems: one sentence for each disagreement.
        checked: the number of entries of gradients that were compared.
    """

    agree: bool
    problems: list[str]
    checked: int

    def __bool__(self) -> bool:
        return self.agree

    def __str__(self) -> str:
        return "\n".join(self.problems) or f"reverse, forward and finite differences agree in {self.checked} entries"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        return table([], [[line] for line in str(self).split("\n")])


def gradcheck(
    function: Callable[..., Any], inputs: Sequence[Any], *, order: int = 1, tolerance: float = 1e-6, seed: int = 0
) -> GradcheckReport:
    """Compare the derivatives of a function of tensors: reverse mode, forward mode and central differences.

    The results of the function are added up with random weights, and the gradients of this sum are compared.  If one
    derivative is wrong, the gradient of the sum is wrong, too.

    Args:
        function: a function of tensors that returns one tensor or several, and is smooth near the inputs.
        inputs: tensors, arrays, nested lists or numbers, differentiated in 64-bit floats.
        order: 2 checks the derivatives of the gradient, too.
        tolerance: the error that finite differences may have, relative to the largest entry.
        seed: the seed of the random weights.

    >>> report = gradcheck(lambda a, x: (a @ x).tanh(), ([[1.0, 2.0], [3.0, 4.0]], [0.1, -0.2]), order=2)
    >>> bool(report), str(report)
    (True, 'reverse, forward and finite differences agree in 12 entries')
    """
    import numpy as np

    from gradcli.eager.tensor import Tensor

    arrays = [
        np.array(getattr(one, "data", one) if hasattr(one, "operand_rank") else one, dtype=np.float64) for one in inputs
    ]
    problems: list[str] = []
    checked = 0
    current = function
    with np.errstate(all="ignore"):
        for number in range(1, order + 1):
            combined = _Combined(current, arrays, np.random.default_rng(seed + number))
            if number == 1:
                combined(*map(Tensor, arrays))  # raises errors of the function itself, which aren't errors of a sweep
            try:
                found = combined.compare(tolerance)
            except (ValueError, TypeError, IndexError, AttributeError, RuntimeError) as error:
                problems.append(f"order {number}: a sweep fails: {type(error).__name__}: {error}")
                break
            checked += found[0]
            problems += [f"order {number}: {problem}" for problem in found[1]]
            if problems:
                break
            current = combined.gradient
    return GradcheckReport(not problems, problems, checked)


class _Combined:
    """A function of arrays as one number: the sum of all entries of its results, each with a random weight."""

    def __init__(self, function: Callable[..., Any], arrays: list[Any], generator: Any) -> None:
        self.function = function
        self.arrays = arrays
        self.generator = generator
        self.weights: list[Any] = []

    def __call__(self, *tensors: Tensor) -> Tensor:
        from gradcli.eager.tensor import Tensor

        results = self.function(*tensors)
        parts = [results] if isinstance(results, Tensor) else list(results)
        while len(self.weights) < len(parts):
            shape = parts[len(self.weights)].shape
            signs = self.generator.choice([-1.0, 1.0], shape)
            self.weights.append(self.generator.uniform(0.5, 1.5, shape) * signs)
        total = Tensor(0.0)
        for part, weight in zip(parts, self.weights, strict=True):
            total = total + (part * weight).sum()
        return total

    def gradient(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Return the derivative with respect to each argument, recorded if the arguments are."""
        from gradcli.eager.array_transforms import value_and_grad

        return value_and_grad(self, tensors, range(len(tensors)))[1]  # type: ignore[no-any-return]

    def compare(self, tolerance: float) -> tuple[int, list[str]]:
        """Return the number of entries that were compared, and a sentence for each disagreement."""
        from gradcli.eager.array_transforms import Call
        from gradcli.eager.pullback import pushforward
        from gradcli.eager.tensor import Tensor

        call = Call(self, self.arrays, range(len(self.arrays)))
        total = call.result
        entries: list[tuple[int, Entry]] = []
        for position, (leaf, reverse) in enumerate(zip(call.leaves, call.pulled_back(1.0), strict=True)):

            def forward(direction: Any, leaf: Tensor = leaf) -> float:
                return pushforward(total, {leaf: Tensor(direction)}).item()

            def value(array: Any, position: int = position) -> float:
                moved = [array if i == position else other for i, other in enumerate(self.arrays)]
                return self(*map(Tensor, moved)).item()

            found = entries_of(self.arrays[position], reverse.detach().numpy(), forward, value)
            entries += [(position, one) for one in found]
        scale = max([*[abs(one.reverse) for _, one in entries], *[abs(one.forward) for _, one in entries]], default=0.0)
        problems = []
        for position, one in entries:
            if one.disagreements(scale, tolerance):
                problems.append(
                    f"the derivative with respect to element {list(one.place)} of input {position} is "
                    f"{one.reverse} by the reverse sweep, {one.forward} by the forward sweep, {one.difference} by "
                    "finite differences"
                )
        return len(entries), problems
