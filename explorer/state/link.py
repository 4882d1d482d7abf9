"""A document as compact text for a URL: what differs from the defaults."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.state.convert import as_json
from explorer.state.document import FIXED_SECTIONS, VERSION, Document, read_document
from explorer.state.name_runs import with_runs, without_runs
from explorer.state.versions import upgraded_paths

__all__ = ["from_url", "to_url"]

# A link may come from anyone: what unpacks to more than this is not one of ours.
_LARGEST = 4 << 20
# What the first maps were made of, where nothing else has been projected.
_STARTED = "started"
_SETTINGS = ("features", "policy", "method")


def to_url(document: Document, defaults: Document) -> str:
    """Write what differs from the defaults as URL-safe text.

    It is a version, a dot, and base64url of zlib of JSON.

    What a table starts with may change, with its catalogue or with the next version of this
    package. So a link that says anything says in full what is ticked, and what the map is made of.

    Parameters
    ----------
    document, defaults : Document

    Returns
    -------
    str
        Letters, digits, ``-``, ``_`` and one dot; about 10 characters when nothing differs.
    """
    # the order within a section is kept: models are compared with the first one
    present, start = (as_json(value, "the document") for value in (document, defaults))
    changes = with_runs(dict(sorted(_difference(present, start).items())))
    text = json.dumps(changes, separators=(",", ":"), ensure_ascii=False)
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9))
    return f"{VERSION}.{packed.rstrip(b'=').decode()}"


def from_url(text: str, defaults: Document, notes: list[str] | None = None) -> Document:
    """Read a document back.

    Parameters
    ----------
    text : str
        What `to_url` wrote; empty text stands for the defaults.
    defaults : Document
        The document that everything not named in the text is taken from.
    notes : list of str, optional
        Receives a line for what was left out, as this version does not have it.

    Returns
    -------
    Document

    Raises
    ------
    ExplorerError
        If the text is damaged, or holds what a document may not hold.
    """
    if not text:
        return defaults
    version, content = _unpack(text)
    content = upgraded_paths(content, version)
    sections = as_json(defaults, "the document")
    started = content.pop(_STARTED, None)
    unknown = [path for path, value in content.items() if not _put(sections, path, value)]
    if sections["projected"] is None and isinstance(started, dict):
        sections["projected"] = _other_start(started, as_json(defaults.chosen, "the document"))
    if unknown and notes is not None:
        newer = version > VERSION
        reason = "was made by a newer version" if newer else "names what does not exist"
        notes.append(f"the link {reason}; left out: {', '.join(sorted(unknown))}")
    try:
        return read_document(sections)
    except ExplorerError as error:
        raise ExplorerError(f"the link cannot be used: {error}") from error


def _difference(document: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    difference: dict[str, Any] = {}
    for name, value in document.items():
        if name == "theme":
            continue  # whoever opens the link has their own
        if name in FIXED_SECTIONS:
            changed = {key for key in value if value[key] != defaults[name][key]}
            difference.update({f"{name}.{key}": value[key] for key in changed})
        elif value != defaults[name]:
            difference[name] = value
    if not difference:
        return {}
    started = (
        {} if document["projected"] else {_STARTED: {name: defaults[name] for name in _SETTINGS}}
    )
    return {"features": document["features"], **started, **difference}


def _other_start(started: dict[str, Any], present: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the first maps were made of, where the table starts otherwise today.

    Else None.
    """
    known = {**present, **{name: value for name, value in started.items() if name in present}}
    for name in ("policy", "method"):  # options of a newer version are left out
        if isinstance(known[name], dict):
            known[name] = {key: value for key, value in known[name].items() if key in present[name]}
    return None if known == present else known


def _put(document: dict[str, Any], path: str, value: Any) -> bool:
    """Set what the path names; False when this version has no such place."""
    section, _, key = path.partition(".")
    if (section in FIXED_SECTIONS) != bool(key) or section not in document or section == "version":
        return False
    if not key:
        document[section] = value
        return True
    known = key in document[section]
    if known:
        document[section][key] = value
    return known


def _unpack(text: str) -> tuple[int, dict[str, Any]]:
    version, dot, packed = text.partition(".")
    if not (dot and version.isdecimal()):
        raise ExplorerError(
            "the link is damaged: it does not begin with a version and a dot; copy it whole"
        )
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        content = without_runs(as_json(json.loads(unpacker.decompress(raw, _LARGEST)), "a link"))
        complete = unpacker.eof and not unpacker.unused_data
    except (zlib.error, ValueError, RecursionError) as error:
        raise ExplorerError(
            "the link is damaged: a part is missing or changed; copy it whole"
        ) from error
    if not (complete and isinstance(content, dict)):
        raise ExplorerError("the link is damaged: it holds no document; copy it whole")
    return int(version), content
