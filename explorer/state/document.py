"""The shape of the document: its sections, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypedDict, get_args

from explorer.core.cache import is_key
from explorer.core.errors import ExplorerError, unknown_name
from explorer.embedding.map_alignment import MapAlignment
from explorer.embedding.projection_methods import METHODS
from explorer.selection.row_subset import RowSubset
from explorer.state.convert import as_json, convert, is_range, need, one_of
from explorer.state.definition import FORMS, is_definition
from explorer.state.experiment_settings import ExperimentSettings
from explorer.state.filter import Filter
from explorer.state.model_settings import ModelSettings
from explorer.state.tray_settings import TraySettings
from explorer.state.view_settings import ViewSettings
from projections.errors import ProjectionError

__all__ = [
    "FIXED_SECTIONS",
    "TABS",
    "VERSION",
    "Color",
    "ColorOptions",
    "CompareOptions",
    "CompareSettings",
    "Document",
    "Group",
    "Groups",
    "Layer",
    "MapRecipe",
    "MapRows",
    "Method",
    "Policy",
    "ProjectionSettings",
    "RowTableOptions",
    "RowTableSettings",
    "SecondMapOptions",
    "SecondMapSettings",
    "ShownComparison",
    "Tab",
    "Theme",
    "Viewport",
    "first_document",
    "read_document",
]

VERSION: Literal[3] = 3
# Sections whose keys are all ours: they may be given, and written into a link, in part.
FIXED_SECTIONS = (
    "policy",
    "method",
    "color",
    "groups",
    "compare",
    "table",
    "experiment",
    "models",
    "tray",
    "views",
)

_DEEPEST = 20  # maps above each other
_MOST_MAPS = 100

Range = tuple[int | float, int | float]
Scale = Literal["standard", "robust", "none"]
Missing = Literal["median", "indicator", "drop"]
ColorScale = Literal["auto", "linear", "log", "rank"]
Layer = Literal["trust", "change", "drift"]  # drawn in place of the colours: of no column
# Of the next map: those of the map shown, all, those that the filters leave, those selected.
MapRows = Literal["same", "all", "shown", "selected"]
Theme = Literal["light", "dark"]
Tab = Literal["Map", "Rows", "Feature", "Together", "Compare", "Experiment", "Models", "Review"]
TABS: tuple[Tab, ...] = get_args(Tab)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How columns become a matrix; see `Table.matrix`."""

    scale: Scale = "standard"
    missing: Missing | Mapping[str, Missing] = "median"
    transform: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, int | float] = field(default_factory=dict)
    encode: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for feature, weight in self.weights.items():
            need(weight > 0, f"the weight of {feature!r}", "a number above 0", weight)


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """A method of projection, its parameters, and its seed (None: another one each time)."""

    name: str = "umap"
    parameters: Mapping[str, str | int | float | None] = field(
        default_factory=lambda: {"n_neighbors": 15, "min_dist": 0.1}
    )
    random_state: int | None = 0

    def __post_init__(self) -> None:
        one_of(self.name, METHODS, "method")
        fits = self.random_state is None or self.random_state >= 0
        need(fits, "random_state", "a whole number from 0 or null", self.random_state)
        method = METHODS[self.name]
        known = {name: value for name, value in self.parameters.items() if name in method.defaults}
        try:
            method.check(**known)
        except ProjectionError as error:
            raise ExplorerError(str(error)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectionSettings:
    """What a map is made of.

    Attributes
    ----------
    features : tuple of str
    policy : Policy
    method : Method
    rows : RowSubset or None
        The rows that were chosen; None: all rows.
    above : ProjectionSettings or None
        The map on which these rows were chosen.
    aligned_to : str or None
        Key of the map that was shown before, onto which this one is laid.
    """

    features: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    method: Method = field(default_factory=Method)
    rows: RowSubset | None = None
    above: ProjectionSettings | None = None
    aligned_to: str | None = None

    def __post_init__(self) -> None:
        _need_different(self.features, "features")
        _need_key(self.aligned_to, "aligned_to")
        need(len(self.levels) <= _DEEPEST, "above", f"{_DEEPEST} maps at most", len(self.levels))

    @property
    def unaligned(self) -> ProjectionSettings:
        """The same map before it is laid onto another one."""
        return replace(self, aligned_to=None)

    @property
    def levels(self) -> tuple[ProjectionSettings, ...]:
        """The maps above each other, from the one of all rows down to this one."""
        levels = [self]
        while (above := levels[-1].above) is not None:
            levels.append(above)
        return tuple(reversed(levels))


@dataclass(frozen=True, kw_only=True, slots=True)
class MapRecipe:
    """How a map that is named by its key can be made where it is not.

    Attributes
    ----------
    method : str
        Its own: of one choice of features there are a PCA and a map by the chosen method.
    projected : ProjectionSettings
        What it is made of.
    alignment : MapAlignment or None
        What lays it onto `projected.aligned_to`, which then need not be made again.
    """

    method: str
    projected: ProjectionSettings
    alignment: MapAlignment | None = None

    def __post_init__(self) -> None:
        one_of(self.method, METHODS, "method")


@dataclass(frozen=True, kw_only=True, slots=True)
class Color:
    """What the map is coloured by; no column: by density.

    Attributes
    ----------
    column : str or None
    scale : {"auto", "linear", "log", "rank"}
    reverse : bool
    clip : (float, float) or None
        Ends of the scale in per cent of the rows.
    palette : str or None
    locked : (float, float) or None
        Ends of the scale, held whatever is looked at.
    center : float or None
        The value of the middle colour.
    """

    column: str | None = None
    scale: ColorScale = "auto"
    reverse: bool = False
    clip: Range | None = None
    palette: str | None = None
    locked: Range | None = None
    center: int | float | None = None

    def __post_init__(self) -> None:
        clip = self.clip
        within = clip is None or (is_range(clip) and clip[0] >= 0 and clip[1] <= 100)
        need(within, "clip", "null or [low, high] between 0 and 100 per cent", clip)
        fits = self.locked is None or is_range(self.locked)
        need(fits, "locked", "null or [low, high]", self.locked)


class ColorOptions(TypedDict, total=False):
    """What of `Color` the action `set_color` can change beside the column."""

    scale: ColorScale
    reverse: bool
    clip: Range | None
    palette: str | None
    locked: Range | None
    center: int | float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondMapSettings:
    """The map beside the first.

    Attributes
    ----------
    embedding : str or None
        Its key; None: the same map.
    column : str or None
        Gives its colours; None: the same column.
    projected : ProjectionSettings or None
        What it was made of.
    """

    embedding: str | None = None
    column: str | None = None
    projected: ProjectionSettings | None = None

    def __post_init__(self) -> None:
        _need_key(self.embedding, "the embedding of the second map")


class SecondMapOptions(TypedDict, total=False):
    """What of `SecondMapSettings` the action `show_second_map` can change."""

    embedding: str | None
    column: str | None
    projected: ProjectionSettings | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewport:
    """The part of the map that is shown, in its coordinates: closed ranges."""

    x: Range
    y: Range

    def __post_init__(self) -> None:
        for axis, ends in (("x", self.x), ("y", self.y)):
            need(is_range(ends), f"the viewport's {axis}", "[low, high] with low ≤ high", ends)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Rows that are compared: their definition, their number, and what chose them.

    Attributes
    ----------
    name : str
    rows : mapping
        Definition of a selection.
    count : int
        Above 0.
    seen : mapping of str to str
        Feature → how it was used to choose the rows.
    """

    name: str
    rows: Mapping[str, Any]
    count: int
    seen: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        need(is_definition(self.rows), "the rows of a group", FORMS, self.rows)
        need(self.count > 0, "the count of a group", "a whole number above 0", self.count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """The two groups that are compared."""

    a: Group | None = None
    b: Group | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompareSettings:
    """How two groups are compared; see `explorer.compare`."""

    margin: int | float = 0.05
    unit: str | None = None
    adjust: str | None = None

    def __post_init__(self) -> None:
        need(0 <= self.margin < 1, "margin", "a number from 0 to below 1", self.margin)


class CompareOptions(TypedDict, total=False):
    """What of `CompareSettings` the action `set_compare` can change."""

    margin: int | float
    unit: str | None
    adjust: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownComparison:
    """The comparison that is shown: its key among the saved ones, and the feature looked at."""

    key: str
    feature: str | None = None

    def __post_init__(self) -> None:
        need(is_key(self.key), "the comparison", "the key of a saved one", self.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowTableSettings:
    """How rows are listed; `columns` None: automatic ones."""

    columns: tuple[str, ...] | None = None
    sort: str | None = None
    descending: bool = False

    def __post_init__(self) -> None:
        if self.columns is not None:
            _need_different(self.columns, "the columns of the table")


class RowTableOptions(TypedDict, total=False):
    """What of `RowTableSettings` the action `set_table` can change."""

    columns: tuple[str, ...] | None
    sort: str | None
    descending: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What a person chose: frozen, and plain JSON by `as_json`.

    Attributes
    ----------
    version : int
    features : tuple of str
        Ticked for the next projection, in order.
    set : str or None
        The feature set that they come from, as "core@3".
    policy, method
        Of the next projection.
    map_rows : {"same", "all", "shown", "selected"}
        The rows of the next projection: those of the map shown, all, those that the filters leave,
        or the selected ones.
    projected : ProjectionSettings or None
        What the map was made of at the last projection; None: of the document that the session
        started from.
    embedding : str or None
        "pca", "umap" or the key of the embedding that is shown; None: the best there is.
    color : Color
    layer : {"trust", "change", "drift"} or None
        Drawn in place of the colours.
    second_map : SecondMapSettings or None
    viewport : Viewport or None
        None: the whole map.
    selection : mapping or None
        Definition of the rows that are selected.
    filters : tuple of Filter
    groups, compare
        Of the tab Compare.
    comparison : ShownComparison or None
        What was compared last; None: nothing yet.
    maps : mapping of str to MapRecipe
        Maps that the document names by their key, or that are laid onto others: written into links
        and saved sessions, so that they can be made on another computer.
    table : RowTableSettings
    experiment : ExperimentSettings
    models : ModelSettings
    strips : tuple of str or None
        Columns shown as strips beside the rows; None: automatic ones.
    tray : TraySettings
        Rows and charts under the map.
    views : ViewSettings
        How lists and plots are shown.
    theme, tab
    feature : str or None
        The one that is looked at.
    row : int or None
        The one that is looked at, from 0.
    regions : bool
        Whether the names of regions are shown.
    """

    version: Literal[3] = VERSION
    features: tuple[str, ...] = ()
    set: str | None = None
    policy: Policy = field(default_factory=Policy)
    method: Method = field(default_factory=Method)
    map_rows: MapRows = "same"
    projected: ProjectionSettings | None = None
    embedding: str | None = None
    color: Color = field(default_factory=Color)
    layer: Layer | None = None
    second_map: SecondMapSettings | None = None
    viewport: Viewport | None = None
    selection: Mapping[str, Any] | None = None
    filters: tuple[Filter, ...] = ()
    groups: Groups = field(default_factory=Groups)
    compare: CompareSettings = field(default_factory=CompareSettings)
    comparison: ShownComparison | None = None
    maps: Mapping[str, MapRecipe] = field(default_factory=dict)
    table: RowTableSettings = field(default_factory=RowTableSettings)
    experiment: ExperimentSettings = field(default_factory=ExperimentSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    strips: tuple[str, ...] | None = None
    tray: TraySettings = field(default_factory=TraySettings)
    views: ViewSettings = field(default_factory=ViewSettings)
    theme: Theme = "light"
    tab: Tab = "Map"
    feature: str | None = None
    row: int | None = None
    regions: bool = False

    def __post_init__(self) -> None:
        _need_different(self.features, "features")
        _need_different(self.strips or (), "strips")
        _need_key(self.embedding, "embedding")
        need(len(self.maps) <= _MOST_MAPS, "maps", f"{_MOST_MAPS} maps at most", len(self.maps))
        for key in self.maps:
            _need_key(key, "maps")
        fits = self.selection is None or is_definition(self.selection)
        need(fits, "selection", f"null, or {FORMS}", self.selection)
        ids = [entry.id for entry in self.filters]
        need(len(set(ids)) == len(ids), "filters", "filters of different ids", ids)
        fits = self.row is None or self.row >= 0
        need(fits, "the row looked at", "a whole number from 0 or null", self.row)

    @property
    def chosen(self) -> ProjectionSettings:
        """What the next projection is made of."""
        return ProjectionSettings(features=self.features, policy=self.policy, method=self.method)

    @property
    def active_filters(self) -> tuple[Filter, ...]:
        """The filters that are on."""
        return tuple(entry for entry in self.filters if entry.on)


def first_document(defaults: Mapping[str, Any] | None = None) -> Document:
    """Return the document a session starts from.

    Parameters
    ----------
    defaults : mapping, optional
        Sections that replace the built-in ones; those of `FIXED_SECTIONS` may be given in part.

    Raises
    ------
    ExplorerError
        If a section does not exist or does not hold what it should.
    """
    return read_document(as_json(dict(defaults or {}), "the starting document"))


def read_document(sections: Mapping[str, Any], base: Document | None = None) -> Document:
    """Read sections of plain JSON; what is not given is as in `base`, or at its default.

    Raises
    ------
    ExplorerError
        If a section does not exist or does not hold what it should.
    """
    document: dict[str, Any] = {} if base is None else as_json(base, "the document")
    names = [field.name for field in fields(Document)]
    for name, value in sections.items():
        if name not in names:
            raise unknown_name("section", name, names)
        partial = name in FIXED_SECTIONS and isinstance(value, dict)
        document[name] = {**document.get(name, {}), **value} if partial else value
    return convert(document, Document, "document")


def _need_different(names: tuple[str, ...], name: str) -> None:
    need(len(set(names)) == len(names), name, "a list of different names", names)


def _need_key(value: str | None, name: str) -> None:
    need(value is None or is_key(value), name, "the key of an embedding or null", value)
