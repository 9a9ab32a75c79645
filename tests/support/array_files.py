"""Files of arrays, such as MNIST's, for the tests of tables."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["idx", "write"]


def write(path: Path, content: str | bytes) -> str:
    """Write a file, compressed if its name says so, and return its path."""
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def idx(array: np.ndarray[Any, Any]) -> bytes:
    """Return an array of bytes in the format of MNIST."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
