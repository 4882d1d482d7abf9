from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.features.catalogue.catalogue import Catalogue, CatalogueTable
from explorer.features.catalogue.catalogue_seed import catalogue_from_schema, propose_catalogue
from explorer.features.kind import Feature

if TYPE_CHECKING:
    from pathlib import Path


def test_metadata_of_parquet_fields_are_known_from_the_data(tmp_path: Path) -> None:
    schema = pa.schema(
        [
            pa.field(
                "t",
                pa.float64(),
                metadata={"units": "K", "long_name": "Air temperature", "comment": "At 2 m."},
            ),
            pa.field(
                "u",
                pa.float64(),
                metadata={"Unit": '"m/s"', "label": "Wind", "long_name": "Not this one"},
            ),
            pa.field("plain", pa.int64()),
            pa.field(
                "empty",
                pa.int64(),
                metadata={"unit": " ", "other": "x", "description": b"\xff caf\xc3\xa9"},
            ),
        ]
    )
    pq.write_table(schema.empty_table(), tmp_path / "m.parquet")
    seeded = catalogue_from_schema(pq.read_schema(tmp_path / "m.parquet"))
    assert seeded == Catalogue(
        features={
            "t": {"label": "Air temperature", "unit": "K", "description": "At 2 m."},
            "u": {"label": "Wind", "unit": "m/s"},
            "empty": {"description": "\ufffd café"},
        }
    )
    assert seeded.origin("t", "unit") == "from the data"
    file = Catalogue(features={"t": {"unit": "°C"}})
    both = seeded.merged(file)
    assert (both.features["t"]["unit"], both.origin("t", "unit")) == ("°C", "file")
    assert both.origin("t", "label") == "from the data"


def test_a_schema_without_metadata_says_nothing() -> None:
    assert catalogue_from_schema(pa.schema([("a", pa.int64())])) == Catalogue.empty()


def test_attributes_that_pandas_kept_are_read() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2]})
    frame.attrs = {
        "title": "Films",
        "license": "CC0",
        "units": {"a": "min", "b": 3},
        "labels": {"b": "Bees"},
    }
    seeded = catalogue_from_schema(pa.Table.from_pandas(frame).schema)
    assert seeded.table == CatalogueTable(title="Films", license="CC0")
    assert seeded.features == {"a": {"unit": "min"}, "b": {"label": "Bees"}}


def test_comments_of_spark_are_read_and_nonsense_is_passed_over() -> None:
    key = b"org.apache.spark.sql.parquet.row.metadata"
    told = {
        "type": "struct",
        "fields": [
            {"name": "a", "type": "long", "metadata": {"comment": "Of A."}},
            {"name": "b"},
            3,
        ],
    }
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    seeded = catalogue_from_schema(schema.with_metadata({key: json.dumps(told)}))
    assert seeded.features == {"a": {"description": "Of A."}}
    for text in (b"not json", b"[1]", b'{"fields": 3}'):
        assert (
            catalogue_from_schema(schema.with_metadata({key: text, b"pandas": text}))
            == Catalogue.empty()
        )


def known(*names: str, **given: Any) -> dict[str, Feature]:
    return {name: Feature(name=name, kind=given.pop("kind", "numeric"), **given) for name in names}


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("runtime_min", "min"),
        ("runtimeMin", "min"),
        ("temp_c", "°C"),
        ("pct_grey", "%"),
        ("grey pct", "%"),
        ("Weight [kg]", "kg"),
        ("Speed (m/s)", "m/s"),
        ("budget.usd", "USD"),
        ("delay_ms", "ms"),
    ],
)
def test_units_in_names_are_proposed_with_a_reason(name: str, unit: str) -> None:
    (proposal,) = propose_catalogue(known(name))
    assert (proposal.feature, proposal.attribute, proposal.value) == (name, "unit", unit)
    assert "the name" in proposal.why


@pytest.mark.parametrize(
    "name", ["min", "m", "bus", "runtime", "class 3 (2)", "vitamin_k2", "width", "", "m_1"]
)
def test_names_that_only_look_like_units_get_no_proposal(name: str) -> None:
    assert propose_catalogue(known(name)) == []


def test_a_minimum_beside_its_maximum_is_no_minutes_and_alone_the_doubt_is_said() -> None:
    assert propose_catalogue(known("temp_min", "temp_max")) == []
    assert propose_catalogue(known("t_min", "t_mean")) == []
    (alone,) = propose_catalogue(known("temp_min"))
    assert "minutes, or a minimum" in alone.why


def test_what_is_known_is_not_proposed_again() -> None:
    features = known("temp_c", unit="K")
    features |= {"lat": Feature(name="lat", kind="numeric", valid_range=(0, 1))}
    features |= {"month": Feature(name="month", kind="numeric", valid_range=(None, None))}
    assert propose_catalogue(features, bulk={"lat": (0, 1), "month": (1, 12)}) == []
    assert propose_catalogue({"note_kg": Feature(name="note_kg", kind="text")}) == []


@pytest.mark.parametrize(
    ("name", "bulk", "expected"),
    [
        ("lat", (-10.0, 60.0), (-90, 90)),
        ("start_lng", (-10.0, 170.0), (-180, 180)),
        ("longitude", (2.0, 350.0), (0, 360)),
        ("share_of_x", (0.0, 1.0), (0, 1)),
        ("month", (1.0, 12.0), (1, 12)),
        ("hour", (0.0, 23.0), (0, 23)),
        ("lat", (-10.0, 600.0), None),
        ("share_of_x", (0.0, 100.0), None),
        ("latency", (0.0, 50.0), None),
        ("month", (1.0, 40.0), None),
    ],
)
def test_a_range_by_name_is_proposed_only_where_the_bulk_of_the_values_fits(
    name: str, bulk: tuple[float, float], expected: tuple[float, float] | None
) -> None:
    found = [
        each.value
        for each in propose_catalogue(known(name), bulk={name: bulk})
        if each.attribute == "valid_range"
    ]
    assert found == ([] if expected is None else [expected])
    assert [
        each for each in propose_catalogue(known(name)) if each.attribute == "valid_range"
    ] == []


def test_a_percentage_known_by_its_unit_gets_its_range() -> None:
    (proposal,) = propose_catalogue(
        known("tomatometer", unit="%"), bulk={"tomatometer": (3.0, 100.0)}
    )
    assert proposal.value == (0, 100)
    assert "98 % of its values lie from 3 to 100" in proposal.why


def test_declared_ranges_and_fill_values_are_proposed_from_metadata() -> None:
    schema = pa.schema(
        [
            pa.field("a", pa.float64(), metadata={"valid_min": "0", "_FillValue": "-9999.0"}),
            pa.field(
                "b", pa.float64(), metadata={"valid_range": "[-5, 5.5]", "missing_value": "1e20"}
            ),
            pa.field("c", pa.float64(), metadata={"valid_range": "5, -5", "_FillValue": "nan"}),
            pa.field("d", pa.float64(), metadata={"valid_max": "high"}),
        ]
    )
    found = [
        (each.feature, each.attribute, each.value)
        for each in propose_catalogue(known("a", "b", "c", "d"), schema)
    ]
    assert found == [
        ("a", "valid_range", (0, None)),
        ("a", "sentinels", (-9999,)),
        ("b", "valid_range", (-5, 5.5)),
        ("b", "sentinels", (1e20,)),
    ]


def test_what_looks_like_a_sentinel_is_proposed_on_top_of_those_known() -> None:
    features = known("x", sentinels=(-999,))
    like = {
        "x": [(-999.0, 5, "far below"), (9999.0, 1_200, "a run of nines"), (0.0, 1, "impossible")]
    }
    (proposal,) = propose_catalogue(features, sentinel_like=like)
    assert (proposal.attribute, proposal.value) == ("sentinels", (-999, 9999.0, 0.0))
    assert proposal.why == "9999 came 1,200 times: a run of nines; 0 came once: impossible"
    assert features["x"].sentinels == (-999,)


def test_proposals_are_what_a_catalogue_accepts() -> None:
    from explorer.features.catalogue.catalogue_keys import checked_value

    schema = pa.schema([pa.field("pct_x", pa.float64(), metadata={"_FillValue": "-1"})])
    found = propose_catalogue(
        known("pct_x"), schema, {"pct_x": (0.0, 99.0)}, {"pct_x": [(999.0, 2, "nines")]}
    )
    assert [each.attribute for each in found] == ["unit", "valid_range", "sentinels"]
    assert [checked_value(each.feature, each.attribute, each.value) for each in found] == [
        each.value for each in found
    ]
