"""Differentiation: from a graph to a graph, by the rules of the registry and by nothing else."""

from gradcli.differentiate.transform import derivative, gradient, jvp, vjp

__all__ = ["derivative", "gradient", "jvp", "vjp"]
