"""Roles that a person gave: in a catalogue, on the page, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.errors import CatalogueError, nearest_names
from explorer.core.gettext import _
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_keys import nearest
from explorer.features.roles.role import ROLE_NAMES, ROLES_OF, ColumnRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.catalogue.catalogue import CatalogueTable, Origin
    from explorer.features.roles.role import Role

__all__ = ["given_roles", "parse_roles"]

_REASONS = {
    "file": _("The catalogue says so."),
    "edited": _("Chosen on the page."),
    "from the data": _("The metadata of the file say so."),
    "argument": _("Given when the table was opened."),
}


def given_roles(catalogue: Catalogue) -> dict[str, ColumnRole]:
    """Return the roles that a catalogue gives, by column.

    Its keys ``role`` and ``of`` stand over what it says elsewhere: the title of a row, the columns
    of an experiment and of models, and tags that are called like a role.
    """
    roles = {**_from_tags(catalogue), **_from_table(catalogue.table)}
    for name, entry in catalogue.features.items():
        if "role" in entry:
            reason = _REASONS[catalogue.origin(name, "role") or "file"]
            roles[name] = ColumnRole(entry["role"], reason, entry.get("of", ""), given=True)
    return roles


def _from_tags(catalogue: Catalogue) -> dict[str, ColumnRole]:
    roles = {}
    for name, entry in catalogue.features.items():
        for tag in entry.get("tags", ()):
            role = "target" if tag == "outcome" else tag
            if role in ROLE_NAMES and role not in ROLES_OF:
                roles[name] = ColumnRole(
                    role, _("The catalogue has the tag {tag}.").format(tag=tag), given=True
                )
    return roles


def _from_table(table: CatalogueTable) -> dict[str, ColumnRole]:
    roles: dict[str, ColumnRole] = {}

    def say(name: object, role: Role, reason: str, of: str = "") -> None:
        if isinstance(name, str) and name:
            roles[name] = ColumnRole(role, reason, of, given=True)

    views = {view: said for view, said in table.models.items() if isinstance(said, dict)}
    for view, said in views.items():
        say(said.get("item"), "coded_category", _("The catalogue names it as the item."))
        say(said.get("propensity"), "weight", _("The catalogue names it as the propensity."))
        say(said.get("time"), "time", _("The catalogue names it as the time."))
        say(said.get("list"), "unit", _("The catalogue names it as the list."))
        say(said.get("unit"), "unit", _("The catalogue names it as the unit."))
        say(said.get("outcome"), "target", _("The catalogue names it as an outcome."))
        truth = said.get("truth")
        say(truth, "target", _("The catalogue names it as what models predict."))
        predictions = said.get("predictions", said.get("prediction"))
        columns = predictions.values() if isinstance(predictions, dict) else [predictions]
        for column in columns:
            say(
                column,
                "prediction",
                _("The catalogue names it as a prediction ({view}).").format(view=view),
                truth or "",
            )
    if table.experiment is not None:
        say(
            table.experiment.unit,
            "unit",
            _("The catalogue names it as the unit of the experiment."),
        )
        say(
            table.experiment.time,
            "time",
            _("The catalogue names it as the time of the experiment."),
        )
        say(
            table.experiment.variant,
            "arm",
            _("The catalogue names it as the arm of the experiment."),
        )
        say(
            table.experiment.experiments,
            "unit",
            _("The catalogue names it as the experiment that a row belongs to."),
        )
    say(table.row_title, "title", _("The catalogue names it as the title of a row."))
    return {name: role for name, role in roles.items() if name not in table.start}


def parse_roles(roles: Mapping[str, str], column_names: Iterable[str]) -> Catalogue:
    """Read roles as the command line and `explorer.open_table` take them.

    Parameters
    ----------
    roles : mapping of str to str
        Of a column: the role, and after a colon the column that a prediction predicts or that a
        duplicate repeats: "target", "prediction:y".
    column_names : iterable of str
        Columns of the table.

    Returns
    -------
    Catalogue
        That says nothing else.

    Raises
    ------
    CatalogueError
        A column or role that does not exist, with the nearest one.
    """
    columns = dict.fromkeys(column_names)
    features: dict[str, dict[str, str]] = {}
    for name, text in roles.items():
        role, _, of = text.partition(":")
        if role not in ROLE_NAMES:
            hint = nearest(role, ROLE_NAMES) or f"; known are {', '.join(ROLE_NAMES)}"
            raise CatalogueError(f"unknown role {role!r} for column {name!r}{hint}")
        if of and role not in ROLES_OF:
            raise CatalogueError(
                f"role {text!r} of column {name!r}: only {' and '.join(sorted(ROLES_OF))} name "
                f"another column; write {name}={role}"
            )
        for column in filter(None, (name, of)):
            if column not in columns:
                close = nearest_names(column, columns, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                raise CatalogueError(f"a role names {column!r}, which is no column{hint}")
        features[name] = {"role": role, **({"of": of} if of else {})}
    origin: Origin = "argument"
    return Catalogue(
        features=features,
        origins={name: dict.fromkeys(entry, origin) for name, entry in features.items()},
    )
