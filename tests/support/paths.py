"""Where the parts of the checkout lie."""

from __future__ import annotations

from pathlib import Path

__all__ = ["PACKAGE", "ROOT"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "gradcli"
