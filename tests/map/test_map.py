"""The oracle of every aggregate is Datashader's Canvas.points on the same coordinates."""

import datashader as ds
import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import EmbeddingError, UnknownName

FEATURES = ["height", "weight", "sleep", "age"]
WHERE = "age < 60 and member"


def even_odd(points, polygon):
    """Count the edges that a ray to the right of each point crosses; odd is inside."""
    crossed = np.zeros(len(points), int)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        between = (points[:, 1] < y0) != (points[:, 1] < y1)
        crossed += between & (points[:, 0] < x0 + (points[:, 1] - y0) * (x1 - x0) / (y1 - y0))
    return crossed % 2 == 1


class Case:
    """A map, its embedding and the rows of the frame that it shows."""

    def __init__(self, table, frame, folder, where):
        self.embedding = table.project(FEATURES, method="pca", where=where)
        self.map = explorer.build_map(self.embedding, folder / "map", table)
        xy = pd.DataFrame(self.embedding.xy, columns=["x", "y"])
        self.points = xy.join(frame.iloc[self.embedding.rows].reset_index(drop=True))
        low, high = self.embedding.xy.min(0).astype(float), self.embedding.xy.max(0).astype(float)
        middle = (low + high) / 2
        self.views = [
            explorer.Viewport((low[0], high[0]), (low[1], high[1]), 90, 70),
            explorer.Viewport((low[0], middle[0]), (middle[1], high[1] + 1), 37, 53),
        ]

    def drawn(self, view, reduction, keep=None):
        canvas = ds.Canvas(view.width, view.height, view.x_range, view.y_range)
        return canvas.points(
            self.points if keep is None else self.points[keep], "x", "y", reduction
        ).to_numpy()


@pytest.fixture(scope="module", params=["all rows", "a part"])
def case(request, people, frame, tmp_path_factory):
    where = "age >= 30" if request.param == "a part" else None
    return Case(people, frame, tmp_path_factory.mktemp("maps"), where)


def test_counts_are_datashaders(case):
    for view in case.views:
        found = case.map.aggregate(view)
        assert (found.dtype, found.shape) == (np.uint32, (view.height, view.width))
        np.testing.assert_array_equal(found, case.drawn(view, ds.count()))


def test_where_takes_a_selection_an_expression_and_a_bool_array(case, people):
    keep = case.points["age"].lt(60) & case.points["member"]
    for where in (explorer.where(people, WHERE), WHERE, keep.to_numpy()):
        for view in case.views:
            np.testing.assert_array_equal(
                case.map.aggregate(view, where=where), case.drawn(view, ds.count(), keep)
            )


def test_means_are_datashaders_by_column_and_by_array(case):
    keep = case.points["age"].lt(60)
    for view in case.views:
        expected = case.drawn(view, ds.mean("pulse"), keep)
        for values in (
            "pulse",
            case.points["pulse"].to_numpy(),
            case.points["pulse"].to_numpy(np.float32),
        ):
            found = case.map.aggregate(view, "mean", values, where="age < 60")
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_rows_by_level_are_datashaders_with_other_and_missing_last(case):
    for values, column in (
        ("city", case.points["city"]),
        (case.points["city"].to_numpy(), case.points["city"]),
    ):
        order = case.map.levels(values)
        assert len(order) == 16
        named = column.where(column.isin(order), "the rest")
        case.points["code"] = pd.Categorical(named, [*order, "the rest"])
        for view in case.views:
            found = case.map.aggregate(view, "by", values)
            assert (found.dtype, found.shape) == (np.uint32, (view.height, view.width, 17))
            np.testing.assert_array_equal(found, case.drawn(view, ds.by("code", ds.count())))


def test_levels_come_most_frequent_first(case, frame):
    over_table = frame["city"].value_counts()
    counts = over_table[case.map.levels("city")]
    assert counts.is_monotonic_decreasing
    assert counts.iloc[-1] >= over_table.drop(counts.index).max()
    assert sorted(case.map.levels("member")) == ["no", "yes"]


def test_frame_says_the_viewport_it_is_exact_for(case):
    found, view = case.map.frame(case.views[0], "mean", "age")
    np.testing.assert_array_equal(found, case.map.aggregate(view, "mean", "age"))


@pytest.fixture
def long(monkeypatch):
    """Take every map for a long one."""
    monkeypatch.setattr("explorer.map.map.WORTH_ROWS", 1)


@pytest.mark.parametrize("reduction", ["count", "mean", "by"])
@pytest.mark.parametrize("where", [None, WHERE])
def test_frame_of_a_long_map_is_datashaders_for_the_viewport_that_it_returns(
    case, long, reduction, where
):
    asked = explorer.Viewport(case.views[0].x_range, case.views[0].y_range, 45, 35)
    values = {"count": None, "mean": "age", "by": "city"}[reduction]
    found, view = case.map.frame(asked, reduction, values, where)
    assert view != asked
    assert found.shape[:2] == (view.height, view.width)
    for ends, wanted, size, pixels in (
        (view.x_range, asked.x_range, view.unit[0], asked.unit[0]),
        (view.y_range, asked.y_range, view.unit[1], asked.unit[1]),
    ):
        assert ends[0] <= wanted[0] < wanted[1] <= ends[1]
        assert 0.7 < size / pixels < 1.43
    keep = None if where is None else case.points["age"].lt(60) & case.points["member"]
    if reduction == "by":
        np.testing.assert_array_equal(found, case.map.aggregate(view, reduction, values, where))
        np.testing.assert_array_equal(found.sum(axis=2), case.drawn(view, ds.count(), keep))
    else:
        oracle = ds.count() if reduction == "count" else ds.mean("age")
        np.testing.assert_allclose(found, case.drawn(view, oracle, keep), rtol=1e-5)


def test_frame_follows_an_array_that_is_changed_in_place(case, long):
    values, keep = case.points["age"].to_numpy(np.float64).copy(), np.ones(len(case.points), bool)
    view = explorer.Viewport(*case.map.extent, 20, 15)
    for change in (
        lambda: None,
        lambda: values.__setitem__(3, 1e4),
        lambda: keep.__setitem__(slice(0, 9), False),
    ):
        change()
        found, exact = case.map.frame(view, "mean", values, keep)
        np.testing.assert_allclose(
            found, case.map.aggregate(exact, "mean", values, keep), rtol=1e-5
        )
        points = case.points.assign(age=values)[keep]
        canvas = ds.Canvas(exact.width, exact.height, exact.x_range, exact.y_range)
        np.testing.assert_allclose(
            found, canvas.points(points, "x", "y", ds.mean("age")), rtol=1e-5
        )


def test_frame_too_close_for_a_pyramid_is_exact_for_the_viewport_asked_for(case, long):
    (x_low, x_high), (y_low, y_high) = case.map.extent
    close = explorer.Viewport(
        (x_low, x_low + (x_high - x_low) / 40), (y_low, y_low + (y_high - y_low) / 40), 90, 90
    )
    found, view = case.map.frame(close)
    assert view == close
    np.testing.assert_array_equal(found, case.drawn(close, ds.count()))


def test_what_cannot_be_reduced_is_refused_in_words(case):
    view = case.views[0]
    m = len(case.embedding.rows)
    for words, arguments in {
        "'nearest' must be 'count'": ("nearest", "age"),
        "needs values": ("mean",),
        f"must have shape \\({m},\\)": ("by", np.zeros(m + 1)),
        "do not fit this map": ("mean", np.zeros(m + 1)),
        "must be numbers, got <U1": ("mean", np.full(m, "a")),
    }.items():
        with pytest.raises(EmbeddingError, match=words):
            case.map.aggregate(view, *arguments)
    for mask in (np.ones(m + 1, bool), np.ones(m)):
        with pytest.raises(EmbeddingError, match="a bool array of shape"):
            case.map.aggregate(view, where=mask)
    with pytest.raises(UnknownName, match="did you mean 'pulse'"):
        case.map.aggregate(view, "mean", "puls")
    with pytest.raises(UnknownName, match="did you mean 'age'"):
        case.map.aggregate(view, where="aeg > 3")


def test_a_picture_has_row_0_at_the_top_and_is_transparent_where_no_row_is(case):
    view = explorer.Viewport(case.views[0].x_range, case.views[0].y_range, 900, 700)
    for color in (None, "pulse", "city", "since", case.points["age"].to_numpy()):
        picture = case.map.render(view, color=color)
        assert (picture.dtype, picture.shape) == (np.uint8, (700, 900, 4))
        drawn = picture[::-1, :, 3] > 0
        # points may be larger than a pixel, never smaller
        assert drawn[case.drawn(view, ds.count()) > 0].all()
        assert 0 < drawn.mean() < 0.5


def test_rows_outside_where_are_grey(case):
    view = explorer.Viewport(case.views[0].x_range, case.views[0].y_range, 900, 700)
    for color in ("city", "age"):
        picture = case.map.render(view, color=color, where=np.zeros(len(case.points), bool))
        colours = picture[picture[..., 3] > 0][:, :3].astype(int)
        assert len(colours)
        assert np.ptp(colours, axis=1).max() <= 16
        assert np.ptp(case.map.render(view, color=color)[..., :3].astype(int), axis=2).max() > 60


def test_lasso_and_box_select_what_brute_force_does(case, people):
    polygon = np.array([[-2.0, -1.5], [2.5, -0.5], [0.3, 0.2], [1.0, 2.0], [-1.0, 1.0]])
    inside = even_odd(case.embedding.xy.astype(float), polygon)
    lasso = case.map.lasso(polygon)
    assert 20 < inside.sum() < len(inside)
    np.testing.assert_array_equal(lasso.rows(), case.embedding.rows[inside])
    x, y = case.embedding.xy.T
    (left, right), (low, high) = np.sort(x[[3, 60]]), np.sort(y[[5, 80]])  # edges on rows
    box = case.map.box((float(left), float(right)), (float(low), float(high)))
    inside_box = (x >= left) & (x <= right) & (y >= low) & (y <= high)
    assert inside_box.any()
    np.testing.assert_array_equal(box.rows(), case.embedding.rows[inside_box])
    # over the table, rows without coordinates included
    assert (~lasso).count() == people.num_rows - inside.sum()
    assert (lasso & explorer.where(people, WHERE) | ~box).num_rows == people.num_rows


def test_pick_is_the_nearest_row_of_the_table(case):
    rng = np.random.default_rng(0)
    for x, y in rng.normal(scale=2, size=(40, 2)):
        away = np.hypot(*(case.embedding.xy.astype(float) - (x, y)).T)
        nearest = int(case.embedding.rows[away.argmin()])
        assert case.map.pick(x, y, float(away.min()) * 1.01) == nearest
        assert case.map.pick(x, y, float(away.min()) * 0.99) is None


def test_rows_and_account_of_the_map(case, people):
    np.testing.assert_array_equal(case.map.rows, case.embedding.rows)
    assert case.map.n_without == people.num_rows - len(case.embedding.rows)
    low, high = case.embedding.xy.min(0), case.embedding.xy.max(0)
    np.testing.assert_array_equal(np.array(case.map.extent), np.stack([low, high], 1))


def test_an_opened_map_is_the_one_that_was_built(case, people):
    opened = explorer.open_map(case.map.store.folder, people)
    np.testing.assert_array_equal(opened.rows, case.map.rows)
    np.testing.assert_array_equal(
        opened.aggregate(case.views[1]), case.map.aggregate(case.views[1])
    )


def test_a_map_of_another_table_is_refused(case, films, tmp_path):
    with pytest.raises(EmbeddingError, match="another table"):
        explorer.open_map(case.map.store.folder, films)
    with pytest.raises(EmbeddingError, match=r"another table|fingerprint"):
        explorer.build_map(case.embedding, tmp_path / "map", films)
    assert not (tmp_path / "map").exists()
    with pytest.raises(EmbeddingError, match="another table"):
        case.map.aggregate(case.views[0], where=explorer.where(films, "year > 1990"))
    with pytest.raises(EmbeddingError):
        explorer.open_map(tmp_path / "nowhere")


def test_without_a_table_columns_cannot_be_named(case):
    alone = explorer.open_map(case.map.store.folder)
    np.testing.assert_array_equal(alone.aggregate(case.views[0]), case.map.aggregate(case.views[0]))
    for arguments in (("mean", "age"), ("by", "city"), ("count", None, "age > 3")):
        with pytest.raises(EmbeddingError, match="table"):
            alone.aggregate(case.views[0], *arguments)


def test_a_map_of_a_bare_array_is_its_own_table(tmp_path):
    rng = np.random.default_rng(0)
    xy = rng.normal(size=(500, 2)).astype(np.float32)
    xy[7] = np.nan
    built = explorer.build_map(xy, tmp_path / "map")
    view = explorer.Viewport((-3, 3), (-3, 3), 40, 30)
    points = pd.DataFrame(xy, columns=["x", "y"])
    expected = ds.Canvas(40, 30, (-3, 3), (-3, 3)).points(points, "x", "y", ds.count()).to_numpy()
    np.testing.assert_array_equal(built.aggregate(view), expected)
    assert (built.n_without, built.lasso([[-9, -9], [9, -9], [9, 9], [-9, 9]]).num_rows) == (1, 500)
    again = explorer.open_map(tmp_path / "map")
    selected = built.box((0, 1), (0, 1)) & ~again.box((0.5, 1), (0, 1))
    np.testing.assert_array_equal(
        selected.rows(), np.flatnonzero((xy >= 0).all(1) & (xy[:, 0] < 0.5) & (xy[:, 1] <= 1))
    )
    assert again.aggregate(view, where=selected).sum() == selected.count()


def test_an_array_that_does_not_fit_the_table_is_refused(people, tmp_path):
    with pytest.raises(EmbeddingError, match="the array has 3 rows, the table 600"):
        explorer.build_map(np.zeros((3, 2), np.float32), tmp_path / "map", people)
    assert not (tmp_path / "map").exists()


def test_pick_with_no_radius_is_an_exact_hit_and_nonsense_is_refused(tmp_path):
    built = explorer.build_map(np.array([[0, 0], [1, 2], [1, 2]], np.float32), tmp_path / "map")
    assert built.pick(1, 2, 0) == 1
    assert built.pick(1, 2.001, 0) is None
    for place in ((np.nan, 0, 1), (0, 0, -1), (0, 0, np.nan), (0, 0, "far"), (None, 0, 1)):
        with pytest.raises(EmbeddingError, match="pick needs"):
            built.pick(*place)
    for shape in ("abc", [[0, 0], [1]]):
        with pytest.raises(EmbeddingError, match="a lasso must be"):
            built.lasso(shape)
