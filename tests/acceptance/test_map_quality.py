"""The quality of a map is complete; regions exist only where there are groups, and have reasons."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.app.cli import main
from explorer.core.cache import Cache

COLUMNS = list("abcdef")


def table_of(rows, tmp_path):
    return explorer.open_table(pd.DataFrame(rows, columns=COLUMNS), cache=Cache(tmp_path / "cache"))


def regions_of(rows, tmp_path):
    table = table_of(rows, tmp_path)
    return explorer.regions_of(table.project(COLUMNS, method="pca"), table)


@pytest.fixture(scope="module")
def clusters():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(12, 6)) * 6
    return centres[rng.integers(0, 12, 1200)] + rng.normal(size=(1200, 6))


def test_project_prints_every_figure_beside_pca_and_which_map_is_better_for_what(
    clusters, tmp_path, capsys
):
    path = tmp_path / "clusters.csv"
    pd.DataFrame(clusters, columns=COLUMNS).to_csv(path, index=False)
    arguments = [
        "project",
        str(path),
        "--features",
        ",".join(COLUMNS),
        "--out",
        str(tmp_path / "e.parquet"),
    ]
    assert main([*arguments, "--epochs", "30"]) == 0
    told = "".join(capsys.readouterr())
    for start in (
        "Neighbours preserved, of 15: ",
        "Neighbours preserved, of 150: ",
        "Random triplets in the right order: ",
        "Rank correlation of distances: ",
    ):
        (line,) = [line for line in told.splitlines() if line.startswith(start)]
        assert "; PCA " in line
        assert line.count(" to ") == 2
    assert "For neighbours: UMAP (" in told
    assert "For distances between groups: " in told


def test_a_saved_picture_tells_far_as_well_as_near(clusters, tmp_path):
    table = table_of(clusters, tmp_path)
    embedding = table.project(COLUMNS, method="umap", n_epochs=30)
    assert "Neighbours preserved: " in repr(embedding)
    explorer.build_map(embedding, tmp_path / "map", table).save(tmp_path / "map.svg")
    picture = (tmp_path / "map.svg").read_text()
    for words in ("of 150:", "triplets", "For neighbours: UMAP", "For distances between"):
        assert words in picture


def test_isotropic_noise_has_no_regions_and_the_reason_is_said(tmp_path):
    found = regions_of(np.random.default_rng(0).normal(size=(4_000, 6)), tmp_path)
    assert found.levels == ()
    assert found.note.startswith("No regions: the rows are no more grouped than simulated rows")


def test_correlated_columns_alone_make_no_regions(tmp_path):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 2)) @ rng.normal(size=(2, 6)) + 0.5 * rng.normal(size=(600, 6))
    assert regions_of(rows, tmp_path).levels == ()


def test_clusters_keep_their_regions_and_each_reason_names_the_rows_it_is_compared_with(
    clusters, tmp_path
):
    found = regions_of(clusters, tmp_path)
    assert len(found.levels) > 1
    coarse = [reason.words for one in found.levels[0] for reason in one.reasons]
    assert all(" than all other rows of the map; " in words for words in coarse)
    names = {f"“{one.name}”" for one in found.levels[0] if one.name}
    finer = [(one, reason.words) for one in found.levels[1] for reason in one.reasons]
    inside = [words for _, words in finer if " than the other rows of " in words]
    assert inside
    assert any(name in words for words in inside for name in names)
    assert not any("elsewhere" in words for words in [*coarse, *(words for _, words in finer)])
