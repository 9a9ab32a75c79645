# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple
from gradcli.optim.classes import Optimizer
from gradcli.records import NamedTuple
__all__ = [
    'LBFGS',
]
METHOD: Any
class Point(NamedTuple):
    step: float
    loss: float
    gradient: Any
    slope: float
class LBFGS(Optimizer):
    method = METHOD
    def add_param_group(self, group: Mapping[str, Any]) -> None: ...
