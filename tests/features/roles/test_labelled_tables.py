"""How well roles are guessed, on tables whose roles were labelled by hand.

The rules were made on the tables called "tune"; those called "hold-out" were measured after.
"""

import pytest

from tests.features.roles.labelled_tables import JUDGED, Score, names_of, open_labelled

LEAST = 0.95


@pytest.fixture(scope="module", params=["tune", "hold-out"])
def score(request, tmp_path_factory):
    score = Score()
    for name in names_of(request.param):
        score.add(name, open_labelled(name, tmp_path_factory.mktemp("tables")))
    return score


@pytest.mark.parametrize("role", JUDGED)
def test_roles_are_found(score, role):
    assert score.recall(role) >= LEAST, (score.lines(), score.wrong)


@pytest.mark.parametrize("role", JUDGED)
def test_guesses_are_right(score, role):
    assert score.precision(role) >= LEAST, (score.lines(), score.wrong)


def test_no_target_prediction_identifier_or_code_draws_a_default_map(score):
    assert score.mapped == []


def test_each_set_has_enough_tables_and_roles(score):
    assert sum(score.labelled.values()) >= 40, score.labelled
