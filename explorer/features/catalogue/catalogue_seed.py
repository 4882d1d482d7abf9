"""Seed of a catalogue: what the files say of their columns, and proposals.

Proposals come from names and figures; someone is to judge them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.features.catalogue.catalogue import Catalogue, CatalogueTable, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from explorer.features.kind import Feature

__all__ = ["CatalogueProposal", "catalogue_from_schema", "propose_catalogue"]

# Keys of a field's metadata, the first that says something counts. Sources: the CF conventions 1.11
# (units, long_name, comment), Spark's StructField (comment), and what people write by hand; other
# keys (PARQUET:field_id, ARROW:…) say nothing that a reader asks for.
_METADATA = {
    "label": ("label", "title", "display_name", "long_name"),
    "unit": ("unit", "units"),
    "description": ("description", "desc", "comment", "doc", "definition"),
}
_SPARK = b"org.apache.spark.sql.parquet.row.metadata"

# Last words of a name that are units. Those of one or two letters mean other things as often; every
# proposal says why.
_UNITS = {
    "pct": "%", "percent": "%", "percentage": "%", "ms": "ms", "msec": "ms", "millis": "ms",
    "s": "s", "sec": "s", "secs": "s", "seconds": "s", "min": "min", "mins": "min",
    "minutes": "min", "h": "h", "hr": "h", "hrs": "h", "hours": "h", "days": "d", "mm": "mm",
    "cm": "cm", "m": "m", "km": "km", "ft": "ft", "feet": "ft", "mi": "mi", "miles": "mi",
    "mg": "mg", "kg": "kg", "lb": "lb", "lbs": "lb", "c": "°C", "celsius": "°C", "f": "°F",
    "fahrenheit": "°F", "kelvin": "K", "hz": "Hz", "khz": "kHz", "mhz": "MHz", "hpa": "hPa",
    "kpa": "kPa", "bar": "bar", "v": "V", "mv": "mV", "w": "W", "kw": "kW", "kwh": "kWh",
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "kb": "kB", "mb": "MB", "gb": "GB", "bytes": "B",
    "mph": "mph", "kmh": "km/h", "kph": "km/h", "deg": "°", "degrees": "°", "ppm": "ppm",
}  # fmt: skip
_DOUBTFUL = {
    "min": "minutes, or a minimum",
    "m": "metres, or another m",
    "s": "seconds, or a plural",
    "c": "°C, or a c",
}
_BRACKETED = re.compile(r"\s*[(\[]([^()\[\]]{1,20})[)\]]\s*$")
_SHARE = {"share", "fraction", "frac", "prob", "probability", "proportion"}
_PERCENT = {"pct", "percent", "percentage"}
_LATITUDE, _LONGITUDE = {"lat", "latitude"}, {"lon", "lng", "longitude"}


@dataclass(frozen=True)
class CatalogueProposal:
    """Something that may be true of a feature, for someone to accept; nothing applies it by itself.

    Parameters
    ----------
    feature, attribute : str
    value
        As a catalogue holds it; the whole of what the attribute would be, what it says today
        included.
    why : str
        What it was concluded from, in words.
    """

    feature: str
    attribute: str
    value: Any
    why: str


def catalogue_from_schema(schema: pa.Schema) -> Catalogue:
    """Return what a file's own metadata say, as a catalogue "from the data".

    Of its columns and of the table.

    Read are the metadata of the fields (description, unit and label, under the names that CF, Spark
    and people use), Spark's row metadata, and the attributes that pandas kept of a data frame
    ("title", "source", "license"; "units", "labels" and "descriptions" by column).

    Parameters
    ----------
    schema : pyarrow.Schema
        As the file declares it, with its metadata; see `pyarrow.parquet.read_schema`.
    """
    attributes = _pandas_attributes(schema)
    spark = _spark_fields(schema)
    features = {}
    for field in schema:
        metadata = {**spark.get(field.name, {}), **_decoded(field.metadata)}
        entry = {key: _first(metadata, names) for key, names in _METADATA.items()}
        for key in entry:
            by_column = attributes.get(f"{key}s")
            if not entry[key] and isinstance(by_column, dict):
                entry[key] = _value_text(by_column.get(field.name))
        if any(entry.values()):
            features[field.name] = {key: text for key, text in entry.items() if text}
    title, came_from, license_ = (
        _value_text(attributes.get(key)) for key in ("title", "source", "license")
    )
    table = CatalogueTable(title=title, source=came_from, license=license_)
    origin: Origin = "from the data"
    origins = {name: dict.fromkeys(entry, origin) for name, entry in features.items()}
    return Catalogue(table, features, origins)


def propose_catalogue(
    features: Mapping[str, Feature],
    schema: pa.Schema | None = None,
    bulk: Mapping[str, tuple[float, float]] | None = None,
    sentinel_like: Mapping[str, Sequence[tuple[float, int, str]]] | None = None,
) -> list[CatalogueProposal]:
    """Propose units, valid ranges and sentinels for features that have none.

    Parameters
    ----------
    features : mapping of str to Feature
        As they are known today; what is said already is not proposed again.
    schema : pyarrow.Schema, optional
        With metadata: valid_min, valid_max, valid_range, _FillValue and missing_value (CF
        conventions 1.11, 2.5.1).
    bulk : mapping of str to (float, float), optional
        Where the bulk of the finite values lies, the 1 % and 99 % quantiles say; a range by name is
        proposed only when it holds them, so that a few wrong values do not hide it and another
        meaning of the name does.
    sentinel_like : mapping of str to sequence of (float, int, str), optional
        Values that look like sentinels, how often each came, and why.

    Returns
    -------
    list of Proposal
        In the order of ``features``.
    """
    result: list[CatalogueProposal] = []
    for name, feature in features.items():
        metadata = _metadata_of(schema, name)
        if not feature.unit and feature.kind == "numeric":
            result += _unit(name, features)
        if feature.valid_range is None and feature.kind in ("numeric", "temporal"):
            result += _declared_range(name, metadata) or _range_by_name(
                feature, (bulk or {}).get(name)
            )
        result += _sentinels(feature, metadata, (sentinel_like or {}).get(name, ()))
    return result


def _unit(name: str, others: Mapping[str, Feature]) -> list[CatalogueProposal]:
    bracketed = _BRACKETED.search(name)
    if bracketed and not bracketed[1].strip().isdigit():
        unit = bracketed[1].strip()
        return [CatalogueProposal(name, "unit", unit, f"the name ends in {bracketed[0].strip()}")]
    parts = _name_words(name)
    place = -1 if parts and parts[-1] in _UNITS else 0
    # "pct_grey" begins with its unit; of other units only the last word is meant as one, and never
    # the whole name
    if len(parts) < 2 or parts[place] not in (_UNITS if place else _PERCENT):
        return []
    part = parts[place]
    if part == "min" and {(*parts[:-1], "max"), (*parts[:-1], "mean")} & {
        tuple(_name_words(n)) for n in others
    }:
        return []  # beside a maximum it is a minimum
    doubt = f", which may mean {_DOUBTFUL[part]}" if part in _DOUBTFUL else ""
    where = "ends" if place else "begins"
    return [
        CatalogueProposal(
            name, "unit", _UNITS[part], f"a guess: the name {where} with {part!r}{doubt}"
        )
    ]


def _declared_range(name: str, metadata: Mapping[str, str]) -> list[CatalogueProposal]:
    ends = re.split(r"[\s,]+", metadata.get("valid_range", "").strip("[] "))
    low, high = (
        (ends[0], ends[1])
        if len(ends) == 2
        else (metadata.get("valid_min"), metadata.get("valid_max"))
    )
    value = (_finite(low), _finite(high))
    if value == (None, None) or (None not in value and value[0] > value[1]):  # type: ignore[operator]
        return []
    return [
        CatalogueProposal(
            name,
            "valid_range",
            value,
            "the file's metadata say so (valid_min, valid_max or valid_range)",
        )
    ]


def _range_by_name(feature: Feature, bulk: tuple[float, float] | None) -> list[CatalogueProposal]:
    if bulk is None or feature.kind != "numeric":
        return []
    parts = set(_name_words(feature.name))
    guesses: list[tuple[bool, tuple[float | None, float | None], str]] = [
        (bool(parts & _LATITUDE), (-90, 90), "a latitude"),
        (bool(parts & _LONGITUDE), (-180, 180), "a longitude"),
        (bool(parts & _LONGITUDE), (0, 360), "a longitude counted eastwards"),
        (bool(parts & _SHARE), (0, 1), "a share"),
        (bool(parts & _PERCENT) or feature.unit == "%", (0, 100), "a percentage"),
        ("month" in parts, (1, 12), "a month"),
        ("hour" in parts, (0, 23), "an hour of the day"),
    ]
    for called, ends, meaning in guesses:
        low, high = ends
        if called and low is not None and high is not None and low <= bulk[0] and bulk[1] <= high:
            reason = (
                f"it is called like {meaning}, and 98 % of its values lie from {bulk[0]:g} to "
                f"{bulk[1]:g}"
            )
            return [CatalogueProposal(feature.name, "valid_range", ends, reason)]
    return []


def _sentinels(
    feature: Feature, metadata: Mapping[str, str], like: Iterable[tuple[float, int, str]]
) -> list[CatalogueProposal]:
    declared = [(_finite(metadata.get(key)), key) for key in ("missing_value", "_fillvalue")]
    result = {
        value: f"the file's metadata name {value:g} as {key}"
        for value, key in declared
        if value is not None
    }
    for value, count, reason in like:
        times = "once" if count == 1 else f"{count:,} times"
        result.setdefault(value, f"{value:g} came {times}: {reason}")
    fresh = {value: why for value, why in result.items() if value not in feature.sentinels}
    if not fresh:
        return []
    return [
        CatalogueProposal(
            feature.name, "sentinels", (*feature.sentinels, *fresh), "; ".join(fresh.values())
        )
    ]


def _name_words(name: str) -> list[str]:
    """Return the words of a name in lower case.

    "runtime_min", "runtimeMin" and "Runtime min" are two each.
    """
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", split.lower())


def _finite(text: str | None) -> float | None:
    try:
        value = float(text) if text else float("nan")
    except ValueError:
        return None
    if value - value != 0:  # NaN or infinite
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _metadata_of(schema: pa.Schema | None, name: str) -> dict[str, str]:
    if schema is None or schema.get_field_index(name) < 0:
        return {}
    return _decoded(schema.field(name).metadata)


def _decoded(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    pairs = {} if metadata is None else metadata
    return {
        key.decode("utf-8", "replace").lower(): _value_text(value) for key, value in pairs.items()
    }


def _value_text(value: Any) -> str:
    """Return text as it is, without what surrounds it; nothing for what is no text."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    text = value.strip().strip("\0")
    # some writers keep JSON: "min" with its quotes
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _first(metadata: Mapping[str, str], names: Iterable[str]) -> str:
    return next((metadata[name] for name in names if metadata.get(name)), "")


def _pandas_attributes(schema: pa.Schema) -> dict[str, Any]:
    attributes = _json(schema, b"pandas").get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def _spark_fields(schema: pa.Schema) -> dict[str, dict[str, str]]:
    fields = _json(schema, _SPARK).get("fields")
    result = {}
    for field in fields if isinstance(fields, list) else []:
        if isinstance(field, dict) and isinstance(field.get("metadata"), dict):
            result[str(field.get("name"))] = {
                str(key).lower(): _value_text(value) for key, value in field["metadata"].items()
            }
    return result


def _json(schema: pa.Schema, key: bytes) -> dict[str, Any]:
    try:
        document = json.loads((schema.metadata or {}).get(key, b"{}"))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
