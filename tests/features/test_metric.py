import pytest

from explorer.core.errors import ExperimentError
from explorer.features.metric import Metric, parse_metric


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("plays=mean(plays)", Metric("plays", "mean", "plays")),
        (
            "rate=proportion(played):increase:primary",
            Metric("rate", "proportion", "played", goal="increase", primary=True),
        ),
        (
            "per play=ratio(minutes,plays):decrease",
            Metric("per play", "ratio", "minutes", denominator="plays", goal="decrease"),
        ),
        ("p90=quantile(load time, 0.9)", Metric("p90", "quantile", "load time", quantile=0.9)),
        ("x=mean(a (s), b)", Metric("x", "mean", "a (s), b")),
        ("x=mean(y):neither", Metric("x", "mean", "y")),
    ],
)
def test_a_metric_is_read_as_it_is_written(text, metric):
    assert parse_metric(text) == metric


@pytest.mark.parametrize(
    "text",
    ["rate=proportion(played):increase:primary", "r=ratio(a,b)", "q=quantile(a,0.5):decrease"],
)
def test_what_a_metric_writes_reads_back(text):
    assert parse_metric(text).written == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plays", "is written NAME=KIND"),
        ("x=median(y)", "mean, proportion, ratio, quantile"),
        ("x=ratio(y)", "two arguments"),
        ("x=quantile(y,half)", "is a number"),
        ("x=mean(y):up", ":increase or :decrease"),
        ("x=mean(y):increase:decrease", ":increase or :decrease"),
        ("x=quantile(y,1)", "between 0 and 1"),
    ],
)
def test_a_metric_that_cannot_be_read_says_how_it_is_written(text, words):
    with pytest.raises(ExperimentError, match=words):
        parse_metric(text)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "median"}, "kind is one of"),
        ({"kind": "ratio"}, "has a denominator"),
        ({"kind": "mean", "denominator": "b"}, "has a denominator"),
        ({"kind": "quantile"}, "has quantile="),
        ({"kind": "quantile", "quantile": 0.5, "pre": "before"}, "leave out pre"),
        ({"kind": "mean", "goal": "up"}, "goal is one of"),
        ({"kind": "mean", "aggregate": "last"}, "aggregate is one of"),
        ({"kind": "mean", "cap": float("inf")}, "finite"),
    ],
)
def test_a_metric_that_cannot_be_is_refused_by_name(options, words):
    with pytest.raises(ExperimentError, match=f"'m'.*{words}"):
        Metric("m", column="a", **options)
