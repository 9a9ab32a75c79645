"""What the comparisons with PyTorch's databases of samples share: verdicts, conversion, and differences of results.

`opinfo.py` compares operations, `module_samples.py` modules, `optim_samples.py` optimisers.
"""

from __future__ import annotations

import dataclasses
import sys
import traceback
import types
import unittest
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

import gradcli
import gradcli.torch as ours
from gradcli.eager.tensor import Tensor

__all__ = [
    "TOLERANCES", "VERDICTS", "Outcome", "Tolerance", "Verdict", "converted", "derivatives_differ", "difference",
    "flat", "import_torch", "is_leaf", "numbers", "reason_of", "weights",
]  # fmt: skip

VERDICTS = ("agree", "refused", "differ")


class Verdict(NamedTuple):
    """What came of a sample: one of `VERDICTS`, and a reason."""

    kind: str
    reason: str = ""


class Tolerance(NamedTuple):
    """The errors that are allowed, relative to the largest element: in values and in derivatives.

    Attributes:
        least: the least largest element of derivatives that counts: what is 0 may be as large as rounding makes it.
    """

    value: float
    derivative: float
    least: float


#: Type -> the errors that are allowed; both libraries round.
TOLERANCES = {"float64": Tolerance(1e-8, 1e-7, 1e-3), "float32": Tolerance(2e-4, 2e-3, 1.0)}


class Outcome:
    """What came of the samples of one database.

    Attributes:
        samples, wrong: the numbers of verdicts on samples, and on samples that are wrong on purpose.
        reasons: (name, kind, reason) of each one that doesn't agree, with its number.
        rows: a name with the verdicts on its samples and on its wrong samples.
        missing: the number of names that gradcli lacks, whose samples differ.
    """

    def __init__(self) -> None:
        self.samples, self.wrong = Counter[str](), Counter[str]()
        self.reasons = Counter[tuple[str, str, str]]()
        self.rows: list[tuple[str, list[Verdict], list[Verdict]]] = []
        self.missing = 0

    def add(self, name: str, found: Sequence[Verdict], wrong: Sequence[Verdict]) -> None:
        """Enter the verdicts on the samples of one name."""
        self.rows.append((name, list(found), list(wrong)))
        self.samples.update(one.kind for one in found)
        self.wrong.update(one.kind for one in wrong)
        self.reasons.update((name, one.kind, one.reason) for one in (*found, *wrong) if one.kind != "agree")


def import_torch() -> Any:
    """Import PyTorch for a comparison: one thread, and doubles by default, as in gradcli.

    `expecttest`, a package for PyTorch's own tests, need not be installed.
    """
    try:
        import expecttest  # noqa: F401
    except ImportError:
        stand_in = types.ModuleType("expecttest")
        stand_in.TestCase = unittest.TestCase  # type: ignore[attr-defined]
        sys.modules["expecttest"] = stand_in
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return torch


def converted(torch: Any, thing: Any, leaves: dict[int, Tensor] | None = None) -> Any:
    """An argument of PyTorch's as gradcli's: tensors, types and what they are in."""
    if isinstance(thing, torch.Tensor):
        if leaves is not None and id(thing) in leaves:
            return leaves[id(thing)]
        array = thing.detach().resolve_conj().numpy()
        made = Tensor(array, dtype=str(array.dtype))
        if thing.requires_grad:
            made.requires_grad = True
            if leaves is not None:
                leaves[id(thing)] = made
        return made
    if isinstance(thing, torch.dtype):
        return getattr(ours, str(thing).removeprefix("torch."), None) or str(thing).removeprefix("torch.")
    if isinstance(thing, torch.device):
        return str(thing)
    if isinstance(thing, torch.Size):
        return tuple(thing)
    if isinstance(thing, torch.nn.Module):
        return _copied(thing)
    if isinstance(thing, torch.nn.LinearCrossEntropyOptions):
        names = [field.name for field in dataclasses.fields(thing)]
        return ours.nn.LinearCrossEntropyOptions(**{name: converted(torch, getattr(thing, name)) for name in names})
    if callable(thing) and not isinstance(thing, type) and hasattr(torch.nn.functional, getattr(thing, "__name__", "")):
        return getattr(ours.nn.functional, thing.__name__)
    if isinstance(thing, (list, tuple)):
        parts = [converted(torch, one, leaves) for one in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
    if isinstance(thing, dict):
        return {name: converted(torch, one, leaves) for name, one in thing.items()}
    return thing


def _copied(module: Any) -> Any:
    """A module of PyTorch's that is an argument, as one of gradcli's with the same state."""
    if not module.state_dict():
        return getattr(ours.nn, type(module).__name__)()
    if type(module).__name__ == "LayerNorm":
        made = ours.nn.LayerNorm(tuple(module.normalized_shape), module.eps, module.elementwise_affine)
    else:  # one layer of a Transformer
        attention = module.self_attn
        made = getattr(ours.nn, type(module).__name__)(
            attention.embed_dim, attention.num_heads, module.linear1.out_features, module.dropout.p,
            getattr(ours.nn.functional, module.activation.__name__), module.norm1.eps, attention.batch_first,
            module.norm_first, module.linear1.bias is not None,
        )  # fmt: skip
    kind = str(next(iter(module.state_dict().values())).dtype).removeprefix("torch.")
    made = made.to(kind)
    made.load_state_dict({name: tensor.numpy(force=True) for name, tensor in module.state_dict().items()})
    return made


def flat(result: Any) -> list[Any]:
    """The tensors and other things in a result, in order."""
    if isinstance(result, (list, tuple)):
        return [leaf for one in result for leaf in flat(one)]
    return [result]


def numbers(thing: Any) -> Any:
    """A result as an array."""
    if isinstance(thing, Tensor):
        return thing.detach().numpy()
    return thing.numpy(force=True) if hasattr(thing, "detach") else np.asarray(thing)


def difference(theirs: Any, ours: Any, *, random: bool = False, tolerance: float = 1e-8) -> str:
    """The difference of two results in a few words; an empty text if they agree."""
    if isinstance(theirs, (list, tuple)):
        if not isinstance(ours, (list, tuple)) or len(ours) != len(theirs):
            return f"{type(theirs).__name__} of {len(theirs)}, not {type(ours).__name__}"
        fields = getattr(theirs, "_fields", None) or [n for n in ("values", "indices") if hasattr(theirs, n)]
        if any(not hasattr(ours, name) for name in fields if name not in ("count", "index")):
            return f"no fields {fields}"
        return next(
            filter(None, map(lambda a, b: difference(a, b, random=random, tolerance=tolerance), theirs, ours)), ""
        )
    if theirs is None or ours is None:
        return "" if theirs is ours else f"{theirs!r}, not {ours!r}"
    if hasattr(theirs, "detach") != isinstance(ours, Tensor):
        return f"{type(theirs).__name__}, not {type(ours).__name__}"
    one, other = numbers(theirs), numbers(ours)
    if one.shape != other.shape:
        return f"shape {one.shape}, not {other.shape}"
    if hasattr(theirs, "detach") and one.dtype != other.dtype:
        return f"type {one.dtype}, not {other.dtype}"
    if random:
        return ""
    if one.dtype.kind not in "fc":
        return "" if np.array_equal(one, other) else f"numbers {_shown(one)}, not {_shown(other)}"
    scale = np.abs(one[np.isfinite(one)]).max(initial=0.0)
    close = np.allclose(other, one, rtol=tolerance, atol=tolerance * max(scale, 1e-6), equal_nan=True)
    return "" if close else f"numbers {_shown(one)}, not {_shown(other)}"


def _shown(array: Any) -> str:
    return np.array2string(array.ravel()[:4], precision=6, separator=", ")


def reason_of(error: BaseException) -> Verdict:
    """Whether an error is a refusal with a sentence, raised by gradcli on purpose, or a fault."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error}"
    means_it = "gradcli" in last.filename and (last.line or "").startswith("raise")
    # What Python itself says of an argument that a function lacks is no sentence of ours.
    is_refusal = isinstance(error, gradcli.GradcliError) or (means_it and not isinstance(error, AttributeError))
    return Verdict("refused" if is_refusal else "differ", text.partition("\n")[0])


def weights(things: Iterable[Any], seed: int) -> list[Any]:
    """A cotangent for each array of a list, the same in both libraries."""
    generator = np.random.default_rng(seed)
    return [generator.uniform(0.5, 1.5, tuple(one.shape)) for one in things]


def derivatives_differ(theirs: Sequence[Any], ours: Sequence[Any], allowed: Tolerance) -> str:
    """The difference of derivatives, in which None and zeros are the same."""
    for one, other in zip(theirs, ours, strict=True):
        if one is None and other is None:
            continue
        shape = (one if one is not None else other).shape
        left, right = (np.zeros(tuple(shape)) if side is None else numbers(side) for side in (one, other))
        if left.shape != right.shape:
            return f"shape {left.shape}, not {right.shape}"
        scale = np.abs(left[np.isfinite(left)]).max(initial=0.0)
        error = allowed.derivative
        if not np.allclose(right, left, rtol=error, atol=error * max(scale, allowed.least), equal_nan=True):
            return f"{_shown(left)}, not {_shown(right)}"
    return ""


def is_leaf(torch: Any, thing: Any) -> bool:
    return isinstance(thing, torch.Tensor) and bool(thing.requires_grad) and thing.is_leaf
