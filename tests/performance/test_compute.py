import json

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

import explorer
from explorer.core.errors import ModelError, TableError, UnknownName

N = 1_200


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=N)
    frame = pd.DataFrame({"truth": (rng.random(N) < 1 / (1 + np.exp(-signal))).astype(int)})
    frame["good"] = 1 / (1 + np.exp(-signal))
    frame["poor"] = 1 / (1 + np.exp(-signal - rng.normal(0, 2, N)))
    frame["odds"] = signal
    frame["called"] = np.where(signal > 0, "yes", "no")
    frame["word"] = np.where(frame.truth == 1, "yes", "no")
    frame["kind"] = rng.choice(["x", "y", "z"], N)
    frame["guess"] = np.where(rng.random(N) < 0.6, frame.kind, "x")
    frame["person_id"] = [f"p{i:03d}" for i in rng.integers(0, 200, N)]
    frame["size"] = signal * 3 + rng.normal(size=N)
    return frame


def opened(frame):
    return explorer.open_table(frame)


def test_two_models_are_compared_on_the_rows_that_both_have(frame):
    frame.loc[:99, "good"] = np.nan
    frame.loc[50:119, "poor"] = np.nan
    frame["truth"] = frame.truth.astype(float)
    frame.loc[110:129, "truth"] = np.nan
    found = explorer.compare_models(opened(frame), "truth", {"good": "good", "poor": "poor"})
    rows = frame.dropna(subset=["truth", "good", "poor"])
    assert found.n == len(rows)
    assert found.missing == {"good": 100, "poor": 60}
    assert found.models["poor"]["roc_auc"].value == pytest.approx(
        metrics.roc_auc_score(rows.truth, rows.poor)
    )
    text = " ".join(found.notes)
    assert "20 rows without truth are left out" in text
    assert "good: 100 of 1,180 predictions are missing" in text
    assert f"{len(rows):,} rows are compared" in text


def test_a_key_that_repeats_is_warned_of_until_it_is_the_unit(frame):
    table = opened(frame)
    assert any(
        "unit='person_id'" in note
        for note in explorer.compare_models(table, "truth", {"m": "good"}).notes
    )
    found = explorer.compare_models(table, "truth", {"m": "good"}, unit="person_id")
    assert not any("unit=" in note for note in found.notes)
    assert found.predicted.n_units == frame.person_id.nunique()


def test_values_outside_0_and_1_are_ranked_and_not_calibrated(frame):
    found = explorer.compare_models(opened(frame), "truth", {"odds": "odds", "good": "good"})
    assert set(found.models["odds"]) == {"roc_auc", "average_precision"}
    assert set(found.calibration) == {"good"}
    assert any("outside [0, 1]" in note for note in found.notes)
    assert found.models["odds"]["roc_auc"].value == pytest.approx(
        found.models["good"]["roc_auc"].value
    )
    with pytest.raises(ModelError, match="threshold"):
        found.confusion("odds")
    told = metrics.confusion_matrix(frame.truth, frame.odds >= 0.3)
    assert found.confusion("odds", 0.3).counts.tolist() == told.tolist()


def test_the_probability_of_the_other_class_is_noticed(frame):
    frame["wrong"] = 1 - frame.good
    found = explorer.compare_models(opened(frame), "truth", {"wrong": "wrong"})
    assert any("probability of the other class" in note for note in found.notes)


def test_one_class_only_is_said_and_what_is_defined_is_there(frame):
    found = explorer.compare_models(opened(frame), "truth", {"m": "good"}, where="truth = 1")
    assert any("truth is 1 in all" in note for note in found.notes)
    assert np.isnan(found.models["m"]["roc_auc"].value)
    assert found.models["m"]["accuracy"].value == pytest.approx(
        (frame.good[frame.truth == 1] >= 0.5).mean()
    )
    assert json.dumps(found.document())


def test_words_need_a_positive_level(frame):
    table = opened(frame)
    with pytest.raises(ModelError, match="positive='"):
        explorer.compare_models(table, "word", {"m": "good"})
    found = explorer.compare_models(table, "word", {"m": "good", "calls": "called"}, positive="yes")
    assert found.models["m"]["roc_auc"].value == pytest.approx(
        metrics.roc_auc_score(frame.truth, frame.good)
    )
    assert found.models["calls"]["f1"].value == pytest.approx(
        metrics.f1_score(frame.word, frame.called, pos_label="yes")
    )
    assert any("no probability" in note for note in found.notes)


def test_several_classes_are_read_from_called_levels_and_from_probabilities(frame):
    rng = np.random.default_rng(1)
    stated = rng.dirichlet([1, 1, 1], N)
    for i, level in enumerate("xyz"):
        frame[f"p_{level}"] = stated[:, i]
    columns = {level: f"p_{level}" for level in "xyz"}
    found = explorer.compare_models(
        opened(frame), "kind", {"calls": "guess", "states": columns}, kind="multiclass"
    )
    assert found.models["calls"]["accuracy"].value == pytest.approx(
        (frame.kind == frame.guess).mean()
    )
    assert found.models["states"]["neg_log_loss"].value == pytest.approx(
        -metrics.log_loss(frame.kind, stated, labels=list("xyz"))
    )
    assert "neg_log_loss" not in found.models["calls"]
    with pytest.raises(ModelError, match="none is given for"):
        explorer.compare_models(
            opened(frame), "kind", {"m": {"x": "p_x", "y": "p_y"}}, kind="multiclass"
        )


def test_numbers_are_compared_with_numbers(frame):
    frame["half"] = frame["size"] * 0.5
    found = explorer.compare_models(
        opened(frame), "size", {"odds": "odds", "half": "half"}, kind="regression", by="kind"
    )
    assert found.models["half"]["r2"].value == pytest.approx(
        metrics.r2_score(frame["size"], frame.half)
    )
    assert {one.metric for one in found.slices} == {
        "neg_mean_absolute_error",
        "neg_mean_squared_error",
    }
    assert [part.counts.sum() for part in found.densities("half", 20, 20)] == [N, N]
    frame.loc[3, "half"] = np.inf
    with pytest.raises(ModelError, match="'half' is infinite in 1 rows"):
        explorer.compare_models(opened(frame), "size", {"half": "half"}, kind="regression")


def test_curves_calibration_slices_and_pairs_are_in_the_document(frame):
    found = explorer.compare_models(
        opened(frame), "truth", {"good": "good", "poor": "poor"}, by=["kind", "size"]
    )
    document = json.loads(json.dumps(found.document()))
    fpr, tpr, _ = metrics.roc_curve(frame.truth, frame.good, drop_intermediate=False)
    assert found.curves["good"].roc.fpr == pytest.approx(fpr)
    assert found.curves["good"].roc.tpr == pytest.approx(tpr)
    assert len(document["curves"]["good"]["roc"]["fpr"]) <= 400
    assert document["models"]["good"]["roc_auc"]["value"] == found.models["good"]["roc_auc"].value
    assert document["calibration"]["poor"]["slope"] < 0.6
    assert {one["by"] for one in document["slices"]} == {"kind", "size"}
    assert document["paired"][0]["method"] == "DeLong"
    table = found.to_arrow()
    assert table.num_rows == sum(map(len, found.models.values()))
    assert "Dimitriadis" in found.method


def test_the_rows_of_a_slice_can_be_taken(frame):
    found = explorer.compare_models(
        opened(frame), "truth", {"m": "good"}, by="kind", where="size > 0"
    )
    told = np.flatnonzero((frame.kind == "y") & (frame["size"] > 0))
    assert found.rows_of("kind", "y").tolist() == told.tolist()
    with pytest.raises(UnknownName):
        found.rows_of("kind", "w")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"truth": "size"}, "is to be 0 and 1"),
        ({"truth": "tuth"}, "did you mean 'truth'"),
        ({"predictions": {"m": "goood"}}, "did you mean 'good'"),
        ({"predictions": {}}, "name a prediction"),
        ({"predictions": {"m": "person_id"}}, "no level of 'person_id'"),
        ({"kind": "ranking"}, "kind is one of"),
        ({"kind": "regression", "positive": 1}, "positive is for two classes"),
        ({"threshold": 1.5}, "threshold is a probability"),
        ({"where": "size > 1e9"}, "no row is left"),
        ({"by": "kin"}, "did you mean 'kind'"),
        (
            {"truth": "kind", "predictions": {"m": "called"}, "kind": "multiclass"},
            "is no class of the truth",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(frame, changes, words):
    asked = {"truth": "truth", "predictions": {"m": "good"}, **changes}
    with pytest.raises((ModelError, UnknownName), match=words):
        explorer.compare_models(opened(frame), **asked)


def test_a_map_of_another_table_is_refused(frame, tmp_path):
    table, other = opened(frame), opened(frame.assign(more=1))
    found = explorer.compare_models(table, "truth", {"good": "good", "poor": "poor"})
    m = explorer.build_map(table.project(["size", "odds"], method="pca"), tmp_path / "m", table)
    regions = found.on_map(m, "poor", "good", regions=10)
    assert sum(one.n for one in regions.regions) == N
    assert any(one.verdict == "better" for one in regions.regions)
    elsewhere = explorer.build_map(
        other.project(["size", "odds"], method="pca"), tmp_path / "o", other
    )
    with pytest.raises((ModelError, TableError), match="another table"):
        found.on_map(elsewhere, "poor", "good")


def test_what_a_prediction_is_follows_from_the_rows_that_are_compared(frame):
    odd = frame.assign(p=np.where(np.arange(len(frame)) < 20, -1.0, frame["good"]))
    found = explorer.compare_models(explorer.open_table(odd), "truth", {"p": "p"}, where="p >= 0")
    assert "neg_log_loss" in found.models["p"]
    assert not [note for note in found.notes if "outside [0, 1]" in note]


def test_predictions_that_are_no_mapping_are_refused_in_words(frame):
    table = explorer.open_table(frame)
    for wrong in (["good"], "good", {"a": None}, {1: "good"}, {"a": ("good",)}):
        with pytest.raises(ModelError, match="prediction"):
            explorer.compare_models(table, "truth", wrong)


def test_classes_as_whole_numbers_are_found_though_predictions_are_written_with_a_point():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 400)
    called = np.where(rng.random(400) < 0.7, y, rng.integers(0, 3, 400)).astype(float)
    called[:10] = np.nan
    frame = pd.DataFrame({"y": y, "called": called, "p0": 0.2, "p1": 0.3, "p2": 0.6})
    found = explorer.compare_models(
        explorer.open_table(frame), "y", {"m": "called"}, kind="multiclass"
    )
    assert found.models["m"]["accuracy"].value == pytest.approx((called == y)[10:].mean())
    stated = explorer.compare_models(
        explorer.open_table(frame), "y", {"m": {0: "p0", 1: "p1", 2: "p2"}}, kind="multiclass"
    )
    assert any("do not sum to 1" in note for note in stated.notes)


def test_slices_of_a_column_with_an_infinity_are_made(frame):
    z = np.random.default_rng(1).choice([1.0, 2.0, 3.0], len(frame))
    z[0] = np.inf
    found = explorer.compare_models(
        explorer.open_table(frame.assign(z=z)), "truth", {"a": "good"}, by="z"
    )
    assert "∞" in {one.slice for one in found.slices}


def test_a_figure_that_is_not_defined_has_a_note(frame):
    table = explorer.open_table(frame.assign(same=3.0, a=0.2, b=0.3, c=0.5))
    flat = explorer.compare_models(table, "same", {"m": "size"}, kind="regression")
    assert np.isnan(flat.models["m"]["r2"].value)
    assert any("R² is not defined" in note for note in flat.notes)
    some = explorer.compare_models(
        table, "kind", {"m": {"x": "a", "y": "b", "z": "c"}}, kind="multiclass", where="kind != 'z'"
    )
    assert np.isnan(some.models["m"]["roc_auc_ovr"].value)
    assert any("no row that is compared is z" in note for note in some.notes)
