"""``torch.nn.functional``: the formulas of layers as functions."""

from gradcli.nn.functional import *
