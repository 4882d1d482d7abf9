"""Rows that two embeddings of one table have in common, and a hash of their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.embedding.embedding import Embedding

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SharedRows", "content_of", "shared_rows"]


@dataclass(frozen=True, eq=False)
class SharedRows:
    """Rows that have a place on both of two maps.

    Attributes
    ----------
    rows : ndarray of shape (s,), int64
        Rows of the table, ascending.
    first, second : ndarray of shape (s, 2), float32
        Their coordinates on either; finite.
    """

    rows: NDArray[np.int64]
    first: NDArray[np.float32]
    second: NDArray[np.float32]


def shared_rows(first: Embedding, second: Embedding) -> SharedRows:
    """Return what two embeddings of one table have in common.

    Raises
    ------
    EmbeddingError
        They are of different tables, or have no row in common.
    """
    for embedding in (first, second):
        if not isinstance(embedding, Embedding):
            raise EmbeddingError(
                f"two embeddings are compared, came a {type(embedding).__name__}: "
                "pass what table.project or open_embedding returned"
            )
    second.check(first.fingerprint)
    if np.array_equal(first.rows, second.rows):
        rows, in_first, in_second = first.rows, first.xy, second.xy
    else:
        rows, places_in_first, places_in_second = np.intersect1d(
            first.rows, second.rows, assume_unique=True, return_indices=True
        )
        in_first, in_second = first.xy[places_in_first], second.xy[places_in_second]
    finite = np.isfinite(in_first).all(axis=1) & np.isfinite(in_second).all(axis=1)
    if not finite.all():
        rows, in_first, in_second = rows[finite], in_first[finite], in_second[finite]
    if not len(rows):
        raise EmbeddingError(
            f"{first.name!r} and {second.name!r} have no row in common: "
            "compare maps of the same rows"
        )
    for values in (in_first, in_second):
        values.flags.writeable = False  # as those of an embedding: kernels are compiled once
    return SharedRows(rows, in_first, in_second)


def content_of(embedding: Embedding) -> str:
    """Return a hash of rows and coordinates, which tells a first map from the finished one."""
    digest = hashlib.blake2b(
        f"{embedding.fingerprint} {embedding.table_rows}".encode(), digest_size=16
    )
    digest.update(embedding.rows.view(np.uint8).data)
    digest.update(embedding.xy.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
