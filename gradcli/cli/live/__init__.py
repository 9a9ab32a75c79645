"""Training at the terminal: live pictures, printed lines, Ctrl-C, files and results."""
