import base64
import json
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.core.errors import EmbeddingError
from explorer.embedding.embedding import Embedding, open_embedding


def embedding(m=50, **changes):
    rng = np.random.default_rng(0)
    provenance = {
        "name": "UMAP of 3 features",
        "table": {"name": "films", "fingerprint": "ab" * 16, "rows": 2 * m},
        "method": {"name": "umap", "parameters": {}, "random_state": 0},
        "rows": {"used": m, "left_out": m, "imputed": 7},
        "notes": ["naïve é"],
    }
    values = {
        "xy": rng.normal(size=(m, 2)).astype(np.float32),
        "rows": np.arange(0, 2 * m, 2),
        "trust": rng.random(m, dtype=np.float32),
        "scores": {"neighbors_kept": {"15": {"value": 0.3}}},
        "provenance": provenance,
        "optimised": rng.random(m) < 0.5,
    }
    return Embedding(**{**values, **changes})


def test_what_is_saved_is_opened_bit_for_bit(tmp_path):
    for saved in (
        embedding(),
        embedding(optimised=np.ones(50, bool)),
        embedding(trust=np.full(50, np.nan)),
    ):
        saved.save(tmp_path / "e.parquet")
        opened = open_embedding(str(tmp_path / "e.parquet"))
        for name in ("xy", "rows", "trust", "optimised"):
            one, other = getattr(saved, name), getattr(opened, name)
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()
        assert opened.scores == saved.scores
        assert opened.provenance == saved.provenance
    assert [path.name for path in tmp_path.iterdir()] == ["e.parquet"]


def test_the_file_is_plain_parquet_that_pandas_reads(tmp_path):
    embedding().save(tmp_path / "e.parquet")
    frame = pd.read_parquet(tmp_path / "e.parquet")
    assert frame.dtypes.astype(str).to_dict() == {
        "row": "int64",
        "x": "float32",
        "y": "float32",
        "trust": "float32",
    }
    np.testing.assert_array_equal(frame["x"], embedding().xy[:, 0])
    metadata = pq.read_schema(tmp_path / "e.parquet").metadata
    assert json.loads(metadata[b"explorer.embedding"])["provenance"]["table"]["name"] == "films"


def test_arrays_are_read_only_and_the_callers_stay_writable():
    xy = np.zeros((50, 2), dtype=np.float32)
    made = embedding(xy=xy)
    with pytest.raises(ValueError, match="read-only"):
        made.xy[0] = 1
    xy[0] = 1


def test_properties_read_the_provenance():
    made = embedding()
    assert (made.name, made.method, made.fingerprint) == ("UMAP of 3 features", "umap", "ab" * 16)
    assert (made.table_rows, made.imputed_rows) == (100, 7)
    assert made.placed_rows == int((~made.optimised).sum())
    bare = Embedding(made.xy, made.rows, made.trust)
    assert (bare.method, bare.fingerprint, bare.table_rows, bare.placed_rows) == (
        "unknown",
        "",
        50,
        0,
    )


def test_an_embedding_of_another_table_is_refused_with_words():
    made = embedding()
    made.check("ab" * 16)
    with pytest.raises(
        EmbeddingError, match=r"made from 'films' with fingerprint abab.* project this one again"
    ):
        made.check("cd" * 16)


@pytest.mark.parametrize(
    "changes", [{"xy": np.zeros((50, 3))}, {"trust": np.zeros(49)}, {"optimised": np.ones(3, bool)}]
)
def test_arrays_that_do_not_fit_together_are_refused(changes):
    with pytest.raises(EmbeddingError, match=r"an embedding of 50 rows needs"):
        embedding(**changes)


def write_text(path):
    path.write_text("row,x,y\n1,2,3\n")


def write_other_table(path):
    pq.write_table(pa.table({"a": [1]}), path)


def write_without_provenance(path):
    pq.write_table(pa.table({name: [1.0] for name in ("row", "x", "y", "trust")}), path)


def write_half(path):
    embedding(2000).save(path)
    path.write_bytes(path.read_bytes()[:-500])


def write_newer(path):
    embedding().save(path)
    table = pq.read_table(path)
    meta = json.loads(table.schema.metadata[b"explorer.embedding"])
    meta["schema"] = 99
    pq.write_table(table.replace_schema_metadata({b"explorer.embedding": json.dumps(meta)}), path)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (write_text, "is no embedding"),
        (write_other_table, "no column 'row'"),
        (write_without_provenance, "no provenance"),
        (write_half, "is no embedding"),
        (write_newer, "newer version"),
        (lambda _: None, "no embedding file"),
        (lambda path: path.mkdir(), "is no embedding"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, write, words):
    path = tmp_path / "e.parquet"
    write(path)
    with pytest.raises(EmbeddingError, match=words) as error:
        open_embedding(path)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_not_there_cannot_be_saved_to(tmp_path):
    with pytest.raises(EmbeddingError, match="cannot be written"):
        embedding().save(tmp_path / "nowhere" / "e.parquet")


def test_a_file_in_the_place_of_a_folder_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddingError, match="cannot be written"):
        embedding().save(tmp_path / "file" / "e.parquet")


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({b"explorer.embedding": b"{"}, "its metadata are damaged"),
        ({b"explorer.embedding": b"\xff{}"}, "its metadata are damaged"),
        (
            {b"explorer.embedding": b'{"schema": "1", "scores": {}, "provenance": {}}'},
            "Expected `int`, got `str`",
        ),
        (
            {
                b"explorer.embedding": (
                    b'{"schema": 1, "scores": {}, "provenance": {"table": {"rows": 98}}}'
                )
            },
            "rows beyond the 98",
        ),
        ({b"explorer.optimised": b"!"}, "its columns are damaged"),
        (
            {b"explorer.optimised": base64.b64encode(zlib.compress(bytes(10**6)))},
            "expected 50 bits",
        ),
    ],
)
def test_a_file_with_damaged_metadata_is_refused_in_one_line(tmp_path, metadata, words):
    path = tmp_path / "e.parquet"
    embedding().save(path)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, **metadata}), path)
    with pytest.raises(EmbeddingError, match=words) as told:
        open_embedding(path)
    assert "\n" not in str(told.value)
