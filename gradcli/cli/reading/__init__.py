"""The reading of a command line: its words become options, expressions, points and tables."""
