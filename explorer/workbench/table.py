"""A table as users meet it: its features, what is known of them, and the way to an embedding."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from explorer.cache import Cache
from explorer.errors import FeatureError, unknown_name
from explorer.features.catalogue import Catalogue, features_of
from explorer.features.cells import without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.features.spec import MatrixSpec
from explorer.profiles.pick import Pick, pick_features
from explorer.profiles.redundancy import Redundancy, correlations
from explorer.profiles.summary import Summary, summarize
from explorer.table.columns import as_numbers
from explorer.table.source import ArrowSource, open_source
from explorer.table.text_numbers import parse_numbers
from explorer.workbench.coding import Bins, Levels, bins_of, levels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.embeddings import Embedding
    from explorer.features.kind import Feature

__all__ = ["Table", "open_table"]

Result = TypeVar("Result")

# Coded columns kept ready for colours and counts; the rest is coded again when asked for.
_KEPT_BYTES = 1 << 29
_COMPARED_FIRST = 200


class Table:
    """Rows and columns, opened lazily; made by `open_table`.

    Attributes
    ----------
    num_rows : int
    column_names : list of str
    fingerprint : str
        Of the relative paths and contents, the same on every machine.
    features : dict of str to Feature
        In table order.
    source : ArrowSource
        Reads batches and columns.
    catalogue : Catalogue
        What experts know of the features.
    """

    def __init__(self, source: ArrowSource, catalogue: Catalogue, cache: Cache) -> None:
        self.source = source
        self.catalogue = catalogue
        self.cache = cache
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}
        self._coded: OrderedDict[tuple[str, str], Any] = OrderedDict()

    @property
    def num_rows(self) -> int:
        """Rows of the table."""
        return self.source.num_rows

    @property
    def column_names(self) -> list[str]:
        """Columns in table order."""
        return list(self.source.column_names)

    @property
    def fingerprint(self) -> str:
        """Hash of relative paths and contents."""
        return self.source.fingerprint

    @property
    def title(self) -> str:
        """Words for the head of the page."""
        return self.catalogue.table.title or self.source.name

    @cached_property
    def features(self) -> dict[str, Feature]:
        """The columns and what is known of them."""
        return features_of(self.source, self.catalogue)

    def feature(self, name: str) -> Feature:
        """Return one feature; an unknown name is an `UnknownName` with the nearest one."""
        try:
            return self.features[name]
        except KeyError:
            raise unknown_name("feature", name, self.features) from None

    @property
    def summaries(self) -> dict[str, Summary]:
        """What each feature's strip shows, counted once."""
        return self._once("summaries", lambda: summarize(self.source, self.features))

    @property
    def redundancy(self) -> Redundancy:
        """Numeric features whose ranks correlate with |r| ≥ .9, on a stated sample."""
        return self._once("redundancy", lambda: self._correlations(self._numeric()))

    @property
    def pick(self) -> Pick:
        """The features chosen when nobody has chosen, with reasons."""
        return self._once("pick", self._picked)

    def _numeric(self) -> list[str]:
        return [name for name, feature in self.features.items() if feature.kind in ("numeric", "boolean")]

    def _correlations(self, names: Sequence[str]) -> Redundancy:
        return correlations(self.source, names, features=self.features)

    def _picked(self) -> Pick:
        # in a table of thousands of columns, all pairs take seconds that the first page need not wait for
        first = self._numeric()[:_COMPARED_FIRST]
        pick = pick_features(self.features, self.summaries, self._correlations(first))
        if len(first) < _COMPARED_FIRST or set(pick.names) <= set(first):
            return pick
        return pick_features(self.features, self.summaries, self.redundancy)

    def is_number(self, name: str) -> bool:
        """Say whether a column is looked at along a scale: numeric, temporal, or numbers written as text."""
        feature = self.feature(name)
        return feature.kind in ("numeric", "temporal") or NUMBERS_AS_TEXT in feature.notes

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as (num_rows,) float64, NaN where missing; do not write to it.

        It is numeric, boolean, temporal, or text that reads as numbers, where NaN is also what does not read as one.
        """
        feature = self.feature(name)
        if NUMBERS_AS_TEXT in feature.notes:
            return self._kept(("numbers", name), lambda: self._parsed(name))
        if feature.kind != "boolean" and not self.is_number(name):
            raise FeatureError(
                f"{name!r} is {feature.kind}, not a number: choose a numeric, boolean or temporal feature"
            )
        return as_numbers(self._cells(name), name) if feature.sentinels else self.source.numeric(name)

    def _parsed(self, name: str) -> NDArray[np.float64]:
        return as_numbers(pa.chunked_array([parse_numbers(self._cells(name))]), name)

    def levels(self, name: str) -> Levels:
        """Return a column coded by level; kept for the next time."""
        self.feature(name)
        return self._kept(("levels", name), lambda: levels_of(self._cells(name)))

    def bins(self, name: str) -> Bins:
        """Return a number's column coded by the bins of its strip; kept for the next time."""
        shown = self.summaries[name].histogram
        if shown is None:
            raise FeatureError(
                f"{name!r} has no histogram: it is {self.feature(name).kind}, or has no finite value"
            )
        return self._kept(
            ("bins", name), lambda: bins_of(self.numbers(name), np.asarray(shown.edges, np.float64))
        )

    def _cells(self, name: str) -> pa.ChunkedArray:
        """Return a column whose sentinels, as the catalogue names them, are null."""
        return without_sentinels(self.source.column(name), self.features[name].sentinels)

    def matrix_spec(self, features: Iterable[str | Feature], **policy: Any) -> MatrixSpec:
        """Say how these features become a matrix; unknown names and no names are refused in words."""
        if isinstance(features, str):
            raise FeatureError(f"features must be a list of names, came {features!r}: write [{features!r}]")
        names = [str(getattr(feature, "name", feature)) for feature in features]
        for name in names:
            self.feature(name)
        if not names:
            raise FeatureError("no feature is chosen: name at least one with features=[...]")
        sentinels = {name: self.features[name].sentinels for name in names if self.features[name].sentinels}
        return MatrixSpec(features=tuple(names), sentinels=sentinels, **policy)

    def project(
        self,
        features: Iterable[str | Feature],
        method: str = "umap",
        scale: str = "standard",
        missing: str | Mapping[str, str] = "median",
        where: str | None = None,
        transform: Mapping[str, Any] | None = None,
        weights: Mapping[str, float] | None = None,
        encode: str | Mapping[str, str] = "auto",
        random_state: int | None = 0,
        progress: Callable[[str, int, int], object] | None = None,
        infinite: str = "refuse",
        **method_parameters: Any,
    ) -> Embedding:
        """Project chosen features of all rows to two dimensions.

        Parameters
        ----------
        features : iterable of str or Feature
            Columns; their order does not matter.
        method : {"umap", "pca"}
        scale : {"standard", "robust", "none"}
            Mean 0 and standard deviation 1; median 0 and IQR/1.349 1; only centred.
        missing : {"median", "indicator", "drop"} or mapping of feature to one of them
            Fill with the median; the same plus a column that says so; leave the row out.
        where : str, optional
            Expression; only these rows are projected. A set of rows (`Selection`, array) is no part of a repeatable
            request and is refused.
        transform : mapping, optional
            Feature to "log", "log1p", "sqrt", "yeojohnson", "logit", "rank".
        weights : mapping, optional
            Feature to a factor on its scaled values, above 0.
        encode : "auto" or mapping
            Feature to "number", or for times "hour", "weekday", "month", "dayofyear".
        random_state : int or None
            0 or more; None is the fastest mode, and not repeatable.
        progress : callable, optional
            ``progress(stage, done, total)``; returning False cancels and raises `explorer.Cancelled`.
        infinite : {"refuse", "clip", "missing"}
            What becomes of infinite values: an error, the least or greatest finite value, or missing.
        **method_parameters
            Of the method: ``n_neighbors``, ``min_dist``, ``n_epochs``, ``landmarks`` for UMAP.

        Returns
        -------
        Embedding
            From the cache when the same was computed before.

        Raises
        ------
        FeatureError
            A feature or policy that cannot be used as asked, or a setting of a feature that is not projected.
        UnknownName
            A feature, method or parameter that does not exist.
        TableChanged
            A file of the table changed after it was opened.
        """
        from explorer.embeddings import ProjectionSpec, cached_embedding

        if where is not None and not isinstance(where, str):
            raise FeatureError(
                f"where must be an expression such as 'a > 1', came a {type(where).__name__}: pass an expression, or open "
                "a table of these rows"
            )
        matrix = self.matrix_spec(
            features, scale=scale, missing=missing, where=where, transform=transform or {}, weights=weights or {},
            encode={} if encode == "auto" else encode, infinite=infinite,
        )  # fmt: skip
        _check_settings(matrix)
        spec = ProjectionSpec(matrix, method, method_parameters, random_state)
        return cached_embedding(self.source, spec, self.cache, progress)

    def _once(self, name: str, make: Callable[[], Result]) -> Result:
        """Make something of the table once, whichever session asks first."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: Result = self._made[name]
            return made

    def _kept(self, key: tuple[str, str], make: Callable[[], Result]) -> Result:
        with self._lock:
            if key in self._coded:
                self._coded.move_to_end(key)
                found: Result = self._coded[key]
                return found
        made = make()
        with self._lock:
            self._coded[key] = made
            while (
                len(self._coded) > 1
                # levels and bins have codes, numbers are an array
                and sum(getattr(kept, "codes", kept).nbytes for kept in self._coded.values()) > _KEPT_BYTES
            ):
                self._coded.popitem(last=False)
        return made


def _check_settings(matrix: MatrixSpec) -> None:
    """Refuse settings that would have no effect; the page keeps them instead, for when a feature is ticked again."""
    settings = {"transform": matrix.transform, "weights": matrix.weights, "encode": matrix.encode}
    for what, setting in settings.items():
        for name in setting:
            if name not in matrix.features:
                raise FeatureError(
                    f"{what} names {name!r}, which is not among the projected features: add it to the features, or leave "
                    f"it out of {what}"
                )


def open_table(source: Any, catalogue: str | Path | None = None, cache: Cache | None = None) -> Table:
    """Open a table.

    Parameters
    ----------
    source : path, glob, folder, list of paths, or a pandas, Polars or Arrow object
        Parquet, Arrow IPC/Feather or CSV files are read as one table, lazily.
    catalogue : path, optional
        YAML with labels, units and descriptions of the columns.
    cache : Cache, optional
        The user's cache folder without it.

    Raises
    ------
    TableError
        If the source cannot be opened: says what was expected, what came and what to do.
    CatalogueError
        If the catalogue is not valid, with the line.
    """
    kept = cache or Cache()
    opened = open_source(source, kept)
    return Table(opened, Catalogue.load(Path(catalogue)) if catalogue else Catalogue.empty(), kept)
