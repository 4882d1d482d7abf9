import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.compare.explanation import compute
from explorer.compare.explanation.example_rows import example_places
from explorer.compare.explanation.explanation import Explanation
from explorer.compare.stepping import quantize_blocks
from explorer.core.cache import Cache
from explorer.core.errors import ComparisonError
from explorer.sources.formats import ParquetPart
from explorer.table.table import open_table

N = 3_000


def clinic_frame():
    rng = np.random.default_rng(0)
    age = rng.uniform(20, 80, N)
    ill = (age > 60) & (rng.random(N) < 0.9)
    frame = pd.DataFrame(
        {
            "patient": [f"Patient {k}" for k in range(N)],
            "age": age,
            "pressure": 120 + 30 * ill + rng.normal(size=N) * 20,
            "ward": np.where(rng.random(N) < 0.3 + 0.5 * ill, "B", "A"),
            "pulse": rng.normal(70, 5, N),
            "marker": np.where(rng.random(N) < 0.1 + 0.6 * ill, np.nan, rng.normal(size=N)),
        }
    )
    frame["pressure_kpa"] = frame["pressure"] * 0.133322
    return frame, ill


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    frame, ill = clinic_frame()
    return open_table(frame, cache=Cache(tmp_path_factory.mktemp("cache"))), ill


def test_the_sentence_says_what_differs_once_and_with_its_figures(clinic):
    table, ill = clinic
    explanation = explorer.explain(table, ill, seen={"age": "drew this map"})
    told = {clause.feature: clause for clause in explanation.clauses}
    assert explanation.sentence.startswith(f"{ill.sum():,} rows: age 7")
    assert " Beyond what drew the map: higher pressure, 1" in explanation.sentence
    assert told["age"].used
    assert not told["pressure"].used
    assert told["pressure"].same == ("pressure_kpa",)
    assert "pressure_kpa" not in told
    assert told["ward"].text.startswith("ward mostly B, ")
    assert told["marker"].about == "missing"
    assert "pulse" not in told
    assert (explanation.complete, explanation.sample) == (True, None)
    assert "".join(part.text for part in explanation.parts) == explanation.sentence
    assert [part.clause for part in explanation.parts if part.clause is not None] == [0, 1, 2, 3]


def test_figures_are_those_of_the_comparison(clinic):
    table, ill = clinic
    explanation = explorer.explain(table, ill, seen={"age": "drew this map"})
    comparison = explorer.compare(table, ill, seen={"age": "drew this map"})
    for clause in explanation.clauses:
        row = comparison[clause.feature]
        if clause.about == "value":
            assert (clause.effect, clause.low, clause.high) == row.shown[1:]
            assert clause.p_adjusted == pytest.approx(row.p_adjusted, nan_ok=True)
    assert explanation.used + explanation.tested == 7 - 1  # a title is neither


def test_in_a_map_of_unknown_features_none_can_be_tested(clinic):
    table, ill = clinic
    explanation = explorer.explain(table, ill, seen={"*": "drew this map"})
    assert explanation.sentence.endswith(
        "Nothing can be tested: it is not known which features made this map."
    )
    assert explanation.tested == 0


def test_a_group_of_noise_says_that_nothing_differs(clinic):
    table, _ = clinic
    chosen = np.random.default_rng(5).random(N) < 0.3
    assert explorer.explain(table, chosen).sentence.endswith(
        "No independent feature differs detectably."
    )


def test_where_every_column_drew_the_map_it_says_that_nothing_can_be_tested(clinic):
    table, ill = clinic
    seen = dict.fromkeys(table.column_names, "drew this map")
    explanation = explorer.explain(table, ill, seen=seen)
    assert "Nothing else can be tested" in explanation.sentence
    assert (explanation.tested, explanation.used) == (0, 7)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (slice(0, 0), "0 rows: nothing is selected, so nothing can be explained."),
        (slice(0, 1), "1 row: too few to compare with the others; open them one by one."),
        (slice(0, 2), "2 rows: too few to compare with the others; open them one by one."),
        (slice(0, N), "3,000 rows: these are all rows, so there is nothing to compare with."),
        (slice(1, N), "2,999 rows: only 1 row remains to compare with."),
        (slice(2, N), "2,998 rows: only 2 rows remain to compare with."),
    ],
)
def test_what_cannot_be_explained_says_why(clinic, rows, text):
    chosen = np.zeros(N, bool)
    chosen[rows] = True
    explanation = explorer.explain(clinic[0], chosen)
    assert explanation.sentence == text
    assert explanation.clauses == ()
    assert len(explanation.typical) == (chosen.sum() if chosen.sum() < 3 else 0)


def test_three_rows_that_agree_are_no_finding(tmp_path):
    """A group without any spread has a variance of 0, which says nothing."""
    rng = np.random.default_rng(0)
    table = open_table(
        pd.DataFrame({"yes": rng.random(2_000) < 0.5, "x": rng.normal(size=2_000)}),
        cache=Cache(tmp_path),
    )
    chosen = np.zeros(2_000, bool)
    chosen[np.flatnonzero(table.columns.numbers("yes") == 1)[:3]] = True
    assert "yes" not in {clause.feature for clause in explorer.explain(table, chosen).clauses}


def test_typical_rows_lie_in_the_middle_and_edge_rows_far_from_it(tmp_path):
    frame = pd.DataFrame({"name": [f"row {k}" for k in range(400)], "x": np.arange(400.0)})
    table = open_table(frame, cache=Cache(tmp_path))
    explanation = explorer.explain(table, "x <= 100")
    assert [row.row for row in explanation.typical] == [50, 49, 51]
    assert {row.row for row in explanation.edge} <= {0, 1, 99, 100}
    assert explanation.typical[0].title == "row 50"
    assert explanation.examples_by == "by the ranks of x"


def test_no_row_is_typical_and_at_the_edge():
    near, far = example_places(np.array([3.0, 1.0, 2.0, 0.0]), 3)
    assert (near.tolist(), far.tolist()) == ([3, 1], [0, 2])


def test_what_is_known_first_is_shown_first(clinic, monkeypatch):
    """Other features are said only once it is known which of them follow from the map's."""
    monkeypatch.setattr(compute, "relations_known", lambda *_: False)
    table, ill = clinic
    shown = []
    final = explorer.explain(table, ill, seen={"age": "drew this map"}, preview=shown.append)
    assert [clause.feature for clause in shown[0].clauses] == ["age"]
    assert "independent" not in shown[0].sentence
    assert not shown[0].complete
    assert final.complete


def test_a_long_table_is_explained_by_a_sample_first(tmp_path, monkeypatch):
    frame, ill = clinic_frame()
    frame.to_parquet(tmp_path / "clinic.parquet")
    table = open_table(str(tmp_path / "clinic.parquet"), cache=Cache(tmp_path / "cache"))
    monkeypatch.setattr(compute, "_AT_ONCE", 10)
    shown = []
    final = explorer.explain(table, ill, seen={"age": "drew this map"}, preview=shown.append)
    sampled = [explanation for explanation in shown if explanation.sample]
    assert "age about 7" in sampled[-1].sentence
    assert sampled[-1].sentence.endswith("From a sample of 2,909 rows.")
    assert final.sample is None
    assert all(clause.exact for clause in final.clauses)
    with_all = explorer.compare(table, ill, seen={"age": "drew this map"}, exact=True)
    assert final.clauses[0].effect == with_all["age"].cliffs_delta
    # the columns are in steps now: nothing needs a sample
    again = []
    explorer.explain(table, ill, seen={"age": "drew this map"}, preview=again.append)
    assert not any(explanation.sample for explanation in again)


def test_beyond_its_cells_a_sample_is_final_and_says_so(tmp_path, monkeypatch):
    frame, ill = clinic_frame()
    frame.to_parquet(tmp_path / "clinic.parquet")
    table = open_table(str(tmp_path / "clinic.parquet"), cache=Cache(tmp_path / "cache"))
    monkeypatch.setattr(compute, "_AT_ONCE", 10)
    group = compute.selection_of(table, ill, "A")
    explanation = compute.explain_selection(table, group, most_cells=10)
    assert explanation.complete
    assert "From a sample of" in explanation.sentence
    assert "about" in explanation.sentence


def test_columns_are_read_before_anybody_asks(tmp_path, monkeypatch):
    frame, ill = clinic_frame()
    frame.to_parquet(tmp_path / "clinic.parquet")
    table = open_table(str(tmp_path / "clinic.parquet"), cache=Cache(tmp_path / "cache"))
    monkeypatch.setattr(compute, "_AT_ONCE", 10)
    reads, read = [], ParquetPart.read

    def count_read(part, columns, *more):
        reads.append(list(columns))
        return read(part, columns, *more)

    monkeypatch.setattr(ParquetPart, "read", count_read)
    compute.prepare_explanations(table, {"age": "drew this map"})
    # a file of thousands of columns takes long to open: it is not opened for each of them
    assert "age" in next(columns for columns in reads if "pulse" in columns)
    alone = quantize_blocks(table.columns.blocks("pulse"), table.num_rows)
    assert (table.columns.quantized("pulse").codes == alone.codes).all()
    assert table.columns.quantized("pulse") is not None
    assert compute.relations_known(table, {"age": "drew this map"})
    shown = []
    explorer.explain(table, ill, seen={"age": "drew this map"}, preview=shown.append)
    assert not any(explanation.sample for explanation in shown)


def test_rows_of_one_unit_are_not_independent(tmp_path):
    """Each of 40 members comes 50 times with the same value: no member tells two groups apart."""
    rng = np.random.default_rng(3)
    member = np.repeat(np.arange(40), 50)
    value = rng.normal(size=40)[member]
    frame = pd.DataFrame({"member": member.astype(str), "value": value, "x": rng.normal(size=2000)})
    table = open_table(frame, cache=Cache(tmp_path))
    chosen = (member < 12) & (rng.random(2_000) < 0.9)
    as_rows = explorer.explain(table, chosen, features=["value", "x"], unit="none")
    by_unit = explorer.explain(table, chosen, features=["value", "x"], unit="member")
    assert [clause.feature for clause in as_rows.clauses] == ["value"]
    assert by_unit.clauses == ()
    assert by_unit.unit == "member"


def test_it_is_plain_json_and_a_table(clinic):
    table, ill = clinic
    explanation = explorer.explain(table, ill, seen={"age": "drew this map"})
    document = json.loads(json.dumps(explanation.document(), allow_nan=False))
    assert document["sentence"] == explanation.sentence
    assert document["typical"][0]["title"].startswith("Patient ")
    assert explanation.to_arrow().num_rows == 4
    assert Explanation(count=0, others=3, why_not="none").to_arrow().num_rows == 0


def test_another_table_or_margin_is_refused(clinic, people):
    with pytest.raises(ComparisonError, match="another table"):
        explorer.explain(clinic[0], explorer.where(people, "age > 30"))
    with pytest.raises(ComparisonError, match="margin"):
        explorer.explain(clinic[0], clinic[1], margin=2)
