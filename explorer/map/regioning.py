"""Regions of a map, with names: found once for the same features and rows, kept by content."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.core.cache import key_of
from explorer.core.errors import CacheError, EmbeddingError
from explorer.core.gettext import _, ngettext
from explorer.core.name_list import list_names
from explorer.embedding.projection_spec import versions
from explorer.features.cells import without_sentinels
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT, ROW_LABEL, ZERO_ONE
from explorer.features.matrix.matrix import FeatureMatrix, apply_matrix
from explorer.map.regions.landmark_clusters import (
    LEVELS,
    MOST_LANDMARKS,
    VERSION,
    assign_rows,
    cluster_landmarks,
    columns_of_two_values,
    matrix_document,
)
from explorer.map.regions.naming import named_levels
from explorer.map.regions.region import Regions
from explorer.map.regions.traits import Category, Flag, Number, Trait
from explorer.map.regions.tree import RegionTree
from explorer.sources.source import open_source
from explorer.table.blocks import numbers_in
from explorer.table.coding import code_categories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from explorer.embedding.embedding import Embedding
    from explorer.features.kind import Feature
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["cached_tree", "regions_of"]

_log = logging.getLogger(__name__)

_FEWEST_SAMPLED = (
    4_000  # landmarks that the table's sample must hold, else rows of the map are drawn
)
_MOST_OTHERS = 200  # columns that are not in the map and may name regions, in table order
_SEED = 0
_MOST_NAMED = 5
_FORM = 2  # of what is kept: raised when a file of it is added


def regions_of(
    embedding: Embedding,
    table: Table,
    *,
    preview: Callable[[Regions], object] | None = None,
    progress: Progress | None = None,
) -> Regions:
    """Find the regions of a map, named by what distinguishes them.

    They are communities of the neighbour graph of its features.

    The picture has no part in it: maps of the same features and rows by other methods have the same
    regions. Up to 20,000 rows all are searched; of more, 20,000 at random, and every other row
    belongs to the region of the nearest of these.

    Parameters
    ----------
    embedding : Embedding
        Of this table.
    table : Table
        Names come from the map's features and from the table's categories and columns of yes and
        no.
    preview : callable, optional
        Called with the regions of the 20,000 rows before all others are told theirs.
    progress : callable, optional
        ``progress(stage, done, total)`` through sample, groups, prepare, neighbors, graph,
        communities and spread; returning False cancels and raises `explorer.Cancelled`.

    Returns
    -------
    Regions
        At three levels of about 8, 30 and 100, or fewer where the rows do not part further. None
        where the rows form no groups beyond one cloud with the same columns and correlations
        (`explorer.map.regions.grouping.find_grouping`); the note says so.

    Raises
    ------
    EmbeddingError
        For coordinates of which nobody knows what they were made from, or another table's.
    TableChanged
        A file of the table changed after it was opened.
    """
    embedding.check(table.fingerprint)
    matrix_document(embedding)  # refused before anything is read
    tree = cached_tree(embedding, table)
    matrix, cells, places = _landmarks(embedding, table, tree, progress)
    if tree is None:
        tree = cluster_landmarks(matrix, places, len(embedding.rows), progress)
        if not tree.complete and preview is not None:
            preview(_named(tree, matrix, cells, embedding, table))
        tree = assign_rows(tree, matrix.X, table.source, embedding, progress)
        try:
            with table.columns.cache.put("regions", _key(embedding)) as draft:
                tree.save(draft)
        except (OSError, CacheError) as error:
            _log.warning("the regions were not kept for the next time: %s", error)
    return _named(tree, matrix, cells, embedding, table)


def _key(embedding: Embedding) -> str:
    spec = matrix_document(embedding)["spec"]
    about = {"table": embedding.fingerprint, "matrix": spec, "rows": len(embedding.rows)}
    return key_of(
        {"regions": VERSION, "form": _FORM, "levels": LEVELS, "versions": versions(), **about}
    )


def cached_tree(embedding: Embedding, table: Table) -> RegionTree | None:
    """Return which row is in which region, where the regions of a map were found before.

    None else.
    """
    folder = table.columns.cache.get("regions", _key(embedding))
    if folder is None:
        return None
    try:
        return RegionTree.open(folder)
    except (OSError, EOFError, ValueError) as error:
        _log.warning("kept regions cannot be read and are found anew: %s", error)
        return None


def _landmarks(
    embedding: Embedding, table: Table, tree: RegionTree | None, progress: Progress | None
) -> tuple[FeatureMatrix, pa.Table, NDArray[np.int64]]:
    """Return the matrix and the cells of landmarks, and which rows of the embedding they are."""
    sample = table.columns.sample(progress)
    places = _drawn(embedding, sample.rows) if tree is None else tree.landmarks
    rows = embedding.rows[places]
    at = np.minimum(np.searchsorted(sample.rows, rows), len(sample.rows) - 1)
    if (sample.rows[at] == rows).all():
        cells = sample.cells.take(pa.array(at))
    else:
        cells = table.columns.lasting_source.lookup(rows, table.columns.lasting_source.column_names)
    needed = cells.select(list(embedding.features or ()))
    matrix = apply_matrix(open_source(needed, table.columns.cache), matrix_document(embedding))
    if len(matrix.rows) != len(places):
        raise EmbeddingError(
            f"{len(places) - len(matrix.rows):,} rows of this map have no features any more: "
            "project again"
        )
    return matrix, cells, places


def _drawn(embedding: Embedding, sampled: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw landmarks, from the rows of the table's sample where these are enough."""
    m, rng = len(embedding.rows), np.random.default_rng(_SEED)
    if m <= MOST_LANDMARKS:
        return np.arange(m)
    at = np.minimum(np.searchsorted(embedding.rows, sampled), m - 1)
    places = at[embedding.rows[at] == sampled]
    if len(places) < _FEWEST_SAMPLED:
        places = np.arange(m)
    return np.sort(rng.permutation(places)[:MOST_LANDMARKS])


def _named(
    tree: RegionTree, matrix: FeatureMatrix, cells: pa.Table, embedding: Embedding, table: Table
) -> Regions:
    levels = (
        named_levels(tree, list(_traits(table, matrix, cells, embedding))) if tree.n_levels else ()
    )
    return Regions(levels, tree, embedding.rows, _note(tree, matrix))


def _note(tree: RegionTree, matrix: FeatureMatrix) -> str:
    result, rows = len(tree.landmarks), len(tree.finest)
    grouping = tree.grouping
    if grouping is not None and not grouping.found and grouping.clouds:
        return ngettext(
            "No regions: the rows are no more grouped than simulated rows without groups, "
            "with the same distributions and correlations ({rows:,} rows; {clouds} "
            "simulation).",
            "No regions: the rows are no more grouped than simulated rows without groups, "
            "with the same distributions and correlations ({rows:,} rows; {clouds} "
            "simulations).",
            grouping.clouds,
        ).format(rows=grouping.rows, clouds=grouping.clouds)
    if not tree.n_levels:
        return _("No regions: these features do not separate the {count:,} rows checked.").format(
            count=result
        )
    if result == rows:
        text = _(
            "Regions: communities of the neighbours in the map's features, over all {rows:,} rows."
        )
    elif tree.complete:
        text = _(
            "Regions found on {count:,} of {rows:,} rows, at random; each other row has the region "
            "of the nearest of these."
        )
    else:
        text = _("Regions found on {count:,} of {rows:,} rows, at random; the other rows follow.")
    text = text.format(count=result, rows=rows)
    if tree.others is None or tree.others.found:
        return text
    two_valued = columns_of_two_values(matrix.X)
    names = list(
        dict.fromkeys(
            column.feature for column, two in zip(matrix.columns, two_valued, strict=True) if two
        )
    )
    only_categories = _(
        "They follow yes/no columns and categories alone ({columns}): without these the rows show "
        "no groups."
    ).format(columns=list_names(names, _MOST_NAMED))
    return f"{text} {only_categories}"


def _traits(
    table: Table, matrix: FeatureMatrix, cells: pa.Table, embedding: Embedding
) -> Iterator[Trait]:
    """Yield what may name a region: the map's features, then categories and yes/no columns."""
    inside = [name for name in embedding.features or () if name in table.features]
    others = [name for name in cells.column_names if name not in inside and name in table.features]
    others = [name for name in others if _has_levels(table.features[name])][:_MOST_OTHERS]
    for name in [*inside, *others]:
        trait = _trait(table.features[name], matrix, cells.column(name))
        if trait is not None:
            yield trait


def _has_levels(feature: Feature) -> bool:
    if NOT_PROFILED in feature.notes or ROW_LABEL in feature.notes:
        return False
    return feature.kind in ("boolean", "categorical") or ZERO_ONE in feature.notes


def _trait(feature: Feature, matrix: FeatureMatrix, cells: pa.ChunkedArray) -> Trait | None:
    if feature.kind == "boolean" or ZERO_ONE in feature.notes:
        return Flag(feature.name, feature.label, numbers_in(feature, cells))
    if feature.kind == "categorical" and NUMBERS_AS_TEXT not in feature.notes:
        result = code_categories(without_sentinels(cells, feature.sentinels))
        return Category(feature.name, feature.label, result.codes, result.labels)
    place = [
        j
        for j, column in enumerate(matrix.columns)
        if column.feature == feature.name and column.role == "value"
    ]
    if len(place) != 1:
        return None
    values = numbers_in(feature, cells)
    scaled = np.where(np.isnan(values), np.nan, matrix.X[:, place[0]].astype(np.float64))
    return Number(feature.name, feature.label, feature.unit, feature.kind, scaled, values)
