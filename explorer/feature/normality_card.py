"""The part of the Feature tab on the normal: grade, shape, and transforms; as plain JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _, ngettext, translated
from explorer.core.number_format import fraction, number, percent
from explorer.profile.checks.gaussian_grade import LIMITS
from explorer.profile.statistics import STATISTICS

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.profile.checks.gaussian import Gaussian
    from explorer.profile.profile import FeatureProfile

__all__ = ["gaussian_figures", "normality_card"]

_NORMAL_L_KURTOSIS = 30 / math.pi * math.atan(math.sqrt(2)) - 9  # Hosking 1990


def gaussian_figures(gaussian: Gaussian) -> dict[str, Any]:
    """Return the grade with its reasons and the two figures that decide it."""
    return {
        "grade": gaussian.grade,
        "reasons": [translated(reason) for reason in gaussian.reasons],
        "ks": fraction(gaussian.ks_distance),
        "gap": fraction(gaussian.qq_gap_sd, 2),
    }


def normality_card(profile: FeatureProfile, gaussian: Gaussian, feature: Feature) -> dict[str, Any]:
    """Return how near a feature is to a normal, and what transforms bring it nearer; JSON."""
    without = gaussian.without_isolated
    first = _sentinels_first(profile)
    return {
        **gaussian_figures(gaussian),
        "conventions": [
            " · ".join(
                f"{translated(grade)} < {fraction(pair[k], 2 - k)}"
                for grade, pair in zip(("close", "workable"), LIMITS, strict=True)
            )
            for k in range(2)
        ],
        "fit": _("normal {center} ± {spread} {unit}")
        .format(center=number(gaussian.center), spread=number(gaussian.spread), unit=feature.unit)
        .strip()
        + f" ({translated(gaussian.fit)})",
        "shape": [
            ["L-skewness", fraction(gaussian.l_skewness), "0"],
            ["L-kurtosis", fraction(gaussian.l_kurtosis), fraction(_NORMAL_L_KURTOSIS, 3)],
            *(
                [shape.label.lower(), fraction(getattr(profile, shape.name), 2), shape.normal]
                for shape in STATISTICS
                if shape.scale == "shape"
            ),
            ["dip", fraction(gaussian.dip, 4), "≈ 0"],
        ],
        "transforms": [
            {
                "name": transform.name,
                "label": _transform_in_words(transform.name, transform.parameters),
                "valid": transform.valid,
                "grade": transform.grade if transform.valid else "",
                "ks": fraction(transform.ks_distance) if transform.valid else "",
                "gap": fraction(transform.qq_gap_sd, 2) if transform.valid else "",
                "why": transform.why,
                "suggested": not first and transform.name == gaussian.transform,
            }
            for transform in gaussian.transforms
        ],
        "first": first,
        "suggested": None if first else gaussian.transform,
        "without": None
        if without is None
        else {
            "grade": without.grade,
            "ks": fraction(without.ks_distance),
            "gap": fraction(without.qq_gap_sd, 2),
        },
    }


def _sentinels_first(profile: FeatureProfile) -> str:
    """Say which sentinels must be treated first; empty where nothing looks like one."""
    if profile.outliers is None or not profile.outliers.sentinel_like:
        return ""
    sentinels = profile.outliers.sentinel_like
    values = " and ".join(number(value) for value, _n, _share in sentinels)
    share = percent(
        sum(count for _value, count, _share in sentinels) / max(profile.outliers.finite, 1)
    )
    return ngettext(
        "treat {values} as missing first: it is {share} of the cells",
        "treat {values} as missing first: they are {share} of the cells",
        len(sentinels),
    ).format(values=values, share=share)


def _transform_in_words(name: str, parameters: tuple[float, ...]) -> str:
    return (
        f"{name} (λ {fraction(parameters[0], 2)})" if name == "yeojohnson" and parameters else name
    )
