"""`explorer review`: where a review stands, its publication, and verdicts from elsewhere."""

import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.app.cli import main
from explorer.review.approval import Approval
from explorer.review.opinion import opinions_of
from explorer.review.review import Review
from explorer.review.review_lines import review_lines
from explorer.review.review_store import open_store
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{name}.parquet" for name in "ab"]
    for path in paths:
        frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["height", "weight", "pulse"])
        frame.to_parquet(path)
    return [str(path) for path in paths]


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'reviews.db'}"


@pytest.fixture
def core(files, url):
    """A set of two versions with verdicts of two people on the second."""
    first = FeatureSet("core", ["height"], rationale="A first try.")
    kept = first.changed(features=["height", "weight"], rationale="Both are measured.")
    fingerprint = explorer.open_table(files).fingerprint
    store = open_store(url)
    for one in (first, kept):
        store.save(one)
    for name, decision, who in (
        ("height", "keep", "ada"),
        ("weight", "keep", "ada"),
        ("weight", "drop", "ben"),
        ("pulse", "drop", "ben"),
    ):
        store.verdict(
            name,
            decision,
            reason=f"{who} says so",
            reviewer=who,
            in_set=kept,
            fingerprint=fingerprint,
        )
    store.approve(Approval(in_set="core@2", reviewer="ada", fingerprint=fingerprint))
    store.close()
    return kept


def run(*arguments):
    return main(["review", *map(str, arguments)])


def complaint(capsys, *arguments):
    assert run(*arguments) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    return told.err


def test_status_says_where_the_review_stands(core, files, url, capsys):
    assert run(*files, "status", "--set", "core@2", "--store", url) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert (
        lines[0]
        == "core@2: open · 2 of 2 members decided · 1 of 1 approval · 1 disagreement: weight"
    )
    assert lines[1:] == [
        "disagreements (1): weight",
        "feature  in set  opinion",
        "height   yes     keep (ada)",
        "weight   yes     ada: keep · ben: drop",
        "pulse    no      drop (ben)",
    ]
    assert printed.err == ""


def test_the_action_may_stand_behind_the_set_and_a_name_alone_is_its_newest_version(
    core, files, url, capsys
):
    for arguments in (
        [*files, "--set", "core@2", "status"],
        [*files, "--set", "core", "status"],
        ["--set", "core", *files, "status"],
        [*files, "status", "--set", "core"],
    ):
        assert run(*arguments, "--store", url) == 0
        assert capsys.readouterr().out.startswith("core@2: open")
    assert run(*files, "--set", "core@1", "status", "--store", url) == 0
    assert capsys.readouterr().out.startswith("core@1: open · 1 of 1 member decided")


def test_status_on_other_data_is_told(core, files, url, capsys):
    assert run(files[0], "--set", "core@1", "status", "--store", url) == 0
    told = capsys.readouterr().out
    assert "outdated (1): height: the data have changed since" in told


def test_status_as_json_has_every_verdict(core, files, url, tmp_path, capsys):
    assert run(*files, "--set", "core", "status", "--store", url, "--json", "-") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["state"], document["disagreements"]) == ("open", ["weight"])
    given = {
        one["feature"]: [verdict["decision"] for verdict in one["verdicts"]]
        for one in document["features"]
    }
    assert given == {"height": ["keep"], "weight": ["keep", "drop"], "pulse": ["drop"]}
    assert (
        run(*files, "--set", "core", "status", "--store", url, "--json", tmp_path / "s.json") == 0
    )
    assert json.loads((tmp_path / "s.json").read_text()) == document


def test_export_writes_a_publication_with_profiles_and_map(core, files, url, tmp_path, capsys):
    core.save(tmp_path / "core.yaml")
    made = [
        "project",
        *files,
        "--set",
        str(tmp_path / "core.yaml"),
        "--method",
        "pca",
        "--out",
        str(tmp_path / "e.parquet"),
    ]
    assert main(made) == 0
    capsys.readouterr()
    arguments = [
        "--embedding",
        tmp_path / "e.parquet",
        "--color",
        "pulse",
        "--size",
        "90x60",
        "--out",
        tmp_path / "out",
        "--json",
        "-",
    ]
    assert run(*files, "export", "--set", "core@2", "--store", url, *arguments) == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("core@2: 3 features in ")
    assert json.loads(printed.out)["features"] == 3
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [one["profile"]["rows"] for one in report["features"]] == [120] * 3
    assert report["map"]["legend"]["title"] == "pulse"
    assert (tmp_path / "out" / "map.html").is_file()


def test_export_goes_to_a_folder_of_the_sets_name(core, files, url, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run(*files, "export", "--set", "core", "--store", url) == 0
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["core@2"]


def test_what_was_exported_is_imported_elsewhere(core, files, url, tmp_path, capsys):
    assert run(*files, "export", "--set", "core", "--store", url, "--out", tmp_path / "out") == 0
    capsys.readouterr()
    other = tmp_path / "other.db"
    assert (
        run(
            *files,
            "--set",
            "core",
            "import",
            "--from",
            tmp_path / "out" / "verdicts.json",
            "--store",
            other,
            "--json",
            "-",
        )
        == 0
    )
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"sets": 2, "evidence": 0, "verdicts": 4, "approvals": 1}
    first, second = printed.err.splitlines()
    assert first.endswith("verdicts.json: added 2 sets, 0 evidence, 4 verdicts, 1 approvals")
    assert second.startswith("core@2: open · 2 of 2 members decided")
    assert (
        run(*files, "import", "--from", tmp_path / "out" / "verdicts.json", "--store", other) == 0
    )
    assert "added 0 sets, 0 evidence, 0 verdicts, 0 approvals" in capsys.readouterr().err


def test_a_set_is_imported_from_its_file_without_what_it_learned(
    core, files, url, tmp_path, capsys
):
    assert run(*files, "export", "--set", "core", "--store", url, "--out", tmp_path / "out") == 0
    for store, n in ((tmp_path / "other.db", 1), (tmp_path / "other.db", 0), (url, 0)):
        capsys.readouterr()
        assert (
            run(
                *files,
                "--set",
                "core@2",
                "import",
                "--from",
                tmp_path / "out" / "features.yaml",
                "--store",
                store,
            )
            == 0
        )
        assert f"features.yaml: added {n} sets" in capsys.readouterr().err
    kept = open_store(tmp_path / "other.db")
    assert kept.set("core@2") == core
    kept.close()


def test_what_cannot_be_done_is_one_clear_line(core, files, url, tmp_path, capsys):
    store = ("--store", url)
    assert "no feature set 'cor': did you mean 'core@" in complaint(
        capsys, *files, "status", "--set", "cor", *store
    )
    assert "no feature set 'core@7'" in complaint(
        capsys, *files, "export", "--set", "core@7", *store
    )
    assert "expected a set as NAME@VERSION" in complaint(
        capsys, *files, "status", "--set", "core@x", *store
    )
    assert "nowhere.parquet" in complaint(
        capsys, "nowhere.parquet", "status", "--set", "core", *store
    )
    assert "there is no folder" in complaint(
        capsys, *files, "export", "--set", "core", *store, "--out", tmp_path / "no/where"
    )
    assert "no embedding file" in complaint(
        capsys,
        *files,
        "export",
        "--set",
        "core",
        *store,
        "--embedding",
        tmp_path / "e",
        "--out",
        tmp_path / "o",
    )
    assert "a store is SQLite or PostgreSQL" in complaint(
        capsys, *files, "status", "--set", "core", "--store", "mysql://a/b"
    )
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert "expected a file of verdicts" in complaint(
        capsys, *files, "import", "--from", bad, *store
    )
    other = FeatureSet("other", ["height"], rationale="r")
    other.save(tmp_path / "other.yaml")
    assert "holds other@1, --set says core@2" in complaint(
        capsys, *files, "import", "--set", "core@2", "--from", tmp_path / "other.yaml", *store
    )
    there = open_store(tmp_path / "there.db")
    there.save(other)
    there.export(tmp_path / "there.json")
    there.close()
    assert "has nothing of 'core': it holds other" in complaint(
        capsys, *files, "import", "--set", "core", "--from", tmp_path / "there.json", *store
    )
    FeatureSet("core", ["height"], rationale="other", version=2, scale="none").save(
        tmp_path / "core.yaml"
    )
    assert "core@2 is kept already with other features" in complaint(
        capsys, *files, "import", "--from", tmp_path / "core.yaml", *store
    )
    assert not (tmp_path / "o").exists()


def test_usage_says_what_an_action_needs(core, files, url, capsys):
    for arguments, words in (
        (["import"], "import needs --from FILE"),
        (["export"], "export needs --set NAME@V"),
    ):
        with pytest.raises(SystemExit, match="2"):
            run(*files, *arguments, "--store", url)
        assert words in capsys.readouterr().err


def test_lines_show_no_control_character_and_say_how_many_more():
    names = [f"f{i:03d}" for i in range(299)] + ["\x1b[31mred\n"]
    kept = FeatureSet("wide", names, rationale="r")
    given = [
        Verdict(feature=names[0], decision="merge", into="\x1b]0;x\x07", reason="r", reviewer="ada")
    ]
    lines = list(review_lines(Review(kept, opinions_of(given)), 80))
    assert all(line.isprintable() for line in lines)
    assert lines[1].startswith("undecided (299): f001, f002")
    assert lines[1].endswith("and 287 more")
    assert lines[-1] == "… and 100 more: --json"
