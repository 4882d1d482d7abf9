import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import ReviewError
from explorer.review.evidence import Evidence
from explorer.review.make_evidence import comparison_evidence, profile_evidence
from explorer.table.table import open_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=400), "c": rng.choice(["p", "q"], 400), "none": np.nan}
    )
    frame.loc[:9, "x"] = np.nan
    return open_table(frame, cache=Cache(tmp_path_factory.mktemp("cache")))


def test_the_profile_of_a_feature_is_frozen_with_figures_method_versions_and_picture(table):
    frozen = profile_evidence(table.profile()["x"], table.fingerprint)
    values = table.source.numeric("x")
    assert frozen.numbers["missing"] == 10
    assert frozen.numbers["mean"] == pytest.approx(np.nanmean(values))
    assert frozen.fingerprint == table.fingerprint
    assert frozen.versions["highdim-explorer"] == explorer.__version__
    assert frozen.picture.startswith("<svg")
    assert "2.5 % missing" in frozen.title
    assert Evidence.from_document(json.loads(json.dumps(frozen.document()))) == frozen


@pytest.mark.parametrize("name", ["c", "none"])
def test_every_kind_of_column_can_be_frozen(table, name):
    frozen = profile_evidence(table.profile()[name], table.fingerprint)
    assert json.loads(json.dumps(frozen.document(), allow_nan=False))["subject"] == name


def test_what_a_comparison_says_of_a_feature_can_be_cited(table):
    found = explorer.compare(table, "c = 'p'")
    frozen = comparison_evidence(found, "x", "p against q")
    row = next(one for one in found.rows if one.feature == "x")
    assert frozen.numbers["cliffs_delta"] == row.cliffs_delta
    assert frozen.parameters["margin"] == 0.05
    assert comparison_evidence(found, "absent") is None


def test_equal_evidence_has_one_key():
    one, two = (Evidence(kind="note", subject="x", numbers={"a": a}) for a in (1, 2))
    assert one.key == Evidence(kind="note", subject="x", numbers={"a": 1}).key != two.key


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "rumour"}, "evidence is one of"),
        ({"numbers": {"x": float("nan")}}, "plain JSON"),
        ({"numbers": {"x": object()}}, "plain JSON"),
        ({"picture": "x" * 400_001}, "make it smaller"),
    ],
)
def test_what_is_no_evidence_is_refused_in_words(changes, words):
    with pytest.raises(ReviewError, match=words):
        Evidence(**{"kind": "note", "subject": "x", **changes})
