"""The declarations of all functions, one file for each family."""
