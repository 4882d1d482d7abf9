"""`explorer profile`: what it prints, writes, says when it is stopped, and returns."""

import errno
import json
import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from explorer.app.cli import main
from explorer.feature import command as profiling
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.kind import Feature
from projections.errors import Cancelled


class FakeProfile:
    """A profile that is its document."""

    def __init__(self, names):
        rng = np.random.default_rng(0)
        self.features = [self.feature(name, rng.normal(size=50)) for name in names]

    def feature(self, name, cells):
        return {
            "name": name,
            "kind": "numeric",
            "label": name.title(),
            "unit": "cm",
            "rows": 50,
            "sampled": None,
            "exact": True,
            "missing": 0,
            "distinct": 50,
            "distinct_exact": True,
            "min": cells.min(),
            "max": cells.max(),
            "mean": cells.mean(),
            "std": cells.std(ddof=1),
            "quantiles": {"0.5": float(np.median(cells))},
            "notes": [],
            "skewness": None,
            "gaussian": {"grade": "close", "reasons": [], "ks_distance": 0.01},
            "outliers": None,
        }

    def document(self):
        about = {"title": "People", "rows": 50, "columns": 3, "fingerprint": "f00"}
        return {"table": about, "features": self.features, "redundancy": {"names": []}}


class FakeTable:
    """A table whose profile reports what the test says, then comes or raises."""

    def __init__(self):
        self.column_names = ["height", "weight", "age"]
        self.columns = SimpleNamespace(catalogue=Catalogue())
        self.features = {name: Feature(name=name, kind="numeric") for name in self.column_names}
        self.steps, self.end, self.asked = [(0, 3), (3, 3)], None, None

    def profile(self, features=None, progress=None):
        self.asked = features
        for done, total in self.steps:
            progress("profile", done, total)
        if self.end is not None:
            raise self.end
        return FakeProfile(features or self.column_names)


@pytest.fixture
def table(monkeypatch):
    fake = FakeTable()
    monkeypatch.setattr(profiling, "open_files", lambda *_: fake)
    return fake


def run(*arguments):
    return main(["profile", "people.parquet", *map(str, arguments)])


def test_without_a_file_to_write_it_prints_a_table(table, capsys):
    assert run() == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == "People: 50 rows × 3 columns, every figure of all 50 rows"
    assert [line.split()[0] for line in lines[1:]] == ["feature", "height", "weight", "age"]
    assert printed.err == ""
    assert table.asked is None


def test_the_table_is_as_wide_as_the_terminal_says(table, monkeypatch, capsys):
    for width in (70, 110):
        monkeypatch.setenv("COLUMNS", str(width))
        assert run() == 0
        assert max(map(len, capsys.readouterr().out.splitlines()[1:])) <= width


def test_features_are_those_asked_for(table, capsys):
    assert run("--features", "age, height") == 0
    assert table.asked == ["age", "height"]
    assert "weight" not in capsys.readouterr().out


@pytest.mark.parametrize("nothing", ["", " , "])
def test_no_feature_at_all_is_a_usage_error(table, nothing, capsys):
    with pytest.raises(SystemExit) as ended:
        run("--features", nothing)
    assert ended.value.code == 2
    assert "--features: expected at least one column, as in a,b; got " in capsys.readouterr().err
    assert table.asked is None


def test_names_of_the_catalogue_that_are_no_column_are_said(table, capsys):
    table.columns.catalogue = Catalogue(features={"heigth": {"label": "Height"}, "zzz": {}})
    assert run() == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == table.columns.catalogue.unknown(table.column_names)
    assert "'heigth', which is no column" in printed.err
    assert "heigth" not in printed.out


def test_json_is_the_whole_document_with_time_and_memory(table, tmp_path, capsys):
    assert run("--json", tmp_path / "p.json") == 0
    text = (tmp_path / "p.json").read_text(encoding="utf-8")
    written = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    expected = FakeProfile(table.column_names).document()
    assert {key: written[key] for key in expected} == expected
    assert written["seconds"] > 0
    assert written["peak_bytes"] is None or written["peak_bytes"] > 1e6
    assert list(tmp_path.iterdir()) == [tmp_path / "p.json"]
    assert capsys.readouterr().out == ""
    # a line a feature, for those who read it with grep
    assert sum('"name": "height"' in line for line in text.splitlines()) == 1


def test_json_goes_to_stdout_with_a_dash(table, capsys):
    assert run("--json", "-") == 0
    assert len(json.loads(capsys.readouterr().out)["features"]) == 3


def test_json_that_cannot_be_written_leaves_what_was_there(table, tmp_path, monkeypatch, capsys):
    path = tmp_path / "p.json"
    path.write_text("before")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(profiling, "_dump", full)
    assert run("--json", path) == 1
    assert "No space left" in capsys.readouterr().err
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_html_is_a_report_and_says_where(table, tmp_path, capsys):
    assert run("--html", tmp_path / "report", "--json", tmp_path / "p.json") == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("3 features in ")
    assert printed.err.endswith(f"{tmp_path / 'report' / 'index.html'}\n")
    assert sorted(path.name for path in (tmp_path / "report/features").iterdir()) == [
        "0001.html",
        "0002.html",
        "0003.html",
    ]
    assert (tmp_path / "p.json").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_work(table, tmp_path, capsys):
    (tmp_path / "file").touch()
    for option, place in (
        ("--html", "file"),
        ("--html", "no/where"),
        ("--json", "no/where.json"),
        ("--json", "."),
    ):
        assert run(option, tmp_path / place) == 1
        assert option in capsys.readouterr().err
    assert table.asked is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), Cancelled()])
def test_ctrl_c_says_what_is_kept(table, end, tmp_path, capsys):
    table.steps, table.end = [(0, 800), (1, 800), (300, 800)], end
    assert run("--html", tmp_path / "report") == 130
    told = capsys.readouterr().err
    assert (
        told.splitlines()[-1]
        == "stopped: 300 of 800 features are counted and kept; the same command goes on from there"
    )
    assert "Traceback" not in told
    assert not (tmp_path / "report").exists()


def test_ctrl_c_at_the_very_start_promises_nothing(table, capsys):
    table.steps, table.end = [], KeyboardInterrupt()
    assert run() == 130
    assert capsys.readouterr().err.splitlines()[-1] == "stopped before a feature was counted"


def test_a_run_that_goes_on_says_how_much_was_there(table, capsys):
    table.steps = [(300, 800), (301, 800), (800, 800)]
    assert run() == 0
    assert capsys.readouterr().err == "300 of 800 features were counted before\n"
    # nothing was there, or everything
    for steps in ([(0, 800), (300, 800)], [(800, 800)]):
        table.steps = steps
        assert run() == 0
        assert capsys.readouterr().err == ""


def test_a_real_file_is_profiled(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"height": rng.normal(170, 10, 400), "city": ["Ulm", "Bern"] * 200})
    frame.loc[:99, "height"] = np.nan
    frame.to_parquet(tmp_path / "people.parquet")
    catalogue = tmp_path / "people.yaml"
    catalogue.write_text("features:\n  height: {label: Height, unit: cm}\n")
    arguments = ["profile", str(tmp_path / "people.parquet"), "--catalogue", str(catalogue)]
    assert main([*arguments, "--json", "-", "--html", str(tmp_path / "report")]) == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["features"]}
    cells = frame["height"].dropna()
    assert found["height"]["missing"] == 100
    assert found["height"]["mean"] == pytest.approx(cells.mean(), rel=1e-9)
    assert found["height"]["std"] == pytest.approx(cells.std(), rel=1e-9)
    assert dict(found["city"]["levels"]) == {"Ulm": 200, "Bern": 200}
    index = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "Height" in index
    assert "25 %" in index
    assert main([*arguments, "--features", "heigth"]) == 1
    assert "did you mean 'height'" in capsys.readouterr().err
