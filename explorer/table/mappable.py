"""Which columns may draw a map unasked, and why others may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.gettext import _
from explorer.features.roles.role import DEFAULT_MAP_ROLES, ROLES, tick_warning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.features.kind import Feature
    from explorer.features.roles.role import ColumnRole
    from explorer.table.table import Table

__all__ = ["mappable", "role_warning", "why_not_mapped"]


def mappable(table: Table) -> dict[str, str]:
    """Say of each column why it may not draw a map unasked; an empty string where it may.

    The default map and "all usable" take only columns with an empty string here. A person may
    still add any of the others by hand: `role_warning` says what speaks against it.

    Parameters
    ----------
    table : Table

    Returns
    -------
    dict of str to str
        In table order.
    """
    return why_not_mapped(table.roles, table.features)


def why_not_mapped(
    roles: Mapping[str, ColumnRole], features: Mapping[str, Feature]
) -> dict[str, str]:
    """Do what `mappable` does, of roles and features."""
    return {name: _why_not(role, features[name]) for name, role in roles.items()}


def _why_not(role: ColumnRole, feature: Feature) -> str:
    if role.role == "coded_category" and feature.kind == "numeric" and not role.given:
        return _("codes of categories: choose the kind categorical to use them")
    if role.role in DEFAULT_MAP_ROLES:
        return ""
    of = f" of {role.of}" if role.of else ""
    return ROLES[role.role].label.lower() + of


def role_warning(table: Table, name: str) -> str:
    """Return a warning for who adds a column to a map by hand; empty where none is due."""
    return tick_warning(table.features[name].label, table.roles[name])
