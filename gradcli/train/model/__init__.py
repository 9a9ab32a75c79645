"""The net as plain data: layers, functions, inputs and outputs, and the choices that make one for given data."""
