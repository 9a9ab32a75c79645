"""The interface of all engines: an engine computes the loss of a net, its gradient and its predictions.

An engine is made from a `Model`.  It then computes numbers from one flat vector of parameters and a batch of rows.  It
doesn't depend on the optimiser, on epochs or on the display, and the code that uses it is the same for all engines.
The caller draws the random numbers (for dropout) and passes them as an argument.  All engines give the same losses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats
    from gradcli.train.engines.jit_runner import Runner
    from gradcli.train.model.model import Model

__all__ = ["NUMBERS", "Engine", "Masks", "Pass", "outputs_of"]

#: The factors of each layer of a net that drops units at random, shape (rows, ...).
Masks: TypeAlias = "Sequence[Floats]"

# Arrays of this many numbers go through a layer at once: they fill 8 million bytes.
NUMBERS = 1_000_000


class Pass(NamedTuple):
    """The result of one pass forward and back.

    Attributes:
        loss: the mean loss of the rows, plus the penalties.
        gradient: the derivative of the loss with respect to every parameter, in the order of the flat vector.
        scores: the outputs of the net, shape (rows, outputs).
    """

    loss: float
    gradient: Floats
    scores: Floats


class Engine(ABC):
    """The methods that every engine has, and that the trainer calls.

    Inputs are standardised, shape (rows, columns); targets have the form that the loss takes, shape (rows,).
    """

    name: ClassVar[str]
    #: How it computes, for the help.
    note: ClassVar[str]

    def __init__(self, model: Model) -> None:
        self.model = model
        self.loss = model.loss_function

    @classmethod
    def obstacle(cls, model: Model) -> str | None:  # noqa: ARG003
        """Return why the engine can't run this model, as a clause that follows its name; None if it can."""
        return None

    @abstractmethod
    def loss_and_gradient(
        self,
        parameters: Floats,
        inputs: Floats,
        targets: Floats,
        masks: Masks = (),
        weights: Floats | None = None,
    ) -> Pass:
        """Do one pass over a batch.

        Args:
            parameters: the flat vector.
            inputs, targets: the rows.
            masks: the factors of each random layer, in order, for each row.
            weights: the factor of the loss of each row, shape (rows,); None means 1 for all rows.
        """

    @abstractmethod
    def graph_of(self, parameters: Floats, inputs: Floats, targets: Floats) -> Any:
        """Return the recorded loss, without penalties, after its backward pass.

        Every operand keeps its gradient, and inputs and parameters have labels.
        """

    @abstractmethod
    def activations(self, parameters: Floats, inputs: Floats) -> list[Floats]:
        """Return the outputs of each layer of the model, shape (rows, ...)."""

    def predict(self, parameters: Floats, inputs: Floats) -> Floats:
        """Return the outputs of the net, shape (rows, outputs)."""
        return self.activations(parameters, inputs)[-1]

    def runner_for(
        self,
        optimizer: str,  # noqa: ARG002
        options: dict[str, Any],  # noqa: ARG002
        clip: float | None,  # noqa: ARG002
        *,
        weighted: bool = False,  # noqa: ARG002
    ) -> Runner | None:
        """Return an object that does many updates of a run in one call; None if the engine does one update at a time.

        ``weighted`` says that the first column after the targets is the weight of a row.
        """
        return None


def outputs_of(engine: Engine, model: Model, parameters: Floats, inputs: Array) -> Floats:
    """Return the outputs of a net, shape (rows, outputs), for inputs in the units of the table.

    The rows are computed in parts, because the bytes of many pictures would take too much memory as floats.
    """
    import numpy as np

    most = max(1, NUMBERS // max(1, inputs.shape[1]))
    outputs = np.empty((len(inputs), model.outputs))
    for start in range(0, len(inputs), most):
        part = slice(start, start + most)
        outputs[part] = engine.predict(parameters, model.scaled(inputs[part]))
    return outputs
