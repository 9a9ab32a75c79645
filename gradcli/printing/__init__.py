"""Printers: a graph as text that can be parsed again (`text.py`), as LaTeX (`latex.py`) and in words (`describe.py`).

This file imports nothing, so that printing text doesn't load the printer of LaTeX.
"""
