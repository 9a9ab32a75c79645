"""Notes point at the user's own text."""

from __future__ import annotations

from gradcli.evaluate.expression import parse
from gradcli.evaluate.point import gradient


def test_a_note_on_a_derivative_points_at_what_was_differentiated() -> None:
    text = "x + diff(sqrt(x), x)"
    notes = gradient(parse(text), {"x": 0.0}).notes
    places = [note.span for note in notes if note.span is not None]
    assert len(places) == len(notes) > 0
    assert {text[place.start : place.end] for place in places} == {"sqrt(x)"}
