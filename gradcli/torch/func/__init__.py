"""``torch.func``: derivatives of functions of tensors, and functions of batches."""

from gradcli.torch.functional_calls import functional_call as functional_call
from gradcli.torch.functional_calls import stack_module_state as stack_module_state
from gradcli.torch.tree_transforms import grad as grad
from gradcli.torch.tree_transforms import grad_and_value as grad_and_value
from gradcli.torch.tree_transforms import hessian as hessian
from gradcli.torch.tree_transforms import jacfwd as jacfwd
from gradcli.torch.tree_transforms import jacrev as jacrev
from gradcli.torch.tree_transforms import jvp as jvp
from gradcli.torch.tree_transforms import linearize as linearize
from gradcli.torch.tree_transforms import vjp as vjp
from gradcli.torch.tree_transforms import vmap as vmap
