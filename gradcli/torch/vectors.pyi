# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Iterable
from typing import Any
from gradcli.eager.tensor import Tensor
__all__ = [
    'parameters_to_vector',
    'vector_to_parameters',
]
def parameters_to_vector(parameters: Iterable[Any]) -> Tensor: ...
def vector_to_parameters(vec: Tensor, parameters: Iterable[Any]) -> None: ...
