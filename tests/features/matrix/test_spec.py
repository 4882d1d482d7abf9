from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from explorer.core.errors import FeatureError, UnknownName
from explorer.features.matrix.spec import MatrixSpec


def test_the_document_does_not_depend_on_order_or_defaults() -> None:
    one = MatrixSpec(
        ["a", "b"], transform={"a": "log", "b": "none"}, weights={"b": 1}, where=" x > 1 "
    )
    other = MatrixSpec(("b", "a"), transform={"a": " log "}, encode="auto", where="x > 1")
    assert json.dumps(one.document()) == json.dumps(other.document())
    assert one == other
    assert hash(one) == hash(other)
    assert one.features == ("a", "b")


@pytest.mark.parametrize(
    "change",
    [
        {"features": ["a"]},
        {"scale": "robust"},
        {"missing": "drop"},
        {"missing": {"a": "median"}},
        {"transform": {"a": "clip(1, 2)"}},
        {"weights": {"a": 2}},
        {"encode": {"a": "category"}},
        {"where": "a > 1"},
        {"infinite": "clip"},
        {"sentinels": {"a": [-999]}},
    ],
)
def test_every_setting_is_in_the_document_and_comes_back(change: dict[str, Any]) -> None:
    plain = MatrixSpec(["a", "b"])
    changed = MatrixSpec(**{"features": ["a", "b"], **change})
    assert changed != plain
    assert MatrixSpec.from_document(json.loads(json.dumps(changed.document()))) == changed
    assert pickle.loads(pickle.dumps(changed)) == changed


def test_settings_of_features_that_are_not_ticked_change_nothing() -> None:
    settings: dict[str, Any] = {
        "transform": {"z": "log"},
        "weights": {"z": 2},
        "encode": {"z": "number"},
    }
    assert MatrixSpec(["a"], **settings, missing={"z": "drop"}, sentinels={"z": [1]}) == MatrixSpec(
        ["a"]
    )


def test_a_policy_for_one_feature_leaves_the_others() -> None:
    spec = MatrixSpec(["a", "b"], missing={"a": "indicator", "*": "drop"})
    assert spec.missing_of("a") == ("indicator", True)
    assert spec.missing_of("b") == ("drop", False)
    assert MatrixSpec(["a"], missing={"*": "drop"}) == MatrixSpec(["a"], missing="drop")


def test_a_spec_does_not_change_with_what_it_was_made_of() -> None:
    weights = {"a": 2.0}
    spec = MatrixSpec(["a"], weights=weights)
    weights["a"] = 5
    assert spec.weights["a"] == 2
    with pytest.raises(TypeError):
        spec.weights["a"] = 3  # type: ignore[index]


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"features": []}, FeatureError, "tick at least one"),
        ({"features": "year"}, FeatureError, "list of names"),
        ({"features": ["a", "a"]}, FeatureError, "named twice"),
        ({"scale": "standart"}, UnknownName, "'standard'"),
        ({"missing": "medain"}, UnknownName, "'median'"),
        ({"missing": {"a": "mean"}}, UnknownName, "missing policy"),
        ({"infinite": "zap"}, UnknownName, "infinite policy"),
        ({"encode": {"a": "hours"}}, UnknownName, "'hour'"),
        ({"encode": "hour"}, FeatureError, "map names"),
        ({"transform": {"a": "lgo"}}, UnknownName, "'log'"),
        ({"weights": {"a": 0}}, FeatureError, "above 0"),
        ({"weights": {"a": float("nan")}}, FeatureError, "above 0"),
    ],
)
def test_a_wrong_setting_is_refused_in_words(
    settings: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        MatrixSpec(**{"features": ["a"], **settings})


def test_a_document_of_another_version_is_refused() -> None:
    with pytest.raises(FeatureError, match="version 1"):
        MatrixSpec.from_document({"version": 9})
