"""Experiments read from tables: known answers, bad input, trust gates, families."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats

import explorer
from explorer.core.errors import ExperimentError, ExplorerError, UnknownName

N = 6_000


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "arm": rng.choice(["A", "B", "C"], N),
            "country": rng.choice(["no", "se", "fi"], N, p=[0.5, 0.3, 0.2]),
        }
    )
    frame["device"] = rng.random(N) < 0.4
    frame["age"] = rng.integers(18, 80, N)
    frame["before"] = rng.gamma(5, 2, N)
    frame["hours"] = frame.before + rng.normal(0, 2, N) + 0.6 * (frame.arm == "B")
    frame["played"] = (
        rng.random(N) < 0.3 + 0.2 * ((frame.arm == "C") & (frame.country == "se"))
    ).astype(int)
    frame["errors"] = rng.poisson(1.0, N)
    frame["plays"] = 1 + rng.poisson(2.0, N)
    frame["entered"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N), "min")
    return frame


METRICS = [
    explorer.Metric("hours", "mean", "hours", goal="increase", primary=True),
    explorer.Metric("played", "proportion", "played", goal="increase"),
    explorer.Metric("errors per play", "ratio", "errors", denominator="plays", goal="decrease"),
    explorer.Metric("median age", "quantile", "age", quantile=0.5),
]


def run(frame, metrics=METRICS, **options):
    return explorer.experiment(explorer.open_table(frame), "arm", "A", metrics, **options)


def test_the_whole_has_a_cell_for_every_metric_and_arm_with_scipys_numbers(frame):
    found = run(frame)
    assert [(cell.metric, cell.arm) for cell in found.cells] == [
        (m.name, arm) for m in METRICS for arm in "BC"
    ]
    cell = found.cells.find("hours", "B")
    expected = stats.ttest_ind(
        frame.hours[frame.arm == "B"], frame.hours[frame.arm == "A"], equal_var=False
    )
    assert cell.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    assert (cell.n_control, cell.n_treatment) == (
        (frame.arm == "A").sum(),
        (frame.arm == "B").sum(),
    )
    assert (cell.verdict, cell.strength) == ("better", 2)
    assert cell.segment == "all"


def test_primary_metrics_are_held_by_holm_and_the_rest_by_the_false_discovery_rate(frame):
    from statsmodels.stats.multitest import multipletests

    found = run(frame[frame.arm != "C"])
    for family, method in (("primary", "holm"), ("metrics", "fdr_bh")):
        cells = [
            cell
            for cell in found.cells
            if cell.family == family and cell.verdict != "not enough data"
        ]
        corrected = multipletests([cell.p_value for cell in cells], method=method)[1]
        assert [cell.p_adjusted for cell in cells] == pytest.approx(list(corrected))


def test_a_segment_has_the_numbers_of_its_rows(frame):
    found = run(frame, by=["country", "device", "age"])
    for column, value, segment in (("country", "se", "se"), ("device", True, "yes")):
        rows = frame[frame[column] == value]
        cell = found.cells.find("played", "C", column, segment)
        for side, arm in ((cell.control, "A"), (cell.treatment, "C")):
            assert side == pytest.approx(rows.played[rows.arm == arm].mean(), rel=1e-12)
    ages = {cell.segment for cell in found.cells if cell.by == "age"}
    assert len(ages) == 5
    assert (
        sum(
            cell.n_control
            for cell in found.cells
            if cell.by == "age" and cell.metric == "hours" and cell.arm == "B"
        )
        == (frame.arm == "A").sum()
    )


def test_families_are_opened_only_where_the_effect_differs(frame):
    found = run(frame, by="country")
    families = {family.name: family for family in found.families}
    opened = families["played · C · country"]
    assert opened.opened
    # the median of whole years is told by tied values, of which no error lets segments be compared
    asked = [family for family in families.values() if family.omnibus_p == family.omnibus_p]
    assert len(asked) == 6
    assert opened.level == pytest.approx(0.05 * sum(family.opened for family in asked) / 6)
    assert found.cells.find("played", "C", "country", "se").verdict == "better"
    closed = families["hours · B · country"]
    assert not closed.opened
    cell = found.cells.find("hours", "B", "country", "no")
    assert cell.verdict == "as the whole"
    assert np.isnan(cell.p_adjusted)
    assert cell.words.startswith("as the whole")


def test_what_is_open_on_the_page_changes_no_family(frame):
    alone, beside = run(frame), run(frame, by=["country", "device"])
    for one, other in zip(alone.cells, beside.cells, strict=False):
        assert (one.metric, one.arm, one.verdict) == (other.metric, other.arm, other.verdict)
        assert one.p_adjusted == pytest.approx(other.p_adjusted, nan_ok=True)


def test_a_mismatch_hatches_every_verdict_and_keeps_the_effects(frame):
    lost = frame.drop(frame.index[(frame.arm == "B") & (frame.index % 4 == 0)])
    found = run(lost, allocation={"A": 1, "B": 1, "C": 1})
    counts = lost.arm.value_counts()[["A", "B", "C"]]
    assert found.srm.p_value == pytest.approx(stats.chisquare(counts).pvalue)
    assert {cell.verdict for cell in found.cells} == {"untrusted"}
    assert np.isfinite([cell.difference for cell in found.cells]).all()
    assert "sample ratio mismatch" in found.cells[0].words


def test_without_a_declared_allocation_nothing_is_checked_and_that_is_said(frame):
    found = run(frame)
    assert found.srm.p_value is None
    assert "SRM not checked" in found.srm.words


@pytest.mark.parametrize(
    ("counts", "p"), [((821_588, 815_482), 1.82e-6), ((166_080, 171_180, 166_300), 3.1e-22)]
)
def test_known_mismatches_have_their_published_p(counts, p):
    """Reference 2a.8: Kohavi, Tang & Xu 2020, and Statsig's example."""
    from explorer.experiment.analysis.assignment_checks import check_counts

    arms = tuple("ABC"[: len(counts)])
    found = check_counts(arms, np.array(counts), dict.fromkeys(arms, 1.0))
    assert found.p_value == pytest.approx(p, rel=0.01)
    assert found.df == len(counts) - 1


def test_a_value_from_before_narrows_the_interval_and_the_plain_one_is_printed_too(frame):
    (metric,) = [explorer.Metric("hours", "mean", "hours", pre="before")]
    adjusted, plain = run(frame, [metric]).cells[0], run(frame, METRICS[:1]).cells[0]
    assert (adjusted.unadjusted, adjusted.unadjusted_p) == pytest.approx(
        (plain.difference, plain.p_value)
    )
    assert adjusted.high - adjusted.low < 0.6 * (plain.high - plain.low)


def test_a_value_that_differed_before_is_not_trusted(frame):
    frame["before"] += 3 * (frame.arm == "B")
    found = run(frame, [explorer.Metric("hours", "mean", "hours", pre="before")])
    assert [cell.verdict for cell in found.cells] == ["untrusted", "inconclusive"]
    assert "already before the assignment" in found.cells[0].words


def test_rows_of_a_unit_are_one_value(frame):
    frame["member"] = np.arange(N) // 3
    frame["arm"] = np.array(["A", "B"])[frame.member % 2]
    found = run(frame, METRICS[:3], unit="member", by="country")
    means = frame.groupby("member").agg(
        arm=("arm", "first"), hours=("hours", "mean"), played=("played", "mean")
    )
    for metric in ("hours", "played"):
        sides = [means[metric][means.arm == arm] for arm in "BA"]
        expected = stats.ttest_ind(*sides, equal_var=False)
        assert found.cells.find(metric, "B").p_value == pytest.approx(expected.pvalue, rel=1e-6)
    assert any("compared as a mean" in note for note in found.notes)
    inside = frame[frame.country == "fi"].groupby("member").hours.mean()
    cell = found.cells.find("hours", "B", "country", "fi")
    assert cell.n_control + cell.n_treatment == len(inside)
    assert cell.control == pytest.approx(inside[inside.index % 2 == 0].mean())


def test_a_unit_in_two_arms_is_left_out_counted_and_said(frame):
    frame["member"] = np.arange(N) // 2
    frame["arm"] = np.array(["A", "B"])[frame.member % 2]
    frame.loc[frame.index[::1000], "arm"] = "B"
    frame.loc[frame.index[1::1000], "arm"] = "A"
    found = run(frame, METRICS[:1], unit="member")
    assert any("6 of 3,000 units were seen in more than one arm" in note for note in found.notes)
    assert found.n_units == 2_994
    assert found.cells[0].verdict != "untrusted"
    frame.loc[frame.index[::100], "arm"] = "B"
    frame.loc[frame.index[1::100], "arm"] = "A"
    assert run(frame, METRICS[:1], unit="member").cells[0].verdict == "untrusted"


def test_filters_are_the_population_of_every_number(frame):
    found = run(frame, METRICS[:1], where="country = 'no'")
    alone = run(frame[frame.country == "no"], METRICS[:1])
    assert found.cells[0].difference == pytest.approx(alone.cells[0].difference)
    assert found.n_units == alone.n_units
    assert any("country = 'no'" in note for note in found.notes)


def test_the_arms_can_be_numbers_or_yes_and_no(frame):
    for values, control in (
        (frame.arm == "B", False),
        ((frame.arm == "B").astype(int), 0),
        ((frame.arm == "B").astype(int), "0"),
    ):
        found = explorer.experiment(
            explorer.open_table(frame.assign(arm=values)), "arm", control, METRICS[:1]
        )
        assert found.cells[0].n_treatment == (frame.arm == "B").sum()


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({"arm": "A"}, {}, "one arm"),
        ({}, {"control": "D"}, "no arm 'D'"),
        ({}, {"control": "a"}, "did you mean 'A'"),
        ({}, {"metrics": []}, "needs a metric"),
        ({}, {"metrics": [METRICS[0], METRICS[0]]}, "two metrics are called 'hours'"),
        ({}, {"metrics": ["x=proportion(errors)"]}, "values 0 and 1"),
        ({}, {"metrics": ["x=mean(hour)"]}, "did you mean 'hours'"),
        ({}, {"metrics": ["x=mean(country)"]}, "is categorical"),
        ({}, {"variant": "hours", "control": 1}, "different values"),
        ({}, {"allocation": {"A": 0.5, "D": 0.5}}, "no arm 'D'"),
        ({}, {"allocation": {"A": -1, "B": 1, "C": 1}}, "0 or more"),
        ({}, {"alpha": (0.001, 0.05)}, "the larger first"),
        ({}, {"status": "over"}, "'final' or 'running'"),
        ({}, {"time": "country"}, "one time zone"),
        ({}, {"where": "country = 'dk'"}, "no row that is read is in the control"),
        ({}, {"planned": 0}, "1 or more"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(frame, change, options, words):
    asked = {"variant": "arm", "control": "A", "metrics": METRICS[:1], **options}
    with pytest.raises(ExplorerError, match=words):
        explorer.experiment(explorer.open_table(frame.assign(**change)), **asked)


def test_one_bad_metric_does_not_take_the_others_with_it(frame):
    frame["infinite"] = np.where(np.arange(N) == 7, np.inf, frame.hours)
    frame["constant"], frame["missing"] = 3.0, np.nan
    frame["negative"] = frame.plays - 2.5
    metrics = [
        METRICS[0],
        *(explorer.Metric(name, "mean", name) for name in ("infinite", "constant", "missing")),
        explorer.Metric("rate", "ratio", "errors", denominator="negative"),
        explorer.Metric("capped", "mean", "infinite", cap=30.0),
    ]
    found = run(frame, metrics)
    said = {
        metric.name: (
            found.cells.find(metric.name, "B").verdict,
            found.cells.find(metric.name, "B").words,
        )
        for metric in metrics
    }
    assert said["hours"][0] == "better"
    assert said["infinite"] == (
        "untrusted",
        "infinite is infinite for 1 units: cap it, or filter these rows",
    )
    assert said["constant"] == ("not enough data", "neither arm varies")
    assert said["missing"] == ("not enough data", "every value of missing is missing")
    assert said["rate"][0] == "untrusted"
    assert "is negative for" in said["rate"][1]
    assert said["capped"][0] == "changed"


def test_an_arm_without_rows_is_said_and_stays_empty(frame):
    found = run(frame, METRICS[:1], where="arm <> 'C'")
    cell = found.cells.find("hours", "C")
    assert (cell.n_treatment, cell.verdict) == (0, "not enough data")
    assert any("arm 'C'" in note for note in found.notes)


def test_ten_thousand_segments_are_counted_and_none_is_left_out(frame):
    frame["place"] = np.random.default_rng(1).integers(0, 10_000, N).astype(str)
    frame["place"] = "p" + frame.place
    found = run(frame, METRICS[:1], by="place")
    cells = [cell for cell in found.cells if cell.by == "place" and cell.arm == "B"]
    assert len(cells) == frame.place.nunique()
    assert (
        sum(cell.n_control + cell.n_treatment for cell in cells) == frame.arm.isin(["A", "B"]).sum()
    )
    assert {cell.verdict for cell in cells} <= {"not enough data", "inconclusive"}


def test_values_too_skewed_for_students_t_are_judged_by_permutation(frame):
    frame = frame[(frame.arm != "B") | (np.arange(N) % 10 == 0)].copy()
    frame["spend"] = np.random.default_rng(1).lognormal(0, 2.5, len(frame))
    found = run(frame, ["spend=mean(spend)"])
    cell = found.cells[0]
    assert (cell.verdict, cell.words) == (
        "inconclusive",
        "no detectable difference (all arms together: p = 1) (permutation test)",
    )
    assert cell.method.startswith("permutation test (19,999 random reassignments")
    assert cell.high - cell.difference > 1.5 * (cell.difference - cell.low)
    assert "reassigned at random" in found.method
    assert found.document()["cells"][0]["method"] == cell.method
    going = run(frame, ["spend=mean(spend)"], status="running").cells[0]
    assert going.words.startswith("still running, and values too skewed")


def test_a_running_experiment_is_judged_by_a_sequence(frame):
    weak = frame.assign(
        hours=frame.before + np.random.default_rng(3).normal(0, 2, N) + 0.55 * (frame.arm == "B")
    )
    final, running = (
        run(weak, METRICS, status=status, planned=N).cells for status in ("final", "running")
    )
    for ended, going in zip(final, running, strict=True):
        if going.metric == "median age":
            assert np.isnan(going.p_value)
            assert going.verdict in ("inconclusive", "not enough data")
        elif ended.verdict != "not enough data":
            assert going.p_value > ended.p_value
            assert going.low < ended.low
            assert going.high > ended.high
            assert (going.low_always, going.high_always) == (going.low, going.high)
    assert (final[0].verdict, running[0].verdict) == ("better", "inconclusive")


def test_units_that_go_on_collecting_rows_wait_for_the_end(frame):
    frame["member"] = np.arange(N) // 3
    frame["arm"] = np.array(["A", "B"])[frame.member % 2]
    cell = run(frame, METRICS[:1], unit="member", status="running").cells[0]
    assert cell.verdict == "inconclusive"
    assert "given at the end" in cell.words


def test_everything_is_there_as_a_table_and_as_json(frame, tmp_path):
    found = run(frame, by="country", allocation={"A": 1, "B": 1, "C": 1})
    table = found.to_arrow()
    pq.write_table(table, tmp_path / "cells.parquet")
    assert table.num_rows == len(found.cells) == 8 + 24
    document = found.document()
    assert document["srm"]["p_value"] == found.srm.p_value
    assert len(document["cells"]) == len(found.cells)
    assert document["cells"][0]["lift"] == found.cells[0].lift
    assert "Welch" in document["method"]


def test_dealing_the_arms_out_anew_leaves_nothing_but_noise(frame):
    found = run(frame, METRICS[:3], by="country")
    assert sum(cell.strength > 0 for cell in found.cells) > 0
    coloured = [sum(cell.strength > 0 for cell in found.shuffled(seed).cells) for seed in range(10)]
    assert sum(count > 0 for count in coloured) <= 3
    assert [c.difference for c in found.shuffled(1).cells] == [
        c.difference for c in found.shuffled(1).cells
    ]
    assert found.shuffled(1).cells[0].n_control == found.cells[0].n_control


def test_a_unit_keeps_its_values_when_the_arms_are_shuffled(frame):
    frame["member"] = np.arange(N) // 3
    frame["arm"] = np.array(["A", "B"])[frame.member % 2]
    found = run(frame, METRICS[:1], unit="member").shuffled(0)
    arm = found.analysis.units.arm
    assert np.bincount(arm).tolist() == [1000, 1000]
    assert (found.analysis.log.arm == arm[frame.member]).all()


def test_effects_over_time_end_where_the_whole_is(frame):
    found = run(frame, METRICS, time="entered")
    for metric in METRICS:
        line, cell = found.over_time(metric.name, "B"), found.cells.find(metric.name, "B")
        assert line.difference[-1] == pytest.approx(cell.difference, rel=1e-9)
        assert (np.diff(line.n) >= 0).all()
        assert (line.low_always is None) == (metric.kind == "quantile")
    line = found.over_time("hours", "B")
    seconds = (frame.entered - pd.Timestamp(0)).dt.total_seconds()
    early = frame[seconds <= line.time[11]]
    expected = early.hours[early.arm == "B"].mean() - early.hours[early.arm == "A"].mean()
    assert line.difference[11] == pytest.approx(expected, rel=1e-9)


def test_over_time_needs_a_time(frame):
    with pytest.raises(ExperimentError, match="needs a column of times"):
        run(frame).over_time("hours", "B")
    with pytest.raises(UnknownName, match="did you mean 'hours'"):
        run(frame, time="entered").over_time("hour", "B")


def test_the_spread_counts_every_unit_once(frame):
    found = run(frame).spread("hours", "B")
    assert found.control.sum() + found.below[0] + found.above[0] == (frame.arm == "A").sum()
    assert found.treatment.sum() + found.below[1] + found.above[1] == (frame.arm == "B").sum()
    grid = np.arange(1, 100) / 100
    expected = np.quantile(frame.hours[frame.arm == "B"], grid) - np.quantile(
        frame.hours[frame.arm == "A"], grid
    )
    np.testing.assert_allclose(found.curve.difference, expected, rtol=1e-6)
    assert (found.curve.low <= found.curve.pointwise_low + 1e-9).all()


def test_it_says_how_far_it_is_and_ends_when_it_is_told_to(frame, ends_when_told):
    told = []
    options = {"by": ["country", "device"], "time": "entered"}
    found = run(frame, progress=lambda *step: told.append(step), **options)
    columns = len({name for metric in METRICS for name in metric.columns})
    assert told[: columns + 1] == [("columns", done, columns) for done in range(columns + 1)]
    assert told[columns + 1 :] == [("metrics", done, 3) for done in range(3)]
    alike = run(frame, **options)
    assert [cell.p_value for cell in found.cells] == [cell.p_value for cell in alike.cells]
    ends_when_told(lambda progress: run(frame, progress=progress, **options), len(told))
    ends_when_told(lambda progress: found.shuffled(1, progress), 3)
