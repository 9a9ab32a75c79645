"""The values of functions: on floats, on arrays of any library, and on complex numbers."""
