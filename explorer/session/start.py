"""The state a session starts from, and why these features."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from explorer.core.errors import CatalogueError, ExplorerError, FeatureError
from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.features.catalogue.catalogue_keys import nearest
from explorer.features.metric import Metric, parse_metric
from explorer.session.maps.auto_projection import first_method
from explorer.state.convert import as_json, convert
from explorer.state.document import TABS
from explorer.state.model_settings import ModelSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.table.table import Table

__all__ = ["Start", "choose_start"]


@dataclass(frozen=True)
class Start:
    """Sections of the first state document, and the reasons in words.

    There are no reasons where an expert chose.
    """

    document: dict[str, Any]
    reasons: list[str] = field(default_factory=list)


def choose_start(table: Table) -> Start:
    """Choose what a table opens with: its catalogue's features, else a pick with reasons.

    The experiment of its catalogue too.

    Raises
    ------
    CatalogueError
        Where the catalogue names a tab that does not exist, or a metric that cannot be read; with
        its line.
    """
    features = [name for name in table.columns.catalogue.table.start if name in table.features]
    color = (
        {"column": table.columns.catalogue.table.color}
        if table.columns.catalogue.table.color in table.features
        else {}
    )
    more = {**_experiment(table), **_models(table)}
    if features:
        return Start({"features": features, "color": color, **more})
    try:
        pick = table.pick
    except FeatureError as error:
        return Start({"color": color, **more}, [f"No feature was picked: {error}"])
    document = {
        "features": list(pick.names),
        "color": color,
        "method": {"name": first_method(table, len(pick.names))},
        # pixels are in one unit: scaled one by one, the still border would weigh as the picture
        **({"policy": {"scale": "none"}} if _of_an_image(table, pick.names) else {}),
        **more,
    }
    head = _("{picked} of {columns:,} columns were picked automatically: why these?").format(
        picked=len(pick.names), columns=len(table.features)
    )
    picked = _first_of(
        [f"✓ {name}: {reason}" for name, reason in pick.reasons.items()],
        _("… and {count:,} more columns picked"),
    )
    left_out = _first_of(
        [f"– {name}: {reason}" for name, reason in pick.left_out.items()],
        _("… and {count:,} more columns left out"),
    )
    return Start(document, [head, *picked, *left_out])


_MOST_REASONS = 200


def _first_of(lines: list[str], more: str) -> list[str]:
    """Return the first lines and how many there are beside: there may be thousands."""
    if len(lines) <= _MOST_REASONS:
        return lines
    return [*lines[:_MOST_REASONS], more.format(count=len(lines) - _MOST_REASONS)]


def _of_an_image(table: Table, names: Sequence[str]) -> bool:
    return all(table.roles[name].role == "image" for name in names)


def _models(table: Table) -> dict[str, Any]:
    """Return what the catalogue says of models, as a section of the state.

    What it leaves out is at its default.

    Raises
    ------
    CatalogueError
        Where it is no such section.
    """
    models_section = table.columns.catalogue.table.models
    if not models_section:
        return {}
    try:
        models = convert(as_json(models_section, "models"), ModelSettings, "models")
    except ExplorerError as error:
        raise CatalogueError(
            f"what the catalogue says of models cannot be read: {error}"
        ) from error
    return {"models": as_json(models, "models")}


def _experiment(table: Table) -> dict[str, Any]:
    """Return the experiment and the tab that the catalogue names, as sections of the state.

    A column that is gone is left out.
    """
    section, tab = table.columns.catalogue.table.experiment, table.columns.catalogue.table.tab
    sections: dict[str, Any] = {}
    if tab and tab not in TABS:
        raise CatalogueError(
            f"the catalogue's tab must be one of {', '.join(TABS)}, not {tab!r}{nearest(tab, TABS)}"
        )
    if tab:
        sections["tab"] = tab
    if section is None:
        return sections
    missing = [name for name in section.columns if name not in table.features]
    settings = {
        **section.given(),
        "metrics": [_metric(*pair) for pair in zip(section.metrics, section.places, strict=True)],
    }
    sections["experiment"] = {
        name: None
        if value in missing
        else [column for column in value if column not in missing]
        if name == "by"
        else value
        for name, value in settings.items()
    }
    return sections


def _metric(definition: str | Mapping[str, Any], place: str) -> dict[str, Any]:
    field_names = [field.name for field in fields(Metric)]
    for name in [] if isinstance(definition, str) else definition:
        if name not in field_names:
            raise CatalogueError(
                f"{place}: unknown key {name!r} in a metric{nearest(name, field_names)}"
            )
    try:
        metric = parse_metric(definition) if isinstance(definition, str) else Metric(**definition)
    except (ExplorerError, TypeError) as error:
        raise CatalogueError(f"{place}: {error}") from error
    document: dict[str, Any] = plain(metric.__dict__)
    return document
