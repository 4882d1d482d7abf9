from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, RobustScaler, StandardScaler

from explorer.core.errors import FeatureError, UnknownName
from explorer.features.matrix import matrix as matrix_module
from explorer.features.matrix.matrix import FeatureMatrix, apply_matrix, build_matrix
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source
from projections import Cancelled

N = 400


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    gaps = rng.normal(10, 3, N)
    gaps[rng.random(N) < 0.2] = np.nan
    return pd.DataFrame(
        {
            "year": rng.integers(1940, 2015, N),
            "gaps": gaps,
            "money": rng.lognormal(15, 2, N),
            "flag": rng.random(N) < 0.1,
            "genre": rng.choice(["Drama", "Comedy", "War"], N, p=[0.6, 0.3, 0.1]),
            "when": pd.Timestamp("2001-01-01")
            + pd.to_timedelta(rng.integers(0, 10**8, N), unit="s"),
        }
    )


def build(columns: Any, features: list[str] | None = None, **settings: Any) -> FeatureMatrix:
    source = open_source(columns if isinstance(columns, pd.DataFrame) else pa.table(columns))
    return build_matrix(source, MatrixSpec(features or source.column_names, **settings))


def total_variance(X: np.ndarray, ddof: int = 1) -> float:
    return float(X.astype(np.float64).var(axis=0, ddof=ddof).sum())


def test_standard_numbers_are_those_of_scikit_learn() -> None:
    data = frame()[["year", "gaps", "money"]]
    built = build(data)
    filled = SimpleImputer(strategy="median").fit_transform(data)
    expected = StandardScaler().fit_transform(filled) * np.sqrt(
        (N - 1) / N
    )  # scikit-learn divides by n
    np.testing.assert_allclose(built.X, expected, rtol=1e-5, atol=1e-6)
    assert built.X.dtype == np.float32
    assert built.X.flags.c_contiguous
    assert [column.name for column in built.columns] == ["year", "gaps", "money"]
    np.testing.assert_array_equal(built.rows, np.arange(N))
    np.testing.assert_array_equal(built.imputed_rows, data["gaps"].isna())
    assert built.document()["imputed"] == {"year": 0, "gaps": data["gaps"].isna().sum(), "money": 0}
    assert built.document()["rows"]["imputed"] == data["gaps"].isna().sum()


def test_robust_numbers_are_those_of_scikit_learn_and_fall_back_to_the_deviation() -> None:
    data = frame()[["year", "money"]].assign(mostly_zero=np.arange(N) % 10 == 0).astype(float)
    built = build(data, scale="robust")
    expected = RobustScaler().fit_transform(data[["year", "money"]]) * 1.349
    np.testing.assert_allclose(built.X[:, :2], expected, rtol=1e-5, atol=1e-6)
    assert total_variance(built.X[:, 2:]) == pytest.approx(1, rel=1e-5)


def test_scale_none_only_centres() -> None:
    data = frame()[["year"]]
    np.testing.assert_allclose(
        build(data, scale="none").X[:, 0], data["year"] - data["year"].mean(), rtol=1e-5
    )


def test_small_differences_on_a_large_offset_survive() -> None:
    values = 1e9 + np.arange(100.0)
    expected = (values - values.mean()) / values.std(ddof=1)
    np.testing.assert_allclose(build({"x": values}).X[:, 0], expected, rtol=1e-6)


def test_categories_are_one_hot_and_weigh_as_one_feature() -> None:
    data = frame()[["genre", "year"]]
    built = build(data)
    onehot = OneHotEncoder(sparse_output=False).fit(data[["genre"]])
    expected = pd.DataFrame(onehot.transform(data[["genre"]]), columns=onehot.categories_[0])
    levels = [column.label for column in built.columns[:3]]
    assert levels == data["genre"].value_counts().index.tolist()
    shares = expected[levels].mean()
    scaled = (expected[levels] - shares) / np.sqrt(1 - (shares**2).sum())
    np.testing.assert_allclose(built.X[:, :3], scaled, rtol=1e-5, atol=1e-6)
    assert total_variance(built.X[:, :3], ddof=0) == pytest.approx(1, rel=1e-5)
    assert built.columns[0].name == "genre = Drama"


def test_missing_is_a_level_and_small_levels_share_one() -> None:
    rng = np.random.default_rng(1)
    values = [None if i % 10 == 0 else f"level {rng.geometric(0.05):03}" for i in range(3000)]
    built = build({"g": values})
    distinct = len(set(values)) - 1
    assert distinct > 50
    assert [column.role for column in built.columns] == ["level"] * 50 + ["other", "missing"]
    assert total_variance(built.X, ddof=0) == pytest.approx(1, rel=1e-4)
    counts = pd.Series(values).value_counts()
    positive = (built.X > 0).sum(axis=0)
    assert positive[0] == counts.iloc[0]
    assert positive[50] == counts.sum() - positive[:50].sum()
    assert positive[51] == 300
    assert not built.imputed_rows.any()


def test_too_many_levels_are_refused_unless_asked() -> None:
    values = [f"level {i // 2}" for i in range(2400)]
    with pytest.raises(FeatureError, match="1,200 levels"):
        build({"g": values})
    assert build({"g": values}, encode={"g": "category"}).X.shape == (2400, 51)


def test_numbers_can_be_taken_as_categories() -> None:
    built = build({"month": [1, 2, 2, None, 12]}, encode={"month": "category"})
    assert [column.name for column in built.columns] == [
        "month = 2",
        "month = 1",
        "month = 12",
        "month = (missing)",
    ]


def test_booleans_are_standardised_under_every_scaling_policy() -> None:
    flags = frame()["flag"].to_numpy()
    expected = (flags - flags.mean()) / flags.std(ddof=1)
    for scale in ("standard", "robust"):
        np.testing.assert_allclose(build({"flag": flags}, scale=scale).X[:, 0], expected, rtol=1e-5)


def test_times_are_seconds_or_cycles() -> None:
    data = frame()[["when"]]
    seconds = data["when"].astype("int64").to_numpy().astype(float)
    plain = build(data).X[:, 0]
    np.testing.assert_allclose(
        plain, (seconds - seconds.mean()) / seconds.std(ddof=1), rtol=1e-5, atol=1e-6
    )
    when = data["when"].dt
    turns = {
        "hour": (when.hour + when.minute / 60 + when.second / 3600) / 24,
        "weekday": when.day_of_week / 7,
        "month": (when.month - 1) / 12,
        "dayofyear": (when.day_of_year - 1) / (365 + when.is_leap_year),
    }
    for cycle, turn in turns.items():
        built = build(data, encode={"when": cycle})
        waves = np.stack([np.sin(2 * np.pi * turn), np.cos(2 * np.pi * turn)], axis=1)
        expected = (waves - waves.mean(axis=0)) / np.sqrt(total_variance(waves))
        np.testing.assert_allclose(built.X, expected, rtol=1e-4, atol=1e-5)
        assert [column.name for column in built.columns] == [
            f"when (sine of {cycle})",
            f"when (cosine of {cycle})",
        ]


def test_missing_times_lie_in_the_middle_of_the_cycle_and_keep_its_variance() -> None:
    when = frame()["when"].where(np.arange(N) % 4 > 0)
    built = build(pd.DataFrame({"when": when}), encode={"when": "hour"})
    assert (built.X[::4] == 0).all()
    assert total_variance(built.X) == pytest.approx(1, rel=1e-5)
    assert built.imputed_rows.sum() == N / 4


def test_dates_and_times_of_day_have_cycles_of_their_own() -> None:
    dates = pa.array(range(400), pa.date32())
    assert build({"d": dates}, encode={"d": "month"}).X.shape == (400, 2)
    assert build({"d": dates.cast(pa.date64())}, encode={"d": "weekday"}).X.shape == (400, 2)
    assert build(
        {"t": pa.array(range(0, 80_000, 200), pa.time32("s"))}, encode={"t": "hour"}
    ).X.shape == (
        400,
        2,
    )
    with pytest.raises(FeatureError, match="needs dates"):
        build({"t": pa.array(range(400), pa.time32("s"))}, encode={"t": "month"})


def test_hours_are_those_of_the_wall_clock_of_the_time_zone() -> None:
    noon = pa.array([0, 3600 * 6, 3600 * 12], pa.timestamp("s", tz="Asia/Tokyo"))
    plain = pa.array([3600 * 9, 3600 * 15, 3600 * 21], pa.timestamp("s"))
    zoned, local = (build({"t": t}, encode={"t": "hour"}).X for t in (noon, plain))
    np.testing.assert_allclose(zoned, local, atol=1e-6)


def vectors(n: int = 300, length: int = 5) -> np.ndarray:
    return np.random.default_rng(2).normal(3, [1, 2, 3, 4, 5], (n, length)).astype(np.float32)


@pytest.mark.parametrize(
    "type_", [pa.list_(pa.float32()), pa.list_(pa.float32(), 5), pa.large_list(pa.float64())]
)
def test_a_vector_is_one_block_and_alone_it_keeps_its_scale(type_: pa.DataType) -> None:
    V = vectors()
    column = pa.array(V.tolist(), type_)
    centred = V - V.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(build({"v": column}).X, centred, rtol=1e-4, atol=1e-5)
    both = build({"v": column, "x": np.arange(300.0)})
    np.testing.assert_allclose(
        both.X[:, :5], centred / np.sqrt(total_variance(V)), rtol=1e-4, atol=1e-5
    )
    assert both.columns[4].name == "v[4]"


def test_missing_vectors_take_the_median_of_each_number() -> None:
    V = vectors()
    rows: list[Any] = V.tolist()
    rows[7] = None
    rows[8][2] = None
    built = build({"v": pa.array(rows, pa.list_(pa.float32()))})
    filled = V.astype(np.float64)
    filled[7] = np.nan
    filled[8, 2] = np.nan
    filled = SimpleImputer(strategy="median").fit_transform(filled)
    np.testing.assert_allclose(built.X, filled - filled.mean(axis=0), rtol=1e-4, atol=1e-5)
    assert built.document()["imputed"] == {"v": 2}


def test_unequal_lists_are_refused_with_their_row() -> None:
    rows: list[Any] = [None, [1.0, 2.0], [3.0, 4.0], [5.0]] * 3000
    source = open_source(pa.table({"v": rows, "x": np.arange(12_000.0)}))
    with pytest.raises(FeatureError, match="row 1 has 2, row 3 has 1"):
        build_matrix(source, MatrixSpec(["v"]))
    # one odd list in many is not in the sample that the kind is guessed from
    rows = [[1.0, float(i)] for i in range(100_000)]
    rows[77_777] = [1.0]
    source = open_source(pa.table({"v": rows, "x": np.arange(100_000.0)}))
    for where in (None, "x > 50000"):
        with pytest.raises(FeatureError, match="row 77,777 has 1"):
            build_matrix(source, MatrixSpec(["v"], where=where))


def test_the_indicator_is_a_column_of_half_weight() -> None:
    data = frame()[["gaps"]]
    built = build(data, missing="indicator", weights={"gaps": 2})
    assert [column.name for column in built.columns] == ["gaps", "gaps (is missing)"]
    gone = data["gaps"].isna()
    np.testing.assert_allclose(built.X[:, 1], (gone - gone.mean()) / gone.std(), rtol=1e-5)
    assert total_variance(built.X[:, :1]) == pytest.approx(4, rel=1e-5)
    assert built.imputed_rows.sum() == gone.sum()
    assert build(frame()[["year"]], missing="indicator").X.shape[1] == 1


def test_drop_leaves_out_rows_with_a_missing_cell_and_counts_them() -> None:
    data = frame()
    data.loc[::9, "genre"] = None
    built = build(data, ["gaps", "genre", "year"], missing="drop")
    kept = data[["gaps", "genre"]].notna().all(axis=1)
    np.testing.assert_array_equal(built.rows, np.flatnonzero(kept))
    used = data.loc[kept, "year"]
    np.testing.assert_allclose(
        built.X[:, 0], (used - used.mean()) / used.std(), rtol=1e-4, atol=1e-6
    )
    assert built.document()["rows"] == {
        "table": N,
        "where": N,
        "dropped": int((~kept).sum()),
        "used": int(kept.sum()),
        "imputed": 0,
    }


def test_mostly_missing_is_refused_unless_asked() -> None:
    values = [float(i) if i % 2 else None for i in range(100)]
    data = {"half": values, "x": np.arange(100.0)}
    with pytest.raises(FeatureError, match="'half' is 50 % missing"):
        build(data)
    with pytest.raises(FeatureError, match="'half' is 50 % missing"):
        build(data, missing={"x": "median"})
    assert build(data, missing={"half": "median"}).imputed_rows.sum() == 50
    assert build(data, missing={"half": "indicator"}).X.shape == (100, 3)
    assert build(data, missing={"half": "drop"}).X.shape == (50, 2)


def test_infinite_values_are_refused_clipped_or_missing() -> None:
    data = {"x": [1.0, 2.0, np.inf, 4.0, -np.inf, 3.0]}
    with pytest.raises(FeatureError, match="2 infinite values"):
        build(data)
    clipped = pd.Series([1.0, 2, 4, 4, 1, 3])
    filled = pd.Series([1.0, 2, 2.5, 4, 2.5, 3])
    for policy, expected in (("clip", clipped), ("missing", filled)):
        built = build(data, infinite=policy)
        np.testing.assert_allclose(
            built.X[:, 0], (expected - expected.mean()) / expected.std(), rtol=1e-5
        )
    assert built.imputed_rows.sum() == 2


def test_a_transform_comes_before_filling_and_scaling() -> None:
    money = frame()["money"].where(np.arange(N) % 7 > 0)
    built = build(pd.DataFrame({"money": money}), transform={"money": "log"})
    expected = np.log(money).fillna(np.log(money).median())
    np.testing.assert_allclose(
        built.X[:, 0], (expected - expected.mean()) / expected.std(), rtol=1e-4, atol=1e-6
    )


def test_a_constant_is_kept_out_and_said_unless_it_is_all_there_is() -> None:
    data = {"c": [3.0] * 9 + [None], "x": np.arange(10.0)}
    built = build(data)
    assert [column.feature for column in built.columns] == ["x"]
    assert "c is left out: constant" in built.document()["notes"][0]
    with pytest.raises(FeatureError, match="'c' does not vary"):
        build(data, ["c"])
    assert build({**data, "c": ["same"] * 10}).X.shape == (10, 1)
    assert build({**data, "c": [[1.0, 1.0]] * 10}).X.shape == (10, 1)


def test_weights_multiply() -> None:
    data = frame()[["year", "genre"]]
    heavy = build(data, weights={"year": 3, "genre": 0.5}).X
    assert total_variance(heavy[:, :1]) == pytest.approx(9, rel=1e-4)
    assert total_variance(heavy[:, 1:], ddof=0) == pytest.approx(0.25, rel=1e-4)


def test_numbers_written_as_text_are_converted_when_asked() -> None:
    values = ["1,000", "2,000", "N/A", "3,500"] * 25
    built = build({"n": values}, encode={"n": "number"})
    expected = pd.Series([1000.0, 2000, 2000, 3500] * 25)
    np.testing.assert_allclose(
        built.X[:, 0], (expected - expected.mean()) / expected.std(), rtol=1e-5
    )
    assert built.document()["notes"] == ["n: 25 texts are no numbers and count as missing"]
    distinct = [f"{i},000" for i in range(1, 101)]
    with pytest.raises(FeatureError, match=r'choose encode=\{"n": "number"\}'):
        build({"n": distinct})


def test_sentinels_are_missing() -> None:
    built = build(
        {"x": [1.0, -999, 3, 5, 4], "g": ["a", "?", "b", "b", "a"]},
        sentinels={"x": [-999], "g": ["?"]},
    )
    np.testing.assert_array_equal(built.imputed_rows, [False, True, False, False, False])
    assert [column.role for column in built.columns] == ["value", "level", "level", "missing"]


def test_where_projects_a_part_of_the_rows() -> None:
    data = frame()
    built = build(data, ["year", "gaps", "genre"], where="year >= 1990")
    kept = data[data["year"] >= 1990]
    np.testing.assert_array_equal(built.rows, kept.index)
    gaps = kept["gaps"].fillna(kept["gaps"].median())
    np.testing.assert_allclose(
        built.X[:, 1], (gaps - gaps.mean()) / gaps.std(), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"scale": "robust", "missing": "indicator", "encode": {"when": "hour"}},
        {"scale": "none", "missing": "drop", "where": "year > 1950"},
        {
            "transform": {"money": "rank", "year": "yeojohnson", "gaps": "clip(5, 15)"},
            "weights": {"genre": 2},
        },
        {"encode": {"year": "category", "when": "month"}, "sentinels": {"genre": ["War"]}},
    ],
)
def test_the_document_makes_the_same_matrix_again(settings: dict[str, Any]) -> None:
    data = frame().assign(v=list(vectors(N)), constant=np.where(np.arange(N) % 30, 1.0, np.nan))
    source = open_source(data)
    built = build_matrix(source, MatrixSpec(source.column_names, **settings))
    document = json.loads(json.dumps(built.document()))
    again = apply_matrix(source, document)
    np.testing.assert_array_equal(again.X, built.X)
    np.testing.assert_array_equal(again.rows, built.rows)
    np.testing.assert_array_equal(again.imputed_rows, built.imputed_rows)
    assert again.columns == built.columns
    assert again.document() == built.document()


def test_new_rows_are_treated_with_what_was_learned() -> None:
    built = build({"x": [0.0, 1, 2, 3], "g": ["a", "a", "b", "a"]})
    new = open_source(pa.table({"g": ["b", "new"], "x": [1.5, None]}))
    applied = apply_matrix(new, built.document())
    np.testing.assert_allclose(applied.X[:, 0], 0, atol=1e-7)
    np.testing.assert_array_equal(applied.X[0, 1:], built.X[2, 1:])
    assert (applied.X[1, 1:] < 0).all()
    np.testing.assert_array_equal(applied.imputed_rows, [False, True])
    with pytest.raises(UnknownName, match="'g'"):
        apply_matrix(open_source(pa.table({"x": [1.0]})), built.document())


def test_columns_come_in_table_order_whatever_the_order_of_ticks() -> None:
    data = frame()
    one, other = (build(data, names) for names in (["year", "money"], ["money", "year"]))
    np.testing.assert_array_equal(one.X, other.X)
    assert one.document() == other.document()


def test_blocks_of_columns_and_whole_columns_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.features import cells

    data = frame()
    together = build(data)
    monkeypatch.setattr(cells, "_CELLS_AT_ONCE", N * 2)
    in_blocks = build(data)
    monkeypatch.setattr(cells, "_LONG_TABLE", 10)
    one_by_one = build(data)
    np.testing.assert_array_equal(together.X, in_blocks.X)
    np.testing.assert_array_equal(together.X, one_by_one.X)


@pytest.mark.parametrize(
    ("columns", "settings", "words"),
    [
        ({"x": [None, None, None], "y": [1.0, 2.0, 3.0]}, {}, "'x' is missing in all of 3 rows"),
        (
            {"x": [0.0, 1.0, 2.0]},
            {"transform": {"x": "log"}},
            "1 values at or below 0: choose log1p",
        ),
        ({"user_id": [1, 2, 3]}, {}, "is identifier and cannot enter"),
        ({"s": [{"a": 1}, {"a": 2}]}, {}, "is text and cannot enter"),
        (
            {"s": [{"a": 1}, {"a": 2}]},
            {"encode": {"s": "category"}},
            "needs single numbers or text",
        ),
        ({"x": [1.0, 2.0]}, {"encode": {"x": "hour"}}, "needs a time"),
        ({"g": ["a", "b", "a"]}, {"transform": {"g": "log"}}, "needs numbers"),
        ({"x": [1.0]}, {}, "at least 2 rows, came 1"),
        ({"x": pa.array([], pa.float64())}, {}, "at least 2 rows, came 0"),
        ({"x": [1.0, 2.0, 3.0]}, {"where": "x > 2"}, "the table has 3, 1 after 'where'"),
        ({"x": [1e300, -1e300, 0.0]}, {"scale": "none"}, "too large for the matrix"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    columns: Any, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(FeatureError, match=words) as caught:
        build(columns, **settings)
    assert "\n" not in str(caught.value)


def test_names_that_do_not_exist_get_a_suggestion() -> None:
    source = open_source(frame())
    with pytest.raises(UnknownName, match="did you mean 'money'"):
        build_matrix(source, MatrixSpec(["mony"]))
    with pytest.raises(UnknownName, match="did you mean 'year'"):
        build_matrix(source, MatrixSpec(["money"], weights={"yaer": 2}))


def test_too_little_memory_is_said_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_module, "available_memory", lambda: 1000)
    with pytest.raises(FeatureError, match=r"400 rows × 2 columns needs .* GB are free"):
        build(frame()[["year", "money"]])


def test_progress_counts_to_its_end_and_can_cancel() -> None:
    source = open_source(frame().assign(constant=1.0))
    for missing in ("median", "drop"):
        seen: list[tuple[str, int, int]] = []
        spec = MatrixSpec(source.column_names, missing=missing)
        build_matrix(source, spec, progress=lambda *step: seen.append(step))  # noqa: B023
        assert {stage for stage, *_ in seen} == {"matrix"}
        done = [step for _, step, _ in seen]
        assert done == sorted(done)
        assert seen[-1][1] == seen[-1][2]
    with pytest.raises(Cancelled):
        build_matrix(source, MatrixSpec(["year"]), progress=lambda *_: False)


def test_the_table_is_left_as_it_was() -> None:
    values = np.array([1.0, np.inf, -999.0, 4.0])
    before = values.copy()
    build({"x": values}, infinite="clip", sentinels={"x": [-999]}, transform={"x": "clip(0, 3)"})
    np.testing.assert_array_equal(values, before)


def test_text_without_numbers_is_not_numeric_rather_than_missing():
    source = open_source(pa.table({"c": ["x", "y", None, "z"], "b": [1.0, 2.0, 3.0, 5.0]}))
    with pytest.raises(FeatureError, match=r"'c' is not numeric .0 of 3 cells read as numbers"):
        build_matrix(source, MatrixSpec(("b", "c"), encode={"c": "number"}))
