"""Code is kept in the user's cache folder, and nothing there that is not whole and the user's own is run."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

from gradcli import limits
from gradcli.execute.llvm import machine_code as code
from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host, load
from gradcli.execute.llvm.machine_code import MachineCode


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(code, "cache_folder", lambda: str(tmp_path / "gradcli"))
    return tmp_path / "gradcli" / "kernels"


def times(factor: float) -> LLVMModule:
    module = LLVMModule(host(), "float64")
    module.define("double @times(double %x)", [f"%y = fmul double %x, {factor}", "ret double %y"])
    return module


def call(module: LLVMModule) -> float:
    result: float = MachineCode(module).function("times", ctypes.c_double, ctypes.c_double)(3.0)
    return result


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were compiled, in order."""
    texts = []
    parse = load().parse_assembly

    def noted(text: str) -> object:
        if text:
            texts.append(text)
        return parse(text)

    monkeypatch.setattr(load(), "parse_assembly", noted)
    return texts


def test_the_same_text_is_compiled_once(folder: Path, compiled: list[str]) -> None:
    assert [call(times(2.0)), call(times(2.0)), call(times(4.0))] == [6.0, 6.0, 12.0]
    assert len(compiled) == 2
    assert len(list(folder.iterdir())) == 2


DAMAGES: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("empty", lambda content: b""),
    ("cut off", lambda content: content[:-1]),
    ("one bit", lambda content: content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]),
    ("another check sum", lambda content: b"0" * 64 + content[64:]),
    ("no check sum", lambda content: content.partition(b"\n")[2]),
]


@pytest.mark.parametrize(("name", "damage"), DAMAGES, ids=[name for name, _ in DAMAGES])
def test_a_damaged_file_is_compiled_again(
    folder: Path, compiled: list[str], name: str, damage: Callable[[bytes], bytes]
) -> None:
    call(times(2.0))
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert call(times(2.0)) == 6.0
    assert len(compiled) == 2
    assert file.read_bytes() == whole


def test_a_whole_file_under_the_name_of_another_is_not_loaded(folder: Path, compiled: list[str]) -> None:
    call(times(2.0))
    (first,) = folder.iterdir()
    call(times(4.0))
    (second,) = set(folder.iterdir()) - {first}
    first.write_bytes(second.read_bytes())
    assert call(times(2.0)) == 6.0
    assert len(compiled) == 3


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
def test_a_file_of_somebody_else_is_not_loaded(
    folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call(times(2.0))
    monkeypatch.setattr(os, "getuid", lambda: 123_456)
    assert call(times(2.0)) == 6.0
    assert len(compiled) == 2


@pytest.mark.parametrize(("limit", "most"), [("CACHED_FILES", 6), ("CACHED_BYTES", 6 * 4096)])
def test_only_so_much_is_kept_and_what_was_read_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(limits, limit, most)
    monkeypatch.setattr(code, "_TIDIED", 1)
    folder.mkdir(parents=True)
    for i in range(9):
        old = folder / f"{i}.o"
        old.write_bytes(b" " * 4096)
        os.utime(old, (i, i))
    call(times(2.0))
    left = {file.name for file in folder.iterdir()}
    assert {f"{i}.o" for i in range(4, 9)} == {name for name in left if len(name) == 3}
    assert len(left) == 6


@pytest.mark.parametrize("place", ["a file", None])
def test_without_a_folder_code_is_only_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str | None
) -> None:
    (tmp_path / "a file").write_text("not a folder")
    monkeypatch.setattr(code, "cache_folder", lambda: place and str(tmp_path / place))
    assert call(times(2.0)) == 6.0
