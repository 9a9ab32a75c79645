"""Printers: a graph as text that can be parsed again, and as LaTeX."""

from gradcli.export.latex import to_latex
from gradcli.export.text import number_text, operation_text, to_text

__all__ = ["number_text", "operation_text", "to_latex", "to_text"]
