"""The table of the terminal: a line a feature, no wider than asked."""

import pytest

from explorer.command_line.text_table import MOST_LINES, shortened, width_of
from explorer.feature.profile_table import profile_table


def feature(name, kind="numeric", **more):
    gaussian = {"grade": "not", "reasons": ["right tail", "counts"], "ks_distance": 0.11}
    outliers = {"far_rate": 0.0113, "words": ["1.1 % extreme", "2 isolated values"]}
    return {
        "name": name,
        "kind": kind,
        "rows": 200,
        "sampled": None,
        "missing": 15,
        "distinct": 120,
        "distinct_exact": True,
        "min": -3.0,
        "max": 1e9,
        "mean": 103.46,
        "std": 21.5,
        "gaussian": gaussian,
        "outliers": outliers,
        "notes": ["7.5 % missing"],
        "redundant_with": [["weight", -0.951]],
        **more,
    }


def document(*features):
    return {
        "table": {"title": "People", "rows": 200, "columns": len(features)},
        "features": [one if isinstance(one, dict) else feature(one) for one in features],
    }


def test_a_line_holds_the_figures_of_its_feature():
    head, names, line = profile_table(document("height"), 200)
    assert head == "People: 200 rows × 1 columns, every figure of all 200 rows"
    assert names.split() == [
        "feature",
        "kind",
        "missing",
        "distinct",
        "mean",
        "sd",
        "gaussian",
        "far",
        "notes",
    ]
    cells = [
        "height",
        "numeric",
        "7.5 %",
        "120",
        "103.5",
        "21.5",
        "not: right tail",
        "1.1 %",
        "2 isolated values · r −.95 weight",
    ]
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == cells


def test_what_does_not_exist_is_a_dash_or_nothing():
    bare = feature(
        "city",
        "categorical",
        mean=None,
        std=None,
        gaussian=None,
        outliers=None,
        notes=[],
        redundant_with=[],
        distinct_exact=False,
    )
    line = list(profile_table(document(bare), 120))[-1]
    assert line.split() == ["city", "categorical", "7.5", "%", "≈", "120", "–", "–"]


@pytest.mark.parametrize("width", [72, 80, 100, 130, 200])
def test_no_line_is_wider_than_the_terminal(width):
    names = ["a" * 300, "height", "日本語" * 40, "é" * 50]
    for line in list(profile_table(document(*names), width))[1:]:
        assert width_of(line) <= width


@pytest.mark.parametrize("width", [100, 120, 160])
def test_one_long_name_does_not_cost_the_notes(width):
    _, heads, long, short = profile_table(document("a" * 300, "height"), width)
    assert "notes" in heads.split()
    assert "2 isola" in short
    assert long.split()[0].endswith("…")
    assert len(long.split()[0]) <= 32


def test_means_of_durations_and_times_of_day_are_no_dates():
    times = {
        "first": 0.0,
        "last": 90_000.0,
        "rhythm": "irregular",
        "gaps": [],
        "weekdays": [],
        "hours": [],
    }
    plain = {
        "gaussian": None,
        "outliers": None,
        "notes": [],
        "redundant_with": [],
        "mean": 45_300.0,
        "std": 600.0,
    }
    lasting = feature("lasting", "temporal", times={**times, "cycles": []}, **plain)
    opening = feature("opening", "temporal", times={**times, "cycles": ["day"]}, **plain)
    dated = feature("dated", "temporal", times={**times, "cycles": ["day", "week"]}, **plain)
    for one, mean in ((lasting, "12.6 h"), (opening, "12:35"), (dated, "1970-01-01")):
        line = list(profile_table(document(one), 160))[-1]
        assert [cell.strip() for cell in line.split("  ") if cell.strip()][4:6] == [mean, "10 min"]


def test_columns_stand_under_their_heads_whatever_the_script():
    lines = list(profile_table(document("height", "身長", "cafe\u0301"), 160))[1:]
    kinds = [
        width_of(line[: line.index("kind" if line.startswith("feature") else "numeric")])
        for line in lines
    ]
    assert len(set(kinds)) == 1


def test_names_cannot_act_on_the_terminal():
    text = "\n".join(profile_table(document("a\x1b[2J\nb\r\tc\u202e"), 160))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 3


def test_two_hundred_lines_are_shown_and_the_rest_counted():
    lines = list(profile_table(document(*(f"f{i}" for i in range(5_000))), 120))
    assert len(lines) == 2 + MOST_LINES + 1
    assert lines[-1] == "… and 4,800 more: --json or --html"


def test_a_sample_is_called_one():
    told = next(profile_table(document(feature("a", sampled=200)), 120))
    assert told.endswith("every figure of a random sample of 200 of 200 rows")


def test_a_text_is_cut_to_its_width():
    assert [shortened("abcdef", width) for width in (0, 1, 3, 6)] == ["", "…", "ab…", "abcdef"]
    assert shortened("日本語", 4) == "日…"
