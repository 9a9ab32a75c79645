"""The expression language: text becomes a graph."""

from gradcli.language.expression import Expression, parse

__all__ = ["Expression", "parse"]
