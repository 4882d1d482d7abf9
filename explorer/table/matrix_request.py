"""What is asked of a matrix of a table's features, in the words of a `MatrixSpec`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from explorer.core.errors import FeatureError
from explorer.expressions.expression import parse_expression
from explorer.features.kind import is_text
from explorer.features.matrix.spec import MatrixSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.features.kind import Feature
    from explorer.table.feature_set import FeatureSet
    from explorer.table.table_columns import TableColumns

__all__ = ["matrix_request"]

_WAYS = {"categorical": "category", "numeric": "number"}


def matrix_request(
    columns: TableColumns, features: Iterable[str | Feature] | FeatureSet, policy: Mapping[str, Any]
) -> MatrixSpec:
    """Say how these features become a matrix; unknown names and no names are refused in words.

    A feature set brings its own settings: others beside it are refused. One that was learned brings
    what the catalogue of its table said too, and is used as it is.
    """
    if isinstance(features, str):
        raise FeatureError(
            f"features must be a list of names, came {features!r}: write [{features!r}]"
        )
    if hasattr(
        features, "full_spec"
    ):  # not asked by its class: that would load the store of reviews
        return _request_of_set(columns, cast("FeatureSet", features), policy)
    names = [str(getattr(feature, "name", feature)) for feature in features]
    for name in names:
        columns.feature(name)
    _refuse_labels(columns, [*names, *_columns_of(policy.get("where"))])
    if not names:
        raise FeatureError("no feature is chosen: name at least one with features=[...]")
    sentinels = {
        name: columns.features[name].sentinels for name in names if columns.features[name].sentinels
    }
    encode = policy.get("encode") or {}
    if isinstance(encode, str) and encode != "auto":
        raise FeatureError(
            f"encode must be 'auto' or say it of each feature, came {encode!r}: write "
            f"{{{names[0]!r}: {encode!r}}}"
        )
    encode = {**_encoded_by_kind(columns, names), **({} if encode == "auto" else encode)}
    sentinels |= policy.get("sentinels") or {}
    return MatrixSpec(features=tuple(names), **{**policy, "encode": encode, "sentinels": sentinels})


def _request_of_set(
    columns: TableColumns, feature_set: FeatureSet, policy: Mapping[str, Any]
) -> MatrixSpec:
    _refuse_settings(feature_set, policy)
    spec = feature_set.full_spec
    for name in spec.features:
        columns.feature(name)
    if feature_set.learned:
        return spec
    settings = spec.document()
    settings.pop("version")
    return matrix_request(columns, settings.pop("features"), settings)


def _refuse_settings(feature_set: FeatureSet, policy: Mapping[str, Any]) -> None:
    unsaid = MatrixSpec(feature_set.features)
    for name, value in policy.items():
        if value and value != "auto" and value != getattr(unsaid, name):
            raise FeatureError(
                f"{feature_set.id} says {name} itself: leave it out, or pass the set with "
                f".changed({name}={value!r})"
            )


def _columns_of(where: str | None) -> tuple[str, ...]:
    return parse_expression(where).columns if where and where.strip() else ()


def _refuse_labels(columns: TableColumns, names: Sequence[str]) -> None:
    labels = [name for name in names if name in columns.source.mutable_columns]
    if labels:
        raise FeatureError(
            f"{labels[0]!r} is a row label, which may change while a map of it stays: colour by "
            "it, filter by it, or "
            "export the labels and join them"
        )


def _encoded_by_kind(columns: TableColumns, names: Sequence[str]) -> dict[str, str]:
    """Encode by the kind that the catalogue gives a column, where its type says otherwise."""
    kinds = {name: columns.catalogue.features.get(name, {}).get("kind") for name in names}
    return {
        name: _WAYS[kind]
        for name, kind in kinds.items()
        if kind in _WAYS and _kind_by_type(columns, name) != kind
    }


def _kind_by_type(columns: TableColumns, name: str) -> str:
    return "categorical" if is_text(columns.source.schema.field(name).type) else "numeric"
