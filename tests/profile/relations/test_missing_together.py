from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.features.kind import Feature
from explorer.profile.counting import missing_counts as counts_module
from explorer.profile.counting.missing_counts import MissingCounts, unpacked
from explorer.profile.relations.missing_together import MissingTogether, missing_together
from explorer.sources.source import open_source


def frame(n: int = 1000) -> pd.DataFrame:
    """A survey: a page some skip, a question in it that more skip, and cells lost at random."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        rng.normal(size=(n, 5)), columns=["page 1", "page 2", "within", "lost", "whole"]
    )
    page = rng.random(n) < 0.2
    data.loc[page, ["page 1", "page 2"]] = np.nan
    data.loc[page | (rng.random(n) < 0.1), "within"] = np.nan
    data.loc[rng.random(n) < 0.05, "lost"] = np.nan
    return data


def test_patterns_are_those_of_brute_force() -> None:
    data = frame()
    found = missing_together(open_source(data), list(data))
    expected = Counter(tuple(data.columns[row]) for row in data.isna().to_numpy())
    complete = expected.pop(())
    assert {pattern.features: pattern.rows for pattern in found.patterns} == expected
    assert [pattern.rows for pattern in found.patterns] == sorted(expected.values(), reverse=True)
    assert (found.complete, found.n_patterns, found.patterns_exact) == (
        complete,
        len(expected),
        True,
    )
    assert found.missing == {name: count for name, count in data.isna().sum().items() if count}
    assert (found.rows, found.sampled) == (1000, None)


def test_pairs_have_the_correlation_of_being_missing() -> None:
    data = frame()
    found = missing_together(open_source(data), list(data))
    # page 1 stands for page 2
    (pair,) = found.pairs
    gone = data.isna()
    assert (pair.one, pair.other) == ("page 1", "within")
    assert pair.phi == pytest.approx(np.corrcoef(gone["page 1"], gone["within"])[0, 1], abs=1e-9)
    assert (pair.both, pair.only_one) == ((gone["page 1"] & gone["within"]).sum(), 0)
    assert pair.only_other == (gone["within"] & ~gone["page 1"]).sum()
    assert found.n_pairs == 1


def test_always_together_and_nested_are_said() -> None:
    found = missing_together(open_source(frame()), list(frame()))
    assert found.always == (("page 1", "page 2"),)
    assert found.nested == (("page 1", "within"),)
    assert found.words[0].endswith("of all 1,000 rows in 4 features with missing cells")
    assert found.words[1].startswith("always missing together, in ")
    assert found.words[2] == "within is missing whenever page 1 is"


def test_nesting_that_chance_would_give_is_not_told() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)})
    data.loc[:479, "b"] = np.nan
    data.loc[:9, "a"] = np.nan  # ten rows, all among the 96 % that b misses
    assert missing_together(open_source(data), ["a", "b"]).nested == ()


def test_blocks_in_any_order_give_the_whole() -> None:
    gone = np.random.default_rng(2).random((70, 600)) < 0.02
    gone[3] = gone[66]
    names = [f"f{k}" for k in range(70)]
    whole = MissingCounts.of(names, gone)
    blocks = [MissingCounts.of(names, part) for part in np.array_split(gone, 7, axis=1)]
    for order in ([0, 1, 2, 3, 4, 5, 6], [5, 2, 6, 0, 4, 1, 3]):
        joined = blocks[order[0]]
        for k in order[1:]:
            joined = joined.merged(blocks[k])
        np.testing.assert_array_equal(joined.together, gone.astype(int) @ gone.T.astype(int))
        np.testing.assert_array_equal(joined.patterns, whole.patterns)
        np.testing.assert_array_equal(joined.counts, whole.counts)
        assert joined.rows == 600
    back = np.repeat(unpacked(whole.patterns, 70), whole.counts, axis=0)
    np.testing.assert_array_equal(np.unique(back, axis=0), np.unique(gone.T, axis=0))
    assert MissingTogether.from_counts(whole).always == (("f3", "f66"),)


def test_patterns_given_up_are_said_and_pairs_stay_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts_module, "_MOST_PATTERNS", 4)
    data = frame()
    found = missing_together(open_source(data), list(data))
    whole = data.notna().all(axis=1).sum()
    assert not found.patterns_exact
    assert (found.complete, found.n_patterns) == (whole, 3)
    assert found.always == (("page 1", "page 2"),)
    assert found.missing["lost"] == data["lost"].isna().sum()


def test_many_features_are_counted_on_a_stated_sample() -> None:
    rng = np.random.default_rng(3)
    cells = rng.normal(size=(3000, 80))
    cells[rng.random(3000) < 0.3, 5:9] = np.nan
    data = pd.DataFrame(cells, columns=[f"f{k}" for k in range(80)])
    found = missing_together(open_source(data), list(data), rows=1000)
    assert (found.rows, found.sampled) == (1000, 1000)
    assert found.always == (("f5", "f6", "f7", "f8"),)
    assert "a random sample of 1,000 rows" in found.words[0]
    whole = missing_together(open_source(data), list(data))
    assert (whole.rows, whole.sampled) == (3000, None)
    assert whole.missing["f5"] == data["f5"].isna().sum()


def test_nulls_nan_and_sentinels_of_every_kind_count() -> None:
    data = pa.table(
        {
            "number": pa.array([1.0, np.nan, None, -999.0], from_pandas=False),
            "whole": pa.array([1, None, 3, 4]),
            "text": ["a", "unknown", None, "d"],
            "flag": [True, None, False, None],
            "list": pa.array([[1], None, [2], [3]]),
            "code": pa.array(["x", None, "y", "x"]).dictionary_encode(),
        }
    )
    features = {
        "number": Feature(name="number", kind="numeric", sentinels=(-999,)),
        "text": Feature(name="text", kind="categorical", sentinels=("unknown",)),
    }
    found = missing_together(open_source(data), data.column_names, features=features)
    assert found.missing == {"number": 3, "whole": 1, "text": 2, "flag": 2, "list": 1, "code": 1}
    assert missing_together(open_source(data), ["number", "text"]).missing == {
        "number": 2,
        "text": 1,
    }


def test_nothing_missing_all_missing_and_no_row_are_no_trouble() -> None:
    whole = missing_together(open_source(pa.table({"a": [1, 2]})), ["a"])
    assert whole.words == ("nothing is missing in all 2 rows",)
    gone = missing_together(
        open_source(pa.table({"a": pa.array([None] * 9, pa.int64()), "b": range(9)})), ["a", "b"]
    )
    assert (gone.missing, gone.pairs, gone.always, gone.complete) == ({"a": 9}, (), (), 0)
    empty = missing_together(open_source(pa.table({"a": pa.array([], pa.float64())})), ["a"])
    assert (empty.rows, empty.missing) == (0, {})


def test_the_document_gives_it_back_and_progress_counts_rows() -> None:
    seen: list[tuple] = []
    found = missing_together(
        open_source(frame()), list(frame()), progress=lambda *step: seen.append(step)
    )
    assert (
        MissingTogether.from_document(json.loads(json.dumps(found.document(), allow_nan=False)))
        == found
    )
    assert seen[-1] == ("missing together", 1000, 1000)
