import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import ModelError
from explorer.drift.analysis.chunks import chunking_of

WRITTEN = [
    "1969-12-28 23:00",
    "1970-01-01",
    "2025-12-31 23:59:59",
    "2026-01-01",
    "2026-02-28",
    "2026-11-26 13:05",
]
TIMES = pd.DatetimeIndex([pd.Timestamp(one) for one in WRITTEN])
FREQUENCY = {"hour": "h", "day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@pytest.mark.parametrize("period", FREQUENCY)
def test_periods_begin_where_pandas_begins_them(period):
    chunking = chunking_of(period)
    seconds = (TIMES - pd.Timestamp(0)).total_seconds().to_numpy()
    numbers = chunking.numbers(seconds)
    expected = TIMES.to_period(FREQUENCY[period]).start_time
    assert [chunking.start(int(number)) for number in numbers] == [
        (one - pd.Timestamp(0)).total_seconds() for one in expected
    ]


@pytest.mark.parametrize(
    ("period", "label"),
    [
        ("hour", "2026-11-26 13:00"),
        ("day", "2026-11-26"),
        ("week", "2026-11-23"),
        ("month", "2026-11"),
        ("quarter", "2026 Q4"),
        ("year", "2026"),
    ],
)
def test_a_period_is_named_by_its_beginning(period, label):
    chunking = chunking_of(period)
    (number,) = chunking.numbers(np.array([pd.Timestamp("2026-11-26 13:05").timestamp()]))
    assert chunking.label(int(number)) == label


@pytest.mark.parametrize(("text", "rows"), [("1000rows", 1000), ("5,000 rows", 5000), ("1 row", 1)])
def test_so_many_rows_are_read(text, rows):
    assert chunking_of(text).rows == rows


@pytest.mark.parametrize("text", ["fortnight", "0rows", "", "-5rows"])
def test_anything_else_is_refused_with_what_can_be_written(text):
    with pytest.raises(ModelError, match="hour, day, week"):
        chunking_of(text)
