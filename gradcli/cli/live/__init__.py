"""Trainings at the terminal: their live pictures and lines, Ctrl-C, files and results."""
