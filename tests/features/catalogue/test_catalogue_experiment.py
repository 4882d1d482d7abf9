import pytest

from explorer.core.errors import CatalogueError
from explorer.features.catalogue.catalogue import Catalogue, write_catalogue

GOOD = """\
table:
  tab: Experiment
  experiment:
    variant: policy
    control: random
    metrics:
      - "click rate=proportion(click):increase:primary"
      - {name: money, kind: mean, column: spent, pre: spent_before}
    allocation: {random: 0.5, bts: 0.5}
    by: [campaign, position]
    time: timestamp
    status: running
"""


def load(tmp_path, text):
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return Catalogue.load(path)


def test_a_catalogue_names_an_experiment_and_the_tab(tmp_path):
    table = load(tmp_path, GOOD).table
    said = table.experiment
    assert (table.tab, said.variant, said.control, said.by) == (
        "Experiment",
        "policy",
        "random",
        ("campaign", "position"),
    )
    assert (said.allocation, said.unit, said.time, said.status) == (
        {"random": 0.5, "bts": 0.5},
        "",
        "timestamp",
        "running",
    )
    assert said.metrics[1] == {
        "name": "money",
        "kind": "mean",
        "column": "spent",
        "pre": "spent_before",
    }
    assert [place.rpartition(", ")[2] for place in said.places] == ["line 7", "line 8"]
    assert said.columns == ("policy", "campaign", "position", "timestamp")


def test_what_is_written_is_read_back_equal(tmp_path):
    first = load(tmp_path, GOOD)
    write_catalogue(tmp_path / "again.yaml", first)
    assert Catalogue.load(tmp_path / "again.yaml").table == first.table


@pytest.mark.parametrize(
    ("control", "read"), [("no", "no"), ("'off'", "off"), ("0", "0"), ("true", "yes")]
)
def test_a_control_may_look_like_something_else(tmp_path, control, read):
    assert (
        load(
            tmp_path, f"table: {{experiment: {{variant: a, control: {control}}}}}"
        ).table.experiment.control
        == read
    )


def test_one_column_of_segments_needs_no_list(tmp_path):
    assert load(tmp_path, "table: {experiment: {variant: a, by: city}}").table.experiment.by == (
        "city",
    )


def test_a_column_of_many_experiments_is_one_of_its_columns(tmp_path):
    table = load(tmp_path, "table: {experiment: {variant: a, experiments: trial}}").table
    assert (table.experiment.experiments, table.experiment.columns) == ("trial", ("a", "trial"))


def test_a_table_without_one_has_none(tmp_path):
    assert load(tmp_path, "table: {title: Films}").table.experiment is None
    assert load(tmp_path, "table: {experiment: }").table.experiment is None


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("varient: a", "line 3: unknown key 'varient' in experiment; did you mean 'variant'?"),
        (
            "status: done",
            "line 3: 'status' of experiment must be one of final, running, not 'done'",
        ),
        ("metrics: play rate", "line 3: 'metrics' of experiment must be a list of metrics"),
        (
            "metrics: [3]",
            "line 3: 'metrics' of experiment must be a list of texts or mappings, not [3]",
        ),
        ("allocation: [1, 1]", "line 3: 'allocation' of experiment must be the share of each arm"),
        ("allocation: {a: -1}", "line 3: 'allocation' of experiment must be shares of 0 or more"),
        ("control: [a]", "line 3: 'control' of experiment must be a value of the column"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, inside, words):
    with pytest.raises(CatalogueError) as error:
        load(tmp_path, f"table:\n  experiment:\n    {inside}\n")
    assert words in str(error.value)


def test_names_that_are_no_column_are_told(tmp_path):
    notes = load(tmp_path, GOOD).unknown(["policy", "campaign", "position", "timestam"])
    assert notes == [
        (
            "the catalogue names 'timestamp' in experiment, which is no column; did you mean "
            "'timestam'?"
        )
    ]
