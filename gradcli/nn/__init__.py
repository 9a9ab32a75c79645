"""Small neural nets on `Value`: every weight a number, every neuron a sum of products."""

from gradcli.nn.initializers import INITIALIZERS
from gradcli.nn.modules import MLP, Layer, Module, Neuron

__all__ = ["INITIALIZERS", "MLP", "Layer", "Module", "Neuron"]
