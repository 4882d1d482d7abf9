"""What is published is used elsewhere: a training job, another store, another process."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.features.matrix.matrix import build_matrix
from explorer.review.page.published_map import draw_map
from explorer.review.publication.build_publication import build_publication
from explorer.review.publication.publication_folder import publish
from explorer.review.publication.script import script
from explorer.review.review_store import open_store
from explorer.table.table import open_table


def page_matrix(made):
    """Return what the page projects: the ticked features with the policy and the catalogue."""
    spec = made.table.matrix_spec(
        ["weight", "gross", "pulse", "code"],
        scale="robust",
        transform={"gross": "log"},
        weights={"weight": 2.0},
    )
    return build_matrix(made.table.source, spec)


def test_features_yaml_gives_the_matrix_of_the_page_byte_for_byte(judged, tmp_path):
    publish(judged.publication(), tmp_path / "out")
    kept = explorer.FeatureSet.load(tmp_path / "out" / "features.yaml")
    # a training job: the file alone, without the catalogue
    job = open_table(judged.file, cache=Cache(tmp_path / "job"))
    expected = page_matrix(judged)
    for rows in (70, 131_072):
        assert np.concatenate(list(kept.apply(job, rows))).tobytes() == expected.X.tobytes()
    # code is a category by the catalogue's word alone, −999 is missing by its word
    assert expected.X.shape[1] > 4
    assert kept.hash == judged.core.hash


def test_new_rows_are_centred_and_scaled_as_the_old_ones(judged, tmp_path):
    publish(judged.publication(), tmp_path / "out")
    kept = explorer.FeatureSet.load(tmp_path / "out" / "features.yaml")
    some = pd.read_parquet(judged.file)[100:117].reset_index(drop=True)
    found = np.concatenate(list(kept.apply(open_table(some, cache=Cache(tmp_path / "new")))))
    assert found.tobytes() == page_matrix(judged).X[100:117].tobytes()


def test_verdicts_json_carries_the_review_into_another_store(judged, tmp_path):
    publish(judged.publication(), tmp_path / "out")
    other = open_store(tmp_path / "other.db")
    added = other.merge(tmp_path / "out" / "verdicts.json")
    given = judged.store.verdicts()
    assert added == {"sets": 2, "evidence": 4, "verdicts": len(given), "approvals": 1}
    assert other.verdicts() == given
    assert other.sets() == judged.store.sets()
    again = build_publication(other, other.set("core@2"), judged.table, made="2026-02-03")
    assert [one.document() for one in again.entries] == [
        one.document() for one in judged.publication().entries
    ]
    other.close()


def run(folder, *arguments):
    environment = {**os.environ, "EXPLORER_DATA": str(folder / "nobody")}
    return subprocess.run(
        [sys.executable, "reproduce.py", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_script_makes_the_same_coordinates_bit_for_bit(judged, tmp_path):
    wanted = judged.table.project(judged.core, "umap", n_neighbors=8, n_epochs=30, random_state=3)
    publish(judged.publication(picture=draw_map(wanted, judged.table)), tmp_path / "out")
    done = run(tmp_path / "out", judged.file, "--out", "again.parquet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "core@2: 300 rows, the same coordinates to the bit\n"
    again = explorer.open_embedding(tmp_path / "out" / "again.parquet")
    assert again.xy.tobytes() == wanted.xy.tobytes()
    assert again.rows.tobytes() == wanted.rows.tobytes()


def test_the_script_refuses_another_table_and_says_when_coordinates_differ(judged, tmp_path):
    wanted = judged.table.project(judged.core, "pca")
    publish(judged.publication(picture=draw_map(wanted, judged.table)), tmp_path / "out")
    other = pd.read_parquet(judged.file)
    other.loc[0, "gross"] = 5.0
    other.to_parquet(tmp_path / "people2.parquet")
    done = run(tmp_path / "out", tmp_path / "people2.parquet")
    assert done.returncode == 1
    assert f"core@2 was published of {judged.table.fingerprint!r}".replace("'", "") in done.stderr
    path = tmp_path / "out" / "reproduce.py"
    path.write_text(
        path.read_text()
        .replace("SEED = 0", "SEED = 0\nCOORDINATES_BEFORE = 0")
        .replace("COORDINATES = '", "COORDINATES = 'x")
    )
    done = run(tmp_path / "out", judged.file)
    assert done.returncode == 1
    assert "other coordinates than those of core@2" in done.stderr


def test_without_a_map_the_script_makes_the_matrix(judged, tmp_path):
    publish(judged.publication(), tmp_path / "out")
    done = run(tmp_path / "out", judged.file, "--out", "X.npy")
    expected = page_matrix(judged).X
    assert done.stdout == f"core@2: a matrix of 300 rows and {expected.shape[1]} columns\n"
    assert np.load(tmp_path / "out" / "X.npy").tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", ['a"""\nimport os\n', "a'\\", "\u202ereversed", "年"])
def test_no_name_becomes_code(made, name):
    kept = made.core.changed(name=name, version=1, parent="")
    text = script(build_publication(made.store, kept, made.table))
    scope = {"__name__": "read"}
    exec(compile(text, "reproduce.py", "exec"), scope)
    assert scope["SET"] == f"{name}@1"
    assert text.isascii()


def test_the_report_lists_the_hash_of_every_file(judged, tmp_path):
    from hashlib import blake2b

    publish(judged.publication(), tmp_path / "out")
    listed = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["files"]
    for name, known in listed.items():
        assert blake2b((tmp_path / "out" / name).read_bytes(), digest_size=16).hexdigest() == known
    assert len(listed) == sum(path.is_file() for path in (tmp_path / "out").rglob("*")) - 1
