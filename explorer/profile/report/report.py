"""Report: the profile of a table as a folder of pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from explorer.profile.report.feature_page import PageLinks, feature_page
from explorer.profile.report.feature_row import report_title, rows_text
from explorer.profile.report.relations_card import Relations
from explorer.profile.report.report_folder import INDEX, PAGES, ReportFolder, page_file
from explorer.profile.report.report_index import index_page
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from explorer.features.kind import Feature

__all__ = ["Report", "write_report"]


@dataclass(frozen=True)
class Report:
    """A report that was written: its index, how many feature pages, and the bytes of all files."""

    index: Path
    pages: int
    bytes: int


def write_report(
    folder: str | Path,
    document: Mapping[str, Any],
    features: Mapping[str, Feature] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write an index and a page per feature that are read from the disk, without a network.

    Parameters
    ----------
    folder : str or Path
        Made when missing. Files of other names stay; see `ReportFolder`.
    document : mapping
        The profile of a table as JSON, as `Profile.document` gives it: what can be saved can be
        reported.
    features : mapping of str to Feature, optional
        What the catalogue says of them.
    progress : callable, optional
        ``progress("report", done, total)`` in features.

    Raises
    ------
    ExplorerError
        When the folder cannot take it; pages without an index are left, which the next report takes
        over.
    """
    target = ReportFolder(folder)
    target.begin()
    for name in ("report.css", "report.js"):
        target.write(
            name, resources("explorer.profile.report").joinpath(name).read_text(encoding="utf-8")
        )
    profiles, footer = document["features"], _footer(document)
    names = [page_file(i + 1, len(profiles)) for i in range(len(profiles))]
    own = {profile["name"]: file for profile, file in zip(profiles, names, strict=True)}
    relations = Relations(document, own)
    title, known_features = report_title(document), features or {}
    for i, profile in enumerate(profiles):
        around = PageLinks(
            relations, names[i - 1] if i else "", names[i + 1] if i + 1 < len(names) else ""
        )
        target.write(
            f"{PAGES}/{names[i]}",
            feature_page(profile, known_features.get(profile["name"]), title, around, footer),
        )
        report(progress, "report", i + 1, len(profiles))
    target.keep_only(set(names))
    target.write(
        INDEX, index_page(document, [f"{PAGES}/{name}" for name in names], relations, footer)
    )
    return Report(target.path / INDEX, len(names), target.bytes)


def _footer(document: Mapping[str, Any]) -> str:
    from explorer._version import __version__

    fingerprint = document["table"].get("fingerprint")
    credit = f"Written by explorer {__version__} on {datetime.now(UTC):%Y-%m-%d}"
    return " · ".join(
        [credit, rows_text(document), *([f"table {fingerprint}"] if fingerprint else [])]
    )
