"""The LLVM executor: programs compiled to loops over rows that the processor's vector registers are filled with.

`host.py` is the machine, `emitter.py` writes straight-line code on vectors of rows, `elementary.py` functions that are
not the C library's, `names.py` gives both NumPy's names, `kernel.py` puts the loop over the rows of arrays around it,
`loop.py` the loop of training, and `code.py` makes machine code of the text.  Only this package imports llvmlite, and
not before a kernel is made.
"""

from gradcli.execute.llvm.emitter import NoCompiledForm
from gradcli.execute.llvm.row_loop import LLVMKernel

__all__ = ["LLVMKernel", "NoCompiledForm"]
