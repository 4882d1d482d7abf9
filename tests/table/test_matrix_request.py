"""What is asked of a matrix: names, sentinels, and the encoding by the expert's kind."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import FeatureError, UnknownName
from explorer.table.matrix_request import matrix_request
from explorer.table.table import open_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("request") / "known.yaml"
    path.write_text(
        "features:\n  zone: {kind: categorical}\n  price: {kind: numeric}\n"
        "  city: {kind: categorical}\n"
        "  rain: {kind: numeric, sentinels: [-999]}\n  day: {sentinels: [0]}\n"
    )
    rng = np.random.default_rng(0)
    n = 60
    return open_table(
        pd.DataFrame(
            {
                "zone": rng.integers(0, 4, n),
                "price": [f"{i},500" for i in range(n)],
                "city": list("ab") * 30,
                "rain": rng.normal(size=n),
                "day": rng.integers(0, 7, n),
            }
        ),
        catalogue=path,
    )


def test_a_kind_that_the_type_would_not_give_brings_its_encoding(table):
    asked = matrix_request(table.columns, ["zone", "price", "city", "rain"], {})
    assert asked.encode == {"zone": "category", "price": "number"}
    assert matrix_request(table.columns, ["zone"], {"encode": "auto"}).encode == {
        "zone": "category"
    }


def test_what_is_asked_stands_over_the_kind(table):
    assert matrix_request(
        table.columns, ["zone", "price"], {"encode": {"zone": "number"}}
    ).encode == {
        "zone": "number",
        "price": "number",
    }


def test_integers_that_are_categories_become_columns_of_zeros_and_ones(table):
    from explorer.features.matrix.matrix import build_matrix

    matrix = build_matrix(
        table.source, matrix_request(table.columns, ["zone", "rain"], {"scale": "none"})
    )
    assert matrix.X.shape[1] == 4 + 1


def test_sentinels_of_the_chosen_features_go_along(table):
    assert matrix_request(table.columns, ["rain", "city"], {}).sentinels == {"rain": (-999,)}
    assert matrix_request(table.columns, ["city"], {}).sentinels == {}


def test_names_come_as_features_too_and_in_one_order(table):
    asked = matrix_request(table.columns, [table.features["rain"], "day"], {})
    assert set(asked.features) == {"rain", "day"}
    assert asked == matrix_request(table.columns, ("day", "rain"), {})


@pytest.mark.parametrize(
    ("features", "policy", "error", "words"),
    [
        ("rain", {}, FeatureError, r"came 'rain': write \['rain'\]"),
        ([], {}, FeatureError, "no feature is chosen"),
        (["rian"], {}, UnknownName, "did you mean 'rain'"),
        (
            ["rain"],
            {"encode": "number"},
            FeatureError,
            (
                "encode must be 'auto' or say it of each feature, came 'number': write {'rain': "
                "'number'}"
            ),
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(table, features, policy, error, words):
    with pytest.raises(error, match=words):
        matrix_request(table.columns, features, policy)


@pytest.mark.parametrize("what", ["transform", "weights", "encode"])
def test_a_setting_of_a_feature_that_is_not_chosen_is_refused(table, what):
    setting = {
        "transform": {"rain": "rank"},
        "weights": {"rain": 2.0},
        "encode": {"zone": "number"},
    }[what]
    matrix = matrix_request(table.columns, ["day"], {what: setting})
    with pytest.raises(FeatureError, match=f"{what} names '.*', which is not among the features"):
        matrix.check_settings()
    matrix_request(table.columns, ["day", *setting], {what: setting}).check_settings()


@pytest.fixture
def coded(tmp_path):
    """A table whose catalogue says that −9 is missing and that numbers are levels."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=200),
            "code": rng.integers(0, 3, 200),
            "dose": rng.lognormal(size=200),
        }
    )
    frame.loc[:9, "size"] = -9.0
    catalogue = tmp_path / "c.yaml"
    catalogue.write_text("features:\n  size: {sentinels: [-9]}\n  code: {kind: categorical}\n")
    return explorer.open_table(frame, catalogue, cache=Cache(tmp_path / "cache"))


def test_a_feature_set_is_projected_with_its_own_settings(coded):
    core = explorer.FeatureSet(
        "core",
        ["dose", "size", "code"],
        rationale="r",
        scale="robust",
        transform={"dose": "log"},
    )
    found = coded.project(core, "pca")
    expected = coded.project(
        ["size", "code", "dose"], "pca", scale="robust", transform={"dose": "log"}
    )
    assert found.provenance["matrix"]["spec"] == expected.provenance["matrix"]["spec"]
    assert found.xy.tobytes() == expected.xy.tobytes()


def test_a_learned_set_brings_what_the_catalogue_said_to_a_table_without_one(coded):
    core = explorer.FeatureSet("core", ["dose", "size", "code"], rationale="r")
    told = coded.matrix_spec(core)
    assert (dict(told.sentinels), dict(told.encode)) == ({"size": (-9,)}, {"code": "category"})
    learned = core.learn(coded)
    plain = explorer.open_table(
        coded.source.column("size")
        .to_pandas()
        .to_frame("size")
        .assign(
            code=coded.source.column("code").to_numpy(), dose=coded.source.column("dose").to_numpy()
        ),
        cache=coded.columns.cache,
    )
    assert plain.matrix_spec(learned) == told
    assert plain.matrix_spec(core) != told
    assert learned.learn(coded).learned == learned.learned


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("scale", "robust"),
        ("missing", "drop"),
        ("where", "dose > 1"),
        ("transform", {"dose": "log"}),
        ("infinite", "clip"),
    ],
)
def test_a_setting_beside_a_set_is_refused(coded, setting, value):
    core = explorer.FeatureSet("core", ["dose", "size"], rationale="r")
    with pytest.raises(
        FeatureError,
        match=(
            rf"core@1 says {setting} itself: leave it out, or pass the set with "
            rf"\.changed\({setting}="
        ),
    ):
        coded.project(core, "pca", **{setting: value})


def test_a_set_with_a_feature_that_is_not_there_suggests_the_nearest(coded):
    with pytest.raises(UnknownName, match="did you mean 'dose'"):
        coded.project(explorer.FeatureSet("core", ["dsoe"], rationale="r"))
