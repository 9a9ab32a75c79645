"""Data to learn from: built-in sets, tables and expressions become rows of numbers with a target each."""
