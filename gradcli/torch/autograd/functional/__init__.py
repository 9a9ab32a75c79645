"""``torch.autograd.functional``: Jacobians, Hessians and their products with vectors."""

from gradcli.torch.products_with_derivatives import hessian as hessian
from gradcli.torch.products_with_derivatives import hvp as hvp
from gradcli.torch.products_with_derivatives import jacobian as jacobian
from gradcli.torch.products_with_derivatives import jvp as jvp
from gradcli.torch.products_with_derivatives import vhp as vhp
from gradcli.torch.products_with_derivatives import vjp as vjp
