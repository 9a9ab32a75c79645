"""Machine code: the text of a module becomes functions that ctypes calls.

Code is kept in the user's cache folder, under a name that changes with the text, the processor and the compiler.  A
file with a wrong checksum, or one that belongs to another user, isn't loaded.  If a file can't be read or written, the
code is compiled again, without an error.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import os
from pathlib import Path
from typing import Any, Final

from gradcli import limits
from gradcli.cache import cache_folder
from gradcli.errors import UnavailableError
from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import load, provide
from gradcli.files import open_atomically

__all__ = ["MachineCode"]

#: From this many lines on, a module is compiled with fewer optimisations, in a third of the time.
_LONG: Final = 16_000
#: A process removes superfluous files each time it has written this many.
_TIDIED: Final = 32
#: Larger code, in bytes, isn't kept.
_LARGEST: Final = 4_000_000
#: The version of the file format.
_FORM: Final = "gradcli kernel 1"

_written = itertools.count()


class MachineCode:
    """The machine code of a module, compiled or read from the cache folder.

    Args:
        module: the module to compile.
        is_streamed: whether results are written directly to memory; see `LLVMModule.text`.

    >>> from gradcli.execute.llvm.host import host
    >>> module = LLVMModule(host(), "float64")
    >>> module.define("double @half(double %x)", ["%half = fmul double %x, 0.5", "ret double %half"])
    >>> MachineCode(module).function("half", ctypes.c_double, ctypes.c_double)(3.0)
    1.5
    """

    def __init__(self, module: LLVMModule, *, is_streamed: bool = False) -> None:
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
        for name, address in module.addresses.items():
            ctypes.c_void_p.from_address(self._engine.get_global_value_address(name)).value = address

    def function(self, name: str, result: Any, *operands: Any) -> Any:
        """Return a function of the module that ctypes can call.

        The code is kept in memory as long as this function exists.

        Args:
            name: the name of the function.
            result, operands: the types of ctypes.
        """
        found: Any = ctypes.CFUNCTYPE(result, *operands)(self.address(name))
        found.code = self
        return found

    def address(self, name: str) -> int:
        """Return the address of a function of the module, which is valid as long as this object exists."""
        found: int = self._engine.get_function_address(name)
        return found


def _machine(module: LLVMModule) -> Any:
    """Return LLVM's compiler for the processor of a module."""
    host = module.host
    target = load().Target.from_triple(host.triple)
    level = 2 if module.size < _LONG else 0
    return target.create_target_machine(cpu=host.cpu, features=host.features, opt=level, jit=True)


def _path_of(text: str) -> Path | None:
    """Return the path of the cache file for a module's text; None without a cache folder."""
    import llvmlite

    folder = cache_folder()
    if folder is None:
        return None
    parts = (_FORM, llvmlite.__version__, str(load().llvm_version_info), load().get_host_cpu_name(), text)
    return Path(folder) / "kernels" / f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:40]}.o"


def _read(path: Path) -> bytes | None:
    """Return the code in a file, after the line with the checksum; None if the file must not be used."""
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
    """Remove superfluous files, also unfinished files of processes that were killed while they wrote."""
    with os.scandir(folder) as entries:
        found = [(entry.stat(), entry.path) for entry in entries]
    size = 0
    for i, (about, path) in enumerate(sorted(found, key=lambda one: one[0].st_mtime_ns, reverse=True)):
        size += about.st_size
        if i >= limits.CACHED_FILES or size > limits.CACHED_BYTES:
            Path(path).unlink(missing_ok=True)


def _checksum(path: Path, image: bytes) -> bytes:
    # The name of the file is included, so that a renamed file is rejected.
    return hashlib.sha256(path.name.encode() + image).hexdigest().encode()
