"""The session of ``gradcli repl``: its names, the meaning of a line, and the reading of lines."""
