"""How the chosen features go with each other: the analyses of the Together tab.

Correlation, missing cells, unusual rows, and a target.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT
from explorer.profile.relations.correlations import (
    FEWEST_TOGETHER,
    StandardizedFeatures,
    numbers_of,
    sampled_numbers,
)
from explorer.profile.relations.missing_together import EXACT_FEATURES, missing_together
from explorer.profile.relations.redundancy import correlations
from explorer.profile.relations.vif import variance_inflation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.profile.checks.ecod import Ecod
    from explorer.profile.checks.multivariate import RobustDistances
    from explorer.profile.relations.missing_together import MissingTogether
    from explorer.profile.relations.redundancy import Redundancy
    from explorer.profile.relations.relevance import Relevance
    from explorer.profile.relations.vif import VarianceInflation
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = [
    "MOST_DRAWN",
    "SAMPLE_ROWS",
    "ChosenFeatures",
    "CorrelationMatrix",
    "RelationsController",
    "UnusualRows",
    "why_not_numeric",
]

SAMPLE_ROWS = 100_000
# features of the matrix and of the distances: more can neither be read nor be fitted in seconds
MOST_DRAWN = 60
_MOST_INFLATED = _MANY = 200
_FEWEST_ROWS, _MOST_CELLS = 4_000, 5_000_000
_MOST_COUNTED = 50  # features that stand in while too few are ticked
_NUMBERS = ("numeric", "boolean", "temporal")

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class ChosenFeatures:
    """The features that are looked at together.

    Parameters
    ----------
    names : tuple of str
        Numbers, booleans and times, in the order they were ticked.
    left_out : dict of str to str
        Ticked features that have no single number a row, with why.
    ticked : bool
        False: too few are ticked, and features counted so far stand in.
    key : str
        Changes with the features and with what the catalogue says is missing in them.
    """

    names: tuple[str, ...]
    left_out: dict[str, str]
    ticked: bool
    key: str

    @property
    def words(self) -> str:
        """Which features these are, in a sentence."""
        if self.ticked:
            out = (
                _(", {count:,} ticked left out").format(count=len(self.left_out))
                if self.left_out
                else ""
            )
            return _("{count:,} ticked features{out}").format(count=len(self.names), out=out)
        return _(
            "fewer than two numeric features are ticked: the first {count:,} counted so "
            "far are used"
        ).format(count=len(self.names))


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrelationMatrix:
    """Correlations of every pair, near ones beside each other.

    Parameters
    ----------
    names : tuple of str
        In the order of an average-linkage tree on 1 − |r|.
    spearman, pearson : ndarray of shape (p, p), float64
        NaN where undefined, or where both are present in fewer than 30 rows.
    n : ndarray of shape (p, p), int64
        Rows where both are present.
    rows : int
        Rows looked at; drawn at random unless ``exact``.
    exact : bool
    left_out : int
        Further features of the set that are not drawn.
    """

    names: tuple[str, ...]
    spearman: NDArray[np.float64]
    pearson: NDArray[np.float64]
    n: NDArray[np.int64]
    rows: int
    exact: bool
    left_out: int


@dataclass(frozen=True, eq=False, kw_only=True)
class UnusualRows:
    """Rows far out in many features at once.

    Parameters
    ----------
    names : tuple of str
        Features, the columns of ``cells``.
    rows : ndarray of shape (m,), int64
        Positions in the table, ascending.
    cells : ndarray of shape (m, d), float64
    robust : RobustDistances or None
    refused : str
        Why there are no robust distances; empty when there are.
    ecod : Ecod
    exact : bool
        Whether these are all rows of the table; else they were drawn at random.
    left_out : int
        Further features of the set that were not looked at.
    """

    names: tuple[str, ...]
    rows: NDArray[np.int64]
    cells: NDArray[np.float64]
    robust: RobustDistances | None
    refused: str
    ecod: Ecod
    exact: bool
    left_out: int

    def furthest(self, by: str, most: int) -> NDArray[np.int64]:
        """Return places in ``rows``, the furthest first.

        Parameters
        ----------
        by : {"robust", "ecod"}
        most : int
        """
        order = np.argsort(-self._scores(by)[0], kind="stable")
        return order[:most].astype(np.int64)

    def beyond(self, by: str) -> NDArray[np.int64]:
        """Return places in ``rows`` of those beyond the cutoff, the furthest first."""
        scores, cutoff = self._scores(by)
        return self.furthest(by, int((scores > cutoff).sum()))

    def _scores(self, by: str) -> tuple[NDArray[np.float64], float]:
        if by == "robust" and self.robust is not None:
            return self.robust.squared, self.robust.cutoff
        return self.ecod.scores, self.ecod.cutoff


def why_not_numeric(feature: Feature) -> str:
    """Say in a word why a feature has no single number a row; empty when it has."""
    if NOT_PROFILED in feature.notes:
        return NOT_PROFILED
    if NUMBERS_AS_TEXT in feature.notes:
        return NUMBERS_AS_TEXT
    return "" if feature.kind in _NUMBERS else feature.kind


class RelationsController:
    """What the ticked features have to do with each other; the latest answers are kept.

    All of it is of all rows of the table, or of a random sample of them that is stated; filters are
    left aside.

    Parameters
    ----------
    table : Table
    state : State
    """

    def __init__(self, table: Table, state: State) -> None:
        self._table, self._state = table, state
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, Any]] = {}

    def chosen(self) -> ChosenFeatures:
        """Return the ticked features that are numbers; of fewer than two, those counted."""
        features = self._table.features
        ticked = [name for name in self._state.document.features if name in features]
        left_out = {name: why for name in ticked if (why := why_not_numeric(features[name]))}
        names = [name for name in ticked if name not in left_out]
        enough = len(names) >= 2
        if not enough:
            profiles = self._table.profiles.finished()
            counted = [
                name
                for name in features
                if name in profiles and features[name].kind in ("numeric", "boolean")
            ]
            names = [name for name in counted if not why_not_numeric(features[name])][
                :_MOST_COUNTED
            ]
        key = key_of([[name, list(features[name].sentinels)] for name in names])
        return ChosenFeatures(names=tuple(names), left_out=left_out, ticked=enough, key=key)

    def redundancy(self, chosen: ChosenFeatures) -> Redundancy:
        """Return groups of near-duplicates among the features."""
        source, features = self._table.source, self._table.features
        names = self._two(chosen)
        # r = .9 is known to ± .006 from 4,000 rows; more of them for hundreds of features would
        # take half a minute
        rows = SAMPLE_ROWS if len(names) <= _MANY else max(_FEWEST_ROWS, _MOST_CELLS // len(names))
        return self._once(
            "redundancy", chosen, lambda: correlations(source, names, rows, features=features)
        )

    def inflation(self, chosen: ChosenFeatures) -> VarianceInflation:
        """Return the variance inflation of the features.

        Raises
        ------
        FeatureError
            Fewer than two features, more than 200, or hardly a row without a missing cell.
        """
        if len(chosen.names) > _MOST_INFLATED:
            raise FeatureError(
                f"variance inflation is computed for at most {_MOST_INFLATED} features, "
                f"{len(chosen.names):,} are ticked: untick some"
            )
        source, features = self._table.source, self._table.features
        return self._once(
            "inflation",
            chosen,
            lambda: variance_inflation(source, self._two(chosen), features=features),
        )

    def matrix(self, chosen: ChosenFeatures) -> CorrelationMatrix:
        """Return the correlations of the first 60 features."""
        return self._once("matrix", chosen, lambda: self._matrix(self._two(chosen)))

    def missing(self, chosen: ChosenFeatures) -> tuple[tuple[str, ...], MissingTogether]:
        """Return what is missing together, and in which features.

        They are the ticked features, and others known to miss cells.
        """
        names = self._lacking(chosen)
        source, features = self._table.source, self._table.features
        key = key_of(list(names))
        return names, self._once(
            "missing", chosen, lambda: missing_together(source, names, features=features), key
        )

    def unusual(self, chosen: ChosenFeatures) -> UnusualRows:
        """Return distances of at most 100,000 rows by the first 60 features; seconds."""
        return self._once("unusual", chosen, lambda: self._unusual(self._two(chosen)))

    def relevance(self, target: str) -> Relevance:
        """Return how much each feature of the table tells of a target."""
        return self._table.relations.relevance(target)

    # --- inside

    def _once(
        self, what: str, chosen: ChosenFeatures, make: Callable[[], Result], also: str = ""
    ) -> Result:
        """Return what was made for these features the last time."""
        key = chosen.key + also
        with self._lock:
            cached = self._kept.get(what)
        if cached is not None and cached[0] == key:
            result: Result = cached[1]
            return result
        made = make()
        with self._lock:
            self._kept[what] = (key, made)
        return made

    def _two(self, chosen: ChosenFeatures) -> Sequence[str]:
        if len(chosen.names) < 2:
            raise FeatureError(
                "fewer than two numeric features are ticked or counted: tick two or more"
            )
        return chosen.names

    def _lacking(self, chosen: ChosenFeatures) -> tuple[str, ...]:
        """Return the ticked features, then others with missing cells, at most 64.

        The others come with the most missing first.
        """
        profiles = self._table.profiles.finished()
        ticked = [*chosen.names, *(name for name in chosen.left_out)]
        others = sorted(
            (
                name
                for name, summary in profiles.items()
                # rows without a label of one's own miss nothing
                if summary.missing
                and name not in ticked
                and name not in self._table.source.mutable_columns
            ),
            key=lambda name: -(profiles[name].missing or 0),
        )
        # a ticked feature known to miss nothing tells nothing, and takes the place of one that may
        telling = [name for name in ticked if name not in profiles or profiles[name].missing]
        return tuple([*telling, *others][:EXACT_FEATURES])

    def _matrix(self, names: Sequence[str]) -> CorrelationMatrix:
        drawn, source = list(names[:MOST_DRAWN]), self._table.source
        used = min(SAMPLE_ROWS, source.num_rows)
        ranks = StandardizedFeatures.empty(len(drawn), used)
        linear = StandardizedFeatures(
            np.zeros((len(drawn), used), np.float32), ranks.present, ranks.complete
        )
        for k, (_name, cells) in enumerate(
            sampled_numbers(source, drawn, used, self._table.features)
        ):
            ranks.put(k, cells, "spearman")
            linear.put(k, cells, "pearson")
        everything = slice(None)
        n = np.rint(ranks.block(everything, everything)[1]).astype(np.int64)
        spearman, pearson = (
            _settled(correlations.block(everything, everything)[0], n, used)
            for correlations in (ranks, linear)
        )
        order = _clustered(spearman)
        grid = np.ix_(order, order)
        return CorrelationMatrix(
            names=tuple(drawn[k] for k in order),
            spearman=spearman[grid],
            pearson=pearson[grid],
            n=n[grid],
            rows=used,
            exact=used == source.num_rows,
            left_out=len(names) - len(drawn),
        )

    def _unusual(self, names: Sequence[str]) -> UnusualRows:
        from explorer.profile.checks.ecod import ecod
        from explorer.profile.checks.multivariate import robust_distances

        used, table = tuple(names[:MOST_DRAWN]), self._table
        sample, rows = table.source.sample(used, SAMPLE_ROWS)
        cells = np.stack(
            [
                numbers_of(sample.column(name), name, table.features[name].sentinels)
                for name in used
            ],
            axis=1,
        )
        try:
            robust, refused = robust_distances(cells), ""
        except FeatureError as error:
            robust, refused = None, str(error)
        return UnusualRows(
            names=used,
            rows=rows,
            cells=cells,
            robust=robust,
            refused=refused,
            ecod=ecod(cells),
            exact=len(rows) == table.num_rows,
            left_out=len(names) - len(used),
        )


def _settled(r: NDArray[Any], n: NDArray[np.int64], rows: int) -> NDArray[np.float64]:
    """Return correlations rounded to what float32 sums hold, NaN where too few rows have both."""
    enough = n >= min(FEWEST_TOGETHER, rows)
    settled = np.where(enough, r.astype(np.float64).round(6), np.nan)
    varies = ~np.isnan(np.diag(settled))
    np.fill_diagonal(settled, np.where(varies, 1.0, np.nan))
    return settled


def _clustered(r: NDArray[np.float64]) -> list[int]:
    """Order features by the leaves of an average-linkage tree (Sokal & Michener 1958) on 1 − |r|.

    Neighbouring leaves are as near as the tree allows (Bar-Joseph, Gifford & Jaakkola 2001,
    doi:10.1093/bioinformatics/17.suppl_1.S22). An undefined correlation counts as none.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(r) < 3:
        return list(range(len(r)))
    apart = 1 - np.abs(np.nan_to_num(r))
    np.fill_diagonal(apart, 0)
    tree = linkage(
        squareform((apart + apart.T) / 2, checks=False), "average", optimal_ordering=True
    )
    order: list[int] = leaves_list(tree).tolist()
    return order
