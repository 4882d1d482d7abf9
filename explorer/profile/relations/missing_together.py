"""Missing together: which features are absent in the same rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, ngettext
from explorer.core.json_values import fields_document
from explorer.core.name_list import list_names
from explorer.core.number_format import percent
from explorer.profile.counting.missing_counts import MissingCounts, missing_cells, unpacked
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["EXACT_FEATURES", "MissingPair", "MissingTogether", "Pattern", "missing_together"]

EXACT_FEATURES = 64  # a bit each in one word: so many are counted over all rows
SAMPLE_ROWS = 20_000
# Conventions. A share of 1 in a million: what chance would give among all pairs of a thousand
# features about once.
_STRONG_PHI = 0.5
_FEWEST_MISSING = 5
_CHANCE = 1e-6
_SHOWN = 200  # pairs, and nested pairs, that are listed
_SHOWN_PATTERNS = 100
_SAID = 10  # of each kind, in words


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Features that are missing in the same rows, others present, and the number of those rows."""

    features: tuple[str, ...]
    rows: int


@dataclass(frozen=True, kw_only=True)
class MissingPair:
    """Two features that are often missing in the same rows.

    Parameters
    ----------
    one, other : str
    phi : float
        Correlation of being missing, −1 to 1.
    both, only_one, only_other : int
        Rows.
    """

    one: str
    other: str
    phi: float
    both: int
    only_one: int
    only_other: int


@dataclass(frozen=True, kw_only=True)
class MissingTogether:
    """Which features are absent in the same rows.

    Parameters
    ----------
    rows : int
        Rows looked at.
    sampled : int or None
        How many of the table's rows were drawn at random; None: these are all.
    missing : dict of str to int
        Rows in which each feature is missing; only features that miss any.
    complete : int
        Rows without a missing cell.
    patterns : tuple of Pattern
        The 100 most frequent, the most frequent first.
    n_patterns : int
        How many there are, as far as they are counted.
    patterns_exact : bool
        False: there were so many that rare ones were given up, and counts may be too small.
    pairs : tuple of MissingPair
        With φ ≥ .5, the strongest first; at most 200. Of features always missing together the first
        stands for all, here and in ``nested``.
    n_pairs : int
        How many there are.
    always : tuple of tuple of str
        Features missing in exactly the same rows, five or more.
    nested : tuple of (str, str)
        (one, other): wherever one is missing the other is too, and not the other way round, more
        often than chance would have it; at most 200.
    """

    rows: int
    sampled: int | None
    missing: dict[str, int]
    complete: int
    patterns: tuple[Pattern, ...]
    n_patterns: int
    patterns_exact: bool
    pairs: tuple[MissingPair, ...]
    n_pairs: int
    always: tuple[tuple[str, ...], ...]
    nested: tuple[tuple[str, str], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The most telling of it, in sentences."""
        rows_text = (
            _("a random sample of {count:,} rows").format(count=self.sampled)
            if self.sampled
            else _("all {count:,} rows").format(count=self.rows)
        )
        if not self.missing:
            return (_("nothing is missing in {rows}").format(rows=rows_text),)
        share = percent(self.complete / self.rows)
        sentences = [
            _(
                "{count:,} rows ({share}) have no missing cell, "
                "of {rows} in {features:,} features with missing cells"
            ).format(count=self.complete, share=share, rows=rows_text, features=len(self.missing))
        ]
        sentences += [
            ngettext(
                "always missing together, in {count:,} row: {features}",
                "always missing together, in {count:,} rows: {features}",
                self.missing[names[0]],
            ).format(features=list_names(names, 4), count=self.missing[names[0]])
            for names in self.always[:_SAID]
        ]
        sentences += [
            _("{feature} is missing whenever {other} is").format(feature=other, other=first)
            for first, other in self.nested[:_SAID]
        ]
        return tuple(sentences)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**fields_document(self), "words": list(self.words)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> MissingTogether:
        """Build it from `document`."""
        values = {key: value for key, value in document.items() if key != "words"}
        values["patterns"] = tuple(
            Pattern(features=tuple(pattern["features"]), rows=pattern["rows"])
            for pattern in document["patterns"]
        )
        values["pairs"] = tuple(MissingPair(**pair) for pair in document["pairs"])
        values["always"] = tuple(tuple(names) for names in document["always"])
        values["nested"] = tuple((first, second) for first, second in document["nested"])
        return cls(**values)

    @classmethod
    def from_counts(cls, counts: MissingCounts, sampled: int | None = None) -> MissingTogether:
        """Read what `MissingCounts` of all blocks say."""
        missing = np.diag(counts.together)
        incomplete = np.flatnonzero(missing)
        names = [counts.names[i] for i in incomplete]
        together = counts.together[np.ix_(incomplete, incomplete)]
        groups, inside = _groups(together, counts.rows)
        heads = [group[0] for group in groups]
        pairs, n_pairs = _pairs(names, heads, together, counts.rows)
        blank = ~counts.patterns.any(axis=1)
        return cls(
            rows=counts.rows,
            sampled=sampled,
            missing=dict(zip(names, missing[incomplete].tolist(), strict=True)),
            complete=int(counts.counts[blank].sum()),
            patterns=_patterns(counts),
            n_patterns=int((~blank).sum()),
            patterns_exact=counts.dropped == 0,
            pairs=pairs,
            n_pairs=n_pairs,
            always=tuple(tuple(names[i] for i in group) for group in groups if len(group) > 1),
            nested=_nested(names, heads, inside, np.diag(together), counts.rows),
        )


def _patterns(counts: MissingCounts) -> tuple[Pattern, ...]:
    incomplete = np.flatnonzero(counts.patterns.any(axis=1))
    first = incomplete[np.argsort(-counts.counts[incomplete], kind="stable")[:_SHOWN_PATTERNS]]
    bits = unpacked(counts.patterns[first], len(counts.names))
    return tuple(
        Pattern(
            features=tuple(counts.names[i] for i in np.flatnonzero(line)),
            rows=int(counts.counts[k]),
        )
        for k, line in zip(first, bits, strict=True)
    )


def _groups(together: NDArray[np.int64], rows: int) -> tuple[list[list[int]], NDArray[np.bool_]]:
    """Return features missing in the same rows, and whether one's rows are among another's."""
    missing = np.diag(together)
    telling = (missing >= _FEWEST_MISSING) & (missing < rows)
    inside = (together == missing[:, None]) & telling[:, None] & telling[None, :]
    if not telling.any():
        return [], inside
    same = inside & inside.T
    first = same.argmax(axis=1)  # features with equal rows share their first
    heads = np.flatnonzero(telling & (first == np.arange(missing.size)))
    return [np.flatnonzero(same[i]).tolist() for i in heads], inside


def _pairs(
    names: Sequence[str], heads: list[int], together: NDArray[np.int64], rows: int
) -> tuple[tuple[MissingPair, ...], int]:
    both = together[np.ix_(heads, heads)]
    share = np.diag(both) / max(rows, 1)
    spread = np.sqrt(share * (1 - share))
    phi = (both / max(rows, 1) - np.outer(share, share)) / np.outer(spread, spread)
    i, j = np.nonzero(np.triu(phi >= _STRONG_PHI, 1))
    order = np.argsort(-phi[i, j], kind="stable")[:_SHOWN]
    listed = zip(i[order].tolist(), j[order].tolist(), strict=True)
    pairs = (
        MissingPair(
            one=names[heads[a]],
            other=names[heads[b]],
            phi=round(float(phi[a, b]), 9),
            both=int(both[a, b]),
            only_one=int(both[a, a] - both[a, b]),
            only_other=int(both[b, b] - both[a, b]),
        )
        for a, b in listed
    )
    return tuple(pairs), i.size


def _nested(
    names: Sequence[str],
    heads: list[int],
    inside: NDArray[np.bool_],
    missing: NDArray[np.int64],
    rows: int,
) -> tuple[tuple[str, str], ...]:
    strict = np.zeros_like(inside)
    strict[np.ix_(heads, heads)] = (inside & ~inside.T)[np.ix_(heads, heads)]
    a, b = np.nonzero(strict)
    # by chance each row of one would have to be among the other's
    chance = missing[a] * np.log(missing[b] / max(rows, 1))
    order = np.argsort(chance, kind="stable")
    order = order[chance[order] < math.log(_CHANCE)][:_SHOWN]
    return tuple((names[a[k]], names[b[k]]) for k in order.tolist())


def missing_together(
    source: ArrowSource,
    names: Sequence[str],
    *,
    features: Mapping[str, Feature] | None = None,
    rows: int = SAMPLE_ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> MissingTogether:
    """Find which features are absent in the same rows.

    Up to 64 features are counted over all rows; more on rows drawn at random, and the result says
    so. A cell is missing when it is null, NaN or a sentinel.

    Parameters
    ----------
    source : ArrowSource
    names : sequence of str
        Of any kind; best those known to miss any cell.
    features : mapping of str to Feature, optional
        Their sentinels count as missing.
    rows : int
        How many are drawn when there are more than 64 features.
    seed : int
        Of the random rows.
    progress : callable, optional
        ``progress("missing together", done, total)`` in rows.

    Returns
    -------
    found : MissingTogether
    """
    sentinels = {name: features[name].sentinels for name in names if features and name in features}
    if len(names) <= EXACT_FEATURES or rows >= source.num_rows:
        batches, sampled = source.batches(names), None
    else:
        batches, sampled = (
            iter(source.sample(names, rows, seed)[0].to_batches(max_chunksize=131_072)),
            rows,
        )
    counts = MissingCounts.of(names, np.zeros((len(names), 0), dtype=bool))
    for batch in batches:
        counts = counts.merged(MissingCounts.of(names, missing_cells(batch, names, sentinels)))
        report(progress, "missing together", counts.rows, sampled or source.num_rows)
    return MissingTogether.from_counts(counts, sampled)
