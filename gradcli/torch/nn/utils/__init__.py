"""``torch.nn.utils``: clipping of gradients, and parameters as one vector."""

from gradcli.optim.clipping import clip_grad_norm_ as clip_grad_norm_
