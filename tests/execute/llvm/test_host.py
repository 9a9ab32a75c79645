"""`gradcli.execute.llvm.host`: what is said of a processor, and under which names its functions are found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.loops import for_each

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import host as hosts
from gradcli.execute.llvm.host import FUNCTIONS, Host, address_of, c_name, host

X86 = Host("x86_64-unknown-linux-gnu", "skylake-avx512", "", 512, False)
ARM = Host("aarch64-unknown-linux-gnu", "neoverse-n1", "", 128, False)
AVX2 = ("sse2", "avx", "avx2", "fma")
AVX512 = (*AVX2, "avx512f", "avx512dq", "avx512vl", "avx512bw")


class Features(dict[str, bool]):
    def flatten(self) -> str:
        return ",".join(f"+{name}" for name in self)


def machine(triple: str, features: tuple[str, ...] | None) -> Any:
    """Stands in for LLVM on another machine; one without features is a system on which LLVM can't tell them."""

    def known() -> Features:
        if features is None:
            raise RuntimeError("unknown")
        return Features.fromkeys(features, True)

    return SimpleNamespace(
        get_process_triple=lambda: triple,
        get_host_cpu_name=lambda: "this",
        get_host_cpu_features=known,
        FeatureMap=Features,
    )


@pytest.mark.parametrize(
    ("triple", "features", "bits"),
    [
        ("x86_64-unknown-linux-gnu", AVX512, 512),
        ("x86_64-unknown-linux-gnu", AVX512[:-1], 256),
        ("x86_64-unknown-linux-gnu", AVX2, 256),
        ("x86_64-unknown-linux-gnu", AVX2[:-1], 128),
        ("amd64-portbld-freebsd", AVX2, 256),
        ("x86_64-unknown-linux-gnu", None, 128),
        ("arm64-apple-darwin", ("neon",), 128),
        ("arm64-apple-darwin", None, 128),
    ],
)
def test_the_width_of_a_register_follows_from_the_features_of_the_processor(
    triple: str, features: tuple[str, ...] | None, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "load", lambda: machine(triple, features))
    flat = ",".join(f"+{name}" for name in features or ())
    assert host.__wrapped__() == (triple, "this", flat, bits, True)
    assert host.__wrapped__(bits, vector_math=False) == (triple, "this", flat, bits, False)


@pytest.mark.parametrize(("bits", "cpu"), [(256, "haswell"), (128, "x86-64")])
def test_narrower_registers_are_those_of_an_older_processor_without_features_of_this_one(
    bits: int, cpu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "load", lambda: machine("x86_64-unknown-linux-gnu", AVX512))
    assert host.__wrapped__(bits) == ("x86_64-unknown-linux-gnu", cpu, "", bits, True)


@pytest.mark.parametrize("bits", [256, 128])
def test_a_machine_with_narrower_registers_can_be_asked_for(bits: int) -> None:
    if host().bits < bits or not host().triple.startswith("x86"):
        pytest.skip("not a part of this machine")
    assert (host(bits).bits, host(bits).lanes("float64"), host(bits).lanes("float32")) == (bits, bits // 64, bits // 32)


@pytest.mark.parametrize(
    ("here", "function", "dtype", "expected"),
    [
        (X86, "exp", "float64", ("_ZGVeN8v_exp", "")),
        (X86, "pow", "float32", ("_ZGVeN16vv_powf", "")),
        (X86._replace(bits=256), "exp", "float64", ("_ZGVdN4v_exp", "")),
        (X86._replace(bits=128), "exp", "float64", ("_ZGVbN2v_exp", "")),
        (ARM, "exp", "float64", ("_ZGVnN2v_exp", "aarch64_vector_pcs ")),
        (ARM, "atan2", "float32", ("_ZGVnN4vv_atan2f", "aarch64_vector_pcs ")),
    ],
)
def test_a_function_of_vectors_has_the_name_of_the_vector_function_abi(
    here: Host, function: str, dtype: str, expected: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here.vector_symbol(function, dtype) is None
    monkeypatch.setattr(hosts, "address_of", lambda symbol: 1)
    assert here._replace(vector_math=True).vector_symbol(function, dtype) == expected
    monkeypatch.setattr(hosts, "address_of", lambda symbol: None)
    assert here._replace(vector_math=True).vector_symbol(function, dtype) is None


@for_each("function", sorted(FUNCTIONS))
def test_every_function_that_is_called_is_found_here(function: str) -> None:
    assert all(address_of(c_name(function, dtype)) for dtype in ("float64", "float32"))


def test_a_function_that_no_library_has_is_not_found() -> None:
    assert address_of("no_such_function_in_any_library") is None
    assert address_of("_ZGVeN8v_no_such_function") is None
