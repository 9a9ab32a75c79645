"""What is saved is loaded again, by other programs, too; and a pickle never."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcli.torch as torch
from gradcli.errors import UsageError
from tests.support.containers import same


def again(thing: Any) -> Any:
    """Return a thing after it has been saved and loaded."""
    file = io.BytesIO()
    torch.save(thing, file)
    return torch.load(io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bool", "uint8", "int8", "int16", "int32", "int64"])
def test_a_tensor_keeps_its_numbers_shape_and_type(dtype: str) -> None:
    for shape in ((), (0,), (2, 3)):
        tensor = torch.ones(shape, dtype=dtype)
        found = again(tensor)
        assert (found.dtype, found.shape, found.tolist()) == (tensor.dtype, tensor.shape, tensor.tolist())
    turned = torch.arange(6).reshape(2, 3).T
    assert again(turned).tolist() == turned.tolist()


def test_containers_keep_their_form() -> None:
    thing = {
        "a": [torch.ones(2), (1, 2.5, None, True, "text")], 3: {"deep": np.arange(3)}, "empty": {}, "nan": float("inf"),
    }  # fmt: skip
    found = again(thing)
    assert list(found) == ["a", 3, "empty", "nan"]
    assert found["a"][1] == (1, 2.5, None, True, "text")
    assert type(found["a"][1]) is tuple
    assert type(found[3]["deep"]) is np.ndarray
    same(found["a"][0], thing["a"][0])  # type: ignore[index]
    assert found["nan"] == float("inf")
    leaf = again([torch.ones(2, requires_grad=True)])[0]
    assert leaf.requires_grad
    assert leaf.is_leaf


def test_training_goes_on_after_a_round_trip(tmp_path: Path) -> None:
    def made() -> tuple[Any, Any]:
        net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
        return net, torch.optim.Adam(net.parameters(), lr=0.1)

    def step(net: Any, optimizer: Any) -> float:
        optimizer.zero_grad()
        loss = (net(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    x = torch.linspace(0, 1, 10).reshape(5, 2)
    net, optimizer = made()
    for _ in range(3):
        step(net, optimizer)
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, tmp_path / "run.pt")
    other, its_optimizer = made()
    found = torch.load(tmp_path / "run.pt", map_location="cpu", weights_only=True)
    other.load_state_dict(found["net"])
    its_optimizer.load_state_dict(found["optimizer"])
    assert found["epoch"] == 3
    assert [step(net, optimizer) for _ in range(3)] == [step(other, its_optimizer) for _ in range(3)]


def test_a_state_dict_is_a_plain_file_of_safetensors(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    net = torch.nn.Linear(2, 3)
    torch.save(net.state_dict(), tmp_path / "net.safetensors")
    arrays = load_file(tmp_path / "net.safetensors")
    assert {name: one.shape for name, one in arrays.items()} == {"weight": (3, 2), "bias": (3,)}
    save_file({"weight": np.ones((3, 2)), "bias": np.zeros(3)}, tmp_path / "other.safetensors")
    net.load_state_dict(torch.load(str(tmp_path / "other.safetensors")))
    assert net.weight.tolist() == [[1.0, 1.0]] * 3


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(pickle.dumps({"a": 1}))
    (tmp_path / "b.pt").write_bytes(b"PK\x03\x04 and more")
    for name in ("a.pt", "b.pt"):
        with pytest.raises(UsageError, match="the file is a pickle"):
            torch.load(tmp_path / name)
    with pytest.raises(UsageError, match="nothing is unpickled"):
        torch.load(tmp_path / "a.pt", pickle_module=pickle)


def damaged(metadata: Any) -> bytes:
    """Return a file whose metadata is wrong."""
    header = json.dumps({"__metadata__": {"gradcli.torch": json.dumps(metadata)}}).encode()
    return len(header).to_bytes(8, "little") + header


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\x08" * 40, damaged(["tensor", 0]), damaged(["what", 0]), damaged(3), damaged(["dict", [1]])],
)
def test_a_damaged_file_is_told(content: bytes) -> None:
    with pytest.raises(UsageError, match="isn't one of safetensors, or it is damaged"):
        torch.load(io.BytesIO(content))


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (torch.nn.Linear(1, 1), "not Linear; save its state_dict"),
        ([lambda x: x], "not function"),
        ({(1, 2): 1}, "keys of a dict"),
        (np.array(["text"]), "not ndarray"),
    ],
)
def test_what_is_no_data_is_not_saved(thing: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        torch.save(thing, tmp_path / "file.pt")
    assert not (tmp_path / "file.pt").exists()
