"""Thousands of kernels are compiled here; the user's cache folder is left alone."""

from __future__ import annotations

import pytest

from gradcli.execute.llvm import machine_code as code


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "cache_folder", lambda: None)
