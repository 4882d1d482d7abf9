import numpy as np
import pandas as pd
import pytest

from explorer.experiment.analysis.units import ExperimentLog, column_key, paired_units, units_of
from explorer.features.metric import Metric

N, UNITS, SEGMENTS = 4_000, 700, 5


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    unit = rng.integers(0, UNITS, N).astype(np.int32)
    values = rng.normal(size=N)
    values[::7] = np.nan
    found = pd.DataFrame(
        {"unit": unit, "arm": (unit % 2).astype(np.int8), "value": values, "other": rng.random(N)}
    )
    found["segment"] = rng.integers(0, SEGMENTS, N).astype(np.int32)
    return found


def log_of(rows, **changes):
    made = {
        "arms": ("A", "B"),
        "arm": rows.arm.to_numpy(),
        "unit": rows.unit.to_numpy(),
        "n_units": UNITS,
    }
    return ExperimentLog(**{**made, "column": lambda name: rows[name].to_numpy(), **changes})


@pytest.mark.parametrize("how", ["mean", "sum", "min", "max", "count"])
def test_a_unit_has_the_value_that_pandas_makes_of_its_rows(rows, how):
    found = units_of(log_of(rows), (Metric("m", "mean", "value", aggregate=how),))
    grouped = rows.groupby("unit").value
    expected = grouped.sum(min_count=1) if how == "sum" else getattr(grouped, how)()
    values = found.columns[column_key("value", how)]
    np.testing.assert_allclose(values[expected.index], expected.to_numpy(), rtol=1e-12)
    assert (found.arm[expected.index] == expected.index % 2).all()
    assert found.several


def test_a_ratio_sums_both_columns_and_a_value_from_before_is_averaged(rows):
    metric = Metric("m", "ratio", "value", denominator="other", pre="other")
    found = units_of(log_of(rows), (metric,))
    for name, how in (("value", "sum"), ("other", "sum"), ("other", "mean")):
        expected = getattr(rows.groupby("unit")[name], how)()
        np.testing.assert_allclose(
            np.nan_to_num(found.columns[column_key(name, how)][expected.index]), expected
        )


def test_units_in_two_arms_are_left_out_and_counted(rows):
    rows.loc[[3, 10], "arm"] = 1 - rows.arm[[3, 10]]
    crossed = rows.groupby("unit").arm.nunique()
    found = units_of(log_of(rows), (Metric("m", "mean", "value"),))
    assert found.n_crossed == (crossed > 1).sum() == 2
    assert found.n_seen == len(crossed)
    assert (found.arm[crossed.index[crossed > 1]] == -1).all()


def test_rows_outside_the_experiment_say_nothing_of_their_unit(rows):
    outside = np.random.default_rng(1).random(N) < 0.3
    arm = np.where(outside, -1, rows.arm).astype(np.int8)
    found = units_of(log_of(rows, arm=arm), (Metric("m", "mean", "value"),))
    expected = rows[~outside].groupby("unit").value.mean()
    np.testing.assert_allclose(found.columns["mean of value"][expected.index], expected)


def test_a_unit_counts_in_every_segment_where_it_has_rows(rows):
    found = units_of(log_of(rows), (Metric("m", "mean", "value"),), rows.segment.to_numpy())
    expected = rows.groupby(["segment", "unit"]).value.mean().dropna()
    values = found.columns["mean of value"]
    assert len(found.arm) == len(rows.groupby(["segment", "unit"]))
    made = pd.Series(values[~np.isnan(values)]).sort_values().to_numpy()
    np.testing.assert_allclose(made, expected.sort_values().to_numpy())
    for segment in range(SEGMENTS):
        np.testing.assert_allclose(
            np.nanmean(values[found.codes == segment]), expected[segment].mean()
        )


def test_a_unit_of_one_segment_keeps_the_value_of_the_whole(rows):
    codes = (rows.unit.to_numpy() % SEGMENTS).astype(np.int32)
    metric = (Metric("m", "mean", "value"),)
    whole = units_of(log_of(rows), metric)
    found = units_of(log_of(rows), metric, codes, whole=whole)
    assert found.columns is whole.columns
    there = np.unique(rows.unit)
    assert (found.codes[there] == there % SEGMENTS).all()


def test_where_a_unit_lies_in_one_region_it_is_that_of_most_of_its_rows(rows):
    found = units_of(
        log_of(rows), (Metric("m", "mean", "value"),), rows.segment.to_numpy(), one_each=True
    )
    counts = rows.groupby(["unit", "segment"]).size().unstack(fill_value=0)
    assert (found.codes[counts.index] == counts.to_numpy().argmax(axis=1)).all()


def test_without_a_unit_column_each_row_is_a_unit(rows):
    found = units_of(
        log_of(rows, unit=None, n_units=N), (Metric("m", "mean", "value", aggregate="count"),)
    )
    assert (found.columns["count of value"] == rows.value.notna()).all()
    assert not found.several
    assert found.n_crossed == 0


def test_the_time_of_a_unit_is_that_of_its_first_row(rows):
    found = units_of(log_of(rows, time=rows.other.to_numpy()), (Metric("m", "mean", "value"),))
    expected = rows.groupby("unit").other.min()
    assert (found.time[expected.index] == expected).all()


def test_a_unit_of_two_experiments_is_two_units(rows):
    pair, n = paired_units(rows.unit.to_numpy(), rows.segment.to_numpy(), UNITS)
    assert n == len(rows.groupby(["unit", "segment"]))
    assert (rows.assign(pair=pair).groupby("pair")[["unit", "segment"]].nunique() == 1).all(
        axis=None
    )
