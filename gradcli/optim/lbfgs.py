"""The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno, by SciPy.

SciPy's `minimize` returns only after the last point.  `descend` turns it into an iterator: SciPy runs in a thread of
its own and requests losses.  The caller's thread computes the losses and receives one point after another.  The two
threads never run at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gradcli.errors import missing_extra

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["descend"]


class Stopped(Exception):
    """The exception that ends SciPy's thread when the caller wants no further point."""


def descend(
    function: Callable[[Floats], tuple[float, Floats]], parameters: Floats, options: Mapping[str, Any]
) -> Iterator[Floats]:
    """Yield the points of L-BFGS, one after each iteration.

    Args:
        function: a function that returns the loss and the gradient, shape (n,), at a point; its exceptions reach the
            caller.
        parameters: the first point, shape (n,).
        options: ``max_iter``, ``tolerance_grad`` (largest entry of the gradient at the end), ``tolerance_change``
            (relative change of the loss at the end) and ``history_size``.

    Raises:
        UnavailableError: SciPy is not installed.

    >>> import numpy as np
    >>> options = {"max_iter": 20, "tolerance_grad": 1e-7, "tolerance_change": 1e-9, "history_size": 10}
    >>> *_, last = descend(lambda x: (float(x @ x), 2 * x), np.array([3.0, -4.0]), options)
    >>> np.abs(last).round(6).tolist()
    [0.0, 0.0]
    """
    import threading
    from queue import SimpleQueue

    try:
        from scipy.optimize import minimize
    except ImportError:
        raise missing_extra("scipy", "science", "L-BFGS") from None

    questions: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    answers: SimpleQueue[Any] = SimpleQueue()

    def ask(kind: str, point: Floats) -> Any:
        questions.put((kind, point.copy()))
        answer = answers.get()
        if answer is None:
            raise Stopped
        return answer

    def run() -> None:
        try:
            minimize(
                lambda point: ask("evaluate", point),
                parameters,
                method="L-BFGS-B",
                jac=True,
                callback=lambda point: ask("reached", point),
                options={
                    "maxiter": options["max_iter"],
                    "gtol": options["tolerance_grad"],
                    "ftol": options["tolerance_change"],
                    "maxcor": options["history_size"],
                },
            )
        except BaseException as error:
            questions.put(("failed", error))
        else:
            questions.put(("done", None))

    thread = threading.Thread(target=run, name="L-BFGS", daemon=True)
    thread.start()
    try:
        while (question := questions.get())[0] != "done":
            kind, subject = question
            if kind == "failed":
                raise subject
            if kind == "evaluate":
                answers.put(function(subject))
            else:
                yield subject
                answers.put("go on")
    finally:
        answers.put(None)
        thread.join()
