"""The engine of machine code: both passes over a net, and the whole loop of training, are compiled.

The net becomes stages (`gradcli.train.engines.net_stages`); the penalties, the clipping and the optimiser are graphs of
numbers (`gradcli.train.engines.update_graphs`).  `gradcli.execute.llvm.training_loop` compiles them to one function, of
which a call does many updates.  The engine of arrays does the rest: predictions, pictures of graphs, and a pass whose
numbers are not finite, because there a branch that is not taken must contribute exactly 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Final

from gradcli import limits
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.engines.base import Masks, Pass
from gradcli.train.engines.tensor_engine import TensorEngine

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.execute.llvm.training_loop import Descent
    from gradcli.train.engines.jit_runner import Runner
    from gradcli.train.engines.update_graphs import Update
    from gradcli.train.model.model import Model

__all__ = ["JitEngine", "is_worthwhile"]


class JitEngine(TensorEngine):
    """The engine of machine code; the engine of arrays computes everything that isn't compiled.

    Args:
        model: the net.
        precision: the type of the numbers in compiled code: ``"float64"`` or ``"float32"``.
    """

    name: ClassVar[str] = "jit"
    note: ClassVar[str] = "compiled"

    def __init__(self, model: Model, precision: str = "float64") -> None:
        super().__init__(model)
        self.precision = precision
        self.compiled: Descent | None = None
        self.runner: Runner | None = None
        self.is_weighted = False

    @classmethod
    def obstacle(cls, model: Model) -> str | None:
        found: str | None = model.once(_obstacle)
        return found

    def loss_and_gradient(
        self,
        parameters: Floats,
        inputs: Floats,
        targets: Floats,
        masks: Masks = (),
        weights: Floats | None = None,
    ) -> Pass:
        """Do one pass over a batch."""
        import numpy as np

        from gradcli.train.engines.jit_runner import columns_of

        is_weighted = weights is not None
        if self.compiled is None or self.is_weighted != is_weighted:
            self.compiled = self.compile(None, None, weighted=is_weighted)
        descent = self.compiled
        factors = sum(math.prod(placed.outputs) for placed in self.model.random)
        more = list(masks) or [np.ones((len(inputs), factors))] * bool(factors)
        if weights is not None:
            more.insert(0, weights)
        columns = columns_of(targets[None], [mask[None] for mask in more])
        packed = descent.pack(descent.table(inputs), np.arange(len(inputs))[None], columns, np.array([len(inputs)]))
        loss, _, gradient = descent.gradient(descent.fill(parameters), packed)
        if not np.isfinite(loss) or not np.isfinite(gradient).all():
            return super().loss_and_gradient(parameters, inputs, targets, masks, weights)
        return Pass(loss, gradient, self.predict(parameters, inputs, masks))

    def runner_for(
        self, optimizer: str, options: dict[str, Any], clip: float | None, *, weighted: bool = False
    ) -> Runner | None:
        """Return an object that does many updates in one call; None if the optimiser's formula can't be compiled."""
        from gradcli.train.engines.jit_runner import Runner
        from gradcli.train.engines.update_graphs import update_graph

        made_for = optimizer, options, clip, weighted
        if self.runner is None or self.runner.made_for != made_for:
            update = update_graph(OPTIMIZERS[optimizer], options)
            if update is None:
                return None
            self.compiled = self.compile(update, clip, weighted=weighted)
            self.runner = Runner(self.compiled, update, made_for)
        return self.runner

    def compile(self, update: Update | None, clip: float | None, *, weighted: bool) -> Descent:
        """Compile the loop of training with an optimiser and a bound for the gradient; None stands for neither."""
        self.is_weighted = weighted
        from gradcli.execute.llvm.training_loop import Descent, Recipe
        from gradcli.train.engines.net_stages import staged_net
        from gradcli.train.engines.update_graphs import clipping_graph, penalty_graph

        return Descent(
            Recipe(
                staged_net(self.model, weighted=weighted),
                penalty_graph(self.model),
                clipping_graph(clip),
                None if update is None else update.tape,
            ),
            dtype=self.precision,
        )


def _obstacle(model: Model) -> str | None:
    """Return why a net can't be compiled, as a clause; None if it can."""
    if model.outputs > limits.COMPILED_OUTPUTS:
        return f"compiles nets of at most {limits.COMPILED_OUTPUTS} outputs, and this one has {model.outputs}"
    from gradcli.execute.llvm import NoCompiledForm
    from gradcli.execute.llvm.training_loop import check_forms
    from gradcli.train.engines.net_stages import staged_net

    try:
        check_forms(staged_net(model))
    except NoCompiledForm as error:
        return f"compiles nets whose functions have a compiled form, and here {error}"
    return None


# The seconds by which a compiled run begins later, and by which each update takes longer by arrays: for calls of
# functions, for passes over the parameters, and for passes over the outputs of all layers for each row. They are
# fitted to 21 nets of 2 to 700,000 products with batches of 1 to 512 rows, measured on one core, each in a fresh
# process. Of 1500 runs of up to 1000 epochs, a tenth takes over 1.05 times the time of the other engine, and at most
# 3 times (for less than a second); the geometric mean of all is 1.04. A compiled run begins later by 0.05 to 0.2 if
# its code is in the cache, and by 0.1 to 0.8 if it isn't. The choice doesn't depend on that: the engines differ in
# the last digits, and a run must not depend on what a folder holds.
_COMPILING: Final = 0.1
_UPDATE: Final = 4.7e-4
_PARAMETER: Final = 9e-9
_OUTPUT: Final = 1.4e-8


def is_worthwhile(model: Model, updates: int, batch: int) -> bool:
    """Whether a run of this many updates of ``batch`` rows takes less time if it is compiled, including the time to
    compile.
    """
    outputs = sum(math.prod(placed.outputs) for placed in model.plan)
    return updates * (_UPDATE + _PARAMETER * model.count + _OUTPUT * batch * outputs) > _COMPILING
