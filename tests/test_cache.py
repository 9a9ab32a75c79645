"""`gradcli.cache`: the user's own cache folder on every system, and none where there is no home folder."""

from __future__ import annotations

import os
import sys

import pytest

from gradcli.cache import cache_folder, state_folder


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("linux", {}, "/home/ada/.cache/gradcli"),
        ("linux", {"XDG_CACHE_HOME": "/var/ada"}, "/var/ada/gradcli"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/ada/.cache/gradcli"),
        ("linux", {"XDG_CACHE_HOME": "cache"}, "/home/ada/.cache/gradcli"),
        ("linux", {"XDG_CACHE_HOME": "./cache"}, "/home/ada/.cache/gradcli"),
        ("linux", {"HOME": "~"}, None),
        ("darwin", {"XDG_CACHE_HOME": "/var/ada"}, "/home/ada/Library/Caches/gradcli"),
        ("win32", {}, "/home/ada/AppData/Local/gradcli"),
        ("win32", {"LOCALAPPDATA": "/profiles/ada"}, "/profiles/ada/gradcli"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="joins folders as POSIX does")
def test_the_folder_is_the_one_that_the_system_asks_for_and_a_relative_one_is_ignored(
    system: str, environment: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ada", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    assert cache_folder() == expected


def test_without_a_home_folder_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache_folder() is None


def test_what_lasts_is_in_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert state_folder() == "/home/ada/.local/state/gradcli"
    monkeypatch.setenv("XDG_STATE_HOME", "/var/ada")
    assert state_folder() == "/var/ada/gradcli"
