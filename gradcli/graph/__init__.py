"""A graph of operations, and its derivative as a graph.

`graph.py` has the vertices, `differentiate.py` the sweeps that make the graph of a derivative, and `simplify.py` the
form of a graph that is short to read.
"""

from gradcli.graph.graph import (
    Graph,
    Node,
    Options,
    Slice,
    array_node,
    is_number,
    paused_collector,
    readable,
    substitute,
    toposort,
)

__all__ = [
    "Graph",
    "Node",
    "Options",
    "Slice",
    "array_node",
    "is_number",
    "paused_collector",
    "readable",
    "substitute",
    "toposort",
]
