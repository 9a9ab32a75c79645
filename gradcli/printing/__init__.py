"""Printers: a graph as text that can be parsed again (`text.py`), as LaTeX (`latex.py`) and in words (`describe.py`).

This file imports nothing, so that the printer of LaTeX isn't loaded when only text is printed.
"""
