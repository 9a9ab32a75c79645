"""Executors: a graph becomes a tape, and a tape runs on floats, on arrays, or as a kernel on many rows."""
