"""Roles of columns: what each is for, and which of them may draw a map."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DEFAULT_MAP_ROLES",
    "ROLES",
    "ROLES_OF",
    "ROLE_NAMES",
    "ColumnBlock",
    "ColumnRole",
    "Role",
    "RoleText",
    "tick_warning",
]

Role = Literal[
    "feature",
    "identifier",
    "title",
    "target",
    "prediction",
    "time",
    "unit",
    "arm",
    "weight",
    "coded_category",
    "numeric_text",
    "duplicate",
    "image",
    "vector",
    "coordinate",
    "sky_position",
]
ROLE_NAMES: tuple[Role, ...] = get_args(Role)


class RoleText(NamedTuple):
    """What a reader sees of a role.

    Parameters
    ----------
    label : str
        Two words at most, for lists and menus.
    explanation : str
        One sentence.
    warning : str
        One sentence for who adds a column of this role to a map; empty where nothing speaks
        against it.
    """

    label: str
    explanation: str
    warning: str = ""


ROLES: Mapping[Role, RoleText] = MappingProxyType({
    "feature": RoleText(_("Feature"), _("A measured property of the row. It may draw the map.")),
    "identifier": RoleText(
        _("Identifier"),
        _("A number or code that names one row and measures nothing."),
        _("An identifier measures nothing: the map would show the order of the numbers."),
    ),
    "title": RoleText(
        _("Title"),
        _("The name of the row, shown on the map and in tables."),
        _("A title names the row and measures nothing."),
    ),
    "target": RoleText(
        _("Target"),
        _("The outcome that a model predicts or a study explains."),
        _(
            "With the target in the map, its groups are separated because you told the map the "
            "answer."
        ),
    ),
    "prediction": RoleText(
        _("Prediction"),
        _("The output of a model: a predicted value, class, score or probability."),
        _("With a prediction in the map, you see what the model says and not what was measured."),
    ),
    "time": RoleText(
        _("Time"),
        _("When the row was recorded."),
        _("With the time in the map, rows of the same period lie together for that reason alone."),
    ),
    "unit": RoleText(
        _("Unit"),
        _("The person, device or site that several rows belong to. Such rows are not independent."),
        _("The number of a unit measures nothing: rows of neighbouring numbers are not similar."),
    ),
    "arm": RoleText(
        _("Arm"),
        _("The group of an experiment, such as control or treatment."),
        _("With the arm in the map, the arms lie apart because you told the map who is in which."),
    ),
    "weight": RoleText(
        _("Weight"),
        _("How much the row counts, as in a survey."),
        _("A weight says how the row was sampled, not what it is like."),
    ),
    "coded_category": RoleText(
        _("Coded category"),
        _("Numbers that stand for categories, such as 1 = north, 2 = south. They are not amounts."),
    ),
    "numeric_text": RoleText(
        _("Number in text"), _("Numbers that are stored as text. They can be read as numbers.")
    ),
    "duplicate": RoleText(
        _("Duplicate"),
        _("The same information as another column, in the same or in other units."),
        _("This column repeats another one, which would count twice."),
    ),
    "image": RoleText(_("Image"), _("One pixel of an image that fills a block of columns.")),
    "vector": RoleText(
        _("Vector"), _("One number of a vector, such as the output of a neural network.")
    ),
    "coordinate": RoleText(
        _("Coordinate"),
        _("A position on an existing map, such as the output of UMAP, t-SNE or PCA."),
        _("This is a position on an earlier map: the new map would repeat that one."),
    ),
    "sky_position": RoleText(
        _("Position"),
        _("Where the row lies on the sky or on the Earth: right ascension, latitude and the like."),
        _("With the position in the map, neighbours in space lie together for that reason alone."),
    ),
})  # fmt: skip
"""Label, explanation and warning of each role, in the order of menus."""

DEFAULT_MAP_ROLES: frozenset[Role] = frozenset({
    "feature",
    "coded_category",
    "numeric_text",
    "image",
    "vector",
})  # fmt: skip
"""Roles whose columns a map may be made of unasked."""

ROLES_OF: frozenset[Role] = frozenset({"prediction", "duplicate"})
"""Roles that name another column: what is predicted, what is repeated."""


@dataclass(frozen=True)
class ColumnRole:
    """What a column is for, and why that is believed.

    Parameters
    ----------
    role : Role
    reason : str
        One sentence for a reader.
    of : str
        The target of a prediction, the column that a duplicate repeats, or the name of the
        `ColumnBlock` that a column belongs to; empty where there is none.
    given : bool
        Said by a person (catalogue, command line, page), not guessed.
    """

    role: Role
    reason: str
    of: str = ""
    given: bool = False

    @property
    def label(self) -> str:
        """The role for a reader."""
        return ROLES[self.role].label


@dataclass(frozen=True)
class ColumnBlock:
    """Columns that belong together: the pixels of an image, the channels of a spectrum.

    Parameters
    ----------
    name : str
        For a reader and for `ColumnRole.of`: the first and the last column, "px_000 … px_195".
    columns : tuple of str
        In table order.
    role : {"feature", "image", "vector"}
    axis : tuple of float
        The number in the name of each column: wavelengths, positions. Empty where names hold none.
    shape : tuple of int
        Of an image: (height, width) or (height, width, channels), with pixels in row order;
        empty else.
    """

    name: str
    columns: tuple[str, ...]
    role: Role = "feature"
    axis: tuple[float, ...] = ()
    shape: tuple[int, ...] = ()


def tick_warning(label: str, role: ColumnRole) -> str:
    """Return a warning for who adds a column to a map by hand; empty where none is due.

    Parameters
    ----------
    label : str
        Of the column.
    role : ColumnRole
    """
    warning = ROLES[role.role].warning
    if not warning:
        return ""
    marked = _("{column} is marked as {role}.").format(column=label, role=role.label.lower())
    return f"{marked} {warning}"
