import os
import re

import pytest

from explorer.jobs.forecast import CostTable, Forecast, forecast, latest_costs


def test_a_forecast_is_said_in_words():
    assert Forecast(9.2, 0.31e9, {}).words == "≈ 9 s, 0.3 GB"
    assert Forecast(0.02, 0.25e9, {}).words == "≈ 1 s, 0.2 GB"
    assert Forecast(600, 12e9, {}).words == "≈ 10 min, 12.0 GB"
    assert Forecast(3 * 3600, 1e9, {}).words == "≈ 3.0 h, 1.0 GB"
    assert re.fullmatch(r"≈ \d+ s, \d\.\d GB", forecast(17_472, 11, "umap").words)


def test_more_rows_features_neighbours_and_epochs_cost_more():
    base = forecast(50_000, 20, "umap")
    assert forecast(100_000, 20, "umap").seconds > base.seconds
    assert forecast(50_000, 40, "umap").seconds > base.seconds
    assert forecast(50_000, 20, "umap", {"n_neighbors": 50}).seconds > base.seconds
    assert forecast(50_000, 20, "umap", {"n_epochs": 1000}).seconds > base.seconds
    assert forecast(50_000, 20, "pca").seconds < base.seconds
    assert forecast(100_000, 20, "umap").bytes > base.bytes > forecast(50_000, 20, "pca").bytes


def test_a_number_of_landmarks_makes_the_layout_independent_of_the_rows():
    stages = [forecast(n, 20, "umap", {"landmarks": 50_000}).stages for n in (1_000_000, 5_000_000)]
    assert stages[0]["layout"] == stages[1]["layout"]
    assert stages[0]["place"] < stages[1]["place"]
    everything = forecast(1_000_000, 20, "umap", {"landmarks": None}).stages
    assert "place" not in everything
    assert everything["layout"] > stages[0]["layout"]


def test_many_rows_start_from_landmarks_which_save_epochs():
    stages = forecast(1_000_000, 20, "umap").stages
    assert list(stages) == [
        "matrix",
        "prepare",
        "landmarks",
        "place",
        "neighbors",
        "graph",
        "layout",
        "scores",
        "map",
    ]
    assert stages["layout"] < forecast(1_000_000, 20, "umap", {"landmarks": None}).stages["layout"]
    assert "landmarks" not in forecast(100_000, 20, "umap").stages


def test_measured_stages_scale_the_forecast_and_are_remembered(tmp_path):
    plain = forecast(50_000, 20, "umap").stages
    CostTable(tmp_path).learn(
        plain, "umap", {stage: 3 * seconds for stage, seconds in plain.items()}
    )
    again = CostTable(tmp_path)
    for stage, seconds in plain.items():
        expected = 3 * seconds if 3 * seconds >= 1 else seconds
        assert forecast(50_000, 20, "umap", costs=again).stages[stage] == pytest.approx(expected)
    assert again.factor("pca", "matrix") == 1.0


def test_a_second_measurement_moves_the_factor_part_of_the_way(tmp_path):
    costs = CostTable(tmp_path)
    costs.learn({"layout": 1.0}, "umap", {"layout": 4.0})
    costs.learn({"layout": 1.0}, "umap", {"layout": 1.0})
    assert 1.0 < costs.factor("umap", "layout") < 4.0


def test_a_stage_too_short_to_measure_teaches_nothing(tmp_path):
    costs = CostTable(tmp_path)
    costs.learn({"graph": 0.001}, "umap", {"graph": 0.4, "unknown": 9.0})
    assert costs.factor("umap", "graph") == 1.0
    assert costs.factor("umap", "unknown") == 1.0


@pytest.mark.parametrize("content", [b"", b"nonsense" * 200])
def test_a_damaged_table_counts_as_empty_and_is_written_anew(tmp_path, content):
    (tmp_path / "costs.db").write_bytes(content)
    costs = CostTable(tmp_path)
    assert costs.factor("umap", "layout") == 1.0
    costs.learn({"layout": 1.0}, "umap", {"layout": 2.0})
    assert CostTable(tmp_path).factor("umap", "layout") == 2.0


def test_what_another_process_has_learned_meanwhile_stays(tmp_path):
    one, other = CostTable(tmp_path), CostTable(tmp_path)
    one.learn({"layout": 1.0}, "umap", {"layout": 2.0})
    other.learn({"graph": 1.0}, "umap", {"graph": 3.0})
    known = CostTable(tmp_path)
    assert (known.factor("umap", "layout"), known.factor("umap", "graph")) == (2.0, 3.0)


def test_a_folder_that_cannot_be_written_costs_no_job(tmp_path):
    (tmp_path / "file").write_text("")
    CostTable(tmp_path / "file").learn({"layout": 1.0}, "umap", {"layout": 2.0})


def test_one_strange_measurement_does_not_spoil_the_forecast(tmp_path):
    costs = CostTable(tmp_path)
    costs.learn({"matrix": 0.01}, "pca", {"matrix": 60.0})
    assert costs.factor("pca", "matrix") == 10.0


def test_the_latest_costs_are_those_of_the_last_job_and_read_once(tmp_path):
    def layout():
        return latest_costs(tmp_path).factor("umap", "layout")

    assert layout() == 1.0
    for seconds in (2.0, 4.0, 8.0):  # right after each other: the clock may not tell them apart
        CostTable(tmp_path).learn({"layout": 1.0}, "umap", {"layout": seconds})
        assert layout() == CostTable(tmp_path).factor("umap", "layout") > 1.0
    long_ago = 1_000_000_000
    os.utime(tmp_path / "costs.db", (long_ago, long_ago))
    costs = latest_costs(tmp_path)
    assert latest_costs(tmp_path) is costs
    CostTable(tmp_path).learn({"layout": 1.0}, "umap", {"layout": 10.0})
    assert layout() > costs.factor("umap", "layout")
    (tmp_path / "costs.db").unlink()  # as the cache is cleared
    assert layout() == 1.0
