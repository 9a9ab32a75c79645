"""``torch.utils.data``: sets of examples, and loaders that make batches of them."""

from gradcli.torch.data import *
from gradcli.torch.utils.data import dataloader as dataloader
