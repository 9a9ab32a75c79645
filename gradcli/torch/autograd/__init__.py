"""``torch.autograd``: derivatives of recorded tensors, and of functions."""

from gradcli.eager.record import enable_grad as enable_grad
from gradcli.eager.record import no_grad as no_grad
from gradcli.torch.autograd import function as function
from gradcli.torch.autograd import functional as functional
from gradcli.torch.custom_functions import Function as Function
from gradcli.torch.gradients import backward as backward
from gradcli.torch.gradients import grad as grad
