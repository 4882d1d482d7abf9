import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import ExplorerError, ReviewError
from explorer.review.verdict_rules import RULES, Rule, parse_rules, propose
from explorer.table.table import open_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    n = 2_000
    x = rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "x": x,
            "again": 2 * x + 1,
            "constant": 1.0,
            "skewed": np.exp(2 * rng.normal(size=n)),
            "empty": np.where(np.arange(n) < 40, x, np.nan),
            "row_id": np.arange(n),
            "rare": (np.arange(n) < 5) * 1.0,
            "fine": rng.normal(size=n),
        }
    )
    return open_table(frame, cache=Cache(tmp_path_factory.mktemp("cache")))


def found(table, rules=RULES):
    profile = table.profile()
    return {
        one.feature: one
        for one in propose(profile.values(), rules, table.relations.redundancy().representatives)
    }


def test_the_rules_propose_what_a_reviewer_would_look_at(table):
    said = {name: one.words for name, one in found(table).items()}
    one, other = ("x", "again") if "again" in said else ("again", "x")
    assert said == {
        "constant": "drop",
        "empty": "drop",
        "row_id": "drop",
        "rare": "drop",
        other: f"merge into {one}",
        "skewed": "transform (log)",
    }


def test_a_proposal_says_the_rule_and_its_figures(table):
    empty = found(table)["empty"]
    assert (empty.rule, empty.why) == ("almost empty", "missing_share 0.98")
    assert empty.suggestion() == {
        "decision": "drop",
        "recipe": "",
        "into": "",
        "why": "almost empty: missing_share 0.98",
    }


def test_the_first_rule_that_fits_decides(table):
    rules = [Rule("all", "rows > 0", "keep"), *RULES]
    assert {one.decision for one in found(table, rules).values()} == {"keep"}


def test_rules_of_ones_own_read_the_same_columns(table):
    mine = [Rule("gaps", "missing_share > 0.5 and kind = 'numeric'", "defer")]
    assert list(found(table, mine)) == ["empty"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (("a", "missin > 1", "drop"), "there is no 'missin'"),
        (("a", "missing >", "drop"), "missing >"),
        (("a", "kind > 3", "drop"), "kind"),
        (("a", "missing > 3", "throw"), "a rule decides keep"),
    ],
)
def test_a_rule_that_is_none_is_refused_in_words(rule, words):
    with pytest.raises(ExplorerError, match=words) as told:
        Rule(*rule)
    assert isinstance(told.value, ReviewError | ExplorerError)


def test_no_profiles_no_proposals():
    assert propose([]) == []


def test_rules_are_written_and_read_a_line_each():
    text = "\n".join(["# mine", "", *(rule.text for rule in RULES)])
    assert parse_rules(text) == RULES
    assert parse_rules("") == ()


@pytest.mark.parametrize(
    "text", ["drop: x", "drop: x: missing >", "throw: x: missing > 1", "keep: : missing > 1"]
)
def test_a_line_that_is_no_rule_is_named(text):
    with pytest.raises(ReviewError, match="line 2"):
        parse_rules(f"# first\n{text}")
