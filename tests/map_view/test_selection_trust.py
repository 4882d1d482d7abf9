import numpy as np
import pandas as pd
import pytest

from explorer.embedding.embedding_columns import embedding_from_columns
from explorer.embedding.embedding_computation import compute_embedding
from explorer.embedding.lasso_trust import lasso_trust
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.map_view import selection_trust
from explorer.map_view.selection_trust import SelectionTrust
from explorer.selection.selection import Selection
from explorer.table.table import open_table

N = 700


class Shown:
    """As much of a session as is looked at."""

    def __init__(self, table, embedding, mask=None):
        self.table, self.shown = table, embedding
        self.mask = mask

    def embedding(self):
        return self.shown

    def selection(self):
        return (
            None
            if self.mask is None
            else Selection(self.mask, self.table.fingerprint, {"row_count": 0})
        )


def trust(shown):
    return SelectionTrust(shown.table, shown.embedding, shown.selection)


@pytest.fixture(scope="module")
def shown():
    rng = np.random.default_rng(0)
    table = open_table(pd.DataFrame(rng.normal(size=(N, 20)), columns=[f"f{i}" for i in range(20)]))
    spec = ProjectionSpec(table.matrix_spec(table.column_names), "pca", {}, 0)
    made = compute_embedding(table.source, spec)
    return Shown(table, made, made.xy[:, 0] > 1.0)


def test_it_judges_the_selection_on_the_map_shown(shown):
    found = trust(shown).judge()
    assert found == lasso_trust(
        shown.table.source, shown.shown, shown.mask, shown.table.columns.cache
    )
    assert found.n_rows == shown.mask.sum()


def test_the_matrix_is_read_once_for_a_map(shown, monkeypatch):
    asked = []
    of = selection_trust.reference_of
    monkeypatch.setattr(
        selection_trust,
        "reference_of",
        lambda *args, **given: asked.append(1) or of(*args, **given),
    )
    present = [shown.shown]
    of_session = SelectionTrust(shown.table, lambda: present[0], shown.selection)
    assert of_session.judge() == of_session.judge()
    assert len(asked) == 1
    present[0] = embedding_from_columns(shown.table.source, "f0", "f1")
    assert "it is not known which features" in of_session.judge().words
    monkeypatch.setattr(selection_trust, "_KEPT_CELLS", 10)
    large = trust(shown)
    assert large.judge() == large.judge()
    assert len(asked) == 4


def test_what_cannot_be_judged_is_said(shown):
    assert trust(Shown(shown.table, None, shown.mask)).judge().words == "There is no map yet."
    assert trust(Shown(shown.table, shown.shown)).judge().words == "Nothing is selected."
    assert trust(Shown(shown.table, shown.shown, np.ones(N, bool))).judge().verdict == ""


def test_one_that_nobody_waits_for_ends(shown):
    asked = []
    assert trust(shown).judge(lambda: asked.append(1) or len(asked) < 2) is None
    assert len(asked) == 2
