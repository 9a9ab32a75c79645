"""The LLVM executor: programs are compiled to loops over rows; several rows at a time fill a vector register.

`host.py` describes the machine.  `emitter.py` writes straight-line code on vectors of rows, `elementary.py` has
functions that replace functions of the C library, and `pieces.py` has special functions, by tables of polynomials.
`vector_names.py` has NumPy's names for these functions and for the operations on vectors.  `row_loop.py` writes a loop
over the rows of arrays around such code, with its text from `loop_code.py`; `calls.py` makes it a function of NumPy,
for calls with few rows.

`training_loop.py` is the loop of training, with its text from `training_code.py`.  The passes over the rows of a batch
are written by `net_code.py`, the layers in them by `link_code.py`, and the optimiser by `update_code.py`, with square
roots from `square_roots.py`.  `net_layout.py` says where the numbers are in memory, and `tiles.py` writes the inner
loops.  `machine_code.py` compiles the text.  llvmlite is imported when a kernel is made.
"""

from gradcli.execute.llvm.emitter import NoCompiledForm
from gradcli.execute.llvm.row_loop import LLVMKernel

__all__ = ["LLVMKernel", "NoCompiledForm"]
