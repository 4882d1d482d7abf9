import json

import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import UnknownName
from explorer.experiment.compute import experiment
from explorer.experiment.page.cards import palette
from explorer.experiment.page.segments_table import SORTS, SegmentList
from explorer.table.table import open_table


def test_segments_come_by_size_with_the_verdicts_of_all_metrics(trial, trial_frame):
    window = SegmentList(trial, "place", "click rate", "new").window(0, 9)
    assert [line["segment"] for line in window["lines"]] == list(
        trial_frame["place"].value_counts().index
    )
    assert (window["total"], window["of"], window["opened"]) == (3, 3, True)
    assert window["words"].startswith(
        "segments tested: the effect differs between them and in sign"
    )
    looks = palette()
    for line in window["lines"]:
        named = [looks[number]["verdict"] for number in line["verdicts"]]
        expected = [
            trial.cells.find(m.name, "new", "place", line["segment"]).verdict for m in trial.metrics
        ]
        assert named == expected
    json.dumps(window, allow_nan=False)


def test_north_is_better_and_south_is_worse(trial):
    some = SegmentList(trial, "place", "click rate", "new")
    assert (some.cell("north").verdict, some.cell("south").verdict) == ("better", "worse")
    assert some.cell("east") is None


def test_unopened_families_say_so_and_their_lines_are_grey(trial):
    some = SegmentList(trial, "age", "minutes", "new")
    assert not some.opened
    assert some.text.startswith("segments not tested: no sign that the effect differs")
    lines = some.window(0, 9)["lines"]
    assert {line["verdict"]["short"] for line in lines} == {"as the whole"}
    assert all(line["grey"] and line["p"] == "–" for line in lines)


def test_without_trust_no_verdict_is_said_to_hold():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(300), 10)  # whose rows are all in one arm and nearly the same
    frame = pd.DataFrame(
        {
            "arm": np.where(person % 2, "a", "b"),
            "person": person.astype(str),
            "y": rng.normal(size=300)[person],
            "site": rng.choice(["n", "s"], 3000),
        }
    )
    found = experiment(open_table(frame), "arm", "a", ["y=mean(y)"], by="site")
    assert not found.trusted
    words = SegmentList(found, "site", "y", "b").text
    assert "no verdicts are given" in words
    assert "holds" not in words


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_holds_every_segment_once(trial, sort):
    order = SegmentList(trial, "age", "minutes", "new").order(sort)
    assert sorted(order) == list(range(5))


def test_orders_go_by_what_they_say(trial):
    some = SegmentList(trial, "place", "click rate", "new")
    cells = [some.cells[int(place)] for place in some.order("z")]
    z = [abs(cell.difference / cell.error) for cell in cells]
    assert z == sorted(z, reverse=True)
    differences = [some.cells[int(place)].difference for place in some.order("difference")]
    assert differences == sorted(differences, reverse=True)
    with pytest.raises(UnknownName, match="did you mean 'size'"):
        some.order("siez")


def test_a_search_finds_part_of_a_name_whatever_its_case(trial):
    some = SegmentList(trial, "place", "click rate", "new")
    found = some.window(0, 9, search="OUTH")
    assert [line["segment"] for line in found["lines"]] == ["south"]
    assert (found["total"], found["of"]) == (1, 3)
    assert some.window(0, 9, search="nowhere")["lines"] == []


def test_ten_thousand_segments_come_a_window_at_a_time(own_folders):
    n = 40_000
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "arm": np.where(rng.random(n) < 0.5, "a", "b"),
            "shop": [f"s{i % 10_000:05d}" for i in range(n)],
            "y": rng.normal(size=n),
        }
    )
    found = experiment(open_table(frame), "arm", "a", ["y=mean(y)"], by="shop")
    some = SegmentList(found, "shop", "y", "b")
    window = some.window(5_000, 5_060, "segment")
    assert (window["start"], window["total"], len(window["lines"])) == (5_000, 10_000, 60)
    assert some.window(99_999, 100_050)["lines"] == []
    assert some.window(0, 3, "segment", "s0777")["total"] == 10


def test_an_unknown_column_metric_or_arm_is_refused_with_the_nearest(trial):
    with pytest.raises(UnknownName, match="place"):
        SegmentList(trial, "plase", "minutes", "new")
    with pytest.raises(UnknownName, match="minutes"):
        SegmentList(trial, "place", "minute", "new")
