"""Model files: what is written is what is read, and nothing else is believed."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes

from gradcli.errors import UnavailableError
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.checkpoint import load, save
from gradcli.train.run import Run


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_file_holds_the_whole_run(optimizer: str, small: Callable[..., Run], tmp_path: Path) -> None:
    run = small(optimizer=optimizer)
    for _ in run.events():
        pass
    path = tmp_path / "m.safetensors"
    save(path, run.checkpoint())
    found = load(path)
    assert (found.model, found.settings) == (run.model, run.settings)
    assert np.array_equal(found.state.parameters, run.state.parameters)
    assert found.state.history == run.state.history
    assert found.state.validation == run.state.validation
    assert found.state.memory.keys() == run.state.memory.keys()
    assert all(np.array_equal(found.state.memory[name], vector) for name, vector in run.state.memory.items())
    assert found.fingerprint == run.data.fingerprint()


def test_a_file_has_one_array_per_parameter(finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(path, finished.checkpoint())
    arrays = load_file(path)
    assert arrays["layers.0.weight"].shape == (4, 2)
    assert arrays["layers.0.bias"].shape == (4,)
    assert arrays["layers.1.weight"].shape == (1, 4)
    assert arrays["layers.1.bias"].shape == (1,)


def test_equal_runs_write_equal_bytes(finished: Run, small: Callable[..., Run], tmp_path: Path) -> None:
    again = small()
    for _ in again.events():
        pass
    contents = []
    for run in (finished, again):
        save(tmp_path / "m.safetensors", run.checkpoint())
        contents.append((tmp_path / "m.safetensors").read_bytes())
    assert contents[0] == contents[1]


def damaged(tmp_path: Path, run: Run, damage: Callable[[bytes], bytes]) -> str:
    """The sentence with which a damaged file is refused."""
    path = tmp_path / "m.safetensors"
    save(path, run.checkpoint())
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UnavailableError) as caught:
        load(path)
    return caught.value.message.removeprefix(f"`{path}` is not a model of gradcli: ")


def header_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_header(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        header, arrays = header_of(content)
        change(header)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + arrays

    return damage


def with_description(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def damage(header: dict[str, Any]) -> None:
        description = json.loads(header["__metadata__"]["gradcli"])
        change(description)
        header["__metadata__"]["gradcli"] = json.dumps(description)

    return with_header(damage)


def raw_header(text: bytes) -> Callable[[bytes], bytes]:
    return lambda content: struct.pack("<Q", len(text)) + text


def with_arrays(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        header, data = header_of(content)
        arrays = {
            name: np.frombuffer(data[slice(*entry["data_offsets"])]).reshape(entry["shape"]).copy()
            for name, entry in header.items()
            if name != "__metadata__"
        }
        change(arrays)
        return to_bytes(arrays, header["__metadata__"])

    return damage


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "an empty file": (lambda content: b"", "it is too short"),
    "a file of five bytes": (lambda content: content[:5], "it is too short"),
    "a file without its end": (lambda content: content[:-8], "it is cut off, or has bytes that belong to nothing"),
    "a file cut in the header": (lambda content: content[:100], "it is cut off, or another kind of file"),
    "a file with more at its end": (
        lambda content: content + b"more",
        "it is cut off, or has bytes that belong to nothing",
    ),
    "a picture": (lambda content: b"\x89PNG\r\n\x1a\n" + bytes(500), "it is cut off, or another kind of file"),
    "a pickle": (lambda content: b"\x80\x04\x95" + bytes(60), "it is cut off, or another kind of file"),
    "a header that claims all memory": (
        lambda content: struct.pack("<Q", 2**63) + content[8:],
        "it is cut off, or another kind of file",
    ),
    "a header of zeros": (lambda content: struct.pack("<Q", 9_000_000) + bytes(9_000_000), "its header is too large"),
    "a header that is no text": (raw_header(b"\xff\xfe\xfd"), "its header is no text"),
    "a header that is no JSON": (raw_header(b"{'a': 1}"), "its header is no JSON"),
    "a header that is a list": (raw_header(b"[]"), "its header is no object"),
    "a header nested a million deep": (raw_header(b"[" * 1_000_000), "it is nested too deeply"),
    "a file of another program": (
        with_header(lambda header: header.pop("__metadata__")),
        "it is a safetensors file of another program",
    ),
    "a description that is no JSON": (
        with_header(lambda header: header["__metadata__"].update(gradcli="{")),
        "its description is no JSON",
    ),
    "a description nested a million deep": (
        with_header(lambda header: header["__metadata__"].update(gradcli="[" * 1_000_000)),
        "it is nested too deeply",
    ),
    "a later version": (with_description(lambda d: d.update(version=2)), "its version is unknown"),
    "no model": (with_description(lambda d: d.pop("model")), "the model isn't an object"),
    "no settings": (
        with_description(lambda d: d.pop("settings")),
        "the settings have missing or unknown fields",
    ),
    "no fingerprint": (
        with_description(lambda d: d.pop("fingerprint")),
        "the fingerprint of its data is missing",
    ),
    "sizes of a net that fills the memory": (
        with_description(lambda d: d["model"].update(sizes=[2, 90_000, 90_000, 1])),
        "the net is too large",
    ),
    "sizes that the arrays don't have": (
        with_description(lambda d: d["model"].update(sizes=[2, 5, 1])),
        "the array 'layers.0.weight' has the wrong shape",
    ),
    "an activation with a call in it": (
        with_description(lambda d: d["model"].update(activation="__import__('os').system('true')")),
        "the activation is unknown",
    ),
    "an array of 32-bit floats": (
        with_header(lambda header: header["layers.0.bias"].update(dtype="F32")),
        "the array 'layers.0.bias' is not made of 64-bit floats",
    ),
    "an array without a shape": (
        with_header(lambda header: header["layers.0.bias"].update(shape=None)),
        "the array 'layers.0.bias' has no sound shape",
    ),
    "an array of negative size": (
        with_header(lambda header: header["layers.0.bias"].update(shape=[-4])),
        "the array 'layers.0.bias' has no sound shape",
    ),
    "an array of astronomical size": (
        with_header(lambda header: header["layers.0.bias"].update(shape=[2**39, 2**39])),
        "the array 'layers.0.bias' has no sound shape",
    ),
    "arrays that lie over each other": (
        with_header(
            lambda header: header["layers.0.bias"].update(
                data_offsets=header["optimizer.exp_avg"]["data_offsets"][:1] * 2
            )
        ),
        "the array 'layers.0.bias' has no sound shape",
    ),
    "an array too many": (
        with_arrays(lambda arrays: arrays.update(surprise=np.zeros(2))),
        "arrays are missing or unknown",
    ),
    "an array too few": (with_arrays(lambda arrays: arrays.pop("layers.1.bias")), "arrays are missing or unknown"),
    "no history": (with_arrays(lambda arrays: arrays.pop("history")), "the array 'history' has the wrong shape"),
    "a weight that is not a number": (
        with_arrays(lambda arrays: arrays["layers.0.bias"].fill(np.nan)),
        "it holds numbers that aren't finite",
    ),
    "a validation at no update": (
        with_arrays(lambda arrays: arrays["validation"].fill(0.5)),
        "the array 'validation' holds no numbers of updates",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_hostile_file_is_refused_in_one_sentence(name: str, finished: Run, tmp_path: Path) -> None:
    damage, message = DAMAGE[name]
    assert damaged(tmp_path, finished, damage) == message


def test_every_truncation_is_refused(finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(path, finished.checkpoint())
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(UnavailableError):
            load(path)


def test_a_flipped_byte_never_crashes(finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(path, finished.checkpoint())
    content = bytearray(path.read_bytes())
    generator = np.random.RandomState(0)
    for place in generator.randint(0, len(content), 300).tolist():
        changed = bytearray(content)
        changed[place] ^= 1 << int(generator.randint(8))
        path.write_bytes(changed)
        with contextlib.suppress(UnavailableError):
            load(path)


@pytest.mark.parametrize("path", ["missing.safetensors", ".", "/dev/null", "nul\0l"])
def test_a_path_that_is_no_model_is_one_sentence(path: str) -> None:
    with pytest.raises(UnavailableError):
        load(path)
