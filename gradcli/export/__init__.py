"""Printers: a graph as text that can be parsed again, and as LaTeX."""

from gradcli.export.describe import describe_partials
from gradcli.export.latex import to_latex
from gradcli.export.simplify import Simplified, simplify
from gradcli.export.text import number_text, operation_text, to_text

__all__ = ["Simplified", "describe_partials", "number_text", "operation_text", "simplify", "to_latex", "to_text"]
