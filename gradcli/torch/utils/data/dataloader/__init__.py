"""``torch.utils.data.dataloader``."""

from gradcli.torch.data import DataLoader as DataLoader
