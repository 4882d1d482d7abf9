"""Grades against the normal: few rows say what they can tell; a transform is no coin toss."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import explorer
from explorer.app.cli import main
from explorer.core.cache import Cache


def profiles(columns, tmp_path):
    return explorer.open_table(pd.DataFrame(columns), cache=Cache(tmp_path)).profile()


def test_a_spike_of_zeros_among_sixty_rows_is_told(tmp_path):
    rng = np.random.default_rng(0)
    drawn = {f"c{k}": np.append(np.zeros(18), rng.normal(size=42)) for k in range(60)}
    found = [profile.gaussian for profile in profiles(drawn, tmp_path).values()]
    assert {one.grade for one in found} == {"not"}
    assert {one.reasons[0] for one in found} == {"spike at 0 (30 %)"}


def test_a_hundred_uniform_rows_are_never_workable_in_silence(tmp_path):
    rng = np.random.default_rng(1)
    drawn = {f"c{k}": rng.random(100) for k in range(60)}
    for name, profile in profiles(drawn, tmp_path).items():
        assert profile.gaussian.grade in ("cannot tell", "not")
        if stats.shapiro(drawn[name]).pvalue < 0.001:
            assert "a normal sample shows" not in profile.gaussian.reasons[0]


@pytest.mark.parametrize("shape", ["normal", "uniform", "bimodal"])
def test_thirty_rows_cannot_tell_what_they_are(shape, tmp_path):
    rng = np.random.default_rng(2)
    draws = {
        "normal": lambda: rng.normal(size=30),
        "uniform": lambda: rng.random(30),
        "bimodal": lambda: rng.normal(size=30) + 3 * rng.integers(0, 2, 30),
    }
    found = [
        one.gaussian
        for one in profiles({f"c{k}": draws[shape]() for k in range(60)}, tmp_path).values()
    ]
    assert sum(one.grade in ("close", "workable") for one in found) == 0
    undecided = [one for one in found if one.grade == "cannot tell"]
    assert len(undecided) >= (57 if shape == "normal" else 45)
    assert undecided[0].reasons == ("with only 30 rows a normal sample shows D up to .15",)
    assert undecided[0].transform is None


def test_every_place_that_shows_a_grade_knows_the_one_of_few_rows(tmp_path, capsys):
    pd.DataFrame({"few": np.random.default_rng(3).normal(size=40)}).to_csv(
        tmp_path / "few.csv", index=False
    )
    assert (
        main(
            [
                "profile",
                str(tmp_path / "few.csv"),
                "--json",
                str(tmp_path / "few.json"),
                "--html",
                str(tmp_path / "pages"),
            ]
        )
        == 0
    )
    assert main(["profile", str(tmp_path / "few.csv")]) == 0
    assert "cannot tell" in capsys.readouterr().out
    assert '"cannot tell"' in json.dumps(json.loads((tmp_path / "few.json").read_text()))
    pages = "".join(page.read_text() for page in (tmp_path / "pages").rglob("*.html"))
    assert "too few rows to rule out normality" in pages


def test_an_exponential_gets_the_root_in_every_sample(tmp_path):
    rng = np.random.default_rng(4)
    drawn = {f"c{k}": rng.exponential(1, 100_000) for k in range(12)}
    assert {one.gaussian.transform for one in profiles(drawn, tmp_path).values()} == {"sqrt"}


def test_the_distance_beside_a_spike_is_that_of_all_cells(tmp_path):
    rng = np.random.default_rng(5)
    cells = np.where(rng.random(200_000) < 0.3, 0.0, rng.normal(5, 1, 200_000))
    found = profiles({"cells": cells}, tmp_path)["cells"].gaussian
    values, counts = np.unique(cells, return_counts=True)
    mid = (np.cumsum(counts) - counts / 2) / len(cells)
    distance = np.abs(mid - stats.norm.cdf(values, found.center, found.spread)).max()
    assert found.ks_distance == pytest.approx(distance, abs=0.001)
    shares = np.linspace(
        0.1, 0.9, 17
    )  # the line through the middle 80 % of the QQ plot, from all cells
    slope = np.polyfit(stats.norm.ppf(shares), np.interp(shares, mid, values), 1)[0]
    assert found.spread == pytest.approx(slope, rel=0.005)
