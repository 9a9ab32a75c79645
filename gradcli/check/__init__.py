"""The gradient of an expression, or of a function of tensors, against methods that share none of its rules.

* forward: tangents instead of adjoints (the same partials, the other sweep).
* complex step: Im f(x + ih)/h with h = 1e-20 |x| on complex kernels; it uses no rule of differentiation and cancels
  nothing (Squire and Trapp, 1998).
* finite differences: central differences extrapolated by Ridders' method (1982), which also estimates its own error;
  where two runs of different steps disagree, as beside a jump or a pole, the method does not apply.

A difference counts in relation to the largest sum of contributions that meet in a partial derivative, so that a partial
in which large terms cancel is not held to digits that no method can have.  On arrays, which have no complex kernels, it
counts in relation to the largest entry of the gradient.
"""

from gradcli.check.expressions import METHODS, Report, check, contribution_sizes
from gradcli.check.functions import GradcheckReport, gradcheck

__all__ = ["METHODS", "GradcheckReport", "Report", "check", "contribution_sizes", "gradcheck"]
