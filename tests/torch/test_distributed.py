"""Several processes, which aren't here."""

from __future__ import annotations

import pytest

import gradcli.torch
from gradcli.errors import UsageError
from gradcli.torch.distributed import destroy_process_group, init_process_group
from gradcli.torch.nn.parallel import DistributedDataParallel


def test_a_program_may_ask_and_is_told_what_to_do() -> None:
    assert not gradcli.torch.distributed.is_available()
    assert not gradcli.torch.distributed.is_initialized()
    net = gradcli.torch.nn.Linear(2, 1)
    for call in (
        lambda: init_process_group(backend="gloo"),
        destroy_process_group,
        lambda: DistributedDataParallel(net),
    ):
        with pytest.raises(UsageError, match="without torchrun"):
            call()


def test_a_compiled_net_is_the_net() -> None:
    net = gradcli.torch.nn.Linear(2, 1)
    assert gradcli.torch.compile(net) is net
    assert gradcli.torch.compile(mode="max-autotune")(net) is net
