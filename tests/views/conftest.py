import time

import pytest

from projections.errors import Cancelled

# Panel is loaded before the first test, outside the time and the warnings of any of them.
import panel  # noqa: F401  isort: skip


@pytest.fixture
def until_stopped():
    """Make a function that reads for as long as nobody stops it, and then notes an option that it was asked with."""

    def make(stage, option, stopped):
        def read(*_, progress, **options):
            done = 0
            while progress(stage, done % 100, 100) is not False:
                done += 1
                time.sleep(0.005)
            stopped.append(options.get(option))
            raise Cancelled

        return read

    return make


@pytest.fixture
def at_once(showing):
    """Run what a view wants to show in the thread that computed it."""

    def run(callback):
        with showing:
            callback()

    return run


@pytest.fixture(scope="session")
def trial_frame():
    """2,400 members in two arms; the treatment helps in the north, harms in the south, and lengthens what is watched."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    n = 2400
    arm = np.where(rng.permutation(n) < n // 2, "new", "control")
    place = rng.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2])
    new = arm == "new"
    chance = 0.4 + np.where(new & (place == "north"), 0.2, 0) - np.where(new & (place == "south"), 0.2, 0)
    before = rng.normal(20, 5, n)
    return pd.DataFrame(
        {
            "arm": arm, "place": place, "clicked": rng.random(n) < chance, "minutes": before + rng.normal(0, 3, n) + 2.0 * new,
            "before": before, "visits": rng.integers(1, 6, n), "age": rng.integers(18, 80, n),
            "entered": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="h"), "member": [f"m{i}" for i in range(n)],
        }
    )  # fmt: skip


METRICS = [
    "click rate=proportion(clicked):increase:primary",
    "minutes=mean(minutes):increase",
    "per visit=ratio(minutes,visits)",
]


@pytest.fixture(scope="session")
def trial_table(own_folders, trial_frame):
    from explorer.workbench.table import open_table

    return open_table(trial_frame)


@pytest.fixture(scope="session")
def trial(trial_table):
    """The experiment of these members, by place and age."""
    from explorer.workbench.experimenting import experiment

    return experiment(
        trial_table, "arm", "control", METRICS, {"control": 1, "new": 1}, ["place", "age"], time="entered"
    )


@pytest.fixture(scope="session")
def wall_frame():
    """Twelve experiments of about 400 members in three arms: B of T3 works, and T7 has lost members of arm B."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    n = 4800
    frame = pd.DataFrame({"test": rng.permutation(np.arange(n) % 12), "arm": rng.choice(["A", "B", "C"], n)})
    works = (frame.test == 3) & (frame.arm == "B")
    frame["test"] = "T" + frame.test.astype(str)
    frame["plays"] = rng.normal(5, 2, n) + np.where(works, 2.0, 0.0)
    frame["clicked"] = rng.random(n) < 0.4
    frame["age"] = rng.integers(18, 80, n)
    lost = (frame.test == "T7") & (frame.arm == "B") & (rng.random(n) < 0.5)
    return frame[~lost].reset_index(drop=True)


@pytest.fixture(scope="session")
def wall_table(own_folders, wall_frame):
    from explorer.workbench.table import open_table

    return open_table(wall_frame)
