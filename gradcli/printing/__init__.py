"""Printers: a graph as text that can be parsed again (`text`), as LaTeX (`latex`), and simplified for readers.

Nothing is imported here: whoever prints text needs no LaTeX.
"""
