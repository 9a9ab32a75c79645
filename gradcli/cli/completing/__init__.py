"""Completion: the words that may come next in a command line, for four shells and for ``gradcli repl``."""
