import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import ExperimentError
from explorer.table.units.segments_of import MISSING, segments_of


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "place": rng.choice(["x", "y", None], 1_000),
            "few": rng.integers(0, 4, 1_000) / 2,
            "many": rng.normal(size=1_000),
        }
    )
    frame["when"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(
        rng.integers(0, 10_000, 1_000), "h"
    )
    frame["flag"] = rng.random(1_000) < 0.5
    frame["near"] = 1e9 + rng.integers(0, 3, 1_000) / 1000
    frame.loc[::7, "many"] = np.nan
    frame["vector"] = list(rng.normal(size=(1_000, 3)))
    return frame


def found(frame, name):
    return segments_of(explorer.open_table(frame), name)


def test_levels_are_segments_and_missing_is_one_of_its_own(frame):
    codes, labels = found(frame, "place")
    assert sorted(labels) == ["(missing)", "x", "y"]
    assert labels[-1] == MISSING
    assert (np.array(labels)[codes] == frame.place.fillna(MISSING)).all()


def test_a_number_with_few_values_is_its_values(frame):
    codes, labels = found(frame, "few")
    assert labels == ["0", "0.5", "1", "1.5"]
    assert (codes == frame.few * 2).all()


def test_a_number_with_many_is_fifths_of_its_rows(frame):
    codes, labels = found(frame, "many")
    assert len(labels) == 6
    assert (codes[::7] == 5).all()
    counts = np.bincount(codes)[:5]
    assert counts.sum() == frame.many.notna().sum()
    assert np.ptp(counts) <= 1
    for code in range(4):
        assert frame.many[codes == code].max() < frame.many[codes == code + 1].min()


def test_times_are_written_as_times(frame):
    _, labels = found(frame, "when")
    assert all("-" in label and "e+" not in label for label in labels)


def test_values_that_would_be_written_alike_have_all_their_digits(frame):
    assert found(frame, "near").labels == ["1000000000.0", "1000000000.001", "1000000000.002"]


def test_a_vector_has_no_segments(frame):
    with pytest.raises(ExperimentError, match="is a vector"):
        found(frame, "vector")
