"""A file is whole at every moment."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gradcli.errors import UnavailableError
from gradcli.files import make_folder, open_atomically, write_atomically


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m"
    write_atomically(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError) as caught:
        write_atomically(path, b"new")
    assert caught.value.message == f"can't write `{path}`: no space left on device"
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_a_link_is_followed_and_permissions_are_those_of_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"content")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "real").read_bytes() == b"content"
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


@pytest.mark.parametrize("path", ["missing/folder/m", "", "nul\0l"])
def test_a_place_that_cannot_be_written_is_one_sentence(path: str, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        write_atomically(f"{tmp_path}/{path}", b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(path, b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_what_fails_while_a_file_is_written_passes_and_leaves_the_old_content(
    failure: type[BaseException], tmp_path: Path
) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"old")

    def fail() -> None:
        with open_atomically(path, durable=False) as file:
            file.write(b"new")
            file.flush()
            assert len(list(tmp_path.iterdir())) == 2
            raise failure

    with pytest.raises(failure):
        fail()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_a_file_written_bit_by_bit_takes_its_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "m"
    with open_atomically(path, durable=False) as file:
        file.write(b"a")
        assert not path.exists()
        file.write(b"b")
    assert path.read_bytes() == b"ab"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="a name for standard output")
def test_standard_output_is_written_to_by_its_name() -> None:
    script = "from gradcli.files import write_atomically; write_atomically('/dev/stdout', b'all of it')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"all of it"


def test_a_folder_is_made_or_the_reason_is_said(tmp_path: Path) -> None:
    wanted = tmp_path / "a" / "b"
    assert make_folder(str(wanted)) == wanted
    assert wanted.is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match=r"can't make the folder `.*file/b`: not a directory") as caught:
        make_folder(f"{tmp_path}/file/b")
    assert caught.value.kind == "unwritable_file"
