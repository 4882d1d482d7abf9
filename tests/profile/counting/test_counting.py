"""Every figure of a profile against pandas, NumPy and SciPy, however the table comes in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.profile.counting import counting
from explorer.profile.counting.counting import count_features
from explorer.profile.profile import FeatureProfile
from explorer.sources.source import ArrowSource, open_source

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 6_000
SENTINELS = {
    "narrow": [-999.9],
    "counts": [-1, 999],
    "apart": [9999.0],
    "city": ["?"],
    "written": [-7],
}
RANGES = {"plain": (-1.0, 1.5), "counts": (None, 6), "holes": (0.25, None)}
NUMBERS = [
    "plain",
    "holes",
    "narrow",
    "counts",
    "lognormal",
    "apart",
    "cents",
    "flag",
    "when",
    "written",
]
UNITS = {"plain": "cm"}


def cells() -> dict[str, np.ndarray | pd.Series]:
    """Cells as an oracle sees them, sentinels and all."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=ROWS)
    holes = rng.exponential(size=ROWS)
    holes[::9], holes[::50], holes[3::500] = np.nan, np.inf, -np.inf
    narrow = rng.normal(50, 3, ROWS).astype(np.float32)
    narrow[::40] = np.float32(-999.9)
    counts = rng.poisson(3, ROWS)
    counts[::30], counts[1::70] = -1, 999
    apart = rng.normal(size=ROWS)
    apart[[17, 2_500, 5_999]], apart[[40, 4_000]] = [80.0, 81.5, -70.0], 9999.0
    written = rng.integers(1_000, 90_000, ROWS).astype(float)
    written[::25] = -7
    return {
        "plain": z,
        "holes": holes,
        "narrow": narrow,
        "counts": counts,
        "lognormal": np.exp(z),
        "apart": apart,
        "cents": np.round(4 * rng.gamma(2, 9, ROWS)) / 4,
        "flag": rng.random(ROWS) < 0.2,
        "written": written,
        "when": (
            pd.Timestamp("1999-12-25", tz="UTC")
            + pd.to_timedelta(rng.integers(0, 10**9, ROWS), "ms")
        ),
        "city": rng.choice(["Bern", "Oslo", "?", "Rome"], ROWS, p=[0.5, 0.3, 0.1, 0.1]),
    }


def arrow() -> pa.Table:
    known = cells()
    rng = np.random.default_rng(6)
    columns = {
        name: pa.array(known[name]) for name in known if name not in ("cents", "written", "holes")
    }
    columns["holes"] = pa.array(known["holes"])  # NaN stays NaN beside the nulls of others
    columns["cents"] = pa.array([f"{one:.2f}" for one in known["cents"]]).cast(pa.decimal128(9, 2))
    columns["written"] = pa.array([f"{int(one):,}" for one in known["written"]])
    columns["counts"] = pa.array(known["counts"], mask=np.arange(ROWS) % 11 == 0)
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(size=2 * ROWS)), 2)
    columns["many"] = pa.array([[1], [2, 3]] * (ROWS // 2))
    columns["name"] = pa.array([f"row {i}" for i in range(ROWS)])
    return pa.table(columns)


def seen(name: str) -> np.ndarray:
    """Return the cells of a column as numbers, what is missing as NaN."""
    found = cells()[name]
    if name == "when":
        return found.as_unit("ns").asi8 / 1e9
    numbers = np.asarray(found, np.float64)
    gone = [
        float(np.float32(value)) if name == "narrow" else value for value in SENTINELS.get(name, ())
    ]
    numbers = np.where(np.isin(numbers, gone), np.nan, numbers)
    return np.where(np.arange(ROWS) % 11 == 0, np.nan, numbers) if name == "counts" else numbers


CATALOGUE = Catalogue(
    features={
        name: {
            **({"sentinels": tuple(SENTINELS[name])} if name in SENTINELS else {}),
            **({"valid_range": RANGES[name]} if name in RANGES else {}),
            **({"kind": "numeric"} if name == "written" else {}),
            **({"unit": UNITS[name]} if name in UNITS else {}),
        }
        for name in [*NUMBERS, "city"]
    }
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write the table as three files of several row groups each."""
    folder, table = tmp_path_factory.mktemp("three"), arrow()
    paths = [folder / f"part-{i}.parquet" for i in range(3)]
    for path, start, stop in zip(paths, (0, 2_100, 2_101), (2_100, 2_101, ROWS), strict=True):
        pq.write_table(table.slice(start, stop - start), path, row_group_size=700)
    return paths


@pytest.fixture(scope="module")
def whole() -> ArrowSource:
    return open_source(arrow())


def counted(
    source: ArrowSource, names: list[str] | None = None, **how: int
) -> dict[str, FeatureProfile]:
    features = describe_columns(source, CATALOGUE)
    found = count_features(source, features, names or source.column_names, **how)
    return {one.name: one for one in found}


@pytest.fixture(scope="module")
def profiles(whole: ArrowSource) -> dict[str, FeatureProfile]:
    return counted(whole)


@pytest.mark.parametrize("name", NUMBERS)
def test_plain_figures_are_those_of_numpy_and_scipy(
    profiles: dict[str, FeatureProfile], name: str
) -> None:
    found, numbers = profiles[name], seen(name)
    finite = numbers[np.isfinite(numbers)]
    assert (found.rows, found.sampled, found.exact) == (ROWS, None, True)
    assert found.missing == np.isnan(numbers).sum()
    assert found.infinite == np.isinf(numbers).sum()
    assert (found.zeros, found.negatives) == ((finite == 0).sum(), (finite < 0).sum())
    assert (found.distinct, found.distinct_exact) == (np.unique(finite).size, True)
    assert (found.min, found.max) == (finite.min(), finite.max())
    told = found.mean, found.std, found.skewness, found.excess_kurtosis
    expected = finite.mean(), finite.std(ddof=1), stats.skew(finite), stats.kurtosis(finite)
    np.testing.assert_allclose(told, expected, rtol=1e-9)
    shares = [float(share) for share in found.quantiles]
    np.testing.assert_allclose(
        list(found.quantiles.values()), np.quantile(finite, shares), rtol=1e-12
    )
    assert found.rank_error == 0


@pytest.mark.parametrize("name", NUMBERS)
def test_histograms_are_those_of_numpy_on_their_edges(
    profiles: dict[str, FeatureProfile], name: str
) -> None:
    numbers = seen(name)
    finite = numbers[np.isfinite(numbers)]
    found = profiles[name]
    assert found.histogram.counts.sum() == finite.size
    drawn = [found.histogram, found.strip, *found.histograms.values()]
    assert len(drawn) >= 4
    for one in drawn:
        np.testing.assert_array_equal(one.counts, np.histogram(finite, one.edges)[0])
        assert one.below == (finite < one.edges[0]).sum()
        assert one.above == (finite > one.edges[-1]).sum()
    assert found.strip.counts.size <= 40


@pytest.mark.parametrize("name", NUMBERS)
def test_the_most_frequent_values_are_those_of_pandas(
    profiles: dict[str, FeatureProfile], name: str
) -> None:
    numbers = seen(name)
    expected = pd.Series(numbers[np.isfinite(numbers)]).value_counts()
    expected = expected[expected >= 2]
    found = profiles[name].frequent
    assert [count for _, count in found] == expected.iloc[:20].tolist()
    assert all(expected[value] == count for value, count in found)


def test_sentinels_are_counted_apart_and_are_in_no_figure(
    profiles: dict[str, FeatureProfile],
) -> None:
    known = arrow()["counts"].to_pandas()
    assert profiles["counts"].sentinels == (
        (-1.0, (known == -1).sum()),
        (999.0, (known == 999).sum()),
    )
    assert profiles["narrow"].sentinels == ((-999.9, ROWS // 40),)
    assert profiles["narrow"].min > 0
    assert profiles["written"].sentinels == ((-7.0, ROWS // 25),)


@pytest.mark.parametrize("name", list(RANGES))
def test_cells_outside_the_valid_range_are_counted(
    profiles: dict[str, FeatureProfile], name: str
) -> None:
    low, high = RANGES[name]
    numbers = seen(name)
    numbers = numbers[np.isfinite(numbers)]
    outside = ((numbers < low) if low is not None else 0) | (
        (numbers > high) if high is not None else 0
    )
    assert profiles[name].outside == outside.sum() > 0
    assert f"{outside.sum():,} outside the valid range" in profiles[name].notes


def test_levels_are_those_of_pandas_without_sentinels(profiles: dict[str, FeatureProfile]) -> None:
    city = pd.Series(cells()["city"])
    found = profiles["city"]
    assert dict(found.levels) == city[city != "?"].value_counts().to_dict()
    assert [count for _, count in found.levels] == sorted(dict(found.levels).values(), reverse=True)
    assert (found.missing, found.distinct, found.others, found.longest) == (
        (city == "?").sum(),
        3,
        0,
        4,
    )


def test_times_have_their_weekdays_and_hours(profiles: dict[str, FeatureProfile]) -> None:
    when = cells()["when"]
    found = profiles["when"].times
    assert list(found.weekdays) == np.bincount(when.day_of_week, minlength=7).tolist()
    assert list(found.hours) == np.bincount(when.hour, minlength=24).tolist()
    assert (found.first, found.last) == (when.min().timestamp(), when.max().timestamp())


def test_a_time_of_day_has_no_weekday_and_a_duration_no_hour(tmp_path: Path) -> None:
    seconds = pa.array([3_600, 7_200, 7_260, None], pa.int32())
    table = pa.table(
        {
            "clock": seconds.cast(pa.time32("s")),
            "lasts": seconds.cast(pa.int64()).cast(pa.duration("s")),
        }
    )
    found = counted(open_source(table))
    assert found["clock"].times.weekdays == found["lasts"].times.weekdays == ()
    assert found["clock"].times.hours == (0, 1, 2, *[0] * 21)
    assert found["lasts"].times.hours == ()


def test_vectors_and_lists_only_say_what_is_missing(profiles: dict[str, FeatureProfile]) -> None:
    assert (profiles["vector"].kind, profiles["vector"].rows, profiles["vector"].missing) == (
        "vector",
        ROWS,
        0,
    )
    assert profiles["many"].notes == ("not profiled",)
    assert profiles["many"].histogram is profiles["many"].gaussian is None
    assert profiles["name"].notes == ("identifier",)


def test_isolated_rows_hold_the_isolated_values_and_no_sentinel(
    profiles: dict[str, FeatureProfile],
) -> None:
    found = profiles["apart"].outliers
    assert sum(group.count for group in found.isolated) == 3
    assert found.isolated_rows == (17, 2_500, 5_999)
    for name in NUMBERS[:7]:
        low, high = profiles[name].outliers.isolated_range or (-np.inf, np.inf)
        numbers = seen(name)
        expected = np.flatnonzero(np.isfinite(numbers) & ((numbers < low) | (numbers > high)))[:100]
        assert list(profiles[name].outliers.isolated_rows) == expected.tolist()


def test_a_sentinel_rounded_by_its_column_is_no_isolated_row() -> None:
    found = counted(open_source(pa.table({"narrow": spoiled(np.float32)})))["narrow"]
    assert found.sentinels == ((-999.9, 5),)
    assert found.outliers.isolated_rows == (7,)


def spoiled(dtype: type) -> np.ndarray:
    """Return normals with one far cell in row 7 and the sentinel in five others."""
    numbers = np.random.default_rng(0).normal(size=2_000).astype(dtype)
    numbers[7], numbers[100:105] = 900, -999.9
    return numbers


def test_isolated_rows_of_numbers_as_text_are_found() -> None:
    numbers = np.random.default_rng(0).integers(900, 1_100, 2_000)
    numbers[1_234] = 50_000
    table = pa.table({"written": [f"{one:,}" for one in numbers]})
    found = counted(open_source(table))["written"]
    assert found.outliers.isolated_rows == (1_234,)
    assert found.max == 50_000


def same(one: FeatureProfile, other: FeatureProfile, skipped: tuple[str, ...] = ()) -> None:
    """Compare two profiles: words and counts the same, figures to rounding."""

    def compare(first: object, second: object, place: str) -> None:
        if isinstance(first, dict):
            assert first.keys() == second.keys()
            for key in first:
                if key not in ("seconds", *skipped):
                    compare(first[key], second[key], f"{place}.{key}")
        elif isinstance(first, list):
            assert len(first) == len(second), place
            for i, pair in enumerate(zip(first, second, strict=True)):
                compare(*pair, f"{place}[{i}]")
        elif isinstance(first, float):
            assert first == pytest.approx(second, rel=1e-9, abs=1e-12), place
        else:
            assert first == second, place

    compare(one.document(), other.document(), one.name)


LIMITS = [
    {"_WHOLE_ROWS": 0, "_ROWS_AT_ONCE": 1_000},
    {"_WHOLE_ROWS": 0, "_BLOCK_BYTES": 40_000},
    {"_BLOCK_BYTES": 100_000},
    {"_MOST_COLUMNS": 1},
]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_blocks_of_several_files_are_counted_as_the_whole(
    profiles: dict[str, FeatureProfile],
    files: list[Path],
    limits: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(counting, name, value)
    calls = []
    monkeypatch.setattr(
        counting, "_join", lambda a, b, join=counting._join: calls.append(1) or join(a, b)
    )
    found = counted(open_source(files))
    assert bool(calls) == ("_BLOCK_BYTES" in limits or "_WHOLE_ROWS" in limits)
    assert set(found) == set(profiles)
    # rows are told of what is counted at once only
    skipped = ("isolated_rows",) if calls else ()
    for name in profiles:
        same(found[name], profiles[name], skipped)


@pytest.mark.parametrize("threads", [1, 4])
def test_order_and_threads_change_nothing(
    profiles: dict[str, FeatureProfile], whole: ArrowSource, threads: int
) -> None:
    names = whole.column_names[::-1]
    found = counted(whole, names, threads=threads)
    assert list(found) == names
    for name in names:
        same(found[name], profiles[name])


def test_only_the_features_asked_for_are_counted(files: list[Path]) -> None:
    assert list(counted(open_source(files), ["when", "plain"])) == ["when", "plain"]
    assert list(count_features(open_source(files), {}, [])) == []


def test_a_merged_column_of_very_many_values_states_its_rank_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = np.random.default_rng(1).normal(size=150_000)
    pq.write_table(pa.table({"long": numbers}), tmp_path / "long.parquet", row_group_size=40_000)
    monkeypatch.setattr(counting, "_WHOLE_ROWS", 0)
    monkeypatch.setattr(counting, "_ROWS_AT_ONCE", 40_000)
    found = counted(open_source(tmp_path / "long.parquet"))["long"]
    assert (found.exact, found.distinct, found.distinct_exact) == (False, 150_000, True)
    assert 0 < found.rank_error < 1e-3
    ordered = np.sort(numbers)
    for share, value in found.quantiles.items():
        rank = np.searchsorted(ordered, value) / numbers.size
        assert abs(rank - float(share)) <= found.rank_error + 1 / numbers.size
    assert (found.min, found.max) == (ordered[0], ordered[-1])
    told = found.mean, found.std, found.skewness, found.excess_kurtosis
    expected = numbers.mean(), numbers.std(ddof=1), stats.skew(numbers), stats.kurtosis(numbers)
    np.testing.assert_allclose(told, expected, rtol=1e-9, atol=1e-12)
    assert found.histogram.counts.sum() == numbers.size


def test_a_sample_says_so_and_holds_the_figures_of_its_rows(whole: ArrowSource) -> None:
    names = ["plain", "holes", "city", "vector"]
    found = counted(whole, names, sample_rows=500, seed=3)
    _, rows = whole.sample(["plain"], 500, 3)
    for one in found.values():
        assert (one.rows, one.sampled, one.exact) == (500, 500, False)
    expected = pd.Series(cells()["plain"][rows])
    assert found["plain"].mean == pytest.approx(expected.mean(), rel=1e-9)
    assert found["plain"].std == pytest.approx(expected.std(), rel=1e-9)
    assert found["holes"].missing == np.isnan(cells()["holes"][rows]).sum()
    assert found["city"].missing == (cells()["city"][rows] == "?").sum()
    assert found["plain"].outliers.isolated_rows == ()


@pytest.mark.parametrize("sample_rows", [ROWS, ROWS + 1, None])
def test_a_sample_of_all_rows_is_no_sample(whole: ArrowSource, sample_rows: int | None) -> None:
    found = counted(whole, ["plain"], sample_rows=sample_rows)["plain"]
    assert (found.rows, found.sampled, found.exact) == (ROWS, None, True)


def test_a_caller_who_stops_ends_the_threads(files: list[Path]) -> None:
    import threading

    source = open_source(files)
    running = count_features(
        source, describe_columns(source, CATALOGUE), source.column_names, threads=2
    )
    assert next(running).name == source.column_names[0]
    running.close()
    assert not [one.name for one in threading.enumerate() if one.name.startswith("count")]


def test_profiles_are_plain_json(profiles: dict[str, FeatureProfile]) -> None:
    for one in profiles.values():
        again = FeatureProfile.from_document(
            json.loads(json.dumps(one.document(), allow_nan=False))
        )
        assert again.document() == one.document()
