"""How results, errors, help and steps look in the terminal, in a pipe and as JSON."""
