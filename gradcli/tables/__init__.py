"""Tables that are larger than memory: streams of record batches in, computed columns added, streams out.

A reader (of a file, a pipe or a grid) gives batches of rows, `mapped` computes on one after the other, and a writer
takes them, so memory does not depend on the length of the table.  `ahead` runs a generator in a thread of its own:
this is how reading, computing and writing overlap.  The formats are one table, `FORMATS`; behind it is Arrow.
"""

from gradcli.tables.formats import FORMATS, format_of_table, open_reader, open_writer
from gradcli.tables.grid import Axis, Grid
from gradcli.tables.mapping import Counts, RowFunction, mapped
from gradcli.tables.prefetch import ahead

__all__ = [
    "FORMATS",
    "Axis",
    "Counts",
    "Grid",
    "RowFunction",
    "ahead",
    "format_of_table",
    "mapped",
    "open_reader",
    "open_writer",
]
