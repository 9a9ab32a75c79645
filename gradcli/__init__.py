"""Exact derivatives and small neural nets, from a terminal or from Python."""

__version__ = "0.1.0"
