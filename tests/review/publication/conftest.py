"""A small review of two people, and what is published of it."""

import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.review.approval import Approval
from explorer.review.evidence import Evidence
from explorer.review.publication.build_publication import build_publication
from explorer.review.review import definition_of
from explorer.review.review_store import open_store
from explorer.table.feature_set import FeatureSet
from explorer.table.table import open_table

MADE = "2026-02-03T04:05:06.000000+00:00"
HOSTILE = '<script>alert("x")</script> & <img src=x onerror=alert(1)> | `tick` [a](javascript:b)'
RIGHT_TO_LEFT = "هل هذا بالدولار؟"


def frame():
    rng = np.random.default_rng(0)
    found = pd.DataFrame(rng.normal(size=(300, 3)), columns=["height", "weight", "pulse"])
    found["gross"] = np.exp(found["height"])
    found["code"] = rng.integers(0, 4, 300)
    found[HOSTILE] = rng.normal(size=300)
    found.loc[::7, "pulse"] = np.nan
    found.loc[::50, "weight"] = -999.0
    return found


CATALOGUE = """
table: {title: People & others}
features:
  weight: {label: Weight, unit: kg, sentinels: [-999]}
  code: {kind: categorical}
"""


class Made:
    """A table with a catalogue, a store, and ways to judge."""

    def __init__(self, folder):
        self.file = folder / "people.parquet"
        frame().to_parquet(self.file)
        (folder / "people.yaml").write_text(CATALOGUE)
        self.catalogue = folder / "people.yaml"
        self.table = open_table(self.file, self.catalogue, cache=Cache(folder / "cache"))
        self.url = f"sqlite:///{folder / 'reviews.db'}"
        self.store = open_store(self.url)
        self.first = FeatureSet("core", ["height", "pulse"], rationale="A first try.", author="ada")
        self.store.save(self.first)
        self.core = self.first.changed(
            features=["weight", "gross", "pulse", "code"],
            rationale="What we can measure.",
            scale="robust",
            transform={"gross": "log"},
            weights={"weight": 2.0},
        )
        self.store.save(self.core)

    def evidence(self, name, **more):
        return Evidence(
            kind="profile",
            subject=name,
            title=f"{name}: 3 % missing",
            numbers={"missing": 9, "mean": 1.25, "std": None},
            method="counted over all rows",
            parameters={"margin": 0.05},
            versions={"numpy": "2.0"},
            fingerprint=self.table.fingerprint,
            picture=(
                '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z" '
                'fill="currentColor"/></svg>'
            ),
            **more,
        )

    def judge(
        self,
        name,
        decision="keep",
        reviewer="ada",
        reason="It is well measured.",
        evidence=(),
        **more,
    ):
        known = self.table.features.get(name)
        return self.store.verdict(
            name,
            decision,
            reason=reason,
            reviewer=reviewer,
            in_set=self.core,
            evidence=evidence,
            fingerprint=self.table.fingerprint,
            definition=definition_of(known) if known else "",
            **more,
        )

    def judge_all(self):
        """Give a dozen verdicts: agreement, a disagreement, a superseded one, a hostile one."""
        for name in self.core.features:
            self.judge(name, evidence=[self.evidence(name)], confidence="strong")
        self.judge("weight", "defer", "ben", RIGHT_TO_LEFT)
        self.judge("gross", "keep", "ben")
        self.judge("gross", "transform", "ben", "A long tail.\nThe log mends it.", recipe="log")
        self.judge("gross", "transform", "ada", "Ben is right.", recipe="log")
        self.judge(
            "pulse",
            "drop",
            "ben",
            "Too often missing.",
            suggestion={"decision": "keep", "why": "rule: it is there"},
        )
        self.judge(HOSTILE, "drop", "ben", HOSTILE)
        self.judge("height", "merge", "ada", "The same thing.", into="weight")
        self.store.set_quorum("core", 2)
        self.store.approve(
            Approval(
                in_set="core@2", reviewer="ada", fingerprint=self.table.fingerprint, note="fine"
            )
        )

    def publication(self, **more):
        return build_publication(self.store, self.core, self.table, made=MADE, **more)


@pytest.fixture
def made(tmp_path):
    found = Made(tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def judged(made):
    made.judge_all()
    return made


@pytest.fixture(scope="session")
def hostile():
    return HOSTILE


@pytest.fixture(scope="session")
def right_to_left():
    return RIGHT_TO_LEFT
