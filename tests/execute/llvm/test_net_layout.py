"""`gradcli.execute.llvm.net_layout`: no two numbers share a place."""

from __future__ import annotations

import pytest

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host
from gradcli.execute.llvm.net_layout import PIECE, Layout, padded, row_length
from tests.support.recipes import dense, function_stage, net_of

NET = net_of(5, [function_stage(dense(5, 9), 9, 1), function_stage(dense(9, 2, 54), 2, 0)])


def layout_of(bits: int) -> Layout:
    return Layout(LLVMModule(Host("", "", "", bits, False), "float64"), NET)


@pytest.mark.parametrize("bits", [128, 256, 512])
def test_every_parameter_has_a_place_of_its_own_in_rows_that_fill_vectors(bits: int) -> None:
    layout = layout_of(bits)
    places: list[int] = []
    numbers: list[int] = []
    for start, rows, count, place, length in layout.blocks():
        assert place % layout.lanes == length % layout.lanes == 0
        numbers += range(start, start + rows * (count + 1))
        places += [place + row * length + column for row in range(rows) for column in range(count)]
        places += range(place + rows * length, place + rows * length + rows)
    assert sorted(numbers) == list(range(NET.parameters))
    assert len(set(places)) == len(places)
    assert max(places) < layout.parameters
    first, second = NET.links
    lanes = layout.lanes
    assert (layout.weights(first), layout.weights(second)) == (0, 9 * row_length(5, lanes) + -(-9 // lanes) * lanes)


@pytest.mark.parametrize("bits", [128, 256, 512])
def test_buffers_follow_each_other_and_hold_a_piece(bits: int) -> None:
    layout = layout_of(bits)
    kinds = [(kind, number) for number in (-1, 0, 1) for kind in ("features", "slopes", "rows")]
    found = sorted(
        (layout.buffer(kind, number), layout.wide(layout.features(number)) * PIECE)
        for kind, number in kinds
        if layout.has(kind, number)
    )
    end = 0
    for start, size in found:
        assert start == end
        end = start + size
    assert end == layout.kept
    assert [layout.has("rows", number) for number in (-1, 0, 1)] == [False, True, False]
    assert not layout.has("slopes", -1)


def test_rows_are_whole_vectors_and_none_is_as_long_as_many_lines_of_a_cache() -> None:
    assert [padded(count, 4) for count in (1, 3, 4, 7, 8)] == [4, 4, 8, 8, 12]
    assert [row_length(count, 4) for count in (1, 4, 5, 60, 61, 64, 65, 128)] == [4, 4, 8, 60, 68, 68, 68, 132]
    layout = layout_of(512)
    assert (layout.width, layout.block, layout.share) == (8, 3 * 8, 2 * 8)
    assert layout.factor(0) == 2
