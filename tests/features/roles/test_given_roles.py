"""Roles that a person gives: in a catalogue, on opening, by an edit."""

import pyarrow as pa
import pytest

import explorer
from explorer.core.errors import CatalogueError
from explorer.features.roles.role import ROLE_NAMES, ROLES
from explorer.table.mappable import mappable, role_warning

COLUMNS = {"a": [1.0, 2.5, 3.5, 9.0], "b": [0.3, 0.1, 0.9, 0.4], "y": [0, 1, 0, 1]}


def test_every_role_has_a_label_and_one_sentence():
    assert tuple(ROLES) == ROLE_NAMES
    for text in ROLES.values():
        assert text.label
        assert text.explanation.endswith(".")


def test_a_catalogue_gives_roles(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text("features:\n  b: {role: prediction, of: y}\n  y: {role: target}\n")
    table = explorer.open_table(pa.table(COLUMNS), catalogue=path)
    assert table.roles["b"].role == "prediction"
    assert table.roles["b"].of == "y"
    assert table.roles["b"].given
    assert table.roles["b"].reason == "The catalogue says so."
    assert not table.roles["a"].given
    assert table.pick.names == ("a",)


def test_a_catalogue_with_an_unknown_role_names_the_nearest(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text("features:\n  y: {role: targt}\n")
    with pytest.raises(CatalogueError, match=r"line 2.*did you mean 'target'"):
        explorer.open_table(pa.table(COLUMNS), catalogue=path)


def test_roles_given_on_opening_stand_over_the_catalogue(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text("features:\n  y: {role: feature}\n")
    table = explorer.open_table(
        pa.table(COLUMNS), catalogue=path, roles={"y": "target", "b": "prediction:y"}
    )
    assert (table.roles["y"].role, table.roles["b"].of) == ("target", "y")
    assert table.roles["y"].reason == "Given when the table was opened."


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"outcome": "targt"}, "did you mean 'target'"),
        ({"outcme": "target"}, "'outcme', which is no column; did you mean 'outcome'"),
        ({"b": "prediction:outcme"}, "did you mean 'outcome'"),
        ({"outcome": "target:b"}, "write outcome=target"),
    ],
)
def test_roles_that_cannot_be_are_refused_in_words(roles, message):
    with pytest.raises(CatalogueError, match=message):
        explorer.open_table(pa.table(COLUMNS).rename_columns(["a", "b", "outcome"]), roles=roles)


def test_an_edit_changes_a_role_and_the_map_follows():
    table = explorer.open_table(pa.table(COLUMNS), roles={"a": "identifier"})
    assert mappable(table)["a"] == "identifier"
    table.edit("a", "role", "feature")
    assert table.roles["a"].reason == "Chosen on the page."
    assert mappable(table)["a"] == ""
    assert "a" in table.pick.names
    table.edit("a", "role", None)
    assert not table.roles["a"].given


def test_a_ticked_target_has_a_warning():
    table = explorer.open_table(pa.table(COLUMNS), roles={"y": "target"})
    assert "marked as target" in role_warning(table, "y")
    assert role_warning(table, "a") == ""


def test_a_prediction_of_no_column_is_said(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text("features:\n  b: {role: prediction, of: yy}\n")
    table = explorer.open_table(pa.table(COLUMNS), catalogue=path)
    (note,) = table.columns.catalogue.unknown(table.column_names)
    assert note.startswith("the catalogue names 'yy' in of, which is no column")
