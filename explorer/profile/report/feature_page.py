"""Feature page: everything that was profiled of one feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.core.html import Markup, tag
from explorer.core.number_format import scale_of
from explorer.profile.report.counts_card import facts_card, quantiles_card, times_card, values_card
from explorer.profile.report.feature_row import feature_row
from explorer.profile.report.gaussian_card import fitted_normal, gaussian_card
from explorer.profile.report.histogram_plot import histogram_plot
from explorer.profile.report.outlier_card import outlier_card
from explorer.profile.report.report_page import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.features.kind import Feature
    from explorer.profile.report.relations_card import Relations

__all__ = ["PageLinks", "feature_page", "profile_cards"]

_SCALES = ("linear", "log", "rank")


class PageLinks(NamedTuple):
    """Links of a page: related features, and the pages before and after it ("" at the ends)."""

    relations: Relations
    before: str
    after: str


def feature_page(
    document: Mapping[str, Any],
    feature: Feature | None,
    table: str,
    around: PageLinks,
    footer: str,
) -> str:
    """Write the page of one feature.

    Parameters
    ----------
    document : mapping
        Its profile as JSON.
    feature : Feature, optional
        What the catalogue says of it.
    table : str
        Title of the table.
    around : PageLinks
    footer : str
    """
    name = document["name"]
    body = [
        _navigation(table, around),
        tag(
            "main",
            _head(document, feature),
            tag("div", profile_cards(document, feature, around.relations), class_="cards"),
            class_="page",
        ),
    ]
    return page(f"{name} · {table}", body, "../", footer)


def _navigation(table: str, around: PageLinks) -> Markup:
    return tag(
        "nav",
        tag("a", table, href="../index.html"),
        tag("a", "← previous", href=around.before, rel="prev") if around.before else None,
        tag("a", "next →", href=around.after, rel="next") if around.after else None,
        aria_label="Report",
    )


def _head(document: Mapping[str, Any], feature: Feature | None) -> Markup:
    row = feature_row(document)
    own = tag("code", tag("bdi", row.name)) if row.label != row.name else None
    about = [feature.group, *feature.tags] if feature else []
    facts = [
        row.kind,
        row.unit,
        _of(document),
        *about,
        f"source: {feature.source}" if feature and feature.source else "",
    ]
    return tag(
        "header",
        tag("h1", tag("bdi", row.label), " ", own),
        tag("p", " · ".join(fact for fact in facts if fact), class_="quiet"),
        tag("p", feature.description) if feature and feature.description else None,
        tag("p", [tag("span", note, class_="chip") for note in row.notes]) if row.notes else None,
    )


def _of(document: Mapping[str, Any]) -> str:
    rows = f"{document['rows']:,} rows"
    if document.get("sampled") is not None:
        return f"a random sample of {rows}"
    return (
        f"all {rows}" if document.get("exact", True) else f"all {rows}, with estimates where marked"
    )


def profile_cards(
    document: Mapping[str, Any], feature: Feature | None, relations: Relations
) -> list[Markup | None]:
    """Write the cards of a feature's profile, given as JSON, in an element of class "cards"."""
    return [
        _histograms(document),
        facts_card(document, feature.missing_means if feature else ""),
        gaussian_card(document),
        outlier_card(document),
        quantiles_card(document),
        values_card(document),
        times_card(document),
        relations.card(document),
    ]


def _histograms(document: Mapping[str, Any]) -> Markup | None:
    """Draw the scales there are, one shown at a time; the choice works without JavaScript."""
    histograms = document.get("histograms") or {}
    counted = {
        scale: histograms[scale]
        for scale in _SCALES
        if histograms.get(scale) and histograms[scale]["counts"]
    }
    if not counted:
        return None
    # near 1.8e308 an edge between two values overflows
    shown = {
        scale: histogram for scale, histogram in counted.items() if None not in histogram["edges"]
    }
    if not shown:
        text = tag("p", "No histogram: the values are too large to be drawn.", class_="quiet")
        return tag("section", tag("h2", "Distribution"), text, class_="card most")
    normal, written = fitted_normal(document.get("gaussian")), scale_of(document)
    plots = [
        histogram_plot(histogram, scale, written, document["name"], normal)
        for scale, histogram in shown.items()
    ]
    choices = [
        [
            # the checked one is what is shown, also when there is nothing to choose
            tag(
                "input", type="radio", name="scale", id=scale, checked=not i, hidden=len(shown) == 1
            ),
            tag("label", scale, for_=scale, hidden=len(shown) == 1),
        ]
        for i, scale in enumerate(shown)
    ]
    text = tag("p", _how(list(shown), normal is not None), class_="quiet")
    return tag(
        "section", tag("h2", "Distribution"), choices, plots, text, class_="card most scales"
    )


def _how(shown: list[str], normal: bool) -> str:
    sentences = [
        "The dashed line is the fitted normal." if normal else "",
        "On the log scale, values at or below 0 are not drawn." if "log" in shown else "",
        "On the rank scale each bin holds about as many cells, "
        "so that a tall bar is a value that repeats."
        if "rank" in shown
        else "",
    ]
    return " ".join(filter(None, sentences))
