import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.app.cli import main
from explorer.drift.watch import WatchedFolder

START = pd.Timestamp("2026-01-05")


def weeks(first, last, shift=0.0, rows=300):
    week = np.repeat(np.arange(first, last), rows)
    random = np.random.default_rng(first)
    at = START + pd.to_timedelta(week * 7 + random.uniform(0, 7, len(week)), unit="D")
    # what a dozen features have in common says how chunks differ by chance
    others = {f"other_{i}": random.normal(size=len(week)) for i in range(12)}
    return pd.DataFrame(
        {
            "at": at,
            "height": random.normal(170 + shift, 10, len(week)),
            "city": random.choice(["Oslo", "Rome"], len(week)),
            "pay": random.normal(size=len(week)),
            "score": random.random(len(week)),
            "happened": random.random(len(week)) < 0.5,
            **others,
        }
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.parquet"
    pd.concat([weeks(0, 20), weeks(20, 28, shift=8)]).to_parquet(path, index=False)
    return path


def test_lines_say_what_changed_and_when(log, capsys):
    assert (
        main(["drift", str(log), "--time", "at", "--truth", "happened", "--prediction", "score"])
        == 0
    )
    out = capsys.readouterr().out
    assert "height, 2026-05-25: its values have shifted by" in out
    assert "▲" in out
    assert "roc_auc: usually" in out
    assert "estimated" in out


def test_json_has_the_names_of_python(log, capsys):
    assert (
        main(["drift", str(log), "--time", "at", "--features", "height,city", "--json", "-"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    found = explorer.drift(explorer.open_table(str(log)), "at", features=["height", "city"])
    assert document["alarms"] == json.loads(json.dumps(found.document()))["alarms"]
    assert set(document["alarms"][0]) >= {
        "feature",
        "chunk",
        "start",
        "statistic",
        "value",
        "threshold",
        "words",
    }
    assert document["features"] == ["height", "city"]


def test_a_table_has_a_row_a_feature_and_chunk(log, tmp_path):
    out = tmp_path / "drift.parquet"
    assert main(["drift", str(log), "--time", "at", "--chunk", "1000rows", "--out", str(out)]) == 0
    table = pq.read_table(out)
    assert table.num_rows == 17 * 8
    assert {
        "feature",
        "chunk",
        "start",
        "rows",
        "missing",
        "statistic",
        "value",
        "threshold",
        "score",
        "psi",
        "psi_floor",
        "ks",
        "js",
        "alarm",
    } <= set(table.column_names)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--time", "then"], "then"),
        (["--time", "at", "--chunk", "fortnight"], "hour, day, week"),
        (["--time", "height"], "1000rows"),
        (["--time", "at", "--watch", "nowhere"], "--watch is a folder"),
        (["--time", "at", "--watch", ".", "--json", "-"], "lines of JSON"),
    ],
)
def test_what_cannot_be_is_one_line(log, capsys, arguments, words):
    assert main(["drift", str(log), *arguments]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert len(said.strip().splitlines()) == 1


def test_a_watched_folder_says_each_new_alarm_once(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    base = tmp_path / "base.parquet"
    weeks(0, 20).to_parquet(base, index=False)
    coming = [
        lambda: (folder / "a.parquet").write_bytes(b"PAR1 not yet whole"),
        lambda: weeks(20, 22, shift=8).to_parquet(folder / "a.parquet"),
        lambda: None,
        lambda: weeks(22, 23, shift=8).to_parquet(folder / "b.parquet"),
        lambda: None,
        lambda: None,
    ]
    monkeypatch.setattr("time.sleep", lambda _: coming.pop(0)())
    assert main(["drift", str(base), "--time", "at", "--watch", str(folder), "--rounds", "7"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["rows"] for line in lines if line["event"] == "read"] == [6_000, 6_600, 6_900]
    named = [
        (line["feature"], line["chunk"])
        for line in lines
        if line["event"] == "alarm" and line["statistic"] == "wasserstein"
    ]
    assert named == [("height", "2026-05-25"), ("height", "2026-06-01"), ("height", "2026-06-08")]
    assert len(
        {
            (line["feature"], line["chunk"], line["statistic"])
            for line in lines
            if line["event"] == "alarm"
        }
    ) == sum(line["event"] == "alarm" for line in lines)


def test_a_file_is_taken_when_it_has_settled_and_opens(tmp_path):
    folder = WatchedFolder(tmp_path)
    assert not folder.look()
    (tmp_path / "half.parquet").write_bytes(b"PAR1")
    assert not folder.look()
    assert not folder.look()
    assert list(folder.refused) == [tmp_path / "half.parquet"]
    weeks(0, 1).to_parquet(tmp_path / "half.parquet")
    assert not folder.look()
    assert folder.look()
    assert folder.files == [str(tmp_path / "half.parquet")]
    (tmp_path / "half.parquet").unlink()
    assert folder.look()
    assert folder.files == []
