"""A table as users meet it: its features, what is known of them, and the way to an embedding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.cache import Cache
from explorer.errors import FeatureError, unknown_name
from explorer.features.catalogue import Catalogue, features_of
from explorer.features.cells import without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.profiles.contrast import Contrast
from explorer.profiles.relevance import Relevance, relevance
from explorer.table.columns import as_numbers
from explorer.table.source import ArrowSource, open_source
from explorer.table.text_numbers import parse_numbers
from explorer.workbench.coding import Bins, Levels, bins_of, levels_of
from explorer.workbench.kept import Kept
from explorer.workbench.knowledge import Knowledge
from explorer.workbench.matrix_request import check_settings, matrix_request
from explorer.workbench.picking import pick_of
from explorer.workbench.profile_book import ProfileBook, Summaries
from explorer.workbench.profiling import kept_redundancy, profile_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from explorer.embeddings import Embedding
    from explorer.features.kind import Feature
    from explorer.features.spec import MatrixSpec
    from explorer.groups.steps import StepStore
    from explorer.profiles.pick import Pick
    from explorer.profiles.profile import Profile
    from explorer.profiles.redundancy import Redundancy

__all__ = ["Table", "open_table"]


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
    edited : int
        How often the catalogue was edited since: what was selected before may mean other rows.
    """

    def __init__(self, source: ArrowSource, catalogue: Catalogue, cache: Cache) -> None:
        self.source = source
        self._knowledge = Knowledge(source, catalogue)
        self.cache = cache
        self._keep = Kept()
        self.edited = 0

    @property
    def catalogue(self) -> Catalogue:
        """What is known of the features: from the file, the catalogue and what was edited on the page."""
        return self._keep.once("catalogue", lambda: self._knowledge.catalogue)

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

    @property
    def features(self) -> dict[str, Feature]:
        """The columns and what is known of them."""
        return self._keep.once("features", lambda: features_of(self.source, self.catalogue))

    def edit(self, name: str, attribute: str, value: object) -> None:
        """Change what is known of a feature, for good: label, unit, description, valid_range, sentinels, kind ….

        Edits are kept in the user's data folder and hold for every table of this name and these columns.

        Parameters
        ----------
        name : str
        attribute : str
            Of `Feature`.
        value : object
            As the catalogue's YAML would have it; None takes an edit back.

        Raises
        ------
        CatalogueError
            The value is not what the attribute holds, or cannot be kept; nothing has changed then.
        """
        before = self.feature(name)
        self._knowledge.edit(name, attribute, value)
        self.edited += 1
        self._keep.put("catalogue", self._knowledge.catalogue)
        after = features_of(self.source, self.catalogue, [name])[name]
        self._keep.put("features", {**self.features, name: after})
        if (before.kind, before.sentinels, before.valid_range) != (
            after.kind,
            after.sentinels,
            after.valid_range,
        ):
            self._keep.forget_column(name)
            self._keep.forget("redundancy", "relevance", "contrast")  # they compare with this feature
            self.summaries.forget(name)
        else:
            self.book.relabel(after)

    def feature(self, name: str) -> Feature:
        """Return one feature; an unknown name is an `UnknownName` with the nearest one."""
        try:
            return self.features[name]
        except KeyError:
            raise unknown_name("feature", name, self.features) from None

    @property
    def book(self) -> ProfileBook:
        """The profiles of the features as they become known."""
        return self._keep.once("book", lambda: ProfileBook(self))

    @property
    def summaries(self) -> Summaries:
        """What each feature's strip shows."""
        return self._keep.once("summaries", lambda: Summaries(self, self.book))

    def profile(
        self,
        features: Iterable[str] | None = None,
        progress: Callable[[str, int, int], object] | None = None,
    ) -> Profile:
        """Profile features: distribution, Gaussian check, outliers, redundancy; exact, and kept for the next time.

        Parameters
        ----------
        features : iterable of str, optional
            All when left out.
        progress : callable, optional
            ``progress("profile", done, total)`` in features; returning False cancels and raises
            `explorer.Cancelled`. What was finished is kept.

        Returns
        -------
        Profile
            A mapping from name to `FeatureProfile`.

        Raises
        ------
        UnknownName
            A feature that does not exist.
        TableChanged
            A file of the table changed after it was opened.
        """
        return profile_table(self, features, progress)

    @property
    def redundancy(self) -> Redundancy:
        """Numeric features whose ranks correlate with |r| ≥ .9, on a stated sample."""
        return self.related()

    def related(self, progress: Callable[[str, int, int], object] | None = None) -> Redundancy:
        """Return `redundancy`, with progress while it is computed for the first time."""
        return self._keep.once("redundancy", lambda: kept_redundancy(self, progress))

    @property
    def known_redundancy(self) -> Redundancy | None:
        """The same once somebody has asked for it; None until then."""
        found: Redundancy | None = self._keep.made("redundancy")
        return found

    def relevance(self, target: str) -> Relevance:
        """Say how much each feature tells of a target, with intervals and false discovery rate; kept for the next time.

        Parameters
        ----------
        target : str
            A numeric, boolean or categorical feature.
        """
        self.feature(target)
        return self._keep.once(f"relevance {target}", lambda: relevance(self.source, self.features, target))

    def differences(self, mask: NDArray[np.bool_]) -> tuple[dict[str, float], str]:
        """Say by how much chosen rows, (num_rows,) bool, differ from the others in each feature; see `Contrast`."""
        return self._keep.once("contrast", lambda: Contrast(self.source, self.features)).of(mask)

    @property
    def steps(self) -> StepStore:
        """Columns of numbers as codes in the order of their values, for counting any group of rows in one pass."""
        from explorer.groups.steps import StepStore

        return self._keep.once("steps", lambda: StepStore(self.cache, self.source.identity()))

    @property
    def pick(self) -> Pick:
        """The features chosen when nobody has chosen, with reasons."""
        return self._keep.once("pick", lambda: pick_of(self))

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
            return self._keep.code(("numbers", name), lambda: self._parsed(name))
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
        return self._keep.code(("levels", name), lambda: levels_of(self._cells(name)))

    def bins(self, name: str) -> Bins:
        """Return a number's column coded by the bins of its strip; kept for the next time."""
        shown = self.summaries[name].histogram
        if shown is None:
            raise FeatureError(
                f"{name!r} has no histogram: it is {self.feature(name).kind}, or has no finite value"
            )
        return self._keep.code(
            ("bins", name), lambda: bins_of(self.numbers(name), np.asarray(shown.edges, np.float64))
        )

    def _cells(self, name: str) -> pa.ChunkedArray:
        """Return a column whose sentinels, as the catalogue names them, are null."""
        return without_sentinels(self.source.column(name), self.features[name].sentinels)

    def matrix_spec(self, features: Iterable[str | Feature], **policy: Any) -> MatrixSpec:
        """Say how these features become a matrix; unknown names and no names are refused in words."""
        return matrix_request(self, features, policy)

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
        check_settings(matrix)
        spec = ProjectionSpec(matrix, method, method_parameters, random_state)
        return cached_embedding(self.source, spec, self.cache, progress)


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
