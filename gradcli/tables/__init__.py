"""Tables of every format, read and written, for `map`, `train`, `predict` and ``@FILE`` alike.

A reader (of a file, a pipe or a grid) gives blocks of rows, which are a `Table` each.  `mapped` computes on one block
after the other and a writer takes them, so a table may be larger than memory; `ahead` runs a generator in a thread of
its own, so that reading, computing and writing overlap.  `read_table` gives a whole table to learn from.  All formats
are in `FORMATS`.
"""
