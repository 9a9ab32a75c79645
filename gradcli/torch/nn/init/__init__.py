"""``torch.nn.init``: the first numbers of parameters."""

from gradcli.nn.init import *
