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
from tests.support.steps import steps


@pytest.mark.parametrize(
    "choices",
    [
        *({"optimizer": name, "batch": None} for name in OPTIMIZERS),
        {"optimizer": "sgd", "options": {"momentum": 0.5, "nesterov": True}},
        {"optimizer": "adam", "options": {"betas": (0.5, 0.6)}, "warmup": 3, "clip": 0.5},
        {"activation": "x*tanh(x)", "loss": "(p-y)^2", "features": ("x1^2", "sin(x2)")},
        {"dropout": 0.3, "patience": 1, "min_delta": 0.01},
        {"patience": 1, "min_delta": 100.0, "engine": "value", "test": 0.1},
    ],
    ids=str,
)
def test_a_file_holds_the_whole_run(choices: dict[str, Any], small: Callable[..., Run], tmp_path: Path) -> None:
    run = small(**choices)
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
    assert found.fingerprint == run.fingerprint
    assert found.state.stopped == run.state.stopped
    if run.state.best is not None:
        assert found.state.best is not None
        assert found.state.best[:2] == run.state.best[:2]
        assert np.array_equal(found.state.best.parameters, run.state.best.parameters)
    assert found.choices == run.choices


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


def linear(units: int) -> dict[str, Any]:
    return {"kind": "linear", "units": units}


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "an empty file": (lambda content: b"", "it is too short"),
    "a file of five bytes": (lambda content: content[:5], "it is too short"),
    "a file without its end": (lambda content: content[:-8], "it is cut off, or has bytes that belong to no array"),
    "a file cut in the header": (lambda content: content[:100], "it is cut off, or another kind of file"),
    "a file with more at its end": (
        lambda content: content + b"more",
        "it is cut off, or has bytes that belong to no array",
    ),
    "a picture": (lambda content: b"\x89PNG\r\n\x1a\n" + bytes(500), "it is cut off, or another kind of file"),
    "a pickle": (lambda content: b"\x80\x04\x95" + bytes(60), "it is cut off, or another kind of file"),
    "a header that claims all memory": (
        lambda content: struct.pack("<Q", 2**63) + content[8:],
        "it is cut off, or another kind of file",
    ),
    "a header of zeros": (lambda content: struct.pack("<Q", 9_000_000) + bytes(9_000_000), "its header is too large"),
    "a header that is no text": (raw_header(b"\xff\xfe\xfd"), "its header isn't text"),
    "a header that is no JSON": (raw_header(b"{'a': 1}"), "its header isn't JSON"),
    "a header that is a list": (raw_header(b"[]"), "its header isn't an object"),
    "a header nested a million deep": (raw_header(b"[" * 1_000_000), "it is nested too deeply"),
    "a file of another program": (
        with_header(lambda header: header.pop("__metadata__")),
        "it is a safetensors file of another program",
    ),
    "a description that is no JSON": (
        with_header(lambda header: header["__metadata__"].update(gradcli="{")),
        "its description isn't JSON",
    ),
    "a description nested a million deep": (
        with_header(lambda header: header["__metadata__"].update(gradcli="[" * 1_000_000)),
        "it is nested too deeply",
    ),
    "a later version": (with_description(lambda d: d.update(version=9)), "its version is unknown"),
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
        with_description(lambda d: d["model"].update(layers=[linear(90_000), linear(90_000), linear(1)])),
        "the net is too large",
    ),
    "sizes that the arrays don't have": (
        with_description(lambda d: d["model"].update(layers=[linear(5), linear(1)])),
        "the array 'layers.0.weight' has the wrong shape",
    ),
    "an activation with a call in it": (
        with_description(lambda d: d["model"].update(activation="__import__('os').system('true')")),
        "the activation is unknown",
    ),
    "an activation that would take for ever": (
        with_description(lambda d: d["model"].update(activation=";".join(["f(t)=t*t", "g(t)=f(f(t))", "g(x)"]))),
        "the activation is unknown",
    ),
    "an activation nested a million deep": (
        with_description(lambda d: d["model"].update(activation="(" * 1_000_000 + "x")),
        "the activation is unknown",
    ),
    "an activation nested as deep as is allowed": (
        with_description(lambda d: d["model"].update(activation="(" * 249 + "x")),
        "the activation is unknown",
    ),
    "a feature of a column that isn't there": (
        with_description(lambda d: d["model"].update(features=["x1", "x3^2"])),
        "the features don't fit the columns",
    ),
    "a loss without a prediction": (
        with_description(lambda d: d["model"].update(loss="y^2")),
        "the loss is unknown",
    ),
    "a hundred thousand layers": (
        with_description(lambda d: d["model"].update(layers=[{"kind": "activation"}] * 100_000)),
        "the layers aren't a list of sound length",
    ),
    "a convolution of no picture": (
        with_description(lambda d: d["model"].update(layers=[{"kind": "conv2d", "channels": 4}])),
        "a convolution needs a picture",
    ),
    "an option that the optimiser doesn't have": (
        with_description(lambda d: d["settings"].update(options={"evil": 1})),
        "the optimiser has no option `evil`",
    ),
    "an argument that no source of data has": (
        with_description(lambda d: d["settings"].update(source={"stream": "evil"})),
        "the settings name a source of data that is unknown",
    ),
    "an argument of a source of data that is of the wrong kind": (
        with_description(lambda d: d["settings"].update(source={"samples": "evil"})),
        "the settings name a source of data that is unknown",
    ),
    "a learning rate of four hundred digits": (
        with_description(lambda d: d["settings"].update(learning_rate=10**400)),
        f"`learning_rate` is positive and finite, not 1{39 * '0'}",
    ),
    "an option of four hundred digits": (
        with_description(lambda d: d["settings"].update(options={"eps": 10**400})),
        f"the option `eps` is a number above 0, not 1{39 * '0'}",
    ),
    "a number of layer units of four hundred digits": (
        with_description(lambda d: d["model"].update(layers=[linear(10**400)])),
        "the sizes of the layers are out of range",
    ),
    "a hundred features that take long to read": (
        with_description(lambda d: d["model"].update(features=[f"{'x1+' * 150}{n}" for n in range(100)])),
        "the features don't fit the columns",
    ),
    "a choice that there isn't": (
        with_description(lambda d: d["choices"].update(evil=1)),
        "its choices are unknown, or of another kind",
    ),
    "choices that are a list": (
        with_description(lambda d: d.update(choices=[1])),
        "its choices are unknown, or of another kind",
    ),
    "choices with an object in them": (
        with_description(lambda d: d["choices"].update(hidden={"a": {"b": 1}})),
        "its choices are unknown, or of another kind",
    ),
    "a best epoch without parameters": (
        with_description(lambda d: d.update(best={"epoch": 1, "loss": 0.5})),
        "arrays are missing or unknown",
    ),
    "a best epoch that is no number": (
        with_description(lambda d: d.update(best={"epoch": True, "loss": 0.5})),
        "its best epoch is out of range",
    ),
    "a run that may be over or not": (
        with_description(lambda d: d.update(stopped=1)),
        "it doesn't say whether the run was over",
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


@pytest.mark.parametrize("name", DAMAGE)
def test_a_hostile_file_is_refused_at_once(name: str, finished: Run, tmp_path: Path) -> None:
    damaged(tmp_path, finished, DAMAGE[name][0])

    def refused() -> None:
        with pytest.raises(UnavailableError):
            load(tmp_path / "m.safetensors")

    refused()
    assert steps(refused) < 20_000


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


def test_a_file_may_spell_a_choice_in_another_way(finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(path, finished.checkpoint())
    path.write_bytes(with_description(lambda d: d.update(choices={"split_off": 0.4}))(path.read_bytes()))
    assert load(path).choices == {"split": 0.4}


def test_a_file_may_lack_a_setting_that_has_a_default(finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(path, finished.checkpoint())
    path.write_bytes(with_description(lambda d: d["settings"].pop("warmup"))(path.read_bytes()))
    assert load(path).settings == finished.settings
    path.write_bytes(with_description(lambda d: d["settings"].pop("epochs"))(path.read_bytes()))
    with pytest.raises(UnavailableError, match="`epochs` is a whole number"):
        load(path)
