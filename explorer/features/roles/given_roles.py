"""Roles that a person gave: in a catalogue, on the page, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.errors import CatalogueError, nearest_names
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_keys import nearest
from explorer.features.roles.role import ROLE_NAMES, ROLES_OF, ColumnRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.catalogue.catalogue import Origin

__all__ = ["given_roles", "parse_roles"]

_REASONS = {
    "file": "The catalogue says so.",
    "edited": "Chosen on the page.",
    "from the data": "The metadata of the file say so.",
    "argument": "Given when the table was opened.",
}


def given_roles(catalogue: Catalogue) -> dict[str, ColumnRole]:
    """Return the roles that a catalogue gives, by column."""
    roles = {}
    for name, entry in catalogue.features.items():
        if "role" in entry:
            reason = _REASONS[catalogue.origin(name, "role") or "file"]
            roles[name] = ColumnRole(entry["role"], reason, entry.get("of", ""), given=True)
    return roles


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
