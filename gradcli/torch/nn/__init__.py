"""``torch.nn``: modules, layers and losses."""

from gradcli.nn import *
from gradcli.nn import Module as Module
from gradcli.nn.layers import Parameter as Parameter
from gradcli.torch.nn import functional as functional  # type: ignore[no-redef]
from gradcli.torch.nn import init as init  # type: ignore[no-redef]
from gradcli.torch.nn import parallel as parallel
from gradcli.torch.nn import utils as utils
