from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import mannwhitneyu

from explorer.core.cache import Cache
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.profile.relations import contrast
from explorer.profile.relations.contrast import Contrast
from explorer.sources.source import open_source


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(0)
    n = 3_000
    shifted = rng.normal(size=n) + np.repeat([0.0, 1.0], n // 2)
    holes = np.where(rng.random(n) < 0.3, np.nan, np.round(shifted))
    table = pa.table(
        {
            "noise": rng.normal(size=n),
            "shifted": shifted,
            "holes": holes,
            "word": ["a", "b"] * (n // 2),
        }
    )
    return open_source(table, Cache(tmp_path))


def test_strength_is_that_of_mann_and_whitney_with_ties_and_missing_cells(source):
    features = describe_columns(source)
    mask = np.zeros(3_000, np.bool_)
    mask[1_400:2_200] = True
    found, words = Contrast(source, features).of(mask)
    assert set(found) == {"noise", "shifted", "holes"}
    for name, strength in found.items():
        cells = source.numeric(name)
        one, other = (cells[side & np.isfinite(cells)] for side in (mask, ~mask))
        auc = mannwhitneyu(one, other).statistic / (one.size * other.size)
        assert strength == pytest.approx(abs(2 * auc - 1), abs=1e-3)
    assert "all rows" in words


def test_a_sample_says_so_and_agrees(source, monkeypatch):
    monkeypatch.setattr(contrast, "_ROWS", 1_000)
    monkeypatch.setattr(contrast, "_FEWEST_ROWS", 1_000)
    mask = np.arange(3_000) >= 1_500
    found, words = Contrast(source, describe_columns(source)).of(mask)
    assert "a random sample of 1,000 rows" in words
    assert found["shifted"] > 0.4 > 0.15 > found["noise"]


def test_too_few_rows_are_said_and_nothing_is_ordered(source):
    mask = np.arange(3_000) < 5
    found, words = Contrast(source, describe_columns(source)).of(mask)
    assert found == {}
    assert words.startswith("5 of all rows are selected")
