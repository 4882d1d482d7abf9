"""Gaussian card: the grade in words, why, and what a transform would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core import number_format as figures
from explorer.core.html import Markup, tag
from explorer.profile.report.glossary import glossary_section, glossary_term
from explorer.profile.report.qq_plot import finite_points, qq_plot
from explorer.profile.statistics import STATISTICS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GRADES", "fitted_normal", "gaussian_card", "grade_markup"]

# A glyph beside the word: a grade is never told by colour.
GRADES = {"close": "●", "workable": "◐", "cannot tell": "?", "not": "○"}
_FOR_READERS = {
    "close": "close to Gaussian",
    "workable": "workable as Gaussian",
    "cannot tell": "too few rows to rule out normality",
    "not": "not Gaussian",
}


def grade_markup(grade: str | None, labels: Mapping[str, str] | None = None) -> Markup | None:
    """Write a grade with its glyph; None without one."""
    if not grade:
        return None
    return tag(
        "span",
        f"{GRADES.get(grade, '')} {(labels or {}).get(grade, grade)}".strip(),
        class_=f"grade {grade}",
    )


def fitted_normal(gaussian: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """Return centre and spread of the fitted normal, None where there is none."""
    if not gaussian or gaussian.get("center") is None or not gaussian.get("spread"):
        return None
    return float(gaussian["center"]), float(gaussian["spread"])


def gaussian_card(document: Mapping[str, Any]) -> Markup | None:
    """Write the card of a feature's profile; None where it was not checked."""
    gaussian = document.get("gaussian")
    if not gaussian:
        return None
    qq = document.get("qq")
    drawn = _drawn(qq, document["name"], gaussian) if qq and len(qq["observed"]) > 1 else None
    side = tag(
        "div", _measures(document, gaussian), _without_isolated(gaussian), _transforms(gaussian)
    )
    return tag(
        "section",
        tag("h2", "Is it Gaussian?"),
        tag(
            "p", grade_markup(gaussian["grade"], _FOR_READERS), _reasons(gaussian), class_="verdict"
        ),
        tag("div", side, drawn, class_="side-by-side") if drawn else side,
        glossary_section("Grade", "D", "QQ gap", "L-skewness", "L-kurtosis", "Dip"),
        class_="card wide",
    )


def _drawn(qq: Mapping[str, Any], name: str, gaussian: Mapping[str, Any]) -> Markup:
    if len(finite_points(qq)) < 2:
        return tag("p", "No QQ plot: the values are too large to be drawn.", class_="quiet")
    return qq_plot(qq, name, fitted_normal(gaussian))


def _reasons(gaussian: Mapping[str, Any]) -> list[Markup]:
    return [tag("span", reason, class_="chip") for reason in gaussian.get("reasons") or ()]


def _measures(document: Mapping[str, Any], gaussian: Mapping[str, Any]) -> Markup:
    rows = [
        ("D", figures.small(gaussian.get("ks_distance")), "close < .02, workable < .05"),
        (
            "QQ gap",
            f"{figures.small(gaussian.get('qq_gap_sd'), 2)} sd",
            "close < .2, workable < .5",
        ),
        ("L-skewness", figures.small(gaussian.get("l_skewness")), "normal 0"),
        ("L-kurtosis", figures.small(gaussian.get("l_kurtosis")), "normal .123"),
        ("Dip", figures.small(gaussian.get("dip")), ""),
    ] + [
        (shape.label, figures.small(document.get(shape.name), 2), f"normal {shape.normal}")
        for shape in STATISTICS
        if shape.scale == "shape"
    ]
    body = [
        tag(
            "tr",
            tag("th", glossary_term(word), scope="row"),
            tag("td", shown, class_="n"),
            tag("td", convention, class_="quiet"),
        )
        for word, shown, convention in rows
    ]
    return tag("table", tag("tbody", body), _fit(gaussian), class_="plain")


def _fit(gaussian: Mapping[str, Any]) -> Markup | None:
    normal = fitted_normal(gaussian)
    if normal is None:
        return None
    how = f" ({gaussian['fit']})" if gaussian.get("fit") else ""
    text = (
        f"Fitted normal: centre {figures.number(normal[0])}, "
        f"spread {figures.number(normal[1])}{how}"
    )
    return tag("caption", text)


def _without_isolated(gaussian: Mapping[str, Any]) -> Markup | None:
    verdict = gaussian.get("without_isolated")
    if not verdict:
        return None
    shown = (
        f" (D {figures.small(verdict.get('ks_distance'))}, "
        f"QQ gap {figures.small(verdict.get('qq_gap_sd'), 2)} sd)"
    )
    return tag("p", "Without its isolated values: ", grade_markup(verdict.get("grade")), shown)


def _transforms(gaussian: Mapping[str, Any]) -> Markup | None:
    tried = gaussian.get("transforms") or ()
    if not tried:
        return None
    suggested = gaussian.get("transform")
    heads = (("Transform", None), ("Grade", None), ("D", "n"), ("QQ gap, sd", "n"), ("", "quiet"))
    body = [_as_it_is(gaussian), *(_transform(transform, suggested) for transform in tried)]
    text = (
        f"Suggested: {suggested}"
        if suggested
        else "No transform is suggested: none is needed, or none helps."
    )
    return tag(
        "table",
        tag("caption", text),
        tag(
            "thead", tag("tr", [tag("th", head, scope="col", class_=side) for head, side in heads])
        ),
        tag("tbody", body),
        class_="plain",
    )


def _as_it_is(gaussian: Mapping[str, Any]) -> Markup:
    return _graded_row("as it is", gaussian, "", class_=None)


def _transform(transform: Mapping[str, Any], suggested: str | None) -> Markup:
    chosen = transform["name"] == suggested
    if transform.get("valid") is False:
        cells = [
            tag("th", transform["name"], scope="row"),
            tag("td", transform.get("why") or "cannot be used", colspan=4, class_="quiet"),
        ]
        return tag("tr", cells)
    return _graded_row(
        _named(transform),
        transform,
        "suggested" if chosen else transform.get("why") or "",
        class_="chosen" if chosen else None,
    )


def _graded_row(name: str, grade: Mapping[str, Any], text: str, class_: str | None) -> Markup:
    return tag(
        "tr",
        tag("th", name, scope="row"),
        tag("td", grade_markup(grade.get("grade"))),
        tag("td", figures.small(grade.get("ks_distance")), class_="n"),
        tag("td", figures.small(grade.get("qq_gap_sd"), 2), class_="n"),
        tag("td", text, class_="quiet"),
        class_=class_,
    )


def _named(transform: Mapping[str, Any]) -> str:
    parameters = transform.get("parameters") or ()
    given = ", ".join(
        figures.number(value) for value in parameters if isinstance(value, int | float)
    )
    return f"{transform['name']} ({given})" if given else str(transform["name"])
