from explorer.state import actions
from explorer.state.document import first_document
from explorer.state.link import from_url, to_url
from explorer.state.state import State
from explorer.state.view_settings import FeatureListView, FeatureView, PairView, ViewSettings

START = first_document({"features": ["year", "score"]})


def test_views_are_in_the_link_and_undo_leaves_them_alone():
    state = State(START)
    state.act(actions.set_features, names=["year"])
    state.act(actions.set_pair_view, x="year", y="score", group="genre", shade="log", whole=True)
    state.act(actions.set_relevance_target, name="score")
    state.act(actions.set_feature_view, scale="log", normal=False, missing_by="genre")
    state.act(actions.set_feature_order, order="relevance", target="score")
    state.act(actions.set_experiment_view, plot="time", segments="p")
    state.act(actions.set_item_view, order="n", segment="north")
    state.act(actions.set_comparison_view, order="missing", layout="volcano")
    assert from_url(to_url(state.document, START), START) == state.document
    views = state.document.views
    assert state.undo()
    assert state.document.features == START.features
    assert state.document.views == views
    assert not state.can_undo


def test_a_suggested_transform_is_that_of_one_feature():
    state = State(START)
    state.act(actions.look_at, name="year")
    state.act(actions.set_feature_view, transformed=True)
    state.act(actions.look_at, name="year", tab="Map")
    assert state.document.views.feature.transformed
    state.act(actions.look_at, name="score")
    assert not state.document.views.feature.transformed


def test_columns_that_a_table_does_not_have_are_left_out():
    views = ViewSettings(
        pair=PairView(x="year", y="score", group="genre", shade="log"),
        target="score",
        feature=FeatureView(missing_by="genre", normal=False),
        features=FeatureListView(order="relevance", target="year"),
    )
    assert views.columns == {"year", "score", "genre"}
    assert views.of({"year", "score", "genre"}) == views
    assert views.of({"year"}) == ViewSettings(
        pair=PairView(x="year", shade="log"),
        feature=FeatureView(normal=False),
        features=FeatureListView(order="relevance", target="year"),
    )
