"""Derived columns against pandas."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import explorer
from explorer.core.errors import ExpressionError, TableError, UnknownName
from explorer.sources.widened import reopen_source


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 500
    frame = pd.DataFrame(
        {"gross": rng.lognormal(3, 2, n), "cost": rng.integers(0, 5, n), "title": ["x"] * n}
    )
    frame.loc[rng.random(n) < 0.2, "gross"] = np.nan
    frame["out"] = pd.Timestamp("1999-12-25") + pd.to_timedelta(
        rng.integers(0, 10_000, n), unit="h"
    )
    frame["code"] = np.where(rng.random(n) < 0.2, -999.0, rng.normal(size=n))
    return frame


@pytest.fixture
def table(frame, tmp_path) -> explorer.Table:
    (tmp_path / "c.yaml").write_text("features: {code: {sentinels: [-999], label: The code}}")
    return explorer.open_table(frame, catalogue=tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("log1p(gross)", lambda f: np.log1p(f["gross"])),
        ("gross × 2 − cost", lambda f: f["gross"] * 2 - f["cost"]),
        ("gross / cost", lambda f: f["gross"] / f["cost"].where(f["cost"] != 0)),
        ("gross ÷ cost", lambda f: f["gross"] / f["cost"].where(f["cost"] != 0)),
        ("code + 1", lambda f: f["code"].where(f["code"] != -999) + 1),
        ("abs(code)", lambda f: f["code"].where(f["code"] != -999).abs()),
        ("year(out)", lambda f: f["out"].dt.year),
        ("month(out)", lambda f: f["out"].dt.month),
        ("weekday(out)", lambda f: f["out"].dt.day_of_week),
        ("hour(out)", lambda f: f["out"].dt.hour),
        ("dayofyear(out)", lambda f: f["out"].dt.day_of_year),
        ("case when cost > 2 then 1 else 0 end", lambda f: (f["cost"] > 2).astype(int)),
        ("cost > 2", lambda f: f["cost"] > 2),
    ],
)
def test_values_are_those_of_pandas(table, frame, text, wanted):
    found = table.derive("new", text)
    assert found.column_names == [*table.column_names, "new"]
    cells = pd.Series(found.source.column("new").to_pandas())
    expected = wanted(frame)
    assert (cells.isna() == expected.isna()).all()
    assert np.allclose(
        cells.dropna().astype(float), expected.dropna().astype(float), rtol=1e-14, atol=0
    )


def test_ranges_are_those_of_pandas(table, frame):
    found = table.derive("size", "cut(gross, 1, 20.5, 100)")
    cut = pd.cut(frame["gross"], [-np.inf, 1, 20.5, 100, np.inf], right=False)
    words = {0: "< 1", 1: "[1, 20.5)", 2: "[20.5, 100)", 3: "≥ 100", -1: None}
    assert found.source.column("size").to_pylist() == [words[code] for code in cut.cat.codes]
    assert found.features["size"].kind == "categorical"
    assert dict(
        zip(
            found.columns.levels("size").labels,
            found.columns.levels("size").counts.tolist(),
            strict=False,
        )
    ) == {words[code]: count for code, count in cut.cat.codes.value_counts().items() if code >= 0}


def test_the_logarithm_of_zero_is_infinite_and_counted_as_that(table, frame):
    found = table.derive("log_cost", "log(cost)").profile(["log_cost"])["log_cost"]
    assert (found.infinite, found.missing) == (int((frame["cost"] == 0).sum()), 0)


def test_a_derived_column_is_a_feature_like_any_other(table, frame):
    found = table.derive("log_gross", "log1p(gross)").derive("square", "log_gross * log_gross")
    assert found.features["log_gross"].description == "Derived: log1p(gross)"
    assert found.features["code"].label == "The code"
    expected = np.log1p(frame["gross"]) ** 2
    assert found.profile(["square"])["square"].mean == pytest.approx(expected.mean(), rel=1e-12)
    assert explorer.where(found, "square > 9").count() == int((expected > 9).sum())
    assert found.project(["square", "cost"], method="pca").fingerprint == found.fingerprint


def test_what_a_derived_column_selects_is_no_finding_in_its_parents_nor_in_its_children(table):
    found = (
        table.derive("ratio", "gross / cost")
        .derive("twice", "ratio * ratio")
        .derive("other", "code * code")
    )
    seen = {row.feature: row.seen for row in explorer.compare(found, "ratio > 1").rows}
    assert seen["gross"] == "ratio is derived from it, which made the group"
    assert seen["cost"]
    assert seen["twice"] == "derived from ratio, which made the group"
    assert not seen["code"]
    assert not seen["other"]
    seen = {row.feature: row.seen for row in explorer.compare(found, "cost > 3").rows}
    assert seen["twice"] == "derived from ratio, which derived from cost, which made the group"


def test_the_fingerprint_follows_from_the_table_and_the_expression(table, frame):
    one, same = table.derive("a", "gross + 1"), table.derive("a", " gross + 1 ")
    assert one.fingerprint == same.fingerprint
    others = {
        table.derive("b", "gross + 1").fingerprint,
        table.derive("a", "gross + 2").fingerprint,
    }
    assert len({table.fingerprint, one.fingerprint, *others}) == 4
    plain = explorer.open_table(frame).derive("a", "code + 1")
    assert plain.fingerprint != table.derive("a", "code + 1").fingerprint  # where -999 is missing


def test_a_worker_opens_the_derived_table(table):
    found = table.derive("a", "gross + 1").derive("b", "cut(a, 10)")
    again = reopen_source(found.source.describe(), found.columns.cache)
    assert again.fingerprint == found.fingerprint
    assert again.column("b").to_pylist() == found.source.column("b").to_pylist()


def test_a_table_of_one_row_and_one_without_values_can_be_derived_from():
    one = explorer.open_table(pa.table({"a": [0.0], "b": pa.array([None], pa.float64())}))
    assert one.derive("c", "a / a").source.column("c").to_pylist() == [None]
    assert one.derive("c", "log1p(b)").source.column("c").to_pylist() == [None]


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        (
            "gross",
            "cost + 1",
            TableError,
            "'gross', which is in the table already: choose another name",
        ),
        ("", "cost + 1", TableError, "which is no name"),
        ("new", "title + 1", ExpressionError, "title is text, expected a number"),
        ("new", "gros + 1", UnknownName, "no feature 'gros': did you mean 'gross'"),
        ("new", "1 + 1", ExpressionError, "names no column"),
        ("new", "case when cost > 1 then null end", ExpressionError, "is missing in every row"),
        ("new", "month(cost)", ExpressionError, "cost is not a date or time but number"),
        ("new", "cut(cost)", ExpressionError, "cut needs 1 to 250 ascending edges"),
        ("new", "cut(cost, 3, 2)", ExpressionError, "ascending edges, such as cut.* got 3, 2"),
        ("new", "cut(cost, gross)", ExpressionError, "the edges of cut are numbers"),
        ("new", "cut(title, 1)", ExpressionError, "title is text, expected a number"),
        ("new", "sin(cost)", ExpressionError, "the functions are abs, cut, day"),
        ("new", "cost +", ExpressionError, "cannot be parsed"),
    ],
)
def test_what_cannot_be_derived_is_said_in_words(table, name, text, error, words):
    with pytest.raises(error, match=words):
        table.derive(name, text)
