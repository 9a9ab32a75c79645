"""The engine of machine code: the net is one graph of numbers, and the whole loop of training is compiled.

The loss of a row with its derivatives, the penalties, the clipping and the optimiser are graphs of numbers
(`gradcli.train.engines.row_graphs`), which `gradcli.execute.llvm.training_loop` compiles to one function.  A call of
this function does many updates.  The engine of arrays does the rest: predictions, pictures of graphs, and a pass whose
numbers are not finite, because there a branch that is not taken must contribute exactly 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from gradcli import limits
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.engines.base import Masks, Pass
from gradcli.train.engines.tensor_engine import TensorEngine
from gradcli.train.model.kinds import needing_arrays

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.execute.llvm.training_loop import Descent
    from gradcli.train.engines.jit_runner import Runner
    from gradcli.train.engines.row_graphs import Update
    from gradcli.train.model.model import Model

__all__ = ["JitEngine", "is_worthwhile"]


class JitEngine(TensorEngine):
    """The engine of machine code; the engine of arrays computes everything that isn't compiled."""

    name: ClassVar[str] = "jit"
    note: ClassVar[str] = "compiled"

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.compiled: Descent | None = None
        self.runner: Runner | None = None
        self.is_weighted = False

    @classmethod
    def obstacle(cls, model: Model) -> str | None:
        found = needing_arrays(model.plan)
        if found is None and model.products <= limits.COMPILED_PRODUCTS:
            from gradcli.execute.llvm.training_loop import has_compiled_form
            from gradcli.train.engines.row_graphs import sample_graphs

            if has_compiled_form(*sample_graphs(model)):
                return None
        return (
            f"compiles fully connected nets of at most {limits.COMPILED_PRODUCTS} weights whose functions have a "
            f"compiled form, and this one {'is larger or of another kind' if found is None else f'has {found}'}"
        )

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
        columns = columns_of(inputs[None], targets[None], [mask[None] for mask in more])
        packed = descent.pack(columns, np.array([len(inputs)]))
        loss, _, gradient = descent.gradient(descent.fill(parameters), packed[0])
        if not np.isfinite(loss) or not np.isfinite(gradient).all():
            return super().loss_and_gradient(parameters, inputs, targets, masks, weights)
        return Pass(loss, gradient, self.predict(parameters, inputs, masks))

    def runner_for(
        self, optimizer: str, options: dict[str, Any], clip: float | None, *, weighted: bool = False
    ) -> Runner | None:
        """Return an object that does many updates in one call; None if the optimiser's formula can't be compiled."""
        from gradcli.train.engines.jit_runner import Runner
        from gradcli.train.engines.row_graphs import update_graph

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
        from gradcli.train.engines.row_graphs import clipping_graph, penalty_graph, row_graph

        model, is_random = self.model, bool(self.model.random)
        return Descent(
            Recipe(
                row_graph(model, dropped=is_random, derivatives=True, weighted=weighted),
                row_graph(model, dropped=False, derivatives=False) if is_random or weighted else None,
                penalty_graph(model),
                clipping_graph(clip),
                None if update is None else update.tape,
            )
        )


def is_worthwhile(model: Model, updates: int, batch: int) -> bool:
    """Whether a run of this many updates of ``batch`` rows takes less time if it is compiled, including the time to
    compile.

    The times are measured on one core with AVX-512.  Compiling takes twice the assumed time if the code is not in the
    cache, and half of it otherwise.
    """
    products, units = model.products, sum(model.sizes[1:])
    compiled = 0.03 + 1e-4 * products + updates * (8e-6 + batch * products * (1e-10 + 6e-14 * products))
    return compiled < updates * (1.7e-4 + batch * (2e-10 * products + 3e-9 * units))
