"""``torch.optim``: optimisers."""

from gradcli.optim import *
from gradcli.torch.optim import lr_scheduler as lr_scheduler
