"""``torch.autograd.function``: functions of tensors with derivatives of the user's own."""

from gradcli.torch.custom_functions import Function as Function
from gradcli.torch.custom_functions import FunctionCtx as FunctionCtx
from gradcli.torch.custom_functions import once_differentiable as once_differentiable
