"""The records of updates: plain numbers inside, records outside."""

from __future__ import annotations

import pytest

from gradcli.train.updates import History, UpdateRecord

RECORDS = [UpdateRecord(0.1 * number, 0.2 * number, 0.3) for number in range(1, 8)]


def test_a_history_is_read_like_a_list_of_records() -> None:
    history = History(RECORDS[:3])
    history.extend(RECORDS[3:])
    assert [*history] == RECORDS
    assert [history[place] for place in range(-7, 7)] == RECORDS + RECORDS
    for part in (slice(2), slice(2, 5), slice(-2, None), slice(5, 2), slice(None, None, 2), slice(None, None, -3)):
        assert [*history[part]] == RECORDS[part]
    history.pop()
    assert (len(history), history[-1]) == (6, RECORDS[5])
    assert history.losses == [one.loss for one in RECORDS[:6]]
    assert history.measures == [one.measure for one in RECORDS[:6]]
    with pytest.raises(IndexError):
        history[6]


def test_histories_are_equal_if_their_numbers_are() -> None:
    assert History(RECORDS) == History(RECORDS)
    assert History(RECORDS) != History(RECORDS[:-1])
    assert History(RECORDS) != RECORDS


def test_a_long_history_takes_three_numbers_for_each_update() -> None:
    history = History(RECORDS * 10_000)
    assert history.numbers.buffer_info()[1] * history.numbers.itemsize == 24 * len(history)
