import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.app.cli import main


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    signal = rng.normal(size=2_000)
    frame = pd.DataFrame(
        {
            "hit": rng.random(2_000) < 1 / (1 + np.exp(-signal)),
            "place": rng.choice(["u", "v"], 2_000),
        }
    )
    frame["new"] = 1 / (1 + np.exp(-signal))
    frame["old"] = 1 / (1 + np.exp(-signal - rng.normal(0, 1, 2_000)))
    frame["user"] = rng.integers(0, 300, 2_000)
    frame.to_parquet(tmp_path / "log.parquet")
    return str(tmp_path / "log.parquet")


def run(path, *options):
    return main(
        [
            "models",
            path,
            "--truth",
            "hit",
            "--prediction",
            "old=old",
            "--prediction",
            "new=new",
            *options,
        ]
    )


def test_models_are_lines_with_figures_pairs_and_words(path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert run(path, "--by", "place") == 0
    out = capsys.readouterr().out
    assert "roc_auc" in out
    assert "old → new" in out
    assert "new is better than old, strong evidence (DeLong)" in out
    assert "calibration of new: slope" in out
    assert "weakest slices by roc_auc" in out


def test_json_and_a_table_have_the_attributes_names(path, tmp_path):
    told, table = tmp_path / "found.json", tmp_path / "found.parquet"
    assert (
        run(
            path,
            "--unit",
            "user",
            "--where",
            "place = 'u'",
            "--json",
            str(told),
            "--out",
            str(table),
        )
        == 0
    )
    found = json.loads(told.read_text())
    assert set(found["models"]["old"]["roc_auc"]) == {"value", "low", "high", "error", "exact"}
    assert {one["method"] for one in found["paired"]} == {"DeLong", "paired by unit"}
    assert pq.read_table(table).column_names[:3] == ["model", "metric", "value"]


def test_two_predictions_of_one_name_are_refused(path, capsys):
    assert (
        main(["models", path, "--truth", "hit", "--prediction", "a=old", "--prediction", "a=new"])
        == 1
    )
    assert "a name of its own" in capsys.readouterr().err


def test_a_prediction_without_a_name_is_wrong_usage(path):
    with pytest.raises(SystemExit, match="2"):
        main(["models", path, "--truth", "hit", "--prediction", "old"])
