"""The array libraries that can hold the numbers of a `Tensor`: NumPy and Apple's MLX."""
