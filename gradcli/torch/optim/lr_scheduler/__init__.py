"""``torch.optim.lr_scheduler``: schedules of the learning rate."""

from gradcli.optim.schedules import *
