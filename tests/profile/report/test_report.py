"""A report appears whole, on top of nothing that is not its own."""

import errno
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import ExplorerError
from explorer.features.kind import Feature
from explorer.profile.report.report import write_report
from explorer.profile.report.report_folder import ReportFolder, page_file
from projections.errors import Cancelled


@pytest.fixture
def wide(profiles):
    def make(count):
        cells = np.arange(1.0, 30.0)
        return profiles.table_of([profiles.numeric(f"f{i}", cells) for i in range(count)])

    return make


def names_in(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.filterwarnings("error")
def test_no_column_stops_a_report(tmp_path):
    table = explorer.open_table(
        pd.DataFrame(
            {
                "wide": np.clip(np.random.default_rng(0).normal(size=5_000) * 0.6, -1.7, 1.7)
                * 1e308,
                "grid": np.arange(-17, 18).repeat(143)[:5_000] * 1e307,
                "two": np.array([-1.7e308, 1.7e308]).repeat(2_500),
                "small": np.linspace(0, 5e-320, 5_000),
                "lasting": pd.to_timedelta(np.arange(5_000), "h"),
                "all": np.nan,
            }
        ),
        cache=Cache(tmp_path / "cache"),
    )
    report = write_report(tmp_path / "report", table.profile().document(), table.features)
    assert report.pages == 6
    lasting = (tmp_path / "report/features/0005.html").read_text(encoding="utf-8")
    assert "208.3 days" in lasting
    assert "1970" not in lasting


def test_values_too_large_for_a_qq_plot_are_a_word(profiles, tmp_path):
    document = profiles.numeric("a", np.arange(30.0))
    document["qq"]["observed"] = [None] * len(document["qq"]["observed"])
    for one in document["histograms"].values():
        one["edges"][1] = None
    write_report(tmp_path / "report", profiles.table_of([document]), {})
    page = (tmp_path / "report/features/0001.html").read_text(encoding="utf-8")
    assert "No QQ plot: the values are too large to be drawn." in page
    assert "No histogram: the values are too large to be drawn." in page


def test_every_link_of_every_page_leads_somewhere(films_profile, tmp_path):
    seen = []
    report = write_report(
        tmp_path / "report",
        films_profile,
        {"runtime_min": Feature(name="runtime_min", kind="numeric")},
        progress=lambda *told: seen.append(told),
    )
    assert report.index == tmp_path / "report/index.html"
    assert report.pages == 5
    assert seen == [("report", i, 5) for i in range(1, 6)]
    pages = sorted((tmp_path / "report").rglob("*.html"))
    assert len(pages) == 6
    for page in pages:
        for link in re.findall(r"(?:href|src)=\"?([^\s\">]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).resolve().is_file(), (page, link)
    assert report.bytes == sum(
        (tmp_path / "report" / name).stat().st_size for name in names_in(tmp_path / "report")
    )


def test_names_of_features_are_no_file_names(profiles, tmp_path):
    names = ["../../etc/passwd", "CON", "con", "a/b\\c:*?", "x" * 300, "ü", ""]
    table = profiles.table_of([profiles.plain(name) for name in names])
    write_report(tmp_path / "report", table)
    assert names_in(tmp_path) == sorted(
        [
            "report/index.html",
            "report/report.css",
            "report/report.js",
            *(f"report/features/{i:04d}.html" for i in range(1, 8)),
        ]
    )
    assert len({page_file(i, 12_345).casefold() for i in range(1, 12_346)}) == 12_345
    assert {len(page_file(i, 12_345)) for i in (1, 12_345)} == {len("00001.html")}


def test_what_else_is_in_the_folder_stays(wide, tmp_path):
    (tmp_path / "features").mkdir()
    kept = {"notes.txt": "mine", "features/readme.html": "<p>mine", "features/12.html": "mine"}
    for name, words in kept.items():
        (tmp_path / name).write_text(words)
    write_report(tmp_path, wide(5))
    write_report(tmp_path, wide(2))
    assert {name: (tmp_path / name).read_text() for name in kept} == kept
    pages = [name for name in names_in(tmp_path) if re.fullmatch(r"features/\d{4}\.html", name)]
    assert pages == ["features/0001.html", "features/0002.html"]


@pytest.mark.parametrize("name", ["index.html", "features/0002.html", "report.css", "features"])
def test_a_file_that_is_not_a_reports_is_not_written_over(name, wide, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(
        ExplorerError, match=f"{name}' is there and is not of a report.*pass another --html folder"
    ):
        write_report(tmp_path, wide(3))
    assert names_in(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_places_that_cannot_be_written_are_refused_in_words(tmp_path):
    (tmp_path / "file").touch()
    for place, words in (
        ("no/where", "there is no folder"),
        ("file", "it is a file"),
        ("file/where", "there is no folder"),
    ):
        with pytest.raises(ExplorerError, match=words):
            ReportFolder(tmp_path / place).check()
    ReportFolder(tmp_path / "new").check()
    assert names_in(tmp_path) == ["file"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ExplorerError, match="permission denied"):
        ReportFolder(tmp_path).check()


def test_a_report_that_is_stopped_has_no_index_and_no_half_page(wide, tmp_path):
    write_report(tmp_path, wide(4))

    def stop(_, done, total):
        return done < 2

    with pytest.raises(Cancelled):
        write_report(tmp_path, wide(4), progress=stop)
    assert "index.html" not in names_in(tmp_path)
    assert all(path.read_text().rstrip().endswith("</html>") for path in tmp_path.rglob("*.html"))
    write_report(tmp_path, wide(4))
    assert "index.html" in names_in(tmp_path)


def test_a_killed_write_leaves_nothing_that_looks_complete(wide, tmp_path):
    write_report(tmp_path, wide(2))
    left = tmp_path / "features/0001.html.part"
    left.write_text("<html")
    write_report(tmp_path, wide(2))
    assert not left.exists()
    assert [name for name in names_in(tmp_path) if name.endswith(".part")] == []


def test_a_full_disk_is_one_clear_line(wide, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, data):
        if "0002" in path.name:
            write(path, data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ExplorerError, match="the disk is full") as raised:
        write_report(tmp_path, wide(3))
    assert "\n" not in str(raised.value)
    monkeypatch.undo()
    assert [name for name in names_in(tmp_path) if "index" in name or "0002" in name] == []
    # what it left is taken over when there is room
    write_report(tmp_path, wide(3))
    assert "index.html" in names_in(tmp_path)


def test_two_reports_of_one_profile_are_equal(films_profile, tmp_path):
    for name in ("a", "b"):
        write_report(tmp_path / name, films_profile)
    for name in names_in(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
