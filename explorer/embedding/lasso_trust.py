"""Whether rows that lie together on a map lie together in the features that it was made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.core.gettext import _, ngettext
from explorer.core.json_values import fields_document
from explorer.core.number_format import percent
from explorer.embedding.reference import Reference, features_of_rows, reference_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.embedding.embedding import Embedding
    from explorer.sources.source import ArrowSource
    from projections.errors import Progress

__all__ = ["LassoTrust", "lasso_trust"]

# Conventions of ours, in parts of what the map shows beyond chance;
# tests/embeddings/test_lasso_trust.py holds them against pure noise and planted clusters. Half of
# it and more: most of what is seen there is in the data. Less than a fifth: nearly all is the map's
# doing.
_TOGETHER, _APART = 0.5, 0.2
# Rows whose nearest rows on the map are inside no more often than this beyond chance are no region
# of it: a convention.
_A_REGION = 0.2

_MOST_LOOKED_AT, _FEWEST_LOOKED_AT = 1_000, 200
_PAIRS_TIMES_COLUMNS = 2e10  # two seconds on two cores
_SURE = 1.96  # 95 %


@dataclass(frozen=True, kw_only=True)
class LassoTrust:
    """How much of a region of a map is in the features.

    Attributes
    ----------
    verdict : {"together", "partly", "apart", "scattered", ""}
        Of the share beyond chance of nearest rows on the map that are inside, the features have at
        least half; less; less than a fifth, each surely (95 %). "scattered": the rows are no region
        of the map. Empty: it cannot be told.
    in_features, on_map : float
        Share of a row's nearest rows that are inside too, by distance in the features and on the
        map; mean over the rows looked at. What a region loses at its border it loses on both.
    low, high : float
        Ends of the 95 % interval of ``in_features`` over the rows of the region.
    chance : float
        What rows strewn anywhere would have: the share of all other rows that are inside.
    n_neighbors : int
        Nearest rows looked at: 15, or as many as the region has other rows.
    n_rows, n_looked_at : int
        Rows of the region on the map; those whose nearest rows were looked at.
    n_among : int
        Rows that were searched: all of the map where ``exact``, else a random sample, of which each
        row has its nearest.
    exact : bool
    trust_inside, trust_outside : float
        Mean trust of the rows inside and of all others; NaN where nothing was measured.
    words : str
    """

    verdict: str
    words: str
    in_features: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    on_map: float = float("nan")
    chance: float = float("nan")
    n_neighbors: int = 0
    n_rows: int = 0
    n_looked_at: int = 0
    n_among: int = 0
    exact: bool = False
    trust_inside: float = float("nan")
    trust_outside: float = float("nan")

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it, NaN as None."""
        return fields_document(self)


def lasso_trust(
    source: ArrowSource,
    embedding: Embedding,
    mask: NDArray[np.bool_],
    cache: Cache,
    *,
    k: int = 15,
    seed: int = 0,
    reference: Reference | None = None,
    progress: Progress | None = None,
) -> LassoTrust:
    """Say whether rows that were chosen on a map are neighbours in the features behind it.

    Of up to 1,000 of the rows, the k truly nearest are searched in the matrix that the map was made
    of, among all rows up to 200,000, else among as many drawn at random (fewer of both where the
    matrix has hundreds of columns). The share of them that was chosen too is set beside the share
    among the k nearest on the map, which is what one sees, and the share of all rows, which is
    chance.

    Parameters
    ----------
    source : ArrowSource
        The table.
    embedding : Embedding
        The map, made from features.
    mask : ndarray of shape (num_rows,), bool
        Chosen rows of the table; those that are not on the map have no part in it.
    cache : Cache
    k : int
    seed : int
        Of the rows drawn.
    reference : Reference, optional
        As `explorer.embedding.reference.reference_of` read it for this map before.
    progress : callable, optional
        ``progress("trust", done, total)``; returning False cancels.

    Raises
    ------
    EmbeddingError
        A mask of another length, an embedding of another table, or coordinates that were not made
        from features.
    projections.Cancelled
    """
    selected = np.asarray(mask)
    if selected.dtype != np.bool_ or selected.shape != (source.num_rows,):
        raise EmbeddingError(
            f"mask must hold one bool for each row of the table, shape ({source.num_rows},), "
            f"got {selected.dtype} {selected.shape}"
        )
    inside = selected[embedding.rows]
    about = _about(embedding, inside)
    if about.n_rows < 2 or about.n_rows == len(inside):
        text = (
            _("All rows of the map are selected: select a part of it, of two rows or more.")
            if about.n_rows == len(inside)
            else ngettext(
                "{count} row of the map is selected: select two or more.",
                "{count} rows of the map are selected: select two or more.",
                about.n_rows,
            ).format(count=about.n_rows)
        )
        return replace(about, words=text)
    reference = reference or reference_of(source, embedding, cache, seed, progress)
    return _judged(source, embedding, cache, inside, about, reference, k, seed, progress)


def _about(embedding: Embedding, inside: NDArray[np.bool_]) -> LassoTrust:
    trusts = [_mean(embedding.trust[mask]) for mask in (inside, ~inside)]
    return LassoTrust(
        verdict="",
        words="",
        n_rows=int(inside.sum()),
        trust_inside=trusts[0],
        trust_outside=trusts[1],
    )


def _mean(trust: NDArray[np.float32]) -> float:
    scored = trust[~np.isnan(trust)]
    return float(scored.mean(dtype=np.float64)) if len(scored) else float("nan")


def _judged(
    source: ArrowSource,
    embedding: Embedding,
    cache: Cache,
    inside: NDArray[np.bool_],
    about: LassoTrust,
    reference: Reference,
    k: int,
    seed: int,
    progress: Progress | None,
) -> LassoTrust:
    """Look at the nearest rows of some of the rows inside, in the features and on the map."""
    selected = inside[reference.places]
    k = min(k, int(selected.sum()) - 1)
    if k < 1:
        reason = _(
            "{count:,} rows are too few: they are compared with {sample:,} rows "
            "drawn at random, which hold hardly any of them."
        ).format(count=about.n_rows, sample=len(selected))
        return replace(about, words=reason)
    places = _looked_at(inside, reference, seed)
    own = reference.where(places)
    X = reference.X[own]
    if (own < 0).any():  # of a sample
        X = features_of_rows(source, embedding, places, cache, progress)
    picture = replace(reference, X=embedding.xy[reference.places])
    in_features = selected[reference.nearest(places, X, k, progress)].mean(axis=1)
    on_map = float(selected[picture.nearest(places, embedding.xy[places], k)].mean())
    value, apart = float(in_features.mean()), _half_width(in_features, about.n_rows)
    result = replace(
        about,
        in_features=value,
        low=max(value - apart, 0.0),
        high=min(value + apart, 1.0),
        on_map=on_map,
        chance=(about.n_rows - 1) / (len(inside) - 1),
        n_neighbors=k,
        n_looked_at=len(places),
        n_among=len(selected),
        exact=reference.exact,
    )
    result = replace(result, verdict=_verdict(result))
    return replace(result, words=_words(result))


def _looked_at(inside: NDArray[np.bool_], reference: Reference, seed: int) -> NDArray[np.int64]:
    """Draw rows of the region, ascending: up to 1,000, fewer where comparing them is slow."""
    affordable = _PAIRS_TIMES_COLUMNS / reference.X.size
    most = int(np.clip(affordable, _FEWEST_LOOKED_AT, _MOST_LOOKED_AT))
    places = np.flatnonzero(inside)
    if len(places) > most:
        places = np.sort(np.random.default_rng([seed, 1]).choice(places, most, replace=False))
    return places


def _half_width(shares: NDArray[np.float64], n_rows: int) -> float:
    """Return half the 95 % interval of a mean over some of `n_rows` rows; 0 if over all."""
    n_looked_at = len(shares)
    if n_looked_at == n_rows:
        return 0.0
    return float(
        _SURE * shares.std(ddof=1) / np.sqrt(n_looked_at) * np.sqrt(1 - n_looked_at / n_rows)
    )


def _verdict(trust: LassoTrust) -> str:
    above_chance = trust.on_map - trust.chance
    if above_chance < _A_REGION * (1 - trust.chance):
        return "scattered"
    if trust.low - trust.chance >= _TOGETHER * above_chance:
        return "together"
    return "apart" if trust.high - trust.chance < _APART * above_chance else "partly"


def _words(trust: LassoTrust) -> str:
    verdict = {
        "together": _("These rows are neighbours in the features too."),
        "partly": _("These rows are partly neighbours in the features."),
        "apart": _(
            "These rows are NOT neighbours in the features: the map put them together, "
            "most of their true neighbours lie elsewhere."
        ),
        "scattered": _("These rows are no region of the map."),
    }[trust.verdict]
    shares = ngettext(
        "The nearest row is selected too: {in_features} in the features, {on_map} on the map, "
        "{chance} by chance.",
        "Of the {k} nearest rows, these are selected too: {in_features} in the features, "
        "{on_map} on the map, {chance} by chance.",
        trust.n_neighbors,
    ).format(
        k=trust.n_neighbors,
        in_features=percent(trust.in_features),
        on_map=percent(trust.on_map),
        chance=percent(trust.chance),
    )
    rows = (
        _("Checked: {count:,} of {total:,} rows, among all {among:,}.")
        if trust.exact
        else _("Checked: {count:,} of {total:,} rows, among a random sample of {among:,}.")
    ).format(count=trust.n_looked_at, total=trust.n_rows, among=trust.n_among)
    return f"{verdict} {shares} {rows}"
