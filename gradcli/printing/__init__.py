"""Printers: a graph as text that can be parsed again (`text.py`), as LaTeX (`latex.py`) and in words (`describe.py`).

Nothing is imported here: whoever prints text needs no LaTeX.
"""
