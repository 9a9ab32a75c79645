"""Recurrent layers with PyTorch's names, formulas and parameters: `RNN`, `GRU`, `LSTM`, and their single cells.

>>> from gradcli import randn
>>> outputs, (hidden, cell) = LSTM(3, 5, num_layers=2)(randn(7, 2, 3))
>>> outputs.shape, hidden.shape, cell.shape
((7, 2, 5), (2, 2, 5), (2, 2, 5))
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from gradcli.eager.creation import generator, zeros
from gradcli.eager.record import Recorded
from gradcli.errors import CallError, ShapeError, UsageError
from gradcli.nn import functional
from gradcli.nn.layers import Parameter, placed
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f
from gradcli.primitives.backends import current_backend

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

# ruff: noqa: A002  (PyTorch's `input`)

# One step of each kind: the next state, a tuple of arrays, of which the first is the output.  The first operand is the
# input, already multiplied by its weight and with its bias.


def _rnn(x: Any, state: tuple[Any, ...], weight: Any, bias: Any, function: str = "tanh") -> tuple[Any, ...]:
    total = x + functional.linear(state[0], weight, bias)
    return (f.tanh(total) if function == "tanh" else f.relu(total),)


def _gru(x: Any, state: tuple[Any, ...], weight: Any, bias: Any) -> tuple[Any, ...]:
    (hidden,) = state
    reset, update, new = f.split(x, 3, axis=-1)
    of_reset, of_update, of_new = f.split(functional.linear(hidden, weight, bias), 3, axis=-1)
    new = f.tanh(new + f.sigmoid(reset + of_reset) * of_new)
    share = f.sigmoid(update + of_update)
    return (new + share * (hidden - new),)


def _lstm(x: Any, state: tuple[Any, ...], weight: Any, bias: Any) -> tuple[Any, ...]:
    hidden, cell = state
    enter, forget, new, leave = f.split(x + functional.linear(hidden, weight, bias), 4, axis=-1)
    cell = f.sigmoid(forget) * cell + f.sigmoid(enter) * f.tanh(new)
    return f.sigmoid(leave) * f.tanh(cell), cell


#: Kind -> how many parts the weights have, how many arrays a state has, and one step.
_KINDS: dict[str, tuple[int, int, Any]] = {"RNN": (1, 1, _rnn), "GRU": (3, 1, _gru), "LSTM": (4, 2, _lstm)}


def _drawn(shape: tuple[int, ...], hidden: int) -> Parameter:
    """Draw numbers uniformly between -b and b, b = 1/sqrt(hidden), as PyTorch does."""
    bound = 1.0 / math.sqrt(hidden) if hidden else 0.0
    return Parameter(generator().uniform(-bound, bound, shape), dtype=current_backend().default_dtype)


def _same_type(input: Any, *others: Any) -> None:
    """Check that tensors have one type.

    Raises:
        UsageError: they have several.
    """
    for one in others:
        if isinstance(one, Recorded) and isinstance(input, Recorded) and one.dtype != input.dtype:
            raise UsageError(f"the input has the type {input.dtype}, but a state or a weight {one.dtype}")


class _Cell(Module):
    kind: ClassVar[str]

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh") -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise UsageError(f"a recurrent layer applies tanh or relu, not {nonlinearity!r}")
        self.input_size, self.hidden_size, self.bias, self.nonlinearity = input_size, hidden_size, bias, nonlinearity
        parts = _KINDS[self.kind][0]
        self.weight_ih = _drawn((parts * hidden_size, input_size), hidden_size)
        self.weight_hh = _drawn((parts * hidden_size, hidden_size), hidden_size)
        self.bias_ih = _drawn((parts * hidden_size,), hidden_size) if bias else None
        self.bias_hh = _drawn((parts * hidden_size,), hidden_size) if bias else None

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The next state, from an input of shape (rows, input_size) or (input_size,); zeros are the first state.

        Raises:
            ShapeError: the shapes don't fit.
            UsageError: the types differ.
        """
        _, count, step = _KINDS[self.kind]
        if len(input.shape) not in (1, 2):
            raise ShapeError(f"a cell takes inputs with one or two axes, not of shape {tuple(input.shape)}")
        wanted = (*input.shape[:-1], self.hidden_size)
        if hx is None:
            hx = (zeros(wanted, dtype=input.dtype),) * count
        states = tuple(hx) if count > 1 else (hx[0] if isinstance(hx, tuple) else hx,)
        if any(tuple(one.shape) != wanted for one in states):
            raise ShapeError(f"a state has the shape {wanted}, not {tuple(states[0].shape)}")
        _same_type(input, *states, self.weight_ih)
        options = {"function": self.nonlinearity} if self.kind == "RNN" else {}
        entered = functional.linear(input, self.weight_ih, self.bias_ih)
        found = step(entered, states, self.weight_hh, self.bias_hh, **options)
        return found if count > 1 else found[0]

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        text += "" if self.bias else ", bias=False"
        return text if self.nonlinearity == "tanh" else f"{text}, nonlinearity={self.nonlinearity}"


class RNNCell(_Cell):
    """One step of `RNN`: tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh), or relu of this."""

    kind = "RNN"

    @placed
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh") -> None:
        super().__init__(input_size, hidden_size, bias, nonlinearity)


class GRUCell(_Cell):
    """One step of `GRU`."""

    kind = "GRU"

    @placed
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias)


class LSTMCell(_Cell):
    """One step of `LSTM`; its state is a pair, the output and the cell."""

    kind = "LSTM"

    @placed
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias)


class _Recurrent(Module):
    """The base: layers of cells that run over sequences; the arguments are those of `LSTM`."""

    kind: ClassVar[str]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
    ) -> None:
        for size in (input_size, hidden_size, num_layers):
            if not isinstance(size, int):
                raise CallError(f"sizes and numbers of layers are whole numbers, not {size!r}")
        for flag in (bias, batch_first):
            if not isinstance(flag, bool):
                raise CallError(f"bias and batch_first are true or false, not {flag!r}")
        if num_layers < 1 or hidden_size < 1 or input_size < 1:
            raise UsageError("a recurrent layer has at least one layer, and inputs and states of at least one number")
        if not 0 <= proj_size < hidden_size:
            raise UsageError(f"proj_size is at least 0 and below hidden_size {hidden_size}, not {proj_size}")
        functional.dropout(0.0, dropout, training=False)  # refuses a wrong probability
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, dropout, bidirectional
        self.proj_size, self.nonlinearity = proj_size, "tanh"
        size, output = _KINDS[self.kind][0] * hidden_size, proj_size or hidden_size
        for suffix, layer in self._runs():
            width = input_size if not layer else output * (1 + bidirectional)
            setattr(self, f"weight_ih{suffix}", _drawn((size, width), hidden_size))
            setattr(self, f"weight_hh{suffix}", _drawn((size, output), hidden_size))
            if bias:
                setattr(self, f"bias_ih{suffix}", _drawn((size,), hidden_size))
                setattr(self, f"bias_hh{suffix}", _drawn((size,), hidden_size))
            if proj_size:
                setattr(self, f"weight_hr{suffix}", _drawn((proj_size, hidden_size), hidden_size))

    def _runs(self) -> list[tuple[str, int]]:
        """The end of the names of the parameters of each run over the sequence, and its layer."""
        ways = ("", "_reverse") if self.bidirectional else ("",)
        return [(f"_l{layer}{way}", layer) for layer in range(self.num_layers) for way in ways]

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch lays out parameters for graphics processors."""

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The outputs of the last layer at all times, and the last states of all layers.

        Args:
            input: shape (time, rows, input_size); (rows, time, input_size) with ``batch_first``; or (time, input_size).
            hx: the first states, shape (layers, rows, hidden_size), of an LSTM a pair of these; zeros by default.

        Raises:
            ShapeError: the shapes don't fit.
            UsageError: the types differ.
        """
        _, count, step = _KINDS[self.kind]
        if len(input.shape) not in (2, 3) or input.shape[-1] != self.input_size:
            raise ShapeError(
                f"sequences of {self.input_size} numbers are expected, not inputs of shape {tuple(input.shape)}"
            )
        is_single, x = len(input.shape) == 2, input
        if is_single:
            x = f.unsqueeze(x, 1)
        elif self.batch_first:
            x = f.transpose(x, (1, 0, 2))
        runs, ways = self._runs(), 1 + self.bidirectional
        wanted = [(len(runs), x.shape[1], size) for size in (self.proj_size or self.hidden_size, self.hidden_size)]
        if hx is None:
            states = [zeros(wanted[i], dtype=x.dtype) for i in range(count)]
        else:
            given = list(hx) if count > 1 else [hx]
            if any(len(one.shape) != len(input.shape) for one in given):
                raise ShapeError(f"first states have as many axes as the input, {len(input.shape)}")
            states = [f.unsqueeze(one, 1) if is_single else one for one in given]
            for one, shape in zip(states, wanted, strict=False):
                if tuple(one.shape) != shape:
                    raise ShapeError(f"first states have the shape {shape}, not {tuple(one.shape)}")
        _same_type(x, *states, getattr(self, f"weight_ih{runs[0][0]}"))
        options = {"function": self.nonlinearity} if self.kind == "RNN" else {}
        last: list[tuple[Any, ...]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = functional.dropout(x, self.dropout, self.training)
            outputs = []
            for way in range(ways):
                suffix = runs[layer * ways + way][0]
                weight, bias = getattr(self, f"weight_hh{suffix}"), getattr(self, f"bias_hh{suffix}", None)
                projection = getattr(self, f"weight_hr{suffix}", None)
                entered = functional.linear(
                    x, getattr(self, f"weight_ih{suffix}"), getattr(self, f"bias_ih{suffix}", None)
                )
                now = tuple([f.index(one, layer * ways + way) for one in states])
                times = range(x.shape[0])
                seen = []
                for time in reversed(times) if way else times:
                    now = step(f.index(entered, time), now, weight, bias, **options)
                    if projection is not None:
                        now = functional.linear(now[0], projection), *now[1:]
                    seen.append(now[0])
                outputs.append(f.stack(seen[::-1] if way else seen, axis=0))
                last.append(now)
            x = f.cat(outputs, axis=-1) if ways > 1 else outputs[0]
        ends = [f.stack([one[i] for one in last], axis=0) for i in range(count)]
        if is_single:
            x, ends = f.squeeze(x, 1), [f.squeeze(one, 1) for one in ends]
        elif self.batch_first:
            x = f.transpose(x, (1, 0, 2))
        return x, tuple(ends) if count > 1 else ends[0]

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
                    "bidirectional": False}  # fmt: skip
        changed = [(name, getattr(self, name)) for name, default in defaults.items() if getattr(self, name) != default]
        return text + "".join([f", {name}={value}" for name, value in changed])


class RNN(_Recurrent):
    """Layers whose state is tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh), or relu of this (Elman, 1990).

    Args:
        input_size, hidden_size: the lengths of an input and of a state.
        num_layers: the number of layers; each one takes the outputs of the one below.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        bias, batch_first, dropout, bidirectional: see `LSTM`.

    Raises:
        UsageError: an option has no meaning.
    """

    kind = "RNN"

    @placed
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise UsageError(f"a recurrent layer applies tanh or relu, not {nonlinearity!r}")
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional)
        self.nonlinearity = nonlinearity


class GRU(_Recurrent):
    """Layers with gated states (Cho et al., 2014); the arguments are those of `LSTM`, without a projection."""

    kind = "GRU"

    @placed
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional)


class LSTM(_Recurrent):
    """Layers with a long short-term memory (Hochreiter and Schmidhuber, 1997).

    Args:
        input_size, hidden_size: the lengths of an input and of a state.
        num_layers: the number of layers; each one takes the outputs of the one below.
        bias: whether there are biases.
        batch_first: whether the first axis is that of the rows, and not that of the time.
        dropout: the probability of dropout between layers, in training.
        bidirectional: whether each layer also runs backward; both outputs are joined.
        proj_size: the length of outputs that a matrix makes of them (Sak, Senior and Beaufays, 2014); 0 for no matrix.

    Raises:
        UsageError: an option has no meaning.
    """

    kind = "LSTM"

    @placed
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size)
