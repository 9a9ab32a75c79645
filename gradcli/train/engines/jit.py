"""The compiled engine: the net as one scalar graph, and the whole loop of training in machine code.

The loss of a row with its derivatives, the penalties, the clipping and the optimiser are graphs of numbers
(`gradcli.train.engines.row_graphs`), which `gradcli.execute.llvm.training_loop` compiles to one function.  It does many
updates in a call.  What it can't do goes to the engine of arrays: predictions, pictures of graphs, and a pass whose
numbers are not finite, where a branch that is not taken must not contribute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from gradcli.optim.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.execute.llvm.training_loop import Descent
    from gradcli.train.engines.engine import Pass
    from gradcli.train.engines.row_graphs import Update
    from gradcli.train.model.model import Model
    from gradcli.train.settings import Settings

    Floats = NDArray[np.float64]

__all__ = ["JitEngine", "Stretch", "is_worthwhile"]

# The multiplications of a row: of more, compiling takes longer than a second.
MOST_PRODUCTS = 4_000
KINDS = ("linear", "activation", "dropout", "flatten")


class Stretch(NamedTuple):
    """Updates that were done in one call.

    Attributes:
        done: how many; fewer than were asked for if the next one is not finite.
        parameters, memory: after them.
        losses: of the batch before each.
        measures: likewise, summed over the rows: of right classes or of squared errors.
        seen: loss and such a sum of the rows set aside, after each epoch that ended.
    """

    done: int
    parameters: Floats
    memory: dict[str, Floats]
    losses: list[float]
    measures: list[float]
    seen: list[tuple[float, float]]


class JitEngine:
    """The engine that compiles."""

    name: ClassVar[str] = "jit"
    limits: ClassVar[str] = (
        f"compiles fully connected nets of at most {MOST_PRODUCTS} weights whose functions have a compiled form, and "
        "this one is larger or of another kind"
    )

    def __init__(self, model: Model) -> None:
        from gradcli.train.engines.engine import TensorEngine

        self.model = model
        self.arrays = TensorEngine(model)
        self.activations = self.arrays.activations
        self.graph_of = self.arrays.graph_of
        self.predict = self.arrays.predict
        self.has_dropout = any(layer.kind == "dropout" for layer in model.layers)
        self.compiled: Descent | None = None
        self.runner: Runner | None = None

    @classmethod
    def supports(cls, model: Model) -> bool:
        """Small models of fully connected layers whose functions have a compiled form."""
        if model.products > MOST_PRODUCTS or any(layer.kind not in KINDS for layer in model.layers):
            return False
        from gradcli.execute.llvm.training_loop import has_compiled_form
        from gradcli.train.engines.row_graphs import sample_graphs

        return has_compiled_form(*sample_graphs(model))

    def loss_and_gradient(
        self, parameters: Floats, inputs: Floats, targets: Floats, masks: Sequence[Floats] = ()
    ) -> Pass:
        """One pass over a batch."""
        import numpy as np

        from gradcli.train.engines.engine import Pass

        descent = self.compiled = self.compiled or self.compile(None, None)
        columns = columns_of(inputs, targets, masks, self.widths if self.has_dropout else 0)
        packed = descent.pack(columns[None], np.array([len(inputs)]))
        loss, _, gradient = descent.gradient(descent.fill(parameters), packed[0])
        if not np.isfinite(loss) or not np.isfinite(gradient).all():
            return self.arrays.loss_and_gradient(parameters, inputs, targets, masks)
        return Pass(loss, gradient, self.arrays.predict(parameters, inputs, masks))

    @property
    def widths(self) -> int:
        """The units of all dropout layers."""
        return sum(placed.outputs[0] for placed in self.model.plan if placed.layer.kind == "dropout")

    def runner_for(self, settings: Settings) -> Runner | None:
        """What does many updates in one call; None if the optimiser has no formula that can be compiled."""
        from gradcli.train.engines.row_graphs import update_graph

        made_for = settings.optimizer, settings.hyperparameters, settings.clip
        if self.runner is None or self.runner.made_for != made_for:
            update = update_graph(OPTIMIZERS[settings.optimizer], settings.hyperparameters)
            if update is None:
                return None
            self.compiled = self.compile(update, settings.clip)
            self.runner = Runner(self.compiled, update, made_for)
        return self.runner

    def compile(self, update: Update | None, clip: float | None) -> Descent:
        """The loop in machine code."""
        from gradcli.execute.llvm.training_loop import Descent, Recipe
        from gradcli.train.engines.row_graphs import penalty_graph, row_graph, shortening_graph

        model = self.model
        return Descent(
            Recipe(
                row_graph(model, dropped=self.has_dropout, derivatives=True),
                row_graph(model, dropped=False, derivatives=False) if self.has_dropout else None,
                penalty_graph(model),
                shortening_graph(clip),
                None if update is None else update.tape,
            )
        )


class Runner:
    """Runs many updates in one call.

    Attributes:
        first: the first update, from 0, that it can do.
        made_for: optimiser, its options and the longest gradient.
    """

    def __init__(self, descent: Descent, update: Update, made_for: tuple[str, dict[str, Any], float | None]) -> None:
        self.made_for = made_for
        self.descent = descent
        self.names = update.memory
        self.first = update.first - 1

    def pack(self, inputs: Floats, targets: Floats, masks: Sequence[Floats], counts: Sequence[int]) -> Floats:
        """Rows as the compiled loop reads them.

        Args:
            inputs: shape (batches, rows, columns).
            targets: (batches, rows).
            masks: for each dropout layer (batches, rows, units).
            counts: the rows of each batch that count; the others are copies.
        """
        import numpy as np

        columns = columns_of(inputs, targets, masks, 0)
        return self.descent.pack(columns, np.asarray(counts))

    def pack_unseen(self, inputs: Floats, targets: Floats) -> Floats | None:
        """The rows set aside, likewise; None if there are none."""
        import numpy as np

        if not len(inputs):
            return None
        packed: Floats = self.descent.pack(columns_of(inputs, targets, (), 0)[None], np.array([len(inputs)]))[0]
        return packed

    def numbers(self, rows: int) -> int:
        """The numbers of a packed batch."""
        return -(-rows // self.descent.lanes) * self.descent.lanes * self.descent.recipe.row.columns

    def run(
        self,
        parameters: Floats,
        memory: Mapping[str, Floats],
        batches: Floats,
        counts: Sequence[int],
        rates: Sequence[float],
        first: int,
        unseen: Floats | None,
        in_epoch: int,
    ) -> Stretch:
        """Do updates until one is not finite.

        Args:
            parameters, memory: where to begin.
            batches: what `pack` gave: one batch for each update, or one for all.
            counts: the rows of each batch that count.
            rates: the learning rate of each update.
            first: the number of the first in the run.
            unseen: what `pack_unseen` gave.
            in_epoch: the updates of an epoch.
        """
        import numpy as np

        if not len(rates):
            return Stretch(0, parameters, dict(memory), [], [], [])
        descent = self.descent
        moved = descent.fill(parameters)
        kept = np.stack([descent.fill(memory[name]) for name in self.names] or [np.zeros(descent.padded)])
        sizes = -(-np.asarray(counts, np.int64) // descent.lanes)
        done, past, seen = descent.train(
            moved, kept, batches, np.ascontiguousarray(sizes), np.asarray(rates), first, unseen, in_epoch
        )
        ended = (first + done) // in_epoch - first // in_epoch if unseen is not None else 0
        count = len(parameters)
        return Stretch(
            done,
            moved[:count].copy(),
            {name: one[:count].copy() for name, one in zip(self.names, kept, strict=False)},
            past[0, :done].tolist(),
            past[1, :done].tolist(),
            list(zip(*seen[:, :ended].tolist(), strict=True)),
        )


def columns_of(inputs: Floats, targets: Floats, masks: Sequence[Floats], ones: int) -> Floats:
    """Inputs, targets and masks side by side, shape (..., rows, columns); without masks as many ones."""
    import numpy as np

    factors = list(masks) or [np.ones((*targets.shape, ones))] * bool(ones)
    return np.concatenate([inputs, targets[..., None], *factors], axis=-1)


def is_worthwhile(model: Model, settings: Settings, rows: int) -> bool:
    """Whether a run is shorter compiled, compiling included.

    Measured in seconds on one core with AVX-512, where compiling takes twice as long when the code is not in the
    cache, and half as long when it is.
    """
    updates, batch = settings.updates(rows), settings.batch_of(rows)
    products, units = model.products, sum(model.sizes[1:])
    compiled = 0.03 + 1e-4 * products + updates * (8e-6 + batch * products * (1e-10 + 6e-14 * products))
    return compiled < updates * (1.7e-4 + batch * (2e-10 * products + 3e-9 * units))
