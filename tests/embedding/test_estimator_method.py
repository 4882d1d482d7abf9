"""Any estimator with fit_transform makes a map: of scikit-learn, umap-learn, or of a script."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import FastICA
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

import explorer
from explorer.core.errors import FeatureError
from explorer.embedding.embedding_computation import with_stability
from explorer.embedding.projection_spec import ProjectionSpec
from projections import PCA, Cancelled, ProjectionError

FEATURES = ["a", "b", "c", "d"]


class Estimator:
    """Gives what it is told to."""

    def __init__(self, result=None):
        self.result = result

    def get_params(self, deep=True):  # noqa: ARG002
        return {"result": self.result}

    def fit_transform(self, X):
        X[:] = 0  # it may do with it what it likes
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class WithoutParameters:
    scale = 2.0

    def fit_transform(self, X):
        return X[:, :2] * self.scale


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return explorer.open_table(pd.DataFrame(rng.normal(size=(150, 4)), columns=FEATURES))


@pytest.mark.parametrize(
    "estimator",
    [
        TSNE(perplexity=10, max_iter=250, random_state=3),
        FastICA(2, random_state=0),
        make_pipeline(QuantileTransformer(n_quantiles=50), PCA(2)),
        PCA(n_components=2).set_output(transform="pandas"),
        WithoutParameters(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_makes_a_map_that_is_scored_and_says_what_made_it(table, estimator):
    embedding = table.project(FEATURES, method=estimator)
    assert embedding.xy.shape == (150, 2)
    assert embedding.scores["trustworthiness"]["value"] > 0.5
    assert np.isfinite(embedding.trust).all()
    method = embedding.provenance["method"]
    assert method["name"].endswith(type(estimator).__name__)
    if isinstance(estimator, TSNE):
        assert method["parameters"]["perplexity"] == 10
        assert method["random_state"] == 3
        assert method["estimator"]["package"] == "scikit-learn"
        assert not hasattr(estimator, "embedding_")  # a copy was fitted
        assert embedding.provenance["name"].startswith("TSNE(")


def test_umap_learn_gives_the_coordinates_that_it_gives_alone_and_tells_its_progress(table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap

        estimator = umap.UMAP(metric="manhattan", random_state=3, n_jobs=1, n_epochs=40)
        heard = []
        embedding = table.project(
            FEATURES, method=estimator, progress=lambda *event: heard.append(event)
        )
        spec = table.matrix_spec(FEATURES)
        from explorer.features.matrix.matrix import build_matrix

        alone = estimator.fit_transform(build_matrix(table.source, spec).X)
    np.testing.assert_array_equal(embedding.xy, alone)
    assert ("layout", 40, 40) in heard
    with pytest.raises(Cancelled):
        table.project(
            FEATURES,
            method=umap.UMAP(n_epochs=100_000, random_state=1, n_jobs=1),
            progress=lambda stage, done, _: stage != "layout" or done == 0,
        )


def test_the_same_is_answered_from_the_cache_and_another_parameter_is_computed(table):
    calls = []

    class Counted(PCA):
        def fit_transform(self, X, y=None, *, progress=None):
            calls.append(self.whiten)
            return super().fit_transform(X, y, progress=progress)

    for whiten in (False, False, True, True):
        table.project(FEATURES, method=Counted(whiten=whiten))
    assert calls == [False, True]


def test_of_more_components_the_first_two_are_drawn_and_said(table):
    embedding = table.project(FEATURES, method=PCA(3))
    plain = table.project(FEATURES, method="pca")
    np.testing.assert_allclose(embedding.xy, plain.xy, atol=1e-5)
    assert any("gave 3 components" in note for note in embedding.provenance["notes"])


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (Estimator(RuntimeError("no luck")), "failed on 150 rows x 4 .* RuntimeError: no luck"),
        (Estimator(np.zeros((150, 1))), r"150 rows .* got shape \(150, 1\); set n_components=2"),
        (Estimator(np.zeros((149, 2))), r"got shape \(149, 2\)"),
        (Estimator(np.zeros(150)), r"got shape \(150,\)"),
        (Estimator("text"), "got a str"),
        (Estimator(np.full((150, 2), np.nan)), "NaN or infinite values in 150 rows"),
        (Estimator(np.full((150, 2), 1e300)), "exceed float32"),
        (Estimator(None), "at least 2 numbers"),
        (Estimator(lambda: 0), "cannot be told from others"),
        (TSNE, r"got the class TSNE: call it, as in TSNE\(\)"),
        (object(), "name of a method or an estimator with fit_transform, got a object"),
    ],
)
def test_what_makes_no_map_is_said_and_nothing_is_kept(table, estimator, words):
    for _ in range(2):
        with pytest.raises(ProjectionError, match=words):
            table.project(FEATURES, method=estimator)


def test_settings_of_a_method_by_name_are_refused_beside_an_estimator(table):
    with pytest.raises(FeatureError, match="n_neighbors, random_state cannot be given beside"):
        table.project(FEATURES, method=PCA(2), n_neighbors=3, random_state=1)


def test_a_map_of_an_estimator_is_not_made_again_from_its_json(table, tmp_path):
    embedding = table.project(FEATURES, method=PCA(2))
    embedding.save(tmp_path / "map.parquet")
    opened = explorer.open_embedding(tmp_path / "map.parquet")
    assert opened.provenance["method"] == embedding.provenance["method"]
    with pytest.raises(ProjectionError, match="run the script again"):
        ProjectionSpec.from_document(
            ProjectionSpec.of_estimator(table.matrix_spec(FEATURES), PCA(2)).document()
        )
    with pytest.raises(ProjectionError, match="method='umap'"):
        with_stability(table.source, embedding, 2)
