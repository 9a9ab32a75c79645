"""The session of ``gradcli repl``: what it keeps, what a line means, and how lines are read."""
