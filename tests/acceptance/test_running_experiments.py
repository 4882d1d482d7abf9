"""Figures of a running experiment hold however often one looks, or are left out."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.app.cli import main
from tests.acceptance.conftest import experiment_command

LOOKS, STEP = 10, 400
PAIR = {"A": 1, "B": 1}
METRICS = ["score=mean(score)"]


def frame_of(seed, n=LOOKS * STEP):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "arm": rng.choice(["A", "B"], n),
            "score": rng.normal(size=n),
            "seconds": rng.exponential(size=n),
            "country": rng.choice(list("abcdefgh"), n),
            "test": rng.choice(["E1", "E2"], n),
            "entered": np.arange(n),
        }
    )


@pytest.fixture(scope="module")
def frame():
    frame = frame_of(0)
    frame["score"] += np.where((frame.arm == "B") & (frame.country < "e"), 0.8, 0.0)
    return frame


def cells_of(frame, **options):
    return explorer.experiment(explorer.open_table(frame), "arm", "A", METRICS, PAIR, **options)


@pytest.mark.parametrize(("seed", "look"), [(1005, 9), (1023, 2), (1027, 2), (1030, 4), (1051, 2)])
def test_what_a_single_look_would_colour_by_chance_is_not_coloured(seed, look):
    frame = frame_of(seed)[
        : look * STEP
    ]  # the first of ten looks at which one of these A/A experiments tells a segment from the whole
    final, running = (
        cells_of(frame, by="country", status=status).cells for status in ("final", "running")
    )
    assert any(cell.deviation_p_adjusted <= 0.05 for cell in final)
    assert not any(cell.strength or cell.deviation_p_adjusted <= 0.05 for cell in running)


def test_deviations_and_heterogeneity_pay_for_every_look(frame):
    final, running = (
        cells_of(frame, by="country", status=status) for status in ("final", "running")
    )
    (ended,), (going,) = (
        [one for one in found.families if one.name.endswith("country")]
        for found in (final, running)
    )
    assert ended.omnibus_p < going.omnibus_p < 0.05
    assert np.isnan(going.turned_p)
    for a, b in zip(final.cells, running.cells, strict=True):
        if a.by:
            assert b.deviation == a.deviation
            assert b.deviation_p_adjusted > a.deviation_p_adjusted
            assert b.deviation_high - b.deviation_low > 1.3 * (a.deviation_high - a.deviation_low)
    assert any(cell.deviation_p_adjusted <= 0.05 for cell in running.cells)


def test_every_interval_of_a_cell_holds_at_every_look(frame):
    final, running = (cells_of(frame, status=status).cells[0] for status in ("final", "running"))
    for low, high in (("low", "high"), ("low_fcr", "high_fcr"), ("lift_low", "lift_high")):
        inside = getattr(running, low) < getattr(final, low) and getattr(running, high) > getattr(
            final, high
        )
        assert inside or np.isnan(getattr(running, low))


def test_regions_of_a_map_pay_for_every_look(tmp_path):
    rng = np.random.default_rng(5)
    frame = frame_of(5)
    xy = rng.normal(size=(len(frame), 2))
    frame["score"] += np.where((frame.arm == "B") & (xy[:, 0] > 0), 2.0, 0.0)
    table = explorer.open_table(frame)
    mapped = explorer.build_map(xy, tmp_path / "map", table)
    final, running = (
        explorer.experiment(table, "arm", "A", METRICS, PAIR, status=status).on_map(mapped, 20)
        for status in ("final", "running")
    )
    assert final.families[0].omnibus_p < running.families[0].omnibus_p < 0.05
    assert 0 < running.differing("score", "B").sum() <= final.differing("score", "B").sum()
    for a, b in zip(final.cells, running.cells, strict=True):
        assert not b.deviation_p_adjusted < a.deviation_p_adjusted
    assert "Gail" not in running.words("score", "B")


def test_a_grid_of_running_experiments_is_judged_by_sequences(frame, tmp_path, capsys):
    table = explorer.open_table(frame)
    final, running = (
        explorer.experiment_wall(table, "test", "arm", "A", METRICS, PAIR, status=status)
        for status in ("final", "running")
    )
    for a, b in zip(final.cells, running.cells, strict=True):
        assert b.p_value > a.p_value
        assert b.high - b.low > 1.3 * (a.high - a.low)
    assert running.document()["status"] == "running"
    path, out = tmp_path / "log.parquet", tmp_path / "grid.json"
    pq.write_table(pa.Table.from_pandas(frame), path)
    argv = experiment_command(
        path, "--metric", METRICS[0], "--experiments", "test", "--status", "running"
    )
    main(argv)
    assert "hold however often one looks" in capsys.readouterr().out
    main([*argv, "--json", str(out)])
    assert json.loads(out.read_text())["cells"][0]["p_value"] == running.cells[0].p_value


def test_the_sample_ratio_of_a_running_experiment_pays_for_every_look(frame):
    lost = frame[(frame.arm == "A") | (np.arange(len(frame)) % 8 > 0)]
    final, running = (cells_of(lost, status=status) for status in ("final", "running"))
    assert final.srm.mismatch
    assert running.srm.p_value > final.srm.p_value
    assert "sequential multinomial test" in running.method


def test_segments_of_a_metric_that_waits_say_that_it_waits(frame):
    from explorer.experiment.page.segments_table import SegmentList

    found = explorer.experiment(
        explorer.open_table(frame),
        "arm",
        "A",
        ["median=quantile(seconds,0.5)"],
        by="country",
        status="running",
    )
    assert "given at the end" in SegmentList(found, "country", "median", "B").text
    assert all("given at the end" in cell.words for cell in found.cells)


def test_what_has_no_such_form_is_left_out_and_said(frame):
    metrics = ["median=quantile(seconds,0.5)", "seconds=mean(seconds)"]
    found = explorer.experiment(
        explorer.open_table(frame), "arm", "A", metrics, PAIR, time="entered", status="running"
    )
    cell = found.cells.find("median", "B")
    assert np.isnan([cell.p_value, cell.low, cell.high, cell.low_fcr, cell.lift_low]).all()
    assert "given at the end" in cell.words
    spread = found.spread("seconds", "B")
    assert spread.curve is None
    assert "drawn at the end" in spread.note
    line = found.over_time("seconds", "B")
    assert np.isnan(line.low).all()
    assert np.isfinite(line.low_always).any()
