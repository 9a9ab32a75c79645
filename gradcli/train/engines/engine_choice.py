"""The table of engines, and the choice of one for a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.engines.jit_engine import JitEngine, is_worthwhile
from gradcli.train.engines.tensor_engine import TensorEngine
from gradcli.train.engines.value_engine import ValueEngine

if TYPE_CHECKING:
    from gradcli.train.engines.base import Engine
    from gradcli.train.model.model import Model

__all__ = ["AUTO", "ENGINES", "PRECISIONS", "chosen_engine", "engine_for"]

ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (TensorEngine, ValueEngine, JitEngine)}
#: The types of the numbers in training.
PRECISIONS = dict.fromkeys(("float64", "float32"))
#: The name that leaves the choice to `chosen_engine`.
AUTO = "auto"


def engine_for(model: Model, name: str, *, trains: bool = True, precision: str = "float64") -> Engine:
    """Return the engine of this name, made for a model.

    Args:
        trains: whether the engine will train; for predictions no compiler is needed.
        precision: the type of the numbers in training: a name of `PRECISIONS`.  Predictions are in float64.

    Raises:
        UsageError: the engine is unknown, or it can't run the model, or not in this precision.
        UnavailableError: the engine needs a package that is not installed.
    """
    engine = ENGINES[choice(name, ENGINES, "engine")]
    if (obstacle := engine.obstacle(model)) is not None:
        raise UsageError(f"the engine `{name}` {obstacle}", hint="use `engine=tensor`", argument="engine")
    if engine is JitEngine:
        if trains:
            from gradcli.execute.kernel import require_compiler

            require_compiler(f"the engine `{name}`")
        return JitEngine(model, precision)
    if precision != "float64":
        raise UsageError(
            f"the engine `{name}` computes in float64 only",
            kind="conflicting_options",
            hint=f"`precision={precision}` is for `engine=jit`",
            argument=("precision", "engine"),
        )
    return engine(model)


def chosen_engine(model: Model, optimizer: str, updates: int, batch: int, precision: str = "float64") -> str:
    """Return the name of the engine that ``auto`` means.

    It is the compiled engine if this engine saves time for this many updates of ``batch`` rows, can run the model, and
    its package is installed; else it is the engine of arrays.  Only the compiled engine has another precision than
    float64.
    """
    if precision != "float64":
        return JitEngine.name
    if OPTIMIZERS[optimizer].step is None or not is_worthwhile(model, updates, batch):
        return TensorEngine.name
    from gradcli.execute.kernel import why_not_compiled

    return JitEngine.name if JitEngine.obstacle(model) is None and why_not_compiled() is None else TensorEngine.name
