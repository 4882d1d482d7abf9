"""The list of samples: true of the files beside it, and licensed in writing."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from explorer.features.catalogue.catalogue import Catalogue

DATA = Path(__file__).resolve().parents[2] / "data"
SAMPLES = yaml.safe_load((DATA / "samples.yaml").read_text(encoding="utf-8"))["samples"]
KEYS = {
    "name",
    "title",
    "file",
    "catalogue",
    "recipe",
    "shipped",
    "rows",
    "columns",
    "license",
    "source",
}

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=[sample["name"] for sample in SAMPLES])


@each_sample
def test_a_sample_says_all_that_the_list_shows(sample):
    assert set(sample) >= KEYS
    assert (DATA / sample["recipe"]).is_file()


@each_sample
def test_the_table_is_shipped_exactly_where_the_list_says_so(sample):
    assert (DATA / sample["file"]).is_file() == sample["shipped"]
    if sample["shipped"]:
        metadata = pq.read_metadata(DATA / sample["file"])
        assert (metadata.num_rows, metadata.num_columns) == (sample["rows"], sample["columns"])


@each_sample
def test_the_catalogue_can_be_read_and_describes_each_column(sample):
    catalogue = Catalogue.load(DATA / sample["catalogue"])
    assert catalogue.table.title == sample["title"]
    assert len(catalogue.features) == sample["columns"]
    assert set(catalogue.table.start) <= set(catalogue.features)


@each_sample
def test_a_table_is_shipped_or_made_here_or_downloaded(sample):
    ways = [sample["shipped"], sample.get("edition", 0) > 0, sample.get("download_mb", 0) > 0]
    assert sum(ways) == 1


@each_sample
def test_what_is_simulated_says_so(sample):
    if "simulated" in sample["source"].lower():
        assert "simulated" in sample["title"].lower()
        assert "simulated" in sample["license"].lower()


@each_sample
def test_every_table_has_its_licence_in_writing(sample):
    words = (DATA / "LICENSE-DATA.md").read_text(encoding="utf-8")
    assert f"`{sample['file']}`" in words


def test_each_file_that_is_shipped_is_small():
    sizes = {path.name: path.stat().st_size for path in DATA.iterdir() if path.is_file()}
    assert {name: size for name, size in sizes.items() if size > 1_000_000} == {}
    assert sum(sizes.values()) < 2_000_000
