"""Data to learn from: built-in sets, tables and expressions become rows of numbers, each with a target."""
