"""What documents of earlier versions called otherwise."""

from __future__ import annotations

from typing import Any

__all__ = ["upgraded", "upgraded_paths"]

# Version 1, until November 2026.
_RENAMED = {"beside": "second_map", "experiment.wall": "experiment.opened_from"}


def upgraded_paths(content: dict[str, Any], version: int) -> dict[str, Any]:
    """Return the paths of a link, such as "experiment.unit", by their names of today."""
    if version > 1:
        return content
    return {_RENAMED.get(path, path): value for path, value in content.items()}


def upgraded(sections: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of a saved document by their names of today, without the version."""
    sections = dict(sections)
    if sections.pop("version", None) != 1:
        return sections
    for path, name in _RENAMED.items():
        section, _, old = path.partition(".")
        inside = sections.get(section)
        if not old and section in sections:
            sections[name] = sections.pop(section)
        elif isinstance(inside, dict) and old in inside:
            new = name.partition(".")[2]
            sections[section] = {new if key == old else key: v for key, v in inside.items()}
    return sections
