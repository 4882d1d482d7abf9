"""Tables are read as what they are: no deleted rows, no column lost, no argument ignored."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import explorer
from explorer.app.cli import main
from explorer.core import errors
from projections import PCA, UMAP


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    columns = {
        "x": rng.normal(size=300),
        "year": rng.choice([2019, 2020, 2021], 300),
        "place": rng.choice(["a b", "é/z", None], 300),
        "month": rng.choice(["01", "02"], 300),
        "day": rng.choice(["2024-01-01", "2024-01-02"], 300),
    }
    return pd.DataFrame(columns)


def a_lake(folder, kind, frame):
    """Make a folder of Parquet files with a log that says which rows are the table."""
    data = folder / ("data" if kind == "Iceberg" else "")
    data.mkdir(parents=True)
    frame.to_parquet(data / "part-0.parquet")
    frame.to_parquet(data / "part-1.parquet")  # the same rows, rewritten
    log = {
        "Delta Lake": "_delta_log/00000000000000000001.json",
        "Iceberg": "metadata/00001-abc.metadata.json",
        "Hudi": ".hoodie/hoodie.properties",
    }[kind]
    (folder / log).parent.mkdir()
    (folder / log).write_text(json.dumps({"remove": {"path": "part-0.parquet"}}))
    return folder


@pytest.mark.parametrize("kind", ["Delta Lake", "Iceberg", "Hudi"])
def test_a_folder_of_a_lake_is_never_read_as_plain_parquet(kind, frame, tmp_path, capsys):
    folder = a_lake(tmp_path / "lake", kind, frame)
    inside = "data" if kind == "Iceberg" else "."
    for source in (
        folder,
        folder / inside,
        folder / inside / "*.parquet",
        tmp_path,
        tmp_path / "**/*.parquet",
    ):
        with pytest.raises(errors.TableError, match=f"is a table in {kind} format") as told:
            explorer.open_table(source)
        assert "\n" not in str(told.value)
    assert main(["profile", str(folder)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_folders_of_hive_are_columns_as_pyarrow_reads_them(frame, tmp_path):
    keys = ["year", "place", "month"]
    frame.to_parquet(tmp_path / "hive", partition_cols=keys)
    table = explorer.open_table(tmp_path / "hive")
    oracle = (
        ds.dataset(tmp_path / "hive", partitioning="hive").to_table().replace_schema_metadata(None)
    )

    assert table.column_names == ["x", "day", *keys]
    assert table.num_rows == 300
    mine = pa.Table.from_batches(table.source.batches(["x", *keys])).to_pandas()
    theirs = oracle.select(["x", *keys]).to_pandas()
    mine["place"], theirs["place"] = mine["place"].astype(object), theirs["place"].astype(object)
    order = ["x"]
    pd.testing.assert_frame_equal(
        mine.sort_values(order, ignore_index=True),
        theirs.sort_values(order, ignore_index=True),
        check_dtype=False,
        check_categorical=False,
    )
    wanted = (frame.year == 2020) & frame.place.isna()
    assert explorer.where(table, "year = 2020 and place is null").count() == wanted.sum()
    assert table.profile(["year"])["year"].mean == pytest.approx(frame.year.mean(), rel=1e-12)
    assert table.project(["x", "year"], method="pca").xy.shape == (300, 2)


def test_dates_in_names_of_folders_are_dates(frame, tmp_path):
    frame.to_parquet(tmp_path / "days", partition_cols=["day"])
    table = explorer.open_table(tmp_path / "days")
    assert table.features["day"].kind == "temporal"
    assert explorer.where(table, "day = '2024-01-02'").count() == (frame.day == "2024-01-02").sum()


def test_a_glob_that_finds_one_file_has_the_columns_that_it_has_with_two(tmp_path):
    one = pa.table({"x": [1.0, 2.0]})
    (tmp_path / "year=2020").mkdir()
    pq.write_table(one, tmp_path / "year=2020" / "a.parquet")
    alone = explorer.open_table(tmp_path / "year=*" / "*.parquet")
    assert alone.column_names == ["x", "year"]
    assert alone.fingerprint != explorer.open_table(tmp_path / "year=2020").fingerprint


def test_another_process_reads_the_same_partitioned_table(frame, tmp_path):
    from explorer.sources.widened import reopen_source

    frame.to_csv(tmp_path / "b.csv", index=False)
    (tmp_path / "kind=old").mkdir()
    (tmp_path / "b.csv").rename(tmp_path / "kind=old" / "b.csv")
    table = explorer.open_table(tmp_path)
    document = json.loads(json.dumps(table.source.describe()))
    again = reopen_source(document, table.source.cache)
    assert again.column_names == table.column_names
    assert again.column_names[-1] == "kind"
    assert again.fingerprint == table.fingerprint
    assert again.column("kind").to_pylist() == ["old"] * 300


@pytest.mark.parametrize("Estimator", [PCA, UMAP])
def test_transform_refuses_the_columns_of_the_fit_in_another_order_or_by_other_names(Estimator):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=list("abc"))
    fitted = Estimator().fit(frame)
    assert fitted.feature_names_in_.tolist() == ["a", "b", "c"]
    for other, words in (
        (frame[["c", "a", "b"]], "must be in the same order"),
        (frame.rename(columns={"a": "z"}), "unseen at fit time"),
        (frame[["a", "b"]], "now missing"),
    ):
        with pytest.raises(ValueError, match=words):
            fitted.transform(other)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        fitted.transform(frame.to_numpy())
    assert not hasattr(fitted.fit(frame.to_numpy()), "feature_names_in_")


def test_batches_of_another_order_are_refused():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 2)), columns=list("ab"))
    with pytest.raises(ValueError, match="expected 'a', 'b', got 'b', 'a'"):
        PCA().fit(iter([frame, frame[["b", "a"]]]))


def test_an_argument_that_would_have_no_effect_is_refused(frame, tmp_path):
    rng = np.random.default_rng(0)
    table = explorer.open_table(frame.assign(z=rng.normal(size=300), truth=rng.normal(size=300)))
    embedding = table.project(["x", "z"], method="pca")
    drawn = explorer.build_map(embedding, tmp_path / "map", table)
    view = explorer.Viewport(*drawn.extent, 30, 20)
    with pytest.raises(errors.EmbeddingError, match="takes no values: leave them out"):
        drawn.aggregate(view, "count", values="x")
    with pytest.raises(errors.FeatureError, match="transform names 'x'"):
        explorer.FeatureSet("core", ["z"], transform={"x": "log"})
    with pytest.raises(errors.ModelError, match="threshold is for two classes"):
        explorer.compare_models(
            table, truth="truth", predictions={"m": "z"}, kind="regression", threshold=0.3
        )
