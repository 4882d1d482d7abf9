"""A line says what its feature's profile says."""

from explorer.profile.report.feature_row import feature_row, rows_text


def test_a_line_of_a_number(films_profile):
    row = feature_row(films_profile["features"][0])
    told = films_profile["features"][0]
    assert (row.name, row.label, row.unit, row.kind) == (
        "runtime_min",
        "Running time",
        "min",
        "numeric",
    )
    assert row.missing == 15 / 1000
    assert row.missing_text == "1.5 %"
    assert (row.grade, row.reasons, row.ks_distance) == ("not", ("right tail",), 0.123)
    assert row.far == told["outliers"]["far_rate"]


def test_notes_name_each_failure_once_and_none_that_has_its_own_column(profiles):
    told = profiles.numeric(
        "a",
        [1, 2, 3],
        notes=["7.4 % missing", "constant", "1 isolated value"],
        redundant_with=[["b", -0.957], ["c", 0.9]],
    )
    assert feature_row(told).notes == ("constant", "1 isolated value", "r −.96 b")


def test_a_feature_of_which_nothing_is_known_has_a_line(profiles):
    row = feature_row(profiles.plain("nothing", rows=0))
    assert (row.missing, row.missing_text, row.mean, row.grade, row.far_text) == (
        None,
        "–",
        "–",
        "",
        "–",
    )
    assert row.label == "nothing"


def test_rows_are_all_or_a_stated_sample(profiles):
    whole, part = profiles.plain("a", rows=100), profiles.plain("b", rows=20, sampled=20)
    table = {"rows": 100}
    told = [
        rows_text({"table": table, "features": features})
        for features in ([whole], [part], [whole, part], [])
    ]
    assert told == [
        "every figure of all 100 rows",
        "every figure of a random sample of 20 of 100 rows",
        "some figures of a random sample of 20 of 100 rows",
        "every figure of all 100 rows",
    ]
