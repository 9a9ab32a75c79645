"""From the words of a command line to options, expressions, points and tables."""
