"""A Python file that makes the map, or the matrix, of a publication again and checks it."""

from __future__ import annotations

from pprint import pformat
from typing import TYPE_CHECKING

from explorer.review.publication.methods import versions

if TYPE_CHECKING:
    from explorer.review.publication.publication import Publication

__all__ = ["script"]

_HEAD = '''"""Make what was published again, and check it: python reproduce.py TABLE..."""

import argparse
import sys
import tempfile
from hashlib import blake2b
from pathlib import Path

import explorer
from explorer.core.cache import Cache

'''

_OPEN = """
# FINGERPRINT is of names and contents of the files: a renamed file is another table.


def main(files, out):
    kept = explorer.FeatureSet.load(Path(__file__).with_name("features.yaml"))
    # a cache of its own: what was computed before would prove nothing
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        paths = files if len(files) > 1 else files[0]
        table = explorer.open_table(paths, cache=Cache(Path(folder)))
        if FINGERPRINT and table.fingerprint != FINGERPRINT:
            return (
                f"another table: fingerprint {table.fingerprint}, "
                f"{SET} was published of {FINGERPRINT}"
            )
"""

_MAP = """        embedding = table.project(kept, METHOD, random_state=SEED, **PARAMETERS)
    if out:
        embedding.save(out)
    found = blake2b(digest_size=16)
    found.update(embedding.rows.astype("<i8").tobytes())
    found.update(embedding.xy.astype("<f4").tobytes())
    if SEED is None:
        print(f"{SET}: {len(embedding.rows):,} rows; without a seed each map is another one")
    elif found.hexdigest() != COORDINATES:
        return f"other coordinates than those of {SET}: they were made with {VERSIONS}"
    else:
        print(f"{SET}: {len(embedding.rows):,} rows, the same coordinates to the bit")
    return 0
"""

_MATRIX = """        import numpy as np

        matrix = np.concatenate(list(kept.apply(table)))
    if out:
        np.save(out, matrix)
    print(f"{SET}: a matrix of {matrix.shape[0]:,} rows and {matrix.shape[1]:,} columns")
    return 0
"""

_END = """

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "table", nargs="+", help="path, glob, folder, or several of them, read as one table"
    )
    parser.add_argument("--out", metavar="%s", help="where to keep %s")
    arguments = parser.parse_args()
    sys.exit(main(arguments.table, arguments.out))
"""


def script(publication: Publication) -> str:
    """Write the script; names and values stand in it as literals, whatever they hold."""
    picture, table = publication.picture, publication.table
    values: dict[str, object] = {
        "SET": publication.review.feature_set.id,
        "FINGERPRINT": table.fingerprint if table else "",
    }
    if picture is not None:
        values |= {
            "METHOD": picture.method["name"],
            "PARAMETERS": dict(picture.method.get("parameters") or {}),
            "SEED": picture.method.get("random_state"),
            "COORDINATES": picture.coordinates,
            "VERSIONS": versions(publication),
        }
    given = "".join(f"{name} = {_literal(value)}\n" for name, value in values.items())
    end = _END % (
        ("E.parquet", "the embedding") if picture is not None else ("X.npy", "the matrix")
    )
    return _HEAD + given + _OPEN + (_MAP if picture is not None else _MATRIX) + end


def _literal(value: object) -> str:
    """Write a value as Python, with signs escaped that an editor may show wrongly."""
    shown = pformat(value, width=100, sort_dicts=False)
    return "".join(sign if sign.isascii() else ascii(sign)[1:-1] for sign in shown)
