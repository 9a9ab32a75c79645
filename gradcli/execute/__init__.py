"""Executors: a graph becomes a tape, and a tape runs on floats, on arrays, or as a kernel on many rows."""

from gradcli.execute.notes import Note, not_finite_notes
from gradcli.execute.point import Evaluation, Gradient, Step, derivatives, evaluate, gradient, hessian, jvp
from gradcli.execute.tape import Tape

__all__ = [
    "Evaluation",
    "Gradient",
    "Note",
    "Step",
    "Tape",
    "derivatives",
    "evaluate",
    "gradient",
    "hessian",
    "jvp",
    "not_finite_notes",
]
