import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.app.cli import main


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    ad = rng.choice(["a", "b", "c"], 900, p=[0.8, 0.19, 0.01])
    frame = pd.DataFrame(
        {"ad": ad, "clicked": rng.random(900) < 0.2, "device": rng.choice(["tv", "phone"], 900)}
    )
    frame["p"] = frame.ad.map({"a": 0.8, "b": 0.19, "c": 0.01})
    frame["minutes"] = rng.gamma(2, 5, 900)
    frame.to_parquet(tmp_path / "log.parquet")
    return str(tmp_path / "log.parquet")


def test_items_are_lines_and_those_that_rest_on_too_few_rows_say_so(path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    options = ["--item", "ad", "--outcome", "clicked", "--propensity", "p", "--by", "device"]
    assert main(["engagement", path, *options]) == 0
    out = capsys.readouterr().out
    assert "target policy: SNIPS" in out
    assert "! 1 of 3 items are not ranked" in out
    assert "effective rows of the 100 that an order needs" in out
    assert "by device (6 segments × items)" in out


def test_amounts_have_medians(path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert main(["engagement", path, "--item", "ad", "--outcome", "minutes"]) == 0
    assert "median" in capsys.readouterr().out


def test_json_and_table_have_the_attributes_names(path, tmp_path):
    target, table = tmp_path / "found.json", tmp_path / "found.parquet"
    options = [
        "--item",
        "ad",
        "--outcome",
        "clicked",
        "--propensity",
        "p",
        "--clip",
        "10",
        "--reward",
        "device",
    ]
    assert main(["engagement", path, *options, "--json", str(target), "--out", str(table)]) == 0
    found = json.loads(target.read_text())
    assert {
        "item",
        "n",
        "rate",
        "low",
        "high",
        "shrunk",
        "ips",
        "snips",
        "dr",
        "ess",
        "max_weight",
    } <= set(found["rows"][0])
    assert found["clip"] == 10
    assert pq.read_table(table)["item"].to_pylist() == [row["item"] for row in found["rows"]]


def test_a_column_that_is_not_there_is_one_line(path, capsys):
    assert main(["engagement", path, "--item", "add", "--outcome", "clicked"]) == 1
    assert "did you mean 'ad'" in capsys.readouterr().err
