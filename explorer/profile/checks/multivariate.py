"""Rows far from the middle of many features at once: robust Mahalanobis distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.core.number_format import percent
from explorer.profile.checks.fences import QUARTILE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXPECTED", "FIT_ROWS", "RobustDistances", "robust_distances"]

EXPECTED = 0.025  # of Gaussian rows beyond the 97.5 % point of χ²
# Rows that location and scatter are fitted on: 50 features take about 2 s on one core; distances
# are of all rows.
FIT_ROWS = 3_000
# Conventions: rows a feature needs (Rousseeuw & van Zomeren 1990,
# doi:10.1080/01621459.1990.10474920, n > 5 p); most missing cells; what is left of a feature's
# variance, given those before it, below which it is collinear.
_ROWS_A_FEATURE = 5
_MOST_MISSING = 0.4
_LEAST_OWN = 1e-6


@dataclass(frozen=True, eq=False, kw_only=True)
class RobustDistances:
    """Squared robust Mahalanobis distances.

    Parameters
    ----------
    squared : ndarray of shape (m,), float64
        About χ² with as many degrees of freedom as there are columns, where rows are Gaussian.
    cutoff : float
        97.5 % point of that χ².
    rate, expected : float
        Share of the rows beyond it, and of Gaussian rows.
    columns : tuple of int
        Positions of the features that were used.
    left_out : tuple of (int, str)
        Positions of the others, with why.
    fitted_rows : int
        Rows drawn at random for location and scatter.
    support : float
        Share of them that the scatter rests on.
    imputed_cells, imputed_rows : int
        Missing cells of the used features, taken as their medians, and the rows they are in: too
        near the middle.
    standard : ndarray of shape (m, d_used), float64
        Corr-max variables: see `contributions`.
    """

    squared: NDArray[np.float64]
    cutoff: float
    rate: float
    expected: float = EXPECTED
    columns: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...]
    fitted_rows: int
    support: float
    imputed_cells: int
    imputed_rows: int
    standard: NDArray[np.float64]

    @property
    def contributions(self) -> NDArray[np.float64]:
        """Each used feature's part of the squared distances, (m, d_used), 0 or more.

        Rows sum to the squared distances.

        Squares of the corr-max transformation, which turns standardised features z with
        correlations R into R^(−1/2) z, uncorrelated and as close to z as can be (Garthwaite & Koch
        2016, doi:10.1111/anzs.12144).
        """
        return np.square(self.standard)

    @property
    def words(self) -> tuple[str, ...]:
        """What was done, in short sentences."""
        rows = self.squared.size
        text = (
            _("location and scatter of {count:,} random rows, distances of {total:,}")
            if self.fitted_rows < rows
            else _("location and scatter of all {total:,} rows")
        )
        sentences = [text.format(count=self.fitted_rows, total=rows)]
        if self.imputed_cells:
            sentences.append(
                _("{cells:,} missing cells in {rows:,} rows replaced by the median").format(
                    cells=self.imputed_cells, rows=self.imputed_rows
                )
            )
        return tuple(sentences)

    def top(self, row: int, features: int = 5) -> tuple[tuple[int, float], ...]:
        """Return features that make a row stand out: (position, share of its square), falling."""
        parts = np.square(self.standard[row])
        order = np.argsort(-parts, kind="stable")[:features]
        whole = float(parts.sum()) or 1.0
        return tuple((self.columns[at], float(parts[at]) / whole) for at in order)


def robust_distances(X: NDArray[np.floating], seed: int = 0) -> RobustDistances:
    """Return each row's distance from the middle of all features, which far rows do not move.

    Location and scatter by the minimum covariance determinant (Rousseeuw & Van Driessen 1999,
    doi:10.1080/00401706.1999.10485670), scikit-learn's MinCovDet, of at most 3,000 rows drawn at
    random. Distances are scaled so that their median is that of χ² (Maronna & Zamar 2002,
    doi:10.1198/004017002188618509): trimming makes the raw ones too large. Features are first
    centred by medians and scaled by median absolute deviations; missing cells are medians. Features
    are left out that are constant, have one value in half of the cells, lack more than 40 % of
    them, or follow from those before them.

    Parameters
    ----------
    X : ndarray of shape (m, d)
        Missing cells are NaN; infinite ones count as missing.
    seed : int
        Of the rows drawn and of MinCovDet.

    Raises
    ------
    FeatureError
        Fewer than two features can be used, or there are fewer than five rows for each of them;
        scatter singular.
    """
    from scipy.special import chdtri, gammaincinv

    Z, columns, left_out, missing = _prepared(X)
    if len(columns) < 2:
        raise FeatureError(
            "robust distances need two features that vary and do not follow from others; "
            f"came {len(columns)} of "
            f"{X.shape[1]}: choose more"
        )
    if Z.shape[0] < _ROWS_A_FEATURE * len(columns):
        raise FeatureError(
            f"robust distances of {len(columns)} features need "
            f"{_ROWS_A_FEATURE * len(columns)} rows; came "
            f"{Z.shape[0]}: choose fewer features or more rows"
        )
    drawn = Z
    if Z.shape[0] > FIT_ROWS:
        drawn = Z[np.random.default_rng(seed).choice(Z.shape[0], FIT_ROWS, replace=False)]
    location, scatter, support = _fitted(drawn, seed)
    standard = _corr_max(Z - location, scatter)
    d = len(columns)
    # gammaincinv(d/2, ½) is half the median of χ² with d degrees of freedom
    standard *= np.sqrt(2 * gammaincinv(d / 2, 0.5) / np.median(np.square(standard).sum(axis=1)))
    squared, cutoff = np.square(standard).sum(axis=1), float(chdtri(d, EXPECTED))
    return RobustDistances(
        squared=squared,
        cutoff=cutoff,
        rate=float((squared > cutoff).mean()),
        columns=columns,
        left_out=left_out,
        fitted_rows=drawn.shape[0],
        support=support,
        imputed_cells=int(missing.sum()),
        imputed_rows=int(missing.any(axis=1).sum()),
        standard=standard,
    )


def _prepared(
    X: NDArray[np.floating],
) -> tuple[NDArray[np.float64], tuple[int, ...], tuple[tuple[int, str], ...], NDArray[np.bool_]]:
    """Scaled columns that can be used, their places, those left out and why, and missing cells."""
    if X.ndim != 2 or X.shape[0] == 0:
        raise FeatureError(
            f"robust distances need rows and features; came an array of shape {X.shape}"
        )
    missing = ~np.isfinite(X)
    reasons: dict[int, str] = {}
    scaled: dict[int, NDArray[np.float64]] = {}
    for j in range(X.shape[1]):
        column = _scaled(np.asarray(X[:, j], dtype=np.float64), missing[:, j])
        if isinstance(column, str):
            reasons[j] = column
        else:
            scaled[j] = column
    Z = np.stack(list(scaled.values()), axis=1) if scaled else np.empty((X.shape[0], 0))
    own = _own(Z)
    reasons |= {
        j: _("follows from features before it")
        for j, free in zip(scaled, own, strict=True)
        if not free
    }
    columns = tuple(j for j, free in zip(scaled, own, strict=True) if free)
    return Z[:, own], columns, tuple(sorted(reasons.items())), missing[:, list(columns)]


_HALF = _("one value, or none, in half of the cells or more")


def _scaled(cells: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.float64] | str:
    """Cells in robust standard deviations from the median, or why they cannot be used."""
    share = float(missing.mean())
    if share > _MOST_MISSING:
        return _("{share} missing").format(share=percent(share))
    present = cells[~missing]
    if present.min() == present.max():
        return _("constant")
    largest = float(
        np.abs(present).max()
    )  # first to numbers whose squares and differences are finite
    present = present / largest
    center = float(np.median(present))
    spread = float(np.median(np.abs(present - center))) / QUARTILE
    if spread == 0:
        return _HALF
    scaled = (np.where(missing, center, cells / largest) - center) / spread
    return scaled if np.median(np.abs(scaled)) > 0 else _HALF


def _own(Z: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which columns have variance of their own, given the accepted columns before them.

    Steps of a Cholesky factorisation of the correlations: what is left on the diagonal is 1 − R².
    """
    d = Z.shape[1]
    own = np.zeros(d, dtype=bool)
    if d == 0:
        return own
    largest = np.abs(Z).max(axis=0)
    left = np.corrcoef(Z / largest, rowvar=False).reshape(d, d)
    for j in range(d):
        own[j] = left[j, j] > _LEAST_OWN
        if own[j]:
            left = left - np.outer(left[:, j], left[j]) / left[j, j]
    return own


def _fitted(
    Z: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Location, scatter and the share of rows in the support."""
    import warnings

    from sklearn.covariance import MinCovDet
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # thousands of factorisations of a small matrix: with two threads they take four times as long
    # as with one
    with threadpool_limits(1), warnings.catch_warnings():
        # of a scatter that is not of full rank, which is told by its condition below
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        try:
            fitted = MinCovDet(random_state=seed).fit(Z)
        except ValueError as error:
            raise FeatureError(f"{_SINGULAR}: {error}") from error
    if np.linalg.cond(fitted.covariance_) > 1 / np.finfo(np.float64).eps:
        raise FeatureError(_SINGULAR)
    return fitted.location_, fitted.covariance_, float(fitted.support_.mean())


_SINGULAR = _(
    "robust distances need features that vary in every half of the rows; in one half these "
    "features determine each other: leave out features with few values"
)


def _corr_max(centered: NDArray[np.float64], scatter: NDArray[np.float64]) -> NDArray[np.float64]:
    deviations = np.sqrt(np.diag(scatter))
    size, axes = np.linalg.eigh(scatter / np.outer(deviations, deviations))
    return np.asarray((centered / deviations) @ (axes / np.sqrt(size)) @ axes.T)
