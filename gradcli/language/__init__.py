"""The language of expressions, which turns text into a graph."""
