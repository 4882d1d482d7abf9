import threading

import pytest

from explorer.map.raster import pool


def test_results_come_in_the_order_of_the_parts():
    assert pool.run(lambda part: part * part, list(range(20))) == [
        part * part for part in range(20)
    ]
    assert pool.run(lambda part: part, []) == []


def test_one_part_runs_on_the_caller_s_thread():
    assert pool.run(lambda _: threading.current_thread(), [0]) == [threading.current_thread()]


def test_an_error_in_a_part_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        pool.run(lambda part: 1 // part, [0, 1])


@pytest.mark.parametrize("size", [0, 1, 7])
def test_shares_cover_everything_once(size):
    seen = []
    pool.share(size, lambda part: seen.extend(range(size)[part]))
    assert sorted(seen) == list(range(size))
