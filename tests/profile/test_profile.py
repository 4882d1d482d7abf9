"""The profile of a table: figures against pandas and SciPy, as Arrow and JSON, and kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import UnknownName
from explorer.profile.profile import FeatureProfile, Profile
from explorer.table import profiling
from explorer.table.table import open_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def known(films) -> pd.DataFrame:
    return pd.read_parquet(films.source.files[0].path)


@pytest.fixture(scope="module")
def profile(films) -> Profile:
    return films.profile()


def missing(films, known: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of the films whose sentinels are missing, as the catalogue names them."""
    return known[name].where(~known[name].isin(films.features[name].sentinels))


def test_a_profile_is_a_mapping_in_table_order(films, profile: Profile) -> None:
    assert list(profile) == films.column_names
    assert len(profile) == len(films.column_names)
    assert profile.table == {
        "title": films.title,
        "rows": films.num_rows,
        "columns": len(profile),
        "fingerprint": films.fingerprint,
    }
    assert repr(profile) == f"<Profile of {films.title!r}: {len(profile)} features>"
    first = films.column_names[0]
    assert first in profile
    assert "no such" not in profile
    with pytest.raises(UnknownName, match="did you mean"):
        profile[first + "x"]


def test_every_plain_figure_of_the_films_is_that_of_pandas_and_scipy(
    films, profile: Profile, known: pd.DataFrame
) -> None:
    numeric = [one for one in profile.values() if one.kind in ("numeric", "boolean")]
    assert len(numeric) >= 5
    for found in numeric:
        column = missing(films, known, found.name).astype(float)
        cells = column[np.isfinite(column)].to_numpy()
        assert (found.rows, found.missing, found.exact, found.sampled) == (
            len(known),
            column.isna().sum(),
            True,
            None,
        )
        assert (found.distinct, found.zeros, found.negatives) == (
            len(np.unique(cells)),
            (cells == 0).sum(),
            (cells < 0).sum(),
        )
        assert (found.min, found.max) == (cells.min(), cells.max())
        told = found.mean, found.std, found.skewness, found.excess_kurtosis
        expected = cells.mean(), cells.std(ddof=1), stats.skew(cells), stats.kurtosis(cells)
        np.testing.assert_allclose(told, expected, rtol=1e-9)
        shares = [float(share) for share in found.quantiles]
        np.testing.assert_allclose(
            list(found.quantiles.values()), np.quantile(cells, shares), rtol=1e-12
        )
        np.testing.assert_array_equal(
            found.histogram.counts, np.histogram(cells, found.histogram.edges)[0]
        )
        assert found.histogram.counts.sum() == cells.size


def test_every_count_of_words_and_times_is_that_of_pandas(
    films, profile: Profile, known: pd.DataFrame
) -> None:
    for found in profile.values():
        if found.kind in ("categorical", "text", "identifier"):
            column = missing(films, known, found.name)
            assert (found.missing, found.distinct) == (column.isna().sum(), column.nunique())
            counts = column.value_counts()
            assert all(counts[level] == count for level, count in found.levels)
            assert found.longest == column.str.len().max()
            assert found.others == column.notna().sum() - sum(count for _, count in found.levels)
        if found.kind == "temporal":
            column = pd.to_datetime(known[found.name])
            assert found.missing == column.isna().sum()
            assert found.min == pd.Timestamp(column.min()).tz_localize("UTC").timestamp()
            assert found.max == pd.Timestamp(column.max()).tz_localize("UTC").timestamp()


def test_the_document_is_json_and_comes_back_the_same(profile: Profile) -> None:
    document = json.loads(json.dumps(profile.document(), allow_nan=False))
    assert document["table"]["rows"] == profile.table["rows"]
    assert [one["name"] for one in document["features"]] == list(profile)
    assert "redundancy" in document
    for told, one in zip(document["features"], profile.values(), strict=True):
        assert FeatureProfile.from_document(told).document() == told == one.document()


def test_what_does_not_exist_is_null_in_the_document() -> None:
    table = open_table(
        pd.DataFrame({"nothing": [np.nan, np.nan], "one": [np.nan, 2.0], "flat": [1.0, 1.0]})
    )
    told = {one["name"]: one for one in table.profile().document()["features"]}
    assert [told["nothing"][key] for key in ("min", "mean", "std", "histogram", "gaussian")] == [
        None
    ] * 5
    assert (told["one"]["mean"], told["one"]["std"]) == (2.0, None)
    assert (
        told["flat"]["std"],
        told["flat"]["skewness"],
        told["flat"]["gaussian"]["qq_gap_sd"],
    ) == (
        0,
        None,
        None,
    )


def test_the_arrow_table_has_a_row_a_feature(films, profile: Profile) -> None:
    table = profile.to_arrow()
    assert table.column("name").to_pylist() == films.column_names
    for row, one in zip(table.to_pylist(), profile.values(), strict=True):
        for name in (
            "kind",
            "rows",
            "missing",
            "distinct",
            "min",
            "mean",
            "std",
            "exact",
            "outside",
        ):
            assert row[name] == getattr(one, name)
        assert row["q0.5"] == one.quantiles.get("0.5")
        assert row["notes"] == list(one.notes)
        assert row["redundant_with"] == [name for name, _ in one.redundant_with]
        assert row["grade"] == (one.gaussian.grade if one.gaussian else None)
        if one.outliers:
            assert row["isolated"] == sum(group.count for group in one.outliers.isolated)
            assert row["far_rate"] == (one.outliers.far_rate if one.outliers.far_range else None)
    no_rows = open_table(pd.DataFrame({"a": pd.Series([], dtype=float)})).profile().to_arrow()
    assert no_rows.to_pylist()[0]["mean"] is None
    assert no_rows.schema == table.schema


def test_the_summary_holds_what_a_strip_shows(profile: Profile) -> None:
    for one in profile.values():
        summary = one.summary
        assert (summary.missing, summary.distinct, summary.mean, summary.histogram) == (
            one.missing,
            one.distinct,
            one.mean,
            one.strip,
        )
        listed = sum(count for _, count in summary.levels)
        assert len(summary.levels) <= 50
        assert summary.others + listed == one.others + sum(count for _, count in one.levels)


def test_columns_that_are_nearly_the_same_name_each_other(people) -> None:
    found = people.profile(["height", "stature", "sleep"])
    assert [name for name, _ in found["height"].redundant_with] == ["stature"]
    ((name, r),) = found["stature"].redundant_with
    cells = [people.columns.numbers(one) for one in ("height", "stature")]
    assert (name, r) == ("height", pytest.approx(stats.spearmanr(*cells)[0], abs=1e-6))


def test_only_the_features_asked_for_are_profiled(people) -> None:
    assert list(people.profile(["weight", "height", "weight"])) == ["weight", "height"]
    assert list(people.profile([])) == []
    with pytest.raises(UnknownName, match="no feature 'heigth': did you mean 'height'"):
        people.profile(["heigth"])


@pytest.fixture
def wide(tmp_path: Path):
    """A table of 30 columns in a cache of its own."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"f{i:02d}": rng.normal(size=300) for i in range(30)})
    frame.to_parquet(tmp_path / "wide.parquet")

    def opened():
        return open_table(tmp_path / "wide.parquet", cache=Cache(tmp_path / "cache"))

    return opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Names that were counted, call by call."""
    calls: list[list[str]] = []
    count = profiling.count_features

    def seen(source, features, names, **how):
        calls.append(list(names))
        return count(source, features, names, **how)

    monkeypatch.setattr(profiling, "count_features", seen)
    return calls


def test_what_was_finished_before_a_cancel_is_not_counted_again(
    wide, asked: list[list[str]]
) -> None:
    reports = []

    def stop(stage: str, done: int, total: int) -> bool:
        reports.append((stage, done, total))
        return done < 7

    with pytest.raises(explorer.Cancelled):
        wide().profile(progress=stop)
    assert reports == [("profile", done, 30) for done in range(8)]
    steps = []
    found = wide().profile(progress=lambda *step: steps.append(step))
    assert len(found) == 30
    assert asked == [[f"f{i:02d}" for i in range(30)], [f"f{i:02d}" for i in range(7, 30)]]
    assert steps[0] == ("profile", 7, 30)
    assert [step for step in steps if step[0] == "profile"][-1] == ("profile", 30, 30)
    assert steps[-1][0] == "redundancy"


def test_a_cancel_before_anything_is_counted_leaves_nothing_behind(
    wide, asked: list[list[str]]
) -> None:
    with pytest.raises(explorer.Cancelled):
        wide().profile(progress=lambda *_: False)
    assert asked == []


def test_reopening_counts_nothing_and_tells_the_same(wide, asked: list[list[str]]) -> None:
    first = wide().profile().document()
    again = wide().profile().document()
    assert asked[1:] == [[]]
    assert again == first
