"""Index page: a line a feature, with a small histogram; sorted and searched by JavaScript."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from explorer.core.html import Markup, join, tag, text
from explorer.profile.report.bars import HEIGHT, WIDTH, bars_path
from explorer.profile.report.feature_row import FeatureRow, feature_row, report_title, rows_text
from explorer.profile.report.gaussian_card import GRADES
from explorer.profile.report.glossary import GLOSSARY
from explorer.profile.report.report_page import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.profile.report.relations_card import Relations

__all__ = ["index_page"]

_COLUMNS = (
    "Feature", "Kind", "Distribution", "Missing", "Distinct", "Mean", "SD", "Least", "Greatest",
    "Gaussian", "Far out", "Notes",
)  # fmt: skip
_MEANINGS = {
    name: GLOSSARY[name] for name in ("Missing", "Distinct", "Mean", "SD", "Far out", "Notes")
}
_MEANINGS["Gaussian"] = GLOSSARY["Grade"]
_UNSORTED = "Distribution"
_SHOWN_REASONS, _SHOWN_NOTES, _DRAWN_LEVELS = 2, 3, 24


def index_page(
    document: Mapping[str, Any], files: Sequence[str], relations: Relations, footer: str
) -> str:
    """Write the index.

    Parameters
    ----------
    document : mapping
        The profile of a table as JSON.
    files : sequence of str
        The page of each feature, relative to the report's folder, in the order of
        ``document["features"]``.
    relations : Relations
    footer : str
    """
    title = report_title(document)
    rows = [feature_row(feature) for feature in document["features"]]
    lines = [
        _line(row, file, feature)
        for row, file, feature in zip(rows, files, document["features"], strict=True)
    ]
    table = document["table"]
    about = (
        f"{table.get('rows') or 0:,} rows × {table.get('columns') or len(rows):,} columns · "
        f"{rows_text(document)}"
    )
    body = [
        tag(
            "header",
            tag("h1", tag("bdi", title)),
            tag("p", about, class_="quiet"),
            tag("p", _grades(rows)),
            _search(len(rows)),
        ),
        tag("main", _table(lines), _how(), relations.summary(), class_="index"),
    ]
    return page(f"{title} · features", body, "", footer)


def _grades(rows: Sequence[FeatureRow]) -> str:
    """Count the features of each grade."""
    counts = Counter(row.grade for row in rows)
    grades = [f"{GRADES[grade]} {counts[grade]:,} {grade}" for grade in GRADES if counts[grade]]
    without = [f"{counts['']:,} not numeric or without a value"] if counts[""] else []
    return "Gaussian: " + " · ".join([*grades, *without])


def _search(count: int) -> Markup:
    """Write the search field; the script shows it, as it does nothing without."""
    return tag(
        "p",
        tag(
            "label",
            "Search ",
            tag("input", type="search", id="search", placeholder="names, kinds, notes"),
        ),
        " ",
        tag("output", f"{count:,} features", id="found", aria_live="polite"),
        class_="search",
        hidden=True,
    )


def _table(lines: Sequence[str]) -> Markup:
    heads = [
        tag(
            "th",
            name,
            scope="col",
            title=_MEANINGS.get(name),
            class_="plain" if name == _UNSORTED else None,
        )
        for name in _COLUMNS
    ]
    return Markup(
        f'<table id="features"><thead><tr>{join(heads)}</tr></thead>\n<tbody>\n'
        + "\n".join(lines)
        + "\n</tbody></table>"
    )


def _line(row: FeatureRow, file: str, document: Mapping[str, Any]) -> str:
    """Write a line without the end tags that HTML makes optional, to keep long pages small.

    Where what is read does not sort (a share, a grade, a date), ``data-v`` holds what does.
    """
    label = f"<a href={file}>{text(row.label)}</a>"
    own = f"<code>{text(row.name)}</code>" if row.label != row.name else ""
    unit = f"<small>{text(row.unit)}</small>" if row.unit else ""
    path = _histogram(document)
    picture = (
        f"<svg width={WIDTH} height={HEIGHT} aria-hidden=true><path d='{path}'/></svg>"
        if path
        else ""
    )
    grade = f"{GRADES.get(row.grade, '')} {text(row.grade)}" if row.grade else ""
    reasons = (
        f" <small>{text(', '.join(row.reasons[:_SHOWN_REASONS]))}</small>" if row.reasons else ""
    )
    times = row.kind == "temporal"
    cells = [
        f"<tr><td>{label}{own}{unit}",
        text(row.kind),
        picture,
        _sorted(row.missing_text, row.missing),
        text(row.distinct),
        _sorted(row.mean, document["mean"] if times else None),
        _sorted(row.std, document["std"] if times else None),
        _sorted(row.min, document["min"] if times else None),
        _sorted(row.max, document["max"] if times else None),
        _sorted(grade + reasons, row.ks_distance if row.grade else None),
        _sorted(row.far_text, row.far),
        text(" · ".join(row.notes[:_SHOWN_NOTES])),
    ]
    return "".join(
        [cells[0], *(cell if cell.startswith("<td ") else f"<td>{cell}" for cell in cells[1:])]
    )


def _sorted(text: str, value: float | None) -> str:
    shown = "" if text == "–" else text
    return shown if value is None else f"<td data-v={value:.5g}>{shown}"


def _histogram(document: Mapping[str, Any]) -> str:
    """Return the small histogram: of the strip's bins, or of the largest levels."""
    strip = document.get("strip")
    if strip:
        return bars_path(strip["counts"])
    # levels of an identifier are as many bars of one height
    levels = document.get("levels") or () if document["kind"] == "categorical" else ()
    return bars_path([cells for _, cells in levels[:_DRAWN_LEVELS]])


def _how() -> Markup:
    meanings = [[tag("dt", name), tag("dd", meaning)] for name, meaning in _MEANINGS.items()]
    drawn = [
        tag("dt", "Distribution"),
        tag(
            "dd",
            "Bars from the least to the greatest value, without far tails; "
            "of a category, its largest levels.",
        ),
    ]
    return tag(
        "details", tag("summary", "How to read this"), tag("dl", drawn, meanings), class_="how"
    )
