"""``torch.utils``, of which there is ``data``."""

from gradcli.torch.utils import data as data
