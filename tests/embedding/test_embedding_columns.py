import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import EmbeddingError, UnknownName
from explorer.embedding.embedding import open_embedding
from explorer.embedding.embedding_columns import embedding_from_columns
from explorer.sources.source import open_source


def source_of(cache_folder, **columns):
    return open_source(pd.DataFrame(columns), Cache(cache_folder))


def test_two_columns_become_coordinates_without_the_rows_that_lack_one(tmp_path):
    x = [0.5, np.nan, 2.25, np.inf, 1e300, -1.0]
    y = [1.0, 2.0, np.nan, 3.0, 4.0, 0.125]
    source = source_of(tmp_path, x=x, y=y)
    made = embedding_from_columns(source, "x", "y")
    np.testing.assert_array_equal(made.rows, [0, 5])
    np.testing.assert_array_equal(made.xy, np.float32([[0.5, 1.0], [-1.0, 0.125]]))
    assert np.isnan(made.trust).all()
    assert made.scores == {}
    assert made.provenance["rows"] == {"used": 2, "left_out": 4, "imputed": 0, "placed": 0}
    assert (made.method, made.name, made.table_rows) == ("columns", "x and y", 6)
    made.check(source.fingerprint)
    made.save(tmp_path / "e.parquet")
    assert open_embedding(tmp_path / "e.parquet").provenance == made.provenance


def test_float32_columns_are_kept_bit_for_bit(tmp_path):
    xy = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    made = embedding_from_columns(source_of(tmp_path, u=xy[:, 0], v=xy[:, 1]), "u", "v")
    assert made.xy.tobytes() == xy.tobytes()
    assert len(made.provenance["notes"]) == 1


def test_coordinates_far_from_zero_say_what_rounding_did(tmp_path):
    x = 1e8 + np.arange(100.0)
    made = embedding_from_columns(source_of(tmp_path, x=x, y=np.arange(100.0)), "x", "y")
    assert "subtract an offset" in made.provenance["notes"][1]


def test_keys_tell_tables_and_columns_apart(tmp_path):
    one, two = (
        source_of(tmp_path, x=[1.0, 2.0], y=[0.0, 1.0]),
        source_of(tmp_path, x=[1.0, 3.0], y=[0.0, 1.0]),
    )
    made = [
        embedding_from_columns(one, "x", "y"),
        embedding_from_columns(one, "y", "x"),
        embedding_from_columns(two, "x", "y"),
    ]
    assert len({each.provenance["key"] for each in made}) == 3


def test_wrong_columns_are_refused_in_words(tmp_path):
    source = source_of(tmp_path, x=[1.0, 2.0], y=[np.nan, np.nan])
    with pytest.raises(UnknownName, match="no column 'X'"):
        embedding_from_columns(source, "X", "y")
    with pytest.raises(EmbeddingError, match="no row has a finite 'x' and 'y'"):
        embedding_from_columns(source, "x", "y")
