"""Array kernels of the error functions and the gamma family."""

from __future__ import annotations

import pytest

from gradcli.primitives import REGISTRY
from gradcli.primitives.backends import backend_named
from gradcli.primitives.kernels import special_kernels
from tests.support.checking import heads
from tests.support.kernel_checking import mismatches

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("name", ["erf", "erfc", "gelu"])
def test_special_functions_need_no_scipy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special_kernels, "_scipy", lambda name: None)
    for static in heads(REGISTRY[name]):
        assert not mismatches(
            backend_named("numpy").kernel(REGISTRY[name]), REGISTRY[name], static, backend_named("numpy"), "float64"
        )
