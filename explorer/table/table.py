"""A table as users meet it: its features, what is known of them, and the way to an embedding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.cache import Cache
from explorer.core.errors import FeatureError
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.roles.given_roles import parse_roles
from explorer.selection.row_subset import RowSubset
from explorer.selection.selection import selection_of
from explorer.sources.source import open_source
from explorer.table.column_relations import ColumnRelations
from explorer.table.matrix_request import matrix_request
from explorer.table.picking import pick_for_table
from explorer.table.profiling import profile_table
from explorer.table.saved_selections import SavedSelections
from explorer.table.table_columns import TableColumns
from explorer.table.table_labels import TableLabels
from explorer.table.table_profiles import TableProfiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike

    from explorer.embedding.embedding import Embedding
    from explorer.features.kind import Feature
    from explorer.features.matrix.spec import MatrixSpec
    from explorer.features.roles.role import ColumnBlock, ColumnRole
    from explorer.profile.pick import Pick
    from explorer.profile.profile import Profile
    from explorer.selection.selection import Selection
    from explorer.sources.source import ArrowSource
    from explorer.table.feature_set import FeatureSet
    from explorer.table.joining import JoinReport
    from explorer.table.layered_catalogue import Changes
    from explorer.table.table_profiles import FeatureSummaries

__all__ = ["Table", "open_table"]


class Table:
    """Rows and columns, opened lazily; made by `open_table`.

    Parameters
    ----------
    columns : TableColumns
    joined : JoinReport, optional

    Attributes
    ----------
    columns : TableColumns
        The columns, what is known of them, and their cells as numbers and codes.
    profiles : TableProfiles
        The profiles of the features as they become known.
    relations : ColumnRelations
        How the columns compare with each other.
    labels : TableLabels
        The row labels: rename, clear and export them; each is a column of the table too.
    selections : SavedSelections
        The saved selections: ``table.selections["name"]`` are rows; save, rename, remove and list
        them.
    joined : JoinReport or None
        What the last `join` matched.
    """

    def __init__(self, columns: TableColumns, joined: JoinReport | None = None) -> None:
        self.columns = columns
        self.joined = joined
        self.profiles = TableProfiles(columns)
        self.relations = ColumnRelations(columns)
        self.labels = TableLabels(columns)
        self.selections = SavedSelections(columns, self.labels)
        self.labels.load(soon=True)

    @property
    def source(self) -> ArrowSource:
        """What reads batches and columns."""
        return self.columns.source

    @property
    def num_rows(self) -> int:
        """Rows of the table."""
        return self.columns.num_rows

    @property
    def column_names(self) -> list[str]:
        """Columns in table order; a row label that was cleared is not among them."""
        return self.columns.names

    @property
    def fingerprint(self) -> str:
        """Hash of relative paths and contents, the same on every machine."""
        return self.columns.source.fingerprint

    @property
    def title(self) -> str:
        """What the head of the page says."""
        return self.columns.catalogue.table.title or self.columns.source.name

    @property
    def features(self) -> dict[str, Feature]:
        """The columns and what is known of them, in table order."""
        return self.columns.features

    @property
    def roles(self) -> Mapping[str, ColumnRole]:
        """What each column is for, in table order: given by a person, else guessed with a reason.

        Change one with ``table.edit(name, "role", "target")``, and of a prediction or duplicate
        with ``table.edit(name, "of", "y")``.
        """
        return self.columns.roles.roles

    @property
    def column_blocks(self) -> tuple[ColumnBlock, ...]:
        """Families of columns that belong together: pixels of an image, channels of a spectrum."""
        return self.columns.roles.blocks

    @property
    def summaries(self) -> FeatureSummaries:
        """What each feature's strip shows."""
        return self.profiles.summaries

    def edit(self, name: str, attribute: str, value: object) -> None:
        """Change what is known of a feature, for good: label, unit, valid_range, sentinels, kind ….

        Edits are kept in the user's data folder and hold for every table of this name and these
        columns.

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
        self.edit_many({name: {attribute: value}})

    def edit_many(self, changes: Changes, who: str = "") -> Changes:
        """Change what is known of several features in one step, as `edit` does of one.

        Parameters
        ----------
        changes : mapping of str to mapping of str to object
            Attributes and their values, by feature: ``{"y": {"role": "target"}}``.
        who : str
            Who edits, for the history; default: the user of this process.

        Returns
        -------
        mapping
            The changes that take these back.

        Raises
        ------
        CatalogueError
            As `edit`; nothing has changed then.
        """
        return self.columns.edit(changes, who)

    def derive(self, name: str, expression: str) -> Table:
        """Return a table of the same rows with one more column, computed by an expression.

        Values that the catalogue calls sentinels are missing, a division by zero is missing, log(0)
        is −infinity.

        Parameters
        ----------
        name : str
            Of the new column, which comes last.
        expression : str
            As in `explorer.where`: "log1p(gross)", "case when year < 1990 then 'old' else 'new'
            end", "cut(runtime_min, 90, 120)", "month(released)".

        Returns
        -------
        Table
            Its fingerprint follows from this table's and the expression.

        Raises
        ------
        TableError
            The name is taken.
        ExpressionError
            It cannot be parsed or evaluated, as text in arithmetic, or names no column.
        UnknownName
            A column does not exist, with the nearest one.
        """
        from explorer.table.deriving import derive_column

        return Table(derive_column(self.columns, name, expression))

    def join(self, other: Table | Any, on: str) -> Table:
        """Return a table of the same rows with the columns of another one beside them.

        The rows stay in their order.

        Rows whose key the other table lacks get missing cells; of rows there with the same key the
        first is taken. `joined` of the result counts both, and so does a note.

        Parameters
        ----------
        other : Table, or what `open_table` opens
        on : str
            A column that both have. A missing key matches nothing.

        Raises
        ------
        TableError
            Other columns of the same name, or keys of types that cannot be compared.
        UnknownName
            A table has no such column.
        """
        from explorer.table.joining import join_columns

        if not isinstance(other, Table):
            other = open_table(other, cache=self.columns.cache)
        return Table(*join_columns(self.columns, other.columns, on))

    def label(self, selection: Selection, column: str, level: str, author: str = "") -> None:
        """Give rows a level of a label column.

        It is a categorical column of this table from then on.

        Labels are kept in the user's data folder and belong to these rows wherever they are opened.
        A row has one level of a column, the last that it was given. The fingerprint stays; a label
        is never projected, since it may change.

        Parameters
        ----------
        selection : Selection
        column, level : str
            Names; new ones are made.
        author : str
            Who says so.

        Raises
        ------
        LabelError
            No row is selected, a name that is none, or the labels cannot be kept; nothing has
            changed then.
        TableError
            The table has another column of this name, or the selection is of another table.
        """
        self.labels.label(selection, column, level, author)

    def profile(
        self,
        features: Iterable[str] | None = None,
        progress: Callable[[str, int, int], object] | None = None,
    ) -> Profile:
        """Profile features: distribution, Gaussian check, outliers, redundancy.

        Exact, and kept for the next time.

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
        return profile_table(self.columns, self.relations, features, progress)

    @property
    def pick(self) -> Pick:
        """The features chosen when nobody has chosen, with reasons."""
        columns = self.columns
        return columns.results.get(
            "pick", lambda: pick_for_table(columns, self.profiles, self.relations)
        )

    def matrix_spec(
        self, features: Iterable[str | Feature] | FeatureSet, **policy: Any
    ) -> MatrixSpec:
        """Say how these features, or a feature set, become a matrix.

        Unknown names and no names are refused in words.
        """
        return matrix_request(self.columns, features, policy)

    def project(
        self,
        features: Iterable[str | Feature] | FeatureSet,
        method: Any = "umap",
        scale: str = "standard",
        missing: str | Mapping[str, str] = "median",
        where: str | None = None,
        transform: Mapping[str, Any] | None = None,
        weights: Mapping[str, float] | None = None,
        encode: str | Mapping[str, str] = "auto",
        random_state: int | None = 0,
        progress: Callable[[str, int, int], object] | None = None,
        infinite: str = "refuse",
        rows: Selection | ArrayLike | None = None,
        **method_parameters: Any,
    ) -> Embedding:
        """Project chosen features of all rows to two dimensions.

        Parameters
        ----------
        features : iterable of str or Feature, or FeatureSet
            Columns; their order does not matter. A feature set brings scale, missing, where,
            transform, weights, encode and infinite with it: another one of these is refused.
        method : {"umap", "pca"} or estimator
            By name; or any object with ``fit_transform`` that gives two columns or more, such as
            ``umap.UMAP(metric="cosine")``, ``sklearn.manifold.TSNE()`` or a pipeline, of which the
            first two are drawn. A copy of it is fitted, seeded as it says itself; the result is
            kept under its class, release and parameters.
        scale : {"standard", "robust", "none"}
            Mean 0 and standard deviation 1; median 0 and IQR/1.349 1; only centred.
        missing : {"median", "indicator", "drop"} or mapping of feature to one of them
            Fill with the median; the same plus a column that says so; leave the row out.
        where : str, optional
            Expression; only these rows are projected. For a set of rows see ``rows``.
        transform : mapping, optional
            Feature to "log", "log1p", "sqrt", "yeojohnson", "logit", "rank".
        weights : mapping, optional
            Feature to a factor on its scaled values, above 0.
        encode : "auto" or mapping
            Feature to "number", or for times "hour", "weekday", "month", "dayofyear".
        random_state : int or None
            0 or more; None is the fastest mode, and not repeatable. Of a method by name.
        progress : callable, optional
            ``progress(stage, done, total)``; returning False cancels and raises
            `explorer.Cancelled`.
        infinite : {"refuse", "clip", "missing"}
            What becomes of infinite values: an error, the least or greatest finite value, or
            missing.
        rows : Selection or array, optional
            Only these rows are projected: a selection of this table, one boolean for each row, or
            row numbers. Those that have a place are `Embedding.rows`. How they were chosen is kept
            in the provenance and is a part of the key under which the result is cached.
        **method_parameters
            Of the method: ``n_neighbors``, ``min_dist``, ``n_epochs``, ``landmarks`` for UMAP.

        Returns
        -------
        Embedding
            From the cache when the same was computed before.

        Raises
        ------
        FeatureError
            A feature or policy that cannot be used as asked, or a setting of a feature that is not
            projected.
        TableError
            Rows that are not of this table.
        UnknownName
            A feature, method or parameter that does not exist.
        TableChanged
            A file of the table changed after it was opened.
        """
        from explorer.embedding.cached import cached_embedding
        from explorer.embedding.projection_spec import ProjectionSpec

        if where is not None and not isinstance(where, str):
            raise FeatureError(
                f"where must be an expression such as 'a > 1', came a {type(where).__name__}: pass "
                "an expression, or a set of rows as rows=..."
            )
        chosen = None if rows is None else selection_of(self.source, rows)
        matrix = self.matrix_spec(
            features,
            scale=scale,
            missing=missing,
            where=where,
            transform=transform or {},
            weights=weights or {},
            encode={} if encode == "auto" else encode,
            infinite=infinite,
            **({} if chosen is None else {"rows": RowSubset.of(chosen)}),
        )
        matrix.check_settings()
        if isinstance(method, str):
            spec = ProjectionSpec(matrix, method, method_parameters, random_state)
        else:
            if method_parameters or random_state != 0:
                names = [*method_parameters, *(["random_state"] if random_state != 0 else [])]
                raise FeatureError(
                    f"{', '.join(names)} cannot be given beside an estimator: set them on the "
                    "estimator itself"
                )
            spec = ProjectionSpec.of_estimator(matrix, method)
        mask = None if chosen is None else chosen.mask
        return cached_embedding(self.source, spec, self.columns.cache, progress, mask)


def open_table(
    source: Any,
    catalogue: str | Path | None = None,
    cache: Cache | None = None,
    roles: Mapping[str, str] | None = None,
) -> Table:
    """Open a table.

    Parameters
    ----------
    source : path, glob, folder, list of paths, or a pandas, Polars or Arrow object
        Files of one of `explorer.sources.file_formats` are read as one table, lazily.
    catalogue : path, optional
        YAML with labels, units and descriptions of the columns.
    cache : Cache, optional
        The user's cache folder without it.
    roles : mapping of str to str, optional
        What columns are for, where the guess is wrong: ``{"y": "target", "p": "prediction:y"}``;
        see `explorer.features.roles.role.ROLES`.

    Raises
    ------
    TableError
        If the source cannot be opened: says what was expected, what came and what to do.
    CatalogueError
        If the catalogue is not valid, with the line; if a role or the column of one does not exist,
        with the nearest.
    """
    disk = cache or Cache()
    knowledge = Catalogue.load(Path(catalogue)) if catalogue else Catalogue.empty()
    opened = open_source(source, disk)
    return Table(
        TableColumns(opened, knowledge, disk, parse_roles(roles or {}, opened.column_names))
    )
