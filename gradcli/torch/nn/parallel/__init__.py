"""``torch.nn.parallel``: nets on several devices, of which there is one."""

from gradcli.torch.distributed import DistributedDataParallel as DistributedDataParallel
