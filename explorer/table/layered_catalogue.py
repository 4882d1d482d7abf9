"""LayeredCatalogue: what is known of a table's features.

From its file, a catalogue, and what was edited on the page.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from explorer.core.errors import CatalogueError, unknown_name
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_edits import CatalogueEdits, catalogue_key, open_edits
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.catalogue.catalogue_seed import catalogue_from_schema
from explorer.features.kind import KINDS, ROW_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["Changes", "Features", "LayeredCatalogue", "describe_features"]

Changes: TypeAlias = "Mapping[str, Mapping[str, object]]"
"""Attributes and their new values, by feature."""

logger = logging.getLogger(__name__)


class LayeredCatalogue:
    """A catalogue in three layers, the later before the earlier.

    The file's own metadata, the catalogue, the edits.

    Parameters
    ----------
    source : ArrowSource
    given : Catalogue
        As an expert wrote it.
    roles : Catalogue, optional
        Roles from the command line; they stand over earlier edits, until the role is edited again.

    Attributes
    ----------
    source : ArrowSource
        The same, with the row labels of this moment.
    """

    def __init__(
        self, source: ArrowSource, given: Catalogue, roles: Catalogue | None = None
    ) -> None:
        self.source = source
        self._base = catalogue_from_schema(source.stored_schema).merged(given)
        self._roles = Catalogue.empty() if roles is None else roles
        self._key = catalogue_key(source)
        self._edits: CatalogueEdits | None = None
        self.trouble = ""
        """Why edits cannot be read, in words; empty while they can."""

    @property
    def catalogue(self) -> Catalogue:
        """The layers as one."""
        try:
            return self._base.merged(self.edits.catalogue).merged(self._roles)
        except CatalogueError as error:
            self.trouble = str(error)
            logger.warning(self.trouble)
            return self._base.merged(self._roles)

    @property
    def edits(self) -> CatalogueEdits:
        """What was edited on the page, of this table and those of the same name and columns.

        Raises
        ------
        CatalogueError
            The file of the edits cannot be read.
        """
        if self._edits is None:
            self._edits = open_edits(self._key)
        return self._edits

    def edit(self, changes: Changes, who: str = "") -> Changes:
        """Change attributes of features for good, in one step.

        None or an empty text takes an edit back.

        Parameters
        ----------
        changes : mapping of str to mapping of str to object
            Attributes and their values, by feature.
        who : str
            Who edits; default: the user of this process.

        Returns
        -------
        mapping
            The changes that take these back.

        Raises
        ------
        CatalogueError
            A value is not what the attribute holds, or cannot be kept; nothing has changed then.
        """
        kinds = {
            name: {"kind": entry["kind"]}
            for name, entry in changes.items()
            if entry.get("kind") in KINDS
        }
        if kinds:
            # raises for a kind that a column cannot be; an edit of it would only leave a note
            describe_columns(self.source, Catalogue(features=kinds), kinds)
        edits = self.edits
        edits.reload()
        present = {**edits.catalogue.features, **self._roles.features}
        before = {
            name: {attribute: present.get(name, {}).get(attribute) for attribute in entry}
            for name, entry in changes.items()
        }
        try:
            for name, entry in changes.items():
                for attribute, value in entry.items():
                    if value is None or value == "" or value == ():
                        edits.remove(name, attribute, who)
                    else:
                        edits.set(name, attribute, value, who)
            edits.save()
        except CatalogueError:
            self._edits = None  # what could not be saved is read away
            raise
        changed = {name for name, entry in changes.items() if {"role", "of"} & set(entry)}
        others = {n: entry for n, entry in self._roles.features.items() if n not in changed}
        self._roles = Catalogue(features=others)
        return before


class Features(dict[str, "Feature"]):
    """Features by name; a name that does not exist is an `UnknownName` with the nearest."""

    def __missing__(self, name: str) -> Feature:
        raise unknown_name("feature", name, self)


def describe_features(
    source: ArrowSource, catalogue: Catalogue, names: Iterable[str]
) -> dict[str, Feature]:
    """Return features of some columns, in table order.

    Of row labels that they are no more than that.
    """
    result = describe_columns(source, catalogue, names)
    labels = source.mutable_columns & set(result)
    return {
        name: replace(feature, kind="categorical", notes=(ROW_LABEL,))
        if name in labels
        else feature
        for name, feature in result.items()
    }
