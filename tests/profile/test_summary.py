from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.core.errors import UnknownName
from explorer.core.number_format import percent
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.kind import Feature
from explorer.profile import summary as summary_module
from explorer.profile.summary import summarize
from explorer.sources.source import open_source
from projections import Cancelled


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    gaps = rng.normal(size=2000)
    gaps[:150] = np.nan
    return pd.DataFrame(
        {
            "gaps": gaps,
            "count": rng.poisson(3, 2000),
            "flag": rng.random(2000) < 0.3,
            "genre": rng.choice(["Drama", "Comedy", "War"], 2000, p=[0.6, 0.3, 0.1]),
            "when": pd.Timestamp("2001-01-01")
            + pd.to_timedelta(rng.integers(0, 10**6, 2000), unit="s"),
        }
    )


def test_numbers_agree_with_pandas() -> None:
    table = frame()
    source = open_source(table)
    summaries = summarize(source, describe_columns(source))
    assert list(summaries) == list(table.columns)
    for name in ("gaps", "count", "flag"):
        cells, found = table[name].astype(float), summaries[name]
        assert found.rows == 2000
        assert found.sampled is None
        assert found.missing == cells.isna().sum()
        assert found.distinct == cells.nunique()
        assert (found.minimum, found.maximum) == (cells.min(), cells.max())
        assert (found.mean, found.std) == pytest.approx((cells.mean(), cells.std()))
        assert found.histogram is not None
        outside = found.histogram.below + found.histogram.above
        assert found.histogram.counts.sum() + outside == cells.notna().sum()
    assert dict(summaries["genre"].levels) == table["genre"].value_counts().to_dict()
    first = table["when"].min().tz_localize("UTC").timestamp()
    assert summaries["when"].minimum == first


@pytest.mark.parametrize(
    ("values", "notes"),
    [
        ([1.0, 2.0, 3.0], ()),
        ([None, None], ("all missing",)),
        ([7.0, 7.0, 7.0], ("constant",)),
        ([1.0, 2.0, None, None, None], ("60 % missing",)),
        ([1.0, np.inf, -np.inf], ("constant", "2 infinite")),
        ([f"tt{i}" for i in range(30)], ("identifier",)),
        ([f"{i},{i}00" for i in range(1, 5)] * 5, ("numbers as text",)),
        ([{"a": 1}, None, None], ("67 % missing", "not profiled")),
        ([[1.0, 2.0], [3.0, 4.0]], ()),
        (["a", "a"], ("constant",)),
    ],
)
def test_notes_name_a_failure_and_nothing_else(
    values: list[object], notes: tuple[str, ...]
) -> None:
    source = open_source(pa.table({"x": values}))
    assert summarize(source, describe_columns(source))["x"].notes == notes


def test_sentinels_and_the_valid_range_come_from_the_catalogue() -> None:
    source = open_source(
        pa.table(
            {"x": [-999.0, 1.0, 50.0, 3.0], "g": ["a", "b", "?", "b"], "user_id": [1, -9, 3, 4]}
        )
    )
    features = {
        "x": Feature(name="x", kind="numeric", sentinels=(-999,), valid_range=(2, 40)),
        "g": Feature(name="g", kind="categorical", sentinels=("?",)),
        "user_id": Feature(name="user_id", kind="identifier", sentinels=(-9,)),
    }
    found = summarize(source, features)
    assert (found["x"].missing, found["x"].minimum) == (1, 1)
    assert "2 outside the valid range" in found["x"].notes
    assert (found["g"].missing, found["g"].levels) == (1, (("b", 2), ("a", 1)))
    assert (found["user_id"].missing, found["user_id"].distinct) == (1, 3)


def test_levels_beyond_fifty_are_counted_together() -> None:
    values = [f"level {i % 70:02}" for i in range(700)]
    source = open_source(pa.table({"x": values}))
    found = summarize(source, {"x": Feature(name="x", kind="categorical")})["x"]
    assert (found.distinct, len(found.levels), found.others) == (70, 50, 200)
    assert found.levels[0] == ("level 00", 10)


def test_a_large_table_is_sampled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary_module, "EXACT_CELLS", 1000)
    monkeypatch.setattr(summary_module, "_SAMPLE_CELLS", 1000)
    monkeypatch.setattr(summary_module, "_SAMPLE_ROWS", 400)
    values = np.arange(5000.0)
    source = open_source(pa.table({"x": values, "y": values % 2}))
    found = summarize(source, describe_columns(source))
    assert found["x"].sampled == found["x"].rows == found["y"].rows == 500
    # sorted values: a mean far from the first rows' shows that the sample is of all rows
    assert found["x"].mean == pytest.approx(2500, abs=300)


def test_a_table_without_rows_is_summarised() -> None:
    source = open_source(
        pa.table({"x": pa.array([], pa.float64()), "g": pa.array([], pa.string())})
    )
    for found in summarize(source, describe_columns(source)).values():
        assert (found.rows, found.missing, found.missing_share, found.notes) == (0, 0, 0, ())


def test_unknown_names_and_cancelling() -> None:
    source = open_source(frame())
    features = describe_columns(source)
    with pytest.raises(UnknownName, match="did you mean 'genre'"):
        summarize(source, features, ["gener"])
    seen: list[tuple[str, int, int]] = []
    summarize(source, features, ["gaps", "count"], progress=lambda *step: seen.append(step))
    assert seen == [("summary", 1, 2), ("summary", 2, 2)]
    with pytest.raises(Cancelled):
        summarize(source, features, progress=lambda *_: False)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"),
        (0.0004, "< .1 %"),
        (0.003, ".3 %"),
        (0.0743, "7.4 %"),
        (0.61, "61 %"),
        (0.9995, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_shares_are_written_as_the_strips_do(share: float, words: str) -> None:
    assert percent(share) == words
