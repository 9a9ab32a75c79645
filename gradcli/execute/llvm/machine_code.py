"""Machine code: the text of a module becomes functions that ctypes calls.

Code is kept in the user's cache folder, under a name that changes with the text, the processor and the compiler.  A
file whose check sum is wrong, or that belongs to somebody else, is not loaded; one that can't be read or written costs
time and nothing else.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import os
from pathlib import Path
from typing import Any, Final

from gradcli.cache import cache_folder
from gradcli.errors import UnavailableError
from gradcli.execute.llvm.emitter import Module
from gradcli.execute.llvm.host import load, provide
from gradcli.files import open_atomically

__all__ = ["Code"]

#: Lines of a module from which the compiler looks less closely, which takes a third of its time.
_LONG: Final = 16_000
#: Files that are kept, and bytes in them; of more, the ones that were not read for longest go.
_MOST_FILES: Final = 500
_MOST_BYTES: Final = 64_000_000
#: Of so many files that a process writes, it looks at the first whether there are too many.
_TIDIED: Final = 32
#: Bytes of code that are worth a file.
_LARGEST: Final = 4_000_000
#: To be changed with the form of the files.
_FORM: Final = "gradcli kernel 1"

_written = itertools.count()


class Code:
    """A module in machine code.

    Args:
        module: what to compile.
        is_streamed: write results past the caches; see `Module.text`.

    >>> from gradcli.execute.llvm.host import host
    >>> module = Module(host(), "float64")
    >>> module.define("double @half(double %x)", ["%half = fmul double %x, 0.5", "ret double %half"])
    >>> Code(module).function("half", ctypes.c_double, ctypes.c_double)(3.0)
    1.5
    """

    def __init__(self, module: Module, *, is_streamed: bool = False) -> None:
        llvm, text, machine = load(), module.text(is_streamed=is_streamed), _machine(module)
        for symbol in module.symbols:
            provide(symbol)
        path = _path_of(text)
        image = _read(path) if path else None
        if image is None:
            image = machine.emit_object(llvm.parse_assembly(text))
            if path:
                _write(path, image)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(image))
        self._engine.finalize_object()

    def function(self, name: str, result: Any, *operands: Any) -> Any:
        """A function of the module, by the types of ctypes; the code lives as long as it does."""
        found: Any = ctypes.CFUNCTYPE(result, *operands)(self._engine.get_function_address(name))
        found.code = self
        return found


def _machine(module: Module) -> Any:
    """LLVM's compiler for the processor of a module."""
    host = module.host
    target = load().Target.from_triple(host.triple)
    level = 2 if module.size < _LONG else 0
    return target.create_target_machine(cpu=host.cpu, features=host.features, opt=level, jit=True)


def _path_of(text: str) -> Path | None:
    """Where the code of a text is kept."""
    import llvmlite

    folder = cache_folder()
    if folder is None:
        return None
    parts = (_FORM, llvmlite.__version__, str(load().llvm_version_info), load().get_host_cpu_name(), text)
    return Path(folder) / "kernels" / f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:40]}.o"


def _read(path: Path) -> bytes | None:
    """The code in a file: behind a line with its check sum, and with the name of the file, which is what it is for."""
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        checksum, _, image = path.read_bytes().partition(b"\n")
        if checksum != _checksum(path, image):
            return None
        os.utime(path)
    except OSError:
        return None
    return image


def _write(path: Path, image: bytes) -> None:
    if len(image) > _LARGEST:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_atomically(path, durable=False) as file:
            file.write(_checksum(path, image) + b"\n" + image)
        if next(_written) % _TIDIED == 0:
            _tidy(path.parent)
    except (OSError, UnavailableError):
        return


def _tidy(folder: Path) -> None:
    """Remove what is too much, also what a process has left behind that was ended while it wrote."""
    with os.scandir(folder) as entries:
        found = [(entry.stat(), entry.path) for entry in entries]
    size = 0
    for i, (about, path) in enumerate(sorted(found, key=lambda one: one[0].st_mtime_ns, reverse=True)):
        size += about.st_size
        if i >= _MOST_FILES or size > _MOST_BYTES:
            Path(path).unlink(missing_ok=True)


def _checksum(path: Path, image: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + image).hexdigest().encode()
