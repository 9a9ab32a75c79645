"""Model files: safetensors with one array per parameter, and everything else as JSON in the metadata.

Equal runs write equal bytes.  A file is read as if a stranger had made it: sizes are checked before anything is
allocated, each field is checked before it is used, and nothing in it is executed.

Besides the parameters a file holds what is needed to go on training: the optimiser's vectors (``optimizer.*``), the
history (``history``: loss, measure, learning rate of each update), ``validation`` and, for a run that waits for a
better epoch, the ``best`` parameters so far.  Random numbers depend only on the seed, so no state of a generator has to
be saved."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.errors import UnavailableError, unreadable
from gradcli.files import write_atomically
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.choices import checked
from gradcli.train.model.model import Model
from gradcli.train.settings import Settings
from gradcli.train.trainer import Best, State, UpdateRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

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
        settings: how the net was trained.
        state: its parameters, and how far the training was.
        fingerprint: the fingerprint of all rows, before the split (`Data.fingerprint`).
        choices: what the user chose, by the names of `gradcli.train.choices`; defaults are left out.
    """

    model: Model
    settings: Settings
    state: State
    fingerprint: str
    choices: dict[str, Any]


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
    arrays["history"] = np.array(state.history, dtype=np.float64).reshape(-1, 3)
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
        ValueError: it is another kind of file.
    """
    if path.exists() and not path.is_file():
        raise ValueError("it is a folder" if path.is_dir() else "it is not a file")
    size = path.stat().st_size
    if size > limits.MODEL_BYTES:
        raise ValueError("it is too large")
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            raise ValueError("it is too short")
        length = struct.unpack("<Q", start)[0]
        if length > size - 8:
            raise ValueError("it is cut off, or another kind of file")
        if length > limits.HEADER_BYTES:
            raise ValueError("its header is too large")
        try:
            header = json.loads(file.read(length).decode("utf-8"))
        except UnicodeDecodeError:
            raise ValueError("its header isn't text") from None
        except ValueError:
            raise ValueError("its header isn't JSON") from None
    if not isinstance(header, dict):
        raise ValueError("its header isn't an object")
    end = 0
    for name, entry in header.items():
        if name != "__metadata__":
            end = max(end, check_entry(name, entry))
    if end != size - 8 - length:
        raise ValueError("it is cut off, or has bytes that belong to no array")
    return header


def check_entry(name: str, entry: Any) -> int:
    """Check the entry of an array in the header; return where its bytes end."""
    if not isinstance(entry, dict) or entry.get("dtype") != "F64":
        raise ValueError(f"the array {name[:40]!r} is not made of 64-bit floats")
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not all(
        isinstance(numbers, list) and all(type(n) is int and 0 <= n < 2**40 for n in numbers)
        for numbers in (shape, offsets)
    ):
        raise ValueError(f"the array {name[:40]!r} has no sound shape")
    assert isinstance(shape, list)
    assert isinstance(offsets, list)
    count = 1
    for extent in shape[:8]:
        count *= extent
    if len(shape) > 4 or len(offsets) != 2 or offsets[1] - offsets[0] != 8 * count:
        raise ValueError(f"the array {name[:40]!r} has no sound shape")
    return int(offsets[1])


def described(text: str) -> Checkpoint:
    """Read everything but the arrays from text of unknown origin; the state of the checkpoint has no numbers yet.

    Raises:
        ValueError: something is wrong; the message says what.
    """
    import numpy as np

    try:
        data = json.loads(text)
    except ValueError:
        raise ValueError("its description isn't JSON") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError("its version is unknown")
    model = Model.from_json(data.get("model"))
    settings = Settings.from_json(data.get("settings"))
    fingerprint, best, stopped = (data.get(name) for name in ("fingerprint", "best", "stopped"))
    if not isinstance(fingerprint, str):
        raise ValueError("the fingerprint of its data is missing")
    try:
        choices = checked({SPELLINGS.get(name, name): value for name, value in data["choices"].items()})
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError("its choices are unknown, or of another kind") from None
    if not isinstance(stopped, bool):
        raise ValueError("it doesn't say whether the run was over")
    state = State(np.zeros(0), {}, stopped=stopped)
    if best is None:
        return Checkpoint(model, settings, state, fingerprint, choices)
    if not isinstance(best, dict) or set(best) != {"epoch", "loss"}:
        raise ValueError("its best epoch isn't an object")
    epoch, loss = best["epoch"], math.inf if best["loss"] is None else best["loss"]
    if type(epoch) is not int or not 0 <= epoch <= limits.UPDATES or type(loss) not in (int, float) or loss != loss:
        raise ValueError("its best epoch is out of range")
    state.best = Best(epoch, float(loss), state.parameters)
    return Checkpoint(model, settings, state, fingerprint, choices)


def understood(header: dict[str, Any], path: Path) -> Checkpoint:
    """Read a checkpoint whose header has sound sizes; the arrays are read after their shapes have been checked."""
    metadata = header.get("__metadata__")
    text = metadata.get(KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise ValueError("it is a safetensors file of another program")
    checkpoint = described(text)
    model, settings = checkpoint.model, checkpoint.settings
    memory = OPTIMIZERS[settings.optimizer].memory(settings.hyperparameters)
    shapes: dict[str, tuple[int, ...]] = dict(model.shapes())
    shapes |= {f"optimizer.{name}": (model.count,) for name in memory}
    if checkpoint.state.best is not None:
        shapes["best"] = (model.count,)
    for name in ("history", "validation"):
        shape = header[name]["shape"] if name in header else []
        if len(shape) != 2 or shape[1] != 3 or shape[0] > limits.UPDATES:
            raise ValueError(f"the array {name!r} has the wrong shape")
        shapes[name] = (shape[0], 3)
    if set(header) - {"__metadata__"} != set(shapes):
        raise ValueError("arrays are missing or unknown")
    for name, shape in shapes.items():
        if tuple(header[name]["shape"]) != shape:
            raise ValueError(f"the array {name!r} has the wrong shape")
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
    if not all(np.isfinite(array).all() for array in needed):
        raise ValueError("it holds numbers that aren't finite")
    state.history = [UpdateRecord(*row) for row in history.tolist()]
    state.validation = [(int(updates), loss, measure) for updates, loss, measure in finite_rows(arrays["validation"])]


def finite_rows(validation: Floats) -> list[list[float]]:
    """Return the array of validations as rows, of which only the number of updates has to be finite and whole."""
    rows: list[list[float]] = validation.tolist()
    if not all(0 <= row[0] <= limits.UPDATES and row[0] == int(row[0]) for row in rows):
        raise ValueError("the array 'validation' holds no numbers of updates")
    return rows
