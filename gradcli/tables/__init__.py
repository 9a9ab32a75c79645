"""Tables of every format, read and written, for `map`, `train`, `predict` and ``@FILE`` alike.

A reader (of a file, a pipe or a grid) yields blocks of rows; each block is a `Table`.  `mapped` computes on one block
after the other, and a writer writes it, so a table may be larger than memory.  `ahead` runs a generator in a second
thread, so that reading, computing and writing happen at the same time.  `read_table` returns a whole table, to learn
from.  All formats are in `FORMATS`.
"""
