"""``torch.save`` and ``torch.load``: tensors in containers, as files of safetensors.

A file has one array for each tensor.  In the file of a state dict they have the names of the dict, so that every other
program that reads safetensors finds them; in that of other containers, the metadata says in JSON what is where.
Nothing is pickled: a file can't run anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gradcli.eager.tensor import Tensor
from gradcli.eager.tensor_data import check_device
from gradcli.errors import UsageError
from gradcli.files import write_atomically
from gradcli.primitives.backends import backend_of

__all__ = ["load", "save"]

#: The key of the metadata.
_KEY: Final = "gradcli.torch"
#: What may be in a container besides tensors and arrays.
_PLAIN: Final = (bool, int, float, str, type(None))


def save(obj: Any, f: Any) -> None:
    """Write tensors, arrays, numbers and texts, in dicts, lists and tuples, to a file.

    Args:
        obj: what to write, such as ``net.state_dict()``.
        f: the path of the file, or a file that is open for writing bytes.

    Raises:
        UsageError: there is something else in it, such as a module or a function.

    >>> import io
    >>> from gradcli import nn
    >>> net, file = nn.Linear(2, 1), io.BytesIO()
    >>> save({"net": net.state_dict(), "epoch": 3}, file)
    >>> found = load(io.BytesIO(file.getvalue()))
    >>> found["epoch"], net.load_state_dict(found["net"])
    (3, IncompatibleKeys(missing_keys=[], unexpected_keys=[]))
    """
    from safetensors.numpy import save as to_bytes

    arrays: dict[str, Any] = {}
    is_state = isinstance(obj, Mapping) and all(
        isinstance(key, str) and isinstance(one, Tensor) and not one.requires_grad for key, one in obj.items()
    )
    if is_state:
        arrays = {name: _array(tensor) for name, tensor in obj.items()}
        shape: Any = "state"
    else:
        shape = _described(obj, arrays)
    content = to_bytes(arrays, {_KEY: json.dumps(shape)})
    if hasattr(f, "write"):
        f.write(content)
    else:
        write_atomically(Path(f), content)


def _array(tensor: Any) -> Any:
    array = backend_of(tensor._array).to_numpy(tensor._array) if isinstance(tensor, Tensor) else tensor
    return array.copy(order="C") if hasattr(array, "flags") else array


def _described(thing: Any, arrays: dict[str, Any]) -> Any:
    """Return what is where as lists for JSON, and enter its arrays."""
    if isinstance(thing, Tensor):
        arrays[str(len(arrays))] = _array(thing)
        return ["leaf" if thing.requires_grad else "tensor", len(arrays) - 1]
    if isinstance(thing, Mapping):
        if not all(isinstance(key, _PLAIN) for key in thing):
            raise UsageError("the keys of a dict in a file are texts and numbers")
        return ["dict", [[key, _described(part, arrays)] for key, part in thing.items()]]
    if isinstance(thing, (tuple, list)):
        return ["tuple" if isinstance(thing, tuple) else "list", [_described(part, arrays) for part in thing]]
    if isinstance(thing, _PLAIN):
        return ["plain", thing]
    if hasattr(thing, "dtype") and hasattr(thing, "shape") and getattr(thing.dtype, "kind", "") in "fiub":
        arrays[str(len(arrays))] = _array(thing)
        return ["array", len(arrays) - 1]
    hint = "; save its state_dict()" if hasattr(thing, "state_dict") else ""
    raise UsageError(
        f"a file holds tensors, numbers and texts in dicts, lists and tuples, not {type(thing).__name__}{hint}"
    )


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool = True,  # noqa: ARG001  (nothing else can be loaded)
    mmap: bool | None = None,  # noqa: ARG001
) -> Any:
    """Read what `save` wrote, or the tensors of another file of safetensors, as a dict.

    Args:
        f: the path of the file, or a file that is open for reading bytes.
        map_location: the device; the only one is the processor.
        pickle_module: PyTorch's option; there is no pickle here.
        weights_only, mmap: PyTorch's options, which have no effect on the result.

    Raises:
        UsageError: the file isn't one of safetensors, it is damaged, or a pickle is asked for.
        FileNotFoundError: there is no such file.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    if pickle_module is not None:
        raise UsageError("nothing is unpickled, because a pickle can run anything")
    if map_location is not None and not callable(map_location) and not isinstance(map_location, Mapping):
        check_device(map_location)
    content = f.read() if hasattr(f, "read") else Path(f).read_bytes()
    if content[:1] == b"\x80" or content[:4] == b"PK\x03\x04":
        raise UsageError(
            "the file is a pickle, as PyTorch writes it, and a pickle can run anything; load it with PyTorch, and "
            "write its tensors with safetensors.torch.save_file"
        )
    try:
        arrays = from_bytes(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        shape = json.loads(header.get("__metadata__", {}).get(_KEY, '"state"'))
        if shape == "state":
            return {name: Tensor(array, dtype=array.dtype) for name, array in arrays.items()}
        return _made(shape, arrays)
    except (SafetensorError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"the file isn't one of safetensors, or it is damaged: {error}") from None


def _made(shape: Any, arrays: Mapping[str, Any]) -> Any:
    """Return what a description stands for."""
    kind, content = shape
    if kind == "plain" and isinstance(content, _PLAIN):
        return content
    if kind == "dict":
        return {key: _made(part, arrays) for key, part in content}
    if kind in ("list", "tuple"):
        parts = [_made(part, arrays) for part in content]
        return parts if kind == "list" else tuple(parts)
    if kind in ("tensor", "leaf", "array"):
        array = arrays[str(content)]
        return array if kind == "array" else Tensor(array, kind == "leaf", array.dtype)
    raise ValueError(f"its metadata has a part of the unknown kind {kind!r}")
