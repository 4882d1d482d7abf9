import pytest

from explorer.jobs.plan import Plan, Step

STEPS = [
    Step("p", "matrix", 1.0),
    Step("p", "pca", 1.0),
    Step("p", "map", 1.0),
    Step("u", "layout", 6.0),
    Step("u", "map", 1.0),
]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def plan_and_clock():
    clock = Clock()
    plan = Plan(clock)
    plan.expect(STEPS)
    return plan, clock


def test_share_and_time_left_follow_the_forecast():
    plan, clock = plan_and_clock()
    begin = plan.at("matrix", 0, 4)
    assert (begin.share, begin.eta, begin.key, begin.seconds) == (0.0, 10.0, "p", 0.0)
    clock.now += 0.5
    half = plan.at("matrix", 2, 4)
    assert (half.share, half.eta) == pytest.approx((0.05, 9.5))
    clock.now += 2.0
    later = plan.at("layout", 0, 10)
    assert (later.share, later.eta, later.key) == pytest.approx((0.3, 7.0, "u"))


def test_a_stage_that_comes_twice_is_the_next_one_of_that_name():
    plan, _clock = plan_and_clock()
    assert plan.at("map", 0, 1).key == "p"
    assert plan.at("layout", 0, 1).key == "u"
    assert plan.at("map", 1, 1).key == "u"
    assert plan.at("map", 1, 1).share == 1.0


def test_the_pace_of_a_slow_step_moves_the_forecast():
    plan, clock = plan_and_clock()
    plan.at("layout", 0, 10)
    clock.now += 6.0
    slow = plan.at("layout", 5, 10)
    assert 1.0 < slow.eta < 7.0
    clock.now += 6.0
    assert plan.at("layout", 10, 10).eta == pytest.approx(1.0)


def test_the_share_never_goes_back():
    plan, _clock = plan_and_clock()
    shares = [plan.at("layout", done, 10).share for done in (0, 8, 2, 10)]
    assert shares == sorted(shares)
    plan.expect(
        [
            Step(step.key, step.stage, 5 * step.seconds if step.key == "u" else step.seconds)
            for step in STEPS
        ]
    )
    assert plan.at("layout", 10, 10).share >= shares[-1]


def test_a_step_whose_end_is_unknown_goes_by_time():
    plan, clock = plan_and_clock()
    plan.at("layout", 0, 0)
    clock.now += 3.0
    assert plan.at("layout", 7, 0).share == pytest.approx(0.6)
    clock.now += 300.0
    assert plan.at("layout", 8, 0).share < 0.9


def test_a_stage_nobody_expected_says_nothing_of_the_time_left():
    plan, _clock = plan_and_clock()
    plan.at("pca", 1, 1)
    strange = plan.at("dreaming", 1, 2)
    assert (strange.eta, strange.key, strange.share) == (None, None, pytest.approx(0.2))
    assert plan.at("map", 0, 1).key == "p"
