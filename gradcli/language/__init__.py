"""The language of expressions: text becomes a graph."""
