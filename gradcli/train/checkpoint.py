"""Model files: safetensors with one array per parameter, and everything else as JSON in the metadata.

Equal runs write equal bytes.  A file is read as if a stranger had made it: sizes are checked before anything is
allocated, each field is checked before it is used, and nothing in it is executed.

Besides the parameters, a file holds what is needed to continue the training: the optimiser's vectors (``optimizer.*``),
the history (``history``: loss, measure, learning rate of each update), ``validation`` and, for a run that waits for a
better epoch, the ``best`` parameters so far.  Random numbers depend only on the seed, so no state of a generator has to
be saved."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradcli import limits
from gradcli.errors import UnavailableError, unreadable
from gradcli.files import write_atomically
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.choices import checked
from gradcli.train.model.model import Model
from gradcli.train.settings import Settings
from gradcli.train.trainer import Best, State
from gradcli.train.untrusted import refuse
from gradcli.train.updates import History

__all__ = ["Checkpoint", "load", "save"]

KEY = "gradcli"
VERSION = 2
# Other spellings of choices that files may have.
SPELLINGS = {"split_off": "split"}


@dataclass
class Checkpoint:
    """A model file in memory.

    Args:
        model: the net.
        settings: the settings of the training.
        state: the parameters, and how much of the training was done.
        fingerprint: the fingerprint of all rows, before the split (`Data.fingerprint`).
        choices: the user's choices by name, as in `gradcli.train.choices`; defaults are left out.
    """

    model: Model
    settings: Settings
    state: State
    fingerprint: str
    choices: dict[str, Any]

    def __repr__(self) -> str:
        return f"<model file: {self.model!r}, {self.state!r}>"

    def _repr_html_(self) -> str:
        return self.model._repr_html_() + self.settings._repr_html_()


def save(path: str | Path, checkpoint: Checkpoint) -> None:
    """Write a model file.

    Raises:
        UnavailableError: the file can't be written.
    """
    import numpy as np
    from safetensors.numpy import save as to_bytes

    state = checkpoint.state
    arrays = checkpoint.model.matrices(state.parameters)
    arrays |= {f"optimizer.{name}": vector for name, vector in state.memory.items()}
    arrays["history"] = np.array(state.history.numbers).reshape(-1, 3)
    arrays["validation"] = np.array(state.validation, dtype=np.float64).reshape(-1, 3)
    best = None
    if state.best is not None:
        best = {"epoch": state.best.epoch, "loss": state.best.loss if math.isfinite(state.best.loss) else None}
        arrays["best"] = state.best.parameters
    description = {
        "version": VERSION,
        "model": checkpoint.model.to_json(),
        "settings": checkpoint.settings.to_json(),
        "fingerprint": checkpoint.fingerprint,
        "choices": checkpoint.choices,
        "best": best,
        "stopped": state.stopped,
    }
    # One key only: safetensors writes the keys of its metadata in no fixed order.
    metadata = {KEY: json.dumps(description, ensure_ascii=True, allow_nan=False, sort_keys=True)}
    write_atomically(path, to_bytes({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata))


def load(path: str | Path) -> Checkpoint:
    """Read a model file.

    Raises:
        UnavailableError: the file is missing, is not a model of gradcli, or is damaged.
    """
    try:
        header = read_header(Path(path))
        return understood(header, Path(path))
    except OSError as error:
        raise unreadable(path, error) from None
    except (ValueError, RecursionError, OverflowError) as error:
        reasons = {RecursionError: "it is nested too deeply", OverflowError: "it holds numbers that are too large"}
        reason = reasons.get(type(error), str(error))
        inside = Path(path) / "model.safetensors"
        raise UnavailableError(
            f"`{path}` is not a model of gradcli: {reason}",
            kind="bad_model",
            hint=f"the model in it is {inside}" if inside.exists() else "`gradcli train` writes model files",
        ) from None


def read_header(path: Path) -> dict[str, Any]:
    """Read the header of a safetensors file, and compare every size in it with the size of the file.

    Raises:
        ValueError: the file is of another kind.
    """
    refuse(path.is_dir(), "it is a folder")
    refuse(path.exists() and not path.is_file(), "it is not a file")
    size = path.stat().st_size
    refuse(size > limits.MODEL_BYTES, "it is too large")
    with path.open("rb") as file:
        start = file.read(8)
        refuse(len(start) < 8, "it is too short")
        length = int.from_bytes(start, "little")
        refuse(length > size - 8, "it is cut off, or another kind of file")
        refuse(length > limits.HEADER_BYTES, "its header is too large")
        try:
            header: dict[str, Any] = json.loads(file.read(length).decode("utf-8"))
        except UnicodeDecodeError:
            raise ValueError("its header isn't text") from None
        except ValueError:
            raise ValueError("its header isn't JSON") from None
    refuse(not isinstance(header, dict), "its header isn't an object")
    ends = [end_of_array(name, entry) for name, entry in header.items() if name != "__metadata__"]
    refuse(max(ends, default=0) != size - 8 - length, "it is cut off, or has bytes that belong to no array")
    return header


def end_of_array(name: str, entry: Any) -> int:
    """Check the entry of an array in the header, and return where the bytes of the array end."""
    is_float = isinstance(entry, dict) and entry.get("dtype") == "F64"
    refuse(not is_float, f"the array {name[:40]!r} is not made of 64-bit floats")
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    is_sound = all(
        isinstance(numbers, list) and all(type(n) is int and 0 <= n < 2**40 for n in numbers)
        for numbers in (shape, offsets)
    )
    is_sound = is_sound and len(shape) <= 4 and len(offsets) == 2
    is_sound = is_sound and offsets[1] - offsets[0] == 8 * math.prod(shape)
    refuse(not is_sound, f"the array {name[:40]!r} has no sound shape")
    return int(offsets[1])


def described(text: str) -> Checkpoint:
    """Read everything except the arrays from text of unknown origin; the state of the checkpoint has no numbers yet.

    Raises:
        ValueError: something is wrong; the message says what.
    """
    import numpy as np

    try:
        data = json.loads(text)
    except ValueError:
        raise ValueError("its description isn't JSON") from None
    refuse(not isinstance(data, dict) or data.get("version") != VERSION, "its version is unknown")
    model = Model.from_json(data.get("model"))
    settings = Settings.from_json(data.get("settings"))
    fingerprint, best, stopped = (data.get(name) for name in ("fingerprint", "best", "stopped"))
    refuse(not isinstance(fingerprint, str), "the fingerprint of its data is missing")
    try:
        choices = checked({SPELLINGS.get(name, name): value for name, value in data["choices"].items()})
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError("its choices are unknown, or of another kind") from None
    refuse(not isinstance(stopped, bool), "it doesn't say whether the run was over")
    state = State(np.zeros(0), {}, stopped=stopped)
    if best is not None:
        refuse(not isinstance(best, dict) or set(best) != {"epoch", "loss"}, "its best epoch isn't an object")
        epoch, loss = best["epoch"], math.inf if best["loss"] is None else best["loss"]
        is_sound = type(epoch) is int and 0 <= epoch <= limits.UPDATES and type(loss) in (int, float) and loss == loss
        refuse(not is_sound, "its best epoch is out of range")
        state.best = Best(epoch, float(loss), state.parameters)
    return Checkpoint(model, settings, state, fingerprint, choices)


def understood(header: dict[str, Any], path: Path) -> Checkpoint:
    """Read a checkpoint whose header has sound sizes; the arrays are read after their shapes have been checked."""
    metadata = header.get("__metadata__")
    text: Any = metadata.get(KEY) if isinstance(metadata, dict) else None
    refuse(not isinstance(text, str), "it is a safetensors file of another program")
    checkpoint = described(text)
    model, settings = checkpoint.model, checkpoint.settings
    memory = OPTIMIZERS[settings.optimizer].memory(settings.hyperparameters)
    shapes: dict[str, tuple[int, ...]] = dict(model.shapes())
    shapes |= {f"optimizer.{name}": (model.count,) for name in memory}
    if checkpoint.state.best is not None:
        shapes["best"] = (model.count,)
    for name in ("history", "validation"):
        shape = header[name]["shape"] if name in header else []
        is_sound = len(shape) == 2 and shape[1] == 3 and shape[0] <= limits.UPDATES
        refuse(not is_sound, f"the array {name!r} has the wrong shape")
        shapes[name] = (shape[0], 3)
    refuse(set(header) - {"__metadata__"} != set(shapes), "arrays are missing or unknown")
    for name, shape in shapes.items():
        refuse(tuple(header[name]["shape"]) != shape, f"the array {name!r} has the wrong shape")
    fill(checkpoint, memory, path)
    return checkpoint


def fill(checkpoint: Checkpoint, memory: Sequence[str], path: Path) -> None:
    """Read the arrays into the state of a checkpoint; ``memory`` names the vectors of the optimiser."""
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
    except SafetensorError:
        raise ValueError("its arrays overlap or are damaged") from None
    state, history = checkpoint.state, arrays["history"]
    state.parameters = checkpoint.model.flat(arrays)
    state.memory = {name: arrays[f"optimizer.{name}"] for name in memory}
    if state.best is not None:
        state.best = state.best._replace(parameters=arrays["best"])
    # The measure of an update may be infinite where its loss is not.
    needed = [state.parameters, *state.memory.values(), history[:, [0, 2]]]
    needed += [] if state.best is None else [state.best.parameters]
    refuse(not all(np.isfinite(array).all() for array in needed), "it holds numbers that aren't finite")
    state.history = History(history.tolist())
    # The loss and the measure of a validation may be infinite or nan, but its number of updates is a whole number.
    validation = arrays["validation"].tolist()
    are_sound = all(0 <= updates <= limits.UPDATES and updates == int(updates) for updates, _, _ in validation)
    refuse(not are_sound, "the array 'validation' holds no numbers of updates")
    state.validation = [(int(updates), loss, measure) for updates, loss, measure in validation]
