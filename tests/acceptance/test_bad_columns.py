"""Columns as the world makes them: each is profiled, or refused in one line, never a traceback."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from explorer.app.cli import main
from explorer.core.errors import TableError
from explorer.profile.profile import FeatureProfile
from explorer.table.selecting import where
from explorer.table.table import open_table

N = 400
LONG_NAME = "a column whose name goes on " * 11
NAMES = [
    "", " ", "with space", "q'u\"o`t;e--", "ünï✓日本", "new\nline", "tab\there", "<b>&amp;",
    "%s{0}\\", LONG_NAME, "select",
]  # fmt: skip


def numbers() -> dict[str, tuple[pa.Array, np.ndarray]]:
    """Columns that are numbers, and what they hold as float64 tells it, missing as NaN."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=N)
    half, single = z.astype(np.float16), (z * 3e38 / 5).astype(np.float32)
    unsigned = rng.integers(0, 2**62, N).astype(np.uint64) * 4
    large = 2**60 + rng.integers(0, 2**40, N)
    quarters = rng.integers(-1_000, 1_000, N) / 4
    infinite = np.where(np.arange(N) % 2, z, np.inf)
    exact = [Decimal(int(4 * value)) / 4 for value in quarters]
    cells = {
        "all missing": (pa.array([None] * N, pa.float64()), np.full(N, np.nan)),
        "null type": (pa.nulls(N), np.full(N, np.nan)),
        "all nan": (pa.array(np.full(N, np.nan)), np.full(N, np.nan)),
        "constant": (pa.array(np.full(N, 2.5)), np.full(N, 2.5)),
        "half": (pa.array(half), half.astype(float)),
        "single": (pa.array(single), single.astype(float)),
        "uint64 beyond 2**63": (pa.array(unsigned), unsigned.astype(float)),
        "int64 beyond 2**53": (pa.array(large), large.astype(float)),
        "int8": (pa.array(rng.integers(-128, 128, N).astype(np.int8)), None),
        "huge": (pa.array(z * 3e307), z * 3e307),
        "two huge values": (
            pa.array(np.where(z > 0, 1e308, -1e308)),
            np.where(z > 0, 1e308, -1e308),
        ),
        "denormal": (pa.array(rng.integers(1, 50, N) * 5e-324), None),
        "minus zero": (pa.array(np.where(z > 0, 0.0, -0.0)), np.zeros(N)),
        "infinite only": (
            pa.array(np.where(z > 0, np.inf, -np.inf)),
            np.where(z > 0, np.inf, -np.inf),
        ),
        "half infinite": (pa.array(infinite), infinite),
        "infinite or missing": (
            pa.array(np.where(z > 0, np.inf, np.nan)),
            np.where(z > 0, np.inf, np.nan),
        ),
        "one cell": (
            pa.array([*[None] * (N - 1), 7.0], pa.float64()),
            np.r_[np.full(N - 1, np.nan), 7],
        ),
        "one far cell": (pa.array(np.r_[z[:-1], 1e300]), None),
        "decimals": (pa.array(exact, pa.decimal128(9, 2)), quarters),
        "long decimals": (pa.array(exact, pa.decimal256(50, 4)), quarters),
    }
    return {
        name: (array, np.array(array.to_pylist(), float) if known is None else known)
        for name, (array, known) in cells.items()
    }


def others() -> dict[str, tuple[pa.Array, str]]:
    """Columns that are no plain numbers, and the kind that they are."""
    rng = np.random.default_rng(1)
    seconds = rng.integers(0, 10**9, N)
    text = rng.choice(["a", "b"], N)
    return {
        "all missing text": (pa.array([None] * N, pa.string()), "categorical"),
        "booleans": (pa.array(rng.random(N) < 0.3), "boolean"),
        "booleans or missing": (pa.array([None, True] * (N // 2)), "boolean"),
        "mixed": (pa.array([str(i % 7) if i % 3 else "none" for i in range(N)]), "categorical"),
        "empty text": (pa.array([""] * N), "categorical"),
        "text with nul": (pa.array(["a\x00b", "c"] * (N // 2)), "categorical"),
        "very long text": (pa.array(["w" * 50_000, "b"] * (N // 2)), "categorical"),
        "dictionary": (pa.array(text).dictionary_encode(), "categorical"),
        "dictionary of numbers": (
            pa.array([1.5, None] * (N // 2)).dictionary_encode(),
            "categorical",
        ),
        "text view": (pa.array(text, pa.string_view()), "categorical"),
        "large text": (pa.array(text, pa.large_string()), "categorical"),
        "timestamps": (pa.array(seconds).cast(pa.timestamp("s")), "temporal"),
        "timestamps with a zone": (
            pa.array(seconds * 10**6).cast(pa.timestamp("us", "Europe/Berlin")),
            "temporal",
        ),
        "nanoseconds": (pa.array(seconds * 10**9).cast(pa.timestamp("ns")), "temporal"),
        "all missing times": (pa.array([None] * N, pa.timestamp("us")), "temporal"),
        "first and last year": (
            pa.array(
                [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)] * (N // 2), pa.timestamp("us")
            ),
            "temporal",
        ),
        "dates": (
            pa.array([dt.date(1999, 1, 1) + dt.timedelta(days=i) for i in range(N)]),
            "temporal",
        ),
        "dates in milliseconds": (pa.array([dt.date(1999, 1, 1)] * N, pa.date64()), "temporal"),
        "times of day": (
            pa.array((seconds % 86_400).astype(np.int32)).cast(pa.time32("s")),
            "temporal",
        ),
        "times of day in microseconds": (
            pa.array(seconds % 86_400).cast(pa.time64("us")),
            "temporal",
        ),
        "durations": (pa.array(seconds).cast(pa.duration("ms")), "temporal"),
        "vectors": (
            pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(size=3 * N)), 3),
            "vector",
        ),
        "lists of one length": (pa.array([[1, 2]] * N), "vector"),
    }


def not_profiled() -> dict[str, pa.Array]:
    return {
        "lists": pa.array([[1, 2], [3]] * (N // 2)),
        "lists of text": pa.array([["a"], None] * (N // 2)),
        "structs": pa.array([{"a": 1, "b": "x"}] * N),
        "maps": pa.array([[("a", 1)]] * N, pa.map_(pa.string(), pa.int64())),
        "fixed lists of text": pa.FixedSizeListArray.from_arrays(pa.array(["a"] * 2 * N), 2),
        "binary": pa.array([b"\xff\x00"] * N),
        "fixed binary": pa.array([b"ab"] * N, pa.binary(2)),
        "intervals": pa.array([pa.MonthDayNano([1, 2, 3])] * N),
    }


def whole() -> pa.Table:
    rng = np.random.default_rng(2)
    columns = {name: array for known in (numbers(), others()) for name, (array, _) in known.items()}
    named = {name: pa.array(rng.normal(size=N)) for name in NAMES}
    return pa.table({**columns, **not_profiled(), **named})


@pytest.fixture(scope="module")
def table(own_folders):
    return open_table(whole())


@pytest.fixture(scope="module")
def profile(table):
    return table.profile()


def test_every_column_is_there_as_arrow_and_as_json(table, profile):
    assert list(profile) == list(table.features) == whole().column_names
    document = json.loads(json.dumps(profile.document(), allow_nan=False))
    assert [
        FeatureProfile.from_document(one).name for one in document["features"]
    ] == whole().column_names
    assert profile.to_arrow().num_rows == len(profile)
    assert all(one.rows == N and one.exact for one in profile.values())


@pytest.mark.parametrize("name", numbers())
def test_numbers_of_any_type_and_size_are_counted_right(table, profile, name):
    found, cells = profile[name], numbers()[name][1]
    finite = cells[np.isfinite(cells)]
    assert found.kind == table.features[name].kind == "numeric"
    assert (found.missing, found.infinite) == (np.isnan(cells).sum(), np.isinf(cells).sum())
    assert (found.zeros, found.negatives) == ((finite == 0).sum(), (finite < 0).sum())
    if not finite.size:
        assert (found.min, found.mean, found.std, found.histogram, found.gaussian) == (None,) * 5
        return
    assert (found.min, found.max) == (finite.min(), finite.max())
    assert found.histogram.counts.sum() == finite.size
    scale = np.abs(finite).max() or 1.0
    tiny = 1e-15 if scale > 1e-300 else 1.0  # denormals have no digits to be relative to
    assert found.mean / scale == pytest.approx((finite / scale).mean(), rel=1e-9, abs=tiny)
    if finite.size > 1:
        assert found.std / scale == pytest.approx((finite / scale).std(ddof=1), rel=1e-9, abs=tiny)
    if np.ptp(finite / scale) > 1e-6 and scale > 1e-300:
        told, expected = (
            (found.skewness, found.excess_kurtosis),
            (stats.skew(finite / scale), stats.kurtosis(finite / scale)),
        )
        np.testing.assert_allclose(told, expected, rtol=1e-9, atol=1e-10)
    assert found.gaussian.grade in ("close", "workable", "cannot tell", "not")
    assert len(found.gaussian.reasons) > 0 or found.gaussian.grade == "close"


def test_failures_of_numbers_are_named(profile):
    for name in ("all missing", "null type", "all nan", "all missing text", "all missing times"):
        assert profile[name].notes == ("all missing",)
    for name in ("constant", "minus zero", "empty text", "dates in milliseconds"):
        assert "constant" in profile[name].notes
    assert profile["infinite only"].notes == (f"{N} infinite",)
    assert f"{N // 2} infinite" in profile["half infinite"].notes
    assert profile["one cell"].gaussian.reasons == ("only 1 row",)
    assert profile["one far cell"].outliers.isolated_rows == (N - 1,)


@pytest.mark.parametrize("name", others())
def test_other_columns_are_of_their_kind_and_count_what_is_there(table, profile, name):
    array, kind = others()[name]
    found = profile[name]
    assert found.kind == table.features[name].kind == kind
    assert found.missing == array.null_count
    if kind in ("categorical", "boolean", "temporal"):
        assert found.distinct == len(set(array.drop_null().to_pylist()))
    if kind == "categorical":
        counts = pd.Series(array.to_pylist(), dtype=object).dropna().astype(str).value_counts()
        assert dict(found.levels) == counts.to_dict()
    assert found.gaussian is found.outliers is None


def test_times_are_seconds_of_utc(profile):
    for name in ("timestamps", "timestamps with a zone", "nanoseconds"):
        cells = others()[name][0].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
        assert (profile[name].min, profile[name].max) == (cells.min(), cells.max())
    assert profile["first and last year"].min == dt.datetime(1, 1, 1, tzinfo=dt.UTC).timestamp()
    assert profile["dates"].times.rhythm == "1 day apart (100 % of steps)"
    assert profile["times of day"].times.weekdays == profile["durations"].times.hours == ()


@pytest.mark.parametrize("name", not_profiled())
def test_what_cannot_be_profiled_says_so_and_what_is_missing(table, profile, name):
    found = profile[name]
    assert "not profiled" in found.notes
    assert "not profiled" in table.features[name].notes
    assert found.missing == not_profiled()[name].null_count
    assert found.histogram is found.gaussian is None


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_a_name(table, profile, name):
    cells = whole()[name].to_numpy()
    assert profile[name].name == table.features[name].name == name
    assert profile[name].mean == pytest.approx(cells.mean(), rel=1e-9)
    assert table.summaries[name].mean == profile[name].mean
    np.testing.assert_array_equal(table.columns.numbers(name), cells)


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_every_column_of_few_rows_or_none(rows):
    found = open_table(whole().slice(0, rows)).profile()
    assert json.loads(json.dumps(found.document(), allow_nan=False))["table"]["rows"] == rows
    for one in found.values():
        assert (one.rows, one.exact) == (rows, True)
        assert one.missing_share <= 1
        assert one.std is None or rows > 1
        if rows == 0:
            assert (one.missing, one.distinct, one.min, one.histogram) == (0, 0, None, None)
        if one.gaussian is not None:
            assert {"constant"} & set(one.gaussian.reasons) or one.gaussian.grade == "cannot tell"


WRITTEN = {
    "1,416,481": (np.arange(1_000, 2_000_000, 4_999), lambda value: f"{value:,}"),
    "0:00:47": (np.arange(0, 40_000, 97), lambda value: str(dt.timedelta(seconds=int(value)))),
    "89.10%": (np.arange(0, 10_000, 25) / 100, lambda value: f"{value:.2f}%"),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_numbers_written_as_text_are_recognised_and_profiled_as_numbers_when_told(form, tmp_path):
    values, written = WRITTEN[form]
    cells = [*map(written, values), "n/a", None]
    plain = open_table(pa.table({"x": cells}))
    assert "numbers as text" in plain.features["x"].notes
    assert "numbers as text" in plain.profile()["x"].notes
    told = told_numeric(cells, tmp_path).profiles.get("x")
    assert (told.kind, told.missing, told.distinct) == ("numeric", 2, values.size)
    assert (told.min, told.max) == (pytest.approx(values.min()), pytest.approx(values.max()))
    assert told.mean == pytest.approx(values.mean(), rel=1e-9)


def told_numeric(cells: list[str | None], folder: Path):
    """Open a column of text that the catalogue calls numeric."""
    (folder / "known.yaml").write_text("features:\n  x: {kind: numeric}\n")
    return open_table(pa.table({"x": cells}), catalogue=folder / "known.yaml")


def test_a_table_with_numbers_written_as_text_is_profiled_whole(tmp_path):
    assert (
        told_numeric([f"{value:,}" for value in range(900, 1_400)], tmp_path).profile()["x"].kind
        == "numeric"
    )


@pytest.mark.parametrize("levels", [200_000, 1_000_000])
def test_very_many_levels_are_counted(levels):
    cells = pa.array([f"{i:x}" for i in range(levels)])
    repeated = pa.concat_arrays([cells, cells[: levels // 2], cells[:7]])
    found = open_table(pa.table({"x": repeated})).profile()["x"]
    assert (found.distinct, found.distinct_exact) == (levels, True)
    assert found.rows == levels + levels // 2 + 7
    assert {count for _, count in found.levels[:7]} == {3}
    assert found.others == found.rows - sum(count for _, count in found.levels)


def test_two_columns_of_one_name_are_refused_in_a_line(tmp_path, capsys):
    twice = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"])
    frame = pd.DataFrame([[1.0, 2.0]], columns=["a", "a"])
    path = tmp_path / "twice.parquet"
    pq.write_table(twice, path)
    for source in (twice, frame, path):
        with pytest.raises(TableError, match="'a'"):
            open_table(source)
    assert main(["profile", str(path)]) != 0
    assert_one_line(capsys.readouterr().err, "two columns named 'a'")


def assert_one_line(text: str, words: str) -> None:
    assert words in text
    assert "Traceback" not in text
    assert len(text.strip().splitlines()) == 1


def stored() -> pa.Table:
    """Return what Parquet can hold of the columns."""
    return whole().drop_columns(["intervals", "text view", "dictionary of numbers"])


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("bad") / "bad columns ünï.parquet"
    pq.write_table(stored(), path, row_group_size=150)
    return path


def test_the_command_writes_every_column_as_json(path, profile, capsys):
    assert main(["profile", str(path), "--json", "-"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert "Traceback" not in printed.err
    assert [one["name"] for one in document["features"]] == stored().column_names
    for told in document["features"]:
        expected = profile[told["name"]].document()
        for figure in (
            "kind",
            "rows",
            "missing",
            "infinite",
            "distinct",
            "min",
            "max",
            "levels",
            "notes",
        ):
            assert told[figure] == expected[figure], (told["name"], figure)
        for figure in ("mean", "std"):  # row groups are added up in another order
            known = expected[figure]
            assert told[figure] == (known and pytest.approx(known, rel=1e-12, abs=1e-14)), told[
                "name"
            ]


def test_the_command_prints_a_line_a_column_whatever_its_name(path, capsys):
    assert main(["profile", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(stored().column_names)
    assert all(line.isprintable() for line in lines)


def test_the_command_writes_pages_of_every_column(tmp_path, capsys):
    pq.write_table(stored().drop_columns(["denormal"]), tmp_path / "bad.parquet")
    assert main(["profile", str(tmp_path / "bad.parquet"), "--html", str(tmp_path / "report")]) == 0
    assert "Traceback" not in capsys.readouterr().err
    pages = list((tmp_path / "report").rglob("*.html"))
    assert len(pages) == len(stored().column_names)  # the index, and one is left out
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<b>&amp;<" not in text
        assert text.count("<script") == text.count("</script>")


def test_the_command_writes_pages_of_denormal_cells(tmp_path):
    pq.write_table(stored().select(["denormal"]), tmp_path / "small.parquet")
    assert (
        main(["profile", str(tmp_path / "small.parquet"), "--html", str(tmp_path / "report")]) == 0
    )


@pytest.mark.parametrize("rows", [0, 1])
def test_the_command_takes_tables_of_no_or_one_row(rows, tmp_path, capsys):
    pq.write_table(stored().slice(0, rows), tmp_path / "short.parquet")
    assert main(["profile", str(tmp_path / "short.parquet"), "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {one["rows"] for one in document["features"]} == {rows}


def test_decimals_are_the_floats_that_are_written_the_same():
    cells = [Decimal(i) / 100 for i in range(1_000)]
    table = open_table(pa.table({"price": pa.array(cells, pa.decimal128(9, 2))}))
    np.testing.assert_array_equal(table.columns.numbers("price"), [float(one) for one in cells])
    assert where(table, "price = 7.06").count() == 1


def test_a_sentinel_that_float32_rounds_is_missing_everywhere(tmp_path):
    (tmp_path / "known.yaml").write_text("features:\n  x: {sentinels: [-999.9]}\n")
    cells = pa.array(np.where(np.arange(90) % 3, np.arange(90.0), -999.9).astype(np.float32))
    table = open_table(pa.table({"x": cells}), catalogue=tmp_path / "known.yaml")
    assert table.profile()["x"].missing == where(table, "x is null").count() == 30
    assert np.isnan(table.columns.numbers("x")).sum() == 30
