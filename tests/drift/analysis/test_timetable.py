from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import ModelError
from explorer.drift.analysis.chunks import chunking_of
from explorer.drift.analysis.periods import periods_of
from explorer.drift.analysis.row_chunks import runs_of
from explorer.drift.analysis.timetable import RowBlock

RNG = np.random.default_rng(0)
DAY = 86_400.0
START = pd.Timestamp("2026-01-05").timestamp()


def blocks(times, kept=None, reference=None, size=700):
    n = len(times)
    kept = np.ones(n, bool) if kept is None else kept
    reference = np.zeros(n, bool) if reference is None else reference
    return [
        RowBlock(i, times[i : i + size], kept[i : i + size], reference[i : i + size])
        for i in range(0, n, size)
    ]


def codes(timetable, some):
    return np.concatenate([timetable.codes(block) for block in some])


def test_weeks_hold_the_rows_that_pandas_puts_in_them():
    times = START + RNG.uniform(0, 70 * DAY, 5_000)
    times[::100] = np.nan
    some = blocks(times)
    found = periods_of(some, chunking_of("week"), named=False)
    weeks = pd.Series(pd.to_datetime(times, unit="s")).dt.to_period("W-SUN")
    expected = weeks.value_counts().sort_index()
    assert [chunk.rows for chunk in found.chunks] == expected.tolist()
    assert [chunk.label for chunk in found.chunks] == [
        str(week.start_time.date()) for week in expected.index
    ]
    got = codes(found, some)
    assert (got[::100] == -1).all()
    assert np.bincount(got[got >= 0]).tolist() == expected.tolist()
    assert found.notes == ["50 rows without a time are left out"]


def test_gaps_are_empty_chunks_that_say_so():
    times = START + np.concatenate(
        [RNG.uniform(0, 28 * DAY, 900), RNG.uniform(42 * DAY, 70 * DAY, 900)]
    )
    found = periods_of(blocks(times), chunking_of("week"), named=False)
    assert [chunk.rows == 0 for chunk in found.chunks] == [False] * 4 + [True] * 2 + [False] * 4
    assert {chunk.note for chunk in found.chunks if not chunk.rows} == {"no rows"}
    assert not any(chunk.judged for chunk in found.chunks if not chunk.rows)
    assert found.notes == ["2 weeks without rows"]


def test_a_chunk_of_one_row_and_a_cut_stretch_are_not_judged():
    times = START + np.concatenate(
        [RNG.uniform(0, 63 * DAY, 9_000), [80 * DAY], RNG.uniform(84 * DAY, 85 * DAY, 140)]
    )
    found = periods_of(blocks(np.sort(times)), chunking_of("week"), named=False)
    assert found.chunks[11].rows == 1
    assert found.chunks[11].note == "1 rows, fewer than 30"
    assert "incomplete" in found.chunks[12].note
    assert [chunk.judged for chunk in found.chunks] == [True] * 9 + [False] * 4


def test_the_earliest_quarter_is_the_reference_unless_one_is_named():
    times = START + RNG.uniform(0, 52 * 7 * DAY, 20_000)
    found = periods_of(blocks(times), chunking_of("week"), named=False)
    assert [chunk.reference for chunk in found.chunks] == [True] * 13 + [False] * 39
    few = periods_of(blocks(times[times < START + 70 * DAY]), chunking_of("week"), named=False)
    assert sum(chunk.reference for chunk in few.chunks) == 5


def test_a_stretch_with_rows_inside_and_outside_a_named_reference_is_two_chunks():
    times = np.sort(START + RNG.uniform(0, 28 * DAY, 4_000))
    reference = times < START + 10 * DAY
    some = blocks(times, reference=reference)
    found = periods_of(some, chunking_of("week"), named=True)
    assert [chunk.reference for chunk in found.chunks] == [True, True, False, False, False]
    assert found.chunks[1].label == found.chunks[2].label
    got = codes(found, some)
    assert (np.array([chunk.reference for chunk in found.chunks])[got] == reference).all()


@pytest.mark.parametrize("ordered", [True, False])
def test_so_many_rows_are_taken_in_the_order_of_time(ordered):
    times = RNG.permutation(5_300).astype(float)
    times = np.sort(times) if ordered else times
    kept = RNG.random(5_300) < 0.9
    some = blocks(times, kept)
    found = runs_of(lambda: some, 500, named=False)
    expected = np.full(5_300, -1)
    rows = np.flatnonzero(kept)
    order = rows[np.argsort(times[rows])]
    last = int(np.ceil(kept.sum() / 500 - 0.5))
    expected[order] = np.minimum(np.arange(len(order)) // 500, last - 1)
    for _ in range(2):  # each pass begins anew
        assert (codes(found, some) == expected).all()
    assert [chunk.rows for chunk in found.chunks] == np.bincount(expected[kept]).tolist()
    assert [chunk.start for chunk in found.chunks] == [
        times[expected == i].min() for i in range(last)
    ]
    assert any("sorted by time" in note for note in found.notes) is not ordered


def test_what_is_left_over_joins_the_last_chunk_or_is_one():
    short = runs_of(lambda: blocks(np.arange(1_100.0)), 500, named=False)
    assert [chunk.rows for chunk in short.chunks] == [500, 600]
    assert short.notes == ["the last 100 rows are part of the chunk before them"]
    long = runs_of(lambda: blocks(np.arange(1_300.0)), 500, named=False)
    assert [chunk.rows for chunk in long.chunks] == [500, 500, 300]


def test_what_cannot_be_compared_is_refused_in_words():
    with pytest.raises(ModelError, match="no row that is read has a time"):
        periods_of(blocks(np.full(9, np.nan)), chunking_of("day"), named=False)
    with pytest.raises(ModelError, match="choose shorter chunks"):
        periods_of(blocks(START + np.arange(100.0)), chunking_of("day"), named=False)
    with pytest.raises(ModelError, match="choose a longer chunk"):
        periods_of(blocks(np.array([0.0, 1e9])), chunking_of("hour"), named=False)
    every = blocks(START + np.arange(100.0) * DAY, reference=np.ones(100, bool))
    with pytest.raises(ModelError, match="nothing is left"):
        periods_of(every, chunking_of("month"), named=True)
    with pytest.raises(ModelError, match="choose more rows"):
        runs_of(lambda: blocks(np.arange(20_001.0)), 1, named=False)
    with pytest.raises(ModelError, match="named has too few rows"):
        periods_of(
            [
                replace(one, reference=one.reference)
                for one in blocks(START + np.arange(99.0) * DAY)
            ],
            chunking_of("month"),
            named=True,
        )
