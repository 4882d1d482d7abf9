"""What is asked of a matrix of a table's features, in the words of a `MatrixSpec`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.errors import FeatureError
from explorer.features.kind import is_text
from explorer.features.spec import MatrixSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.features.kind import Feature
    from explorer.workbench.table import Table

__all__ = ["check_settings", "matrix_request"]

_WAYS = {"categorical": "category", "numeric": "number"}


def matrix_request(table: Table, features: Iterable[str | Feature], policy: Mapping[str, Any]) -> MatrixSpec:
    """Say how these features become a matrix; unknown names and no names are refused in words."""
    if isinstance(features, str):
        raise FeatureError(f"features must be a list of names, came {features!r}: write [{features!r}]")
    names = [str(getattr(feature, "name", feature)) for feature in features]
    for name in names:
        table.feature(name)
    if not names:
        raise FeatureError("no feature is chosen: name at least one with features=[...]")
    sentinels = {name: table.features[name].sentinels for name in names if table.features[name].sentinels}
    encode = policy.get("encode") or {}
    if isinstance(encode, str) and encode != "auto":
        raise FeatureError(
            f"encode must be 'auto' or say it of each feature, came {encode!r}: write {{{names[0]!r}: {encode!r}}}"
        )
    encode = {**_encoded_by_kind(table, names), **({} if encode == "auto" else encode)}
    return MatrixSpec(features=tuple(names), sentinels=sentinels, **{**policy, "encode": encode})


def _encoded_by_kind(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Encode as an expert's word on the kind of a column says, where its type would say otherwise."""
    told = {name: table.catalogue.features.get(name, {}).get("kind") for name in names}
    return {
        name: _WAYS[kind]
        for name, kind in told.items()
        if kind in _WAYS and _kind_by_type(table, name) != kind
    }


def _kind_by_type(table: Table, name: str) -> str:
    return "categorical" if is_text(table.source.schema.field(name).type) else "numeric"


def check_settings(matrix: MatrixSpec) -> None:
    """Refuse settings that would have no effect; the page keeps them instead, for when a feature is ticked again."""
    settings = {"transform": matrix.transform, "weights": matrix.weights, "encode": matrix.encode}
    for what, setting in settings.items():
        for name in setting:
            if name not in matrix.features:
                raise FeatureError(
                    f"{what} names {name!r}, which is not among the projected features: add it to the features, or leave "
                    f"it out of {what}"
                )
