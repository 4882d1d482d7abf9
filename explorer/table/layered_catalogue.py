"""LayeredCatalogue: what is known of a table's features.

From its file, a catalogue, and what was edited on the page.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core.errors import CatalogueError, unknown_name
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_edits import CatalogueEdits, catalogue_key, open_edits
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.features.catalogue.catalogue_seed import catalogue_from_schema
from explorer.features.kind import KINDS, ROW_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["Features", "LayeredCatalogue", "describe_features"]

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

    def edit(self, feature: str, attribute: str, value: object) -> None:
        """Change an attribute of a feature for good; None or an empty text takes an edit back.

        Raises
        ------
        CatalogueError
            The value is not what the attribute holds, or cannot be kept; nothing has changed then.
        """
        if attribute == "kind" and value in KINDS:
            # raises for a kind that the column cannot be; an edit of it would only leave a note
            describe_columns(self.source, Catalogue(features={feature: {"kind": value}}), [feature])
        edits = self.edits
        edits.reload()
        try:
            if value is None or value == "" or value == ():
                edits.remove(feature, attribute)
            else:
                edits.set(feature, attribute, value)
            edits.save()
        except CatalogueError:
            self._edits = None  # what could not be saved is read away
            raise
        if attribute in ("role", "of"):
            others = {name: said for name, said in self._roles.features.items() if name != feature}
            self._roles = Catalogue(features=others)


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
