"""Segments of a family that was not opened are exported "as the whole", without a p-value."""

import csv
import json
import math

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.app.cli import main
from explorer.experiment.page.cards import cell_line
from tests.acceptance.conftest import experiment_command


@pytest.fixture(scope="module")
def frame():
    rng, n = np.random.default_rng(2), 4_000
    frame = pd.DataFrame({"arm": rng.choice(["A", "B"], n), "country": rng.choice(list("abc"), n)})
    return frame.assign(minutes=rng.normal(10, 2, n) + np.where(frame.arm == "B", 1.0, 0.0))


@pytest.fixture(scope="module")
def found(frame):
    return explorer.experiment(
        explorer.open_table(frame), "arm", "A", ["minutes=mean(minutes):increase"], by="country"
    )


def test_a_segment_with_a_sure_effect_is_not_called_inconclusive(found):
    whole, *segments = found.cells
    assert whole.verdict == "better"
    for cell in segments:
        assert cell.p_value < 1e-15
        assert (cell.verdict, cell.strength) == ("as the whole", 0)
        assert math.isnan(cell.p_adjusted)
        assert math.isnan(cell.deviation_p_adjusted)
        assert cell.words.startswith(
            "as the whole: not tested on its own, since no sign that the effect differs between "
            "segments"
        )


def test_every_way_out_says_the_same(found, frame, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    table = found.to_arrow()
    assert table["verdict"].to_pylist()[1:] == ["as the whole"] * 3
    assert np.isnan(table["p_adjusted"].to_numpy()[1:]).all()
    for cell in found.document()["cells"][1:]:
        assert (cell["verdict"], cell["p_adjusted"]) == ("as the whole", None)
    line = cell_line(found.cells[1], found.metrics[0])
    assert (line["verdict"]["short"], line["p"], line["verdict"]["glyph"]) == (
        "as the whole",
        "–",
        "=",
    )
    path = tmp_path / "log.csv"
    frame.to_csv(path, index=False)
    argv = experiment_command(path, "--metric", "minutes=mean(minutes):increase", "--by", "country")
    main(argv)
    assert capsys.readouterr().out.count("as the whole: not tested on its own") == 3
    main([*argv, "--json", str(tmp_path / "found.json"), "--out", str(tmp_path / "cells.csv")])
    assert (
        json.loads((tmp_path / "found.json").read_text())["cells"][1]["verdict"] == "as the whole"
    )
    rows = list(csv.DictReader((tmp_path / "cells.csv").read_text().splitlines()))
    assert rows[1]["verdict"] == "as the whole"
    assert rows[1]["p_adjusted"] in ("", "nan")
