"""Relations: which features go together, by correlation and by missing in the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.html import Markup, join, tag
from explorer.core.number_format import correlation_text
from explorer.profile.report.glossary import GLOSSARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Relations"]

_MOST_GROUPS = 50
_NEARLY_ONE = 0.9  # as the profile groups them


class Relations:
    """What the profile of a table says of features together, with links to their pages.

    Parameters
    ----------
    document : mapping
        The profile of a table as JSON.
    files : mapping of str to str
        The page of each feature that has one, relative to the folder of the pages.
    """

    def __init__(self, document: Mapping[str, Any], files: Mapping[str, str]) -> None:
        self._files = files
        self._redundancy: Mapping[str, Any] = document.get("redundancy") or {}
        self._missing: Mapping[str, Any] = document.get("missing_together") or {}
        names = self._redundancy.get("names") or ()
        self._places = {name: place for place, name in enumerate(names)}

    def card(self, document: Mapping[str, Any]) -> Markup | None:
        """Write what a feature goes with, the strongest first; None where nothing was compared."""
        near = self._nearest(document["name"]) or [
            (name, r) for name, r in document.get("redundant_with") or ()
        ]
        same = (self._redundancy.get("same") or {}).get(document["name"])
        if not near and not same:
            return None
        lines = [
            tag(
                "tr",
                tag("th", self._linked(name), scope="row"),
                tag("td", correlation_text(r), class_="n"),
                class_="chosen" if abs(r) >= _NEARLY_ONE else None,
            )
            for name, r in near
        ]
        notes = [
            f"Correlation of ranks; bold from |r| ≥ {correlation_text(_NEARLY_ONE)[:-1]} on, "
            "a convention.",
            self._of(),
        ]
        return tag(
            "section",
            tag("h2", "Goes with"),
            tag("p", "Same cells as ", self._linked(same), ".") if same else None,
            tag("table", tag("tbody", lines), class_="plain"),
            tag("p", " ".join(filter(None, notes)), class_="quiet"),
            class_="card",
        )

    def summary(self) -> Markup | None:
        """Write the groups of the whole table, for the index; None where there are none."""
        parts = [
            _groups(
                "Nearly the same",
                GLOSSARY["Nearly the same"],
                [self._list(names) for names in self._redundancy.get("groups") or ()],
            ),
            _groups(
                "Missing together",
                "Features that are always missing in the same rows.",
                [self._list(names) for names in self._missing.get("always") or ()],
            ),
            _groups(
                "Missing within",
                "The first is missing wherever the second is.",
                [self._list([outer, inner]) for inner, outer in self._missing.get("nested") or ()],
            ),
        ]
        shown = [part for part in parts if part is not None]
        return tag("div", shown, class_="relations") if shown else None

    def _nearest(self, name: str) -> list[tuple[str, float]]:
        place = self._places.get(name)
        if place is None or "nearest" not in self._redundancy:
            return []
        names = self._redundancy["names"]
        near = zip(
            self._redundancy["nearest"][place], self._redundancy["nearest_r"][place], strict=True
        )
        return [(names[other], r) for other, r in near if other >= 0 and r is not None]

    def _of(self) -> str:
        """Say on which rows they were compared."""
        rows = self._redundancy.get("rows")
        if rows is None:
            return ""
        return (
            f"Of {'all' if self._redundancy.get('exact') else 'a random sample of'} {rows:,} rows."
        )

    def _list(self, names: Sequence[str]) -> Markup:
        return join(
            [[", " if i else "", self._linked(name, "features/")] for i, name in enumerate(names)]
        )

    def _linked(self, name: str, folder: str = "") -> Markup:
        shown = tag("bdi", name)
        return tag("a", shown, href=folder + self._files[name]) if name in self._files else shown


def _groups(head: str, text: str, groups: Iterable[Markup]) -> Markup | None:
    items = list(groups)
    if not items:
        return None
    shown = [tag("li", group) for group in items[:_MOST_GROUPS]]
    more = (
        tag("p", f"… and {len(items) - _MOST_GROUPS:,} more groups.")
        if len(items) > _MOST_GROUPS
        else None
    )
    return join([tag("h2", head), tag("p", text, class_="quiet"), tag("ul", shown), more])
