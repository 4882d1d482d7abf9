import numpy as np
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.paint.color import Scale
from explorer.map.paint.shade import (
    CONTEXT_LEVEL,
    Span,
    count_levels,
    count_span,
    value_levels,
    value_span,
)

FIRST, LAST = 2, 255


def place(levels):
    return (levels.astype(float) - FIRST) / (LAST - FIRST)


def counts_of(rng, shape=(60, 80)):
    counts = rng.geometric(0.01, shape).astype(np.uint32)
    counts[rng.random(shape) < 0.3] = 0
    return counts


def test_empty_pixels_are_0_and_context_1_and_everything_else_a_colour():
    counts = np.array([[0, 0, 1, 3]], np.uint32)
    context = np.array([[0, 5, 5, 0]], np.uint32)
    levels = count_levels(counts, context, count_span(counts, Scale("linear")))
    assert levels.tolist() == [[0, CONTEXT_LEVEL, FIRST, LAST]]
    assert count_levels(counts, None, count_span(counts, Scale("linear"))).tolist() == [
        [0, 0, FIRST, LAST]
    ]


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_counts_follow_the_formula(kind):
    counts = counts_of(np.random.default_rng(0))
    span = count_span(counts, Scale(kind))
    assert (span.low, span.high) == (counts[counts > 0].min(), counts.max())
    f = np.log if kind == "log" else np.asarray
    expected = (f(counts[counts > 0]) - f(span.low)) / (f(span.high) - f(span.low))
    assert np.abs(place(count_levels(counts, None, span))[counts > 0] - expected).max() < 0.003


def test_ranked_counts_follow_the_share_of_pixels_with_fewer_or_as_many():
    counts = counts_of(np.random.default_rng(1))
    levels = count_levels(counts, None, count_span(counts, Scale("rank")))
    filled = counts[counts > 0]
    share = np.searchsorted(np.sort(filled), filled, side="right")
    expected = (share - share.min()) / (share.max() - share.min())
    assert np.abs(place(levels)[counts > 0] - expected).max() < 0.003


def test_ranks_of_very_large_counts_keep_their_order():
    counts = np.array([[1, 60_000, 65_535, 65_536, 70_000, 10**6, 10**9, 2**32 - 1]], np.uint32)
    levels = count_levels(counts, None, count_span(counts, Scale("rank"))).ravel().astype(int)
    assert (np.diff(levels) > 0).all()
    assert (levels[0], levels[-1]) == (FIRST, LAST)


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_values_follow_the_formula(kind):
    rng = np.random.default_rng(2)
    values = np.exp(rng.standard_normal((50, 60))).astype(np.float32)
    counts = np.ones(values.shape, np.uint32)
    span = value_span(values, Scale(kind))
    f = np.log if kind == "log" else np.asarray
    expected = (f(values) - f(span.low)) / (f(span.high) - f(span.low))
    assert np.abs(place(value_levels(values, counts, None, span)) - expected).max() < 0.003


def test_ranked_values_follow_their_rank():
    values = np.random.default_rng(3).standard_normal((50, 60)).astype(np.float32)
    levels = value_levels(
        values, np.ones(values.shape, np.uint32), None, value_span(values, Scale("rank"))
    )
    rank = values.ravel().argsort().argsort().reshape(values.shape) / (values.size - 1)
    assert np.abs(place(levels) - rank).max() < 0.006


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_clipping_is_to_percentiles_and_keeps_what_lies_beyond_at_the_ends(kind):
    values = np.arange(1, 1002, dtype=np.float32).reshape(7, 143)
    span = value_span(values, Scale(kind, (10, 90)))
    assert (span.low, span.high) == (101, 901) == tuple(np.percentile(values, [10, 90]))
    levels = value_levels(values, np.ones(values.shape, np.uint32), None, span)
    assert (levels[values <= span.low] == FIRST).all()
    assert (levels[values >= span.high] == LAST).all()
    counts = values.astype(np.uint32)
    counted = count_span(counts, Scale(kind, (10, 90)))
    assert (counted.low, counted.high) == (101, 901)
    assert (count_levels(counts, None, counted)[counts <= 101] == FIRST).all()


def test_pixels_without_a_value_are_grey_and_those_without_rows_empty():
    values = np.array([[np.nan, np.nan, np.nan, 1, 2]], np.float32)
    counts = np.array([[0, 3, 0, 1, 1]], np.uint32)
    context = np.array([[0, 0, 4, 4, 0]], np.uint32)
    span = value_span(values, Scale())
    assert value_levels(values, counts, context, span).tolist() == [
        [0, CONTEXT_LEVEL, CONTEXT_LEVEL, FIRST, LAST]
    ]
    assert value_levels(values, counts, None, span).tolist() == [[0, CONTEXT_LEVEL, 0, FIRST, LAST]]


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_infinite_and_non_positive_values_are_drawn_at_the_ends(kind):
    values = np.array([[-np.inf, 1, 10, np.inf, -5 if kind == "log" else 1]], np.float32)
    span = value_span(values, Scale(kind))
    assert (span.low, span.high) == (1, 10)
    levels = value_levels(values, np.ones((1, 5), np.uint32), None, span)
    assert levels.tolist() == [[FIRST, FIRST, LAST, LAST, FIRST]]


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_one_number_everywhere_takes_the_middle_colour(kind):
    counts = np.full((2, 2), 3, np.uint32)
    values = np.full((2, 2), 3, np.float32)
    for levels in (
        count_levels(counts, None, count_span(counts, Scale(kind))),
        value_levels(values, counts, None, value_span(values, Scale(kind))),
    ):
        assert set(np.abs(place(levels) - 0.5).ravel() < 0.01) == {True}


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_nothing_in_view_has_a_span_too(kind):
    nothing = np.zeros((2, 3), np.uint32)
    assert (count_levels(nothing, None, count_span(nothing, Scale(kind))) == 0).all()
    values = np.full((2, 3), np.nan, np.float32)
    assert (value_levels(values, nothing, None, value_span(values, Scale(kind))) == 0).all()


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_a_locked_span_gives_a_number_the_same_level_in_every_frame(kind):
    rng = np.random.default_rng(4)
    counts = counts_of(rng)
    values = np.exp(rng.standard_normal(counts.shape)).astype(np.float32)
    a, b = count_span(counts, Scale(kind)), value_span(values, Scale(kind))
    part = np.s_[:20, :30]
    assert np.array_equal(
        count_levels(counts[part].copy(), None, a), count_levels(counts, None, a)[part]
    )
    whole = value_levels(values, counts, None, b)[part]
    assert np.array_equal(value_levels(values[part].copy(), counts[part].copy(), None, b), whole)


def test_a_span_typed_by_hand_works_for_counts():
    counts = np.array([[1, 10, 100, 1000]], np.uint32)
    levels = count_levels(counts, None, Span("log", 10, 100))
    assert levels.tolist() == [[FIRST, FIRST, LAST, LAST]]


@pytest.mark.parametrize(
    "span", [("linear", 2, 1), ("linear", np.nan, 1), ("log", 0, 1), ("rank", 0, 1)]
)
def test_a_span_that_cannot_be_is_refused(span):
    with pytest.raises(EmbeddingError):
        Span(*span)


def test_a_ranked_span_of_another_kind_of_number_is_refused():
    counts = counts_of(np.random.default_rng(5))
    values = counts.astype(np.float32)
    with pytest.raises(EmbeddingError, match="another kind"):
        count_levels(counts, None, value_span(values, Scale("rank")))
    with pytest.raises(EmbeddingError, match="another kind"):
        value_levels(values, counts, None, count_span(counts, Scale("rank")))


@pytest.mark.parametrize("center", [-3.0, 0.5, 1.0, 40.0])
def test_a_scale_around_a_value_reaches_as_far_on_both_sides_and_holds_all(center):
    values = np.array([[0.5, 2.0, 8.0, np.nan]], np.float32)
    span = value_span(values, Scale("linear", center=center))
    assert (span.low + span.high) / 2 == pytest.approx(center)
    assert span.low <= 0.5 <= 8.0 <= span.high
    assert min(abs(span.low - 0.5), abs(span.high - 8.0)) == pytest.approx(0)


def test_a_log_scale_around_a_value_reaches_by_the_same_factor():
    span = value_span(np.array([[0.5, 2.0, 8.0]], np.float32), Scale("log", center=1.0))
    assert (span.low, span.high) == pytest.approx((1 / 8, 8))
