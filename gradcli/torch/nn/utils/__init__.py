"""``torch.nn.utils``: clipping of gradients, and parameters as one vector."""

from gradcli.optim.clipping import clip_grad_norm_ as clip_grad_norm_
from gradcli.optim.clipping import clip_grad_value_ as clip_grad_value_
from gradcli.torch.vectors import parameters_to_vector as parameters_to_vector
from gradcli.torch.vectors import vector_to_parameters as vector_to_parameters
