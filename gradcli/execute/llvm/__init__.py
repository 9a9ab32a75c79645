"""The LLVM executor: programs are compiled to loops over rows; several rows at a time fill a vector register.

`host.py` describes the machine.  `emitter.py` writes straight-line code on vectors of rows, `elementary.py` has
functions that replace functions of the C library.  `vector_names.py` has NumPy's names for these functions and for the
operations on vectors. `row_loop.py` writes a loop over the rows of arrays around such code; `training_loop.py` is the
loop of training, with its text from `training_code.py` and `net_code.py`, whose inner loops `tiles.py` writes.
`machine_code.py` compiles the text.  llvmlite is imported when a kernel is made.
"""

from gradcli.execute.llvm.emitter import NoCompiledForm
from gradcli.execute.llvm.row_loop import LLVMKernel

__all__ = ["LLVMKernel", "NoCompiledForm"]
