"""Files: what a publication consists of, by name."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from explorer.core.output_file import json_line
from explorer.review.publication.entry_page import entry_pages
from explorer.review.publication.map_page import map_page
from explorer.review.publication.markdown import markdown
from explorer.review.publication.page_frame import SHEET, sheet
from explorer.review.publication.publication_index import index_page
from explorer.review.publication.report_document import report_document, verdicts_document
from explorer.review.publication.script import script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from explorer.review.publication.publication import Publication

__all__ = ["REPORT", "digest", "publication_files"]

REPORT = "report.json"


def publication_files(publication: Publication) -> Iterator[tuple[str, bytes]]:
    """Write every file of a publication.

    Yields
    ------
    name : str
        With "/" between folder and file. The last one, `REPORT`, lists all others with their
        `digest`.
    content : bytes
    """
    listed: dict[str, str] = {}
    for name, content in _contents(publication):
        data = content if isinstance(content, bytes) else content.encode("utf-8", errors="replace")
        listed[name] = digest(data)
        yield name, data
    document = {**report_document(publication), "files": listed}
    yield REPORT, _report(document).encode("utf-8", errors="replace")


def _report(document: Mapping[str, Any]) -> str:
    """Write JSON with a feature a line, so that hundreds of profiles stay readable."""
    parts = [f"{json.dumps(name)}: {_lines(part)}" for name, part in document.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(part: Any) -> str:
    many = isinstance(part, list) and len(part) > 1
    return "[\n" + ",\n".join(json_line(item) for item in part) + "\n]" if many else json_line(part)


def digest(data: bytes) -> str:
    """Return the hash of a file as the report lists it."""
    return blake2b(data, digest_size=16).hexdigest()


def _contents(publication: Publication) -> Iterator[tuple[str, str | bytes]]:
    yield SHEET, sheet()
    for name, page in entry_pages(publication):
        yield f"features/{name}", page
    if publication.picture is not None:
        yield "map.png", publication.picture.png
        yield "map.html", map_page(publication, publication.picture)
    yield "features.yaml", publication.feature_set.yaml()
    yield "reproduce.py", script(publication)
    yield "report.md", markdown(publication)
    verdicts = verdicts_document(publication)
    yield (
        "verdicts.json",
        json.dumps(verdicts, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
    )
    yield "index.html", index_page(publication)
