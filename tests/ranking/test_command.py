import json

import numpy as np
import pandas as pd
import pyarrow.csv
import pytest

from explorer.app.cli import main


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    page = np.repeat(np.arange(400), 6)
    position = np.tile(np.arange(1, 7), 400)
    frame = pd.DataFrame(
        {"page": page, "position": position, "layout": np.where(page % 2 == 0, "a", "b")}
    )
    frame["played"] = rng.random(len(frame)) < 0.3 / position
    frame["row"], frame["column"] = (position + 2) // 3, (position - 1) % 3 + 1
    frame.to_parquet(tmp_path / "log.parquet")
    return str(tmp_path / "log.parquet")


def run(path, *options):
    return main(
        [
            "ranking",
            path,
            "--position",
            "position",
            "--outcome",
            "played",
            "--list",
            "page",
            *options,
        ]
    )


def test_a_ranking_is_figures_a_curve_a_page_and_verdicts(path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert run(path, "--row", "row", "--column", "column", "--by", "layout", "--k", "1,3") == 0
    out = capsys.readouterr().out
    for words in (
        "NDCG@3",
        "position curve",
        "chance of any play within the first rows",
        "not corrected for position",
        "page: share of plays",
        "layout: b against a",
    ):
        assert words in out


def test_json_and_table_have_the_attributes_names(path, tmp_path):
    target, table = tmp_path / "found.json", tmp_path / "found.csv"
    assert run(path, "--no-hit", "exclude", "--json", str(target), "--out", str(table)) == 0
    found = json.loads(target.read_text())
    assert {
        "mrr",
        "ndcg",
        "success",
        "positions",
        "page",
        "any_play",
        "lists",
        "lists_without_hit",
    } <= set(found)
    assert (found["no_hit"], found["compared_on"]) == ("drop", "lists with a hit")
    assert pyarrow.csv.read_csv(table)["figure"].to_pylist()[0] == "mrr"


def test_depths_that_are_no_numbers_are_wrong_usage(path, capsys):
    with pytest.raises(SystemExit) as end:
        run(path, "--k", "1,many")
    assert end.value.code == 2
    assert "whole numbers" in capsys.readouterr().err
