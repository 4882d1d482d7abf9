"""The roles of the columns of a table in words: one line, and an entry for each column."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _, ngettext
from explorer.core.name_list import list_names
from explorer.features.kind import KIND_LABELS, NUMBERS_AS_TEXT
from explorer.features.roles.role import ROLES
from explorer.session.rows.row_cells import format_cell

if TYPE_CHECKING:
    from explorer.features.roles.role import Role
    from explorer.table.table import Table

__all__ = ["column_entries", "example_values", "role_summary", "role_texts"]

# Conventions: names that are listed behind a role, and their characters.
_MOST_NAMES = 2
_LONGEST_NAMES = 32
# Example values: rows that are looked at, values that are shown, and characters of each.
_EXAMPLE_ROWS = 20
_EXAMPLES = 3
_LONGEST_EXAMPLE = 24


def role_texts() -> list[list[str]]:
    """Return key, label and explanation of each role, in the order of menus."""
    return [[role, text.label, text.explanation] for role, text in ROLES.items()]


def role_summary(table: Table) -> dict[str, Any]:
    """Return how many columns have which role, for the line above the features.

    Returns
    -------
    dict
        "text": the line. "guessed": how many columns nobody gave a role. "texts": how many hold
        numbers in text that nobody gave a role.
    """
    names: dict[Role, list[str]] = defaultdict(list)
    roles = table.roles
    for name, role in roles.items():
        names[role.role].append(table.features[name].label)
    parts = [_part(role, names[role]) for role in ROLES if names[role]]
    total = ngettext("{count:,} column", "{count:,} columns", len(roles)).format(count=len(roles))
    return {
        "text": f"{total}: {', '.join(parts)}" if parts else _("No columns"),
        "guessed": sum(not role.given for role in roles.values()),
        "texts": sum(role.role == "numeric_text" and not role.given for role in roles.values()),
    }


def _part(role: Role, labels: list[str]) -> str:
    text = _count(role, len(labels))
    listed = list_names(labels)
    named = role != "feature" and len(labels) <= _MOST_NAMES and len(listed) <= _LONGEST_NAMES
    return f"{text} ({listed})" if named else text


def _count(role: Role, n: int) -> str:
    match role:
        case "feature":
            text = ngettext("{count:,} feature", "{count:,} features", n)
        case "identifier":
            text = ngettext("{count:,} identifier", "{count:,} identifiers", n)
        case "title":
            text = ngettext("{count:,} title", "{count:,} titles", n)
        case "target":
            text = ngettext("{count:,} target", "{count:,} targets", n)
        case "prediction":
            text = ngettext("{count:,} prediction", "{count:,} predictions", n)
        case "time":
            text = ngettext("{count:,} time", "{count:,} times", n)
        case "unit":
            text = ngettext("{count:,} unit", "{count:,} units", n)
        case "arm":
            text = ngettext("{count:,} arm", "{count:,} arms", n)
        case "weight":
            text = ngettext("{count:,} weight", "{count:,} weights", n)
        case "coded_category":
            text = ngettext("{count:,} coded category", "{count:,} coded categories", n)
        case "numeric_text":
            text = ngettext("{count:,} number in text", "{count:,} numbers in text", n)
        case "duplicate":
            text = ngettext("{count:,} duplicate", "{count:,} duplicates", n)
        case "image":
            text = ngettext("{count:,} pixel of an image", "{count:,} pixels of an image", n)
        case "vector":
            text = ngettext("{count:,} number of a vector", "{count:,} numbers of a vector", n)
        case "coordinate":
            text = ngettext("{count:,} coordinate", "{count:,} coordinates", n)
        case "sky_position":
            text = ngettext("{count:,} position", "{count:,} positions", n)
    return text.format(count=n)


def example_values(table: Table) -> dict[str, str]:
    """Return a few different values of each column."""
    rows = table.columns.first_look().cells.slice(0, _EXAMPLE_ROWS)
    examples = {}
    for name in rows.column_names:
        feature = table.features[name]
        cells = (format_cell(cell, feature) for cell in rows.column(name).to_pylist())
        different = list(dict.fromkeys(cell for cell in cells if cell is not None))
        examples[name] = ", ".join(_short(cell) for cell in different[:_EXAMPLES])
    return examples


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}…"


def column_entries(table: Table) -> list[dict[str, Any]]:
    """Return an entry for each column, in table order: its role, and why that is believed."""
    block_of = {name: block.name for block in table.column_blocks for name in block.columns}
    return [
        {
            "name": name,
            "block": block_of.get(name, ""),
            "label": table.features[name].label,
            "kind": KIND_LABELS[table.features[name].kind],
            "role": role.role,
            "of": role.of,
            "given": role.given,
            "reason": role.reason,
            "text": NUMBERS_AS_TEXT in table.features[name].notes,
        }
        for name, role in table.roles.items()
    ]
