import numpy as np
import pandas as pd

from explorer.drift.analysis.tallies import MOST_LEVELS, LevelTally, NumberTally
from explorer.stats.bins import quantile_bins

RNG = np.random.default_rng(0)


def test_levels_are_counted_by_chunk_as_pandas_does():
    words = RNG.choice(["a", "b", "c", None], 3_000, p=[0.5, 0.3, 0.1, 0.1])
    chunk = RNG.integers(-1, 4, 3_000).astype(np.int32)
    tally = LevelTally(4)
    for start in range(0, 3_000, 500):
        labels, codes = np.unique(words[start : start + 500].astype(str), return_inverse=True)
        names = [None if label == "None" else str(label) for label in labels]
        tally.add(names, codes, chunk[start : start + 500])
    some = chunk >= 0
    expected = pd.crosstab(chunk[some], pd.Series(words[some]).fillna("missing").to_numpy())
    assert (tally.counts == expected[tally.labels].to_numpy()).all()
    assert tally.missing.tolist() == expected["missing"].tolist()
    assert (tally.present + tally.missing == expected.sum(axis=1).to_numpy()).all()


def test_levels_beyond_a_thousand_share_a_count():
    tally = LevelTally(1)
    tally.add([str(i) for i in range(1_500)], np.arange(1_500), np.zeros(1_500, np.int32))
    tally.add([str(i) for i in range(2_000)], np.arange(2_000), np.zeros(2_000, np.int32))
    assert tally.overflow
    assert len(tally.labels) == MOST_LEVELS
    assert tally.counts.shape == (1, MOST_LEVELS + 1)
    assert tally.counts[0, :3].tolist() == [2, 2, 2]
    assert tally.counts[0, -1] == 1_500
    assert tally.present[0] == 3_500


def test_numbers_give_moments_of_any_chunks_together():
    values = RNG.normal(1e6, 3, 4_000)
    values[::40] = np.nan
    kept = values.copy()
    values[1::90], values[2::70] = np.inf, -np.inf
    kept[1::90] = kept[2::70] = np.nan
    chunk = RNG.integers(0, 5, 4_000).astype(np.int32)
    tally = NumberTally(quantile_bins(kept), 5, float(np.nanmean(kept)))
    tally.add(values, chunk)
    some = np.isin(chunk, [1, 3])
    assert np.isclose(
        tally.deviation(np.isin(np.arange(5), [1, 3])), np.nanstd(kept[some], ddof=1), rtol=1e-9
    )
    assert np.allclose(tally.means(), pd.Series(kept).groupby(chunk).mean(), rtol=1e-12)
    assert (tally.present + tally.missing == np.bincount(chunk)).all()
    assert np.isnan(tally.deviation(np.zeros(5, bool)))
