"""The net as plain data: layers, functions, inputs and outputs; and the functions that make a net for given data."""
