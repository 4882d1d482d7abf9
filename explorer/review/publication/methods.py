"""How the set came about and becomes a matrix and a map, in sentences for a paper."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from explorer.review.make_evidence import software_versions
from explorer.review.publication.treatment_text import listed, policy_sentences
from explorer.review.review import counted
from explorer.review.verdict import DECISIONS

if TYPE_CHECKING:
    from explorer.review.publication.publication import Publication

__all__ = ["day", "methods", "versions"]


def methods(publication: Publication) -> str:
    """Return the methods section: the choice, the review, the matrix, the map, software."""
    sentences = [
        _chosen(publication),
        _review(publication),
        *policy_sentences(publication.feature_set.full_spec),
        *_merged(publication),
        _map(publication),
        "Software: "
        f"{', '.join(f'{name} {version}' for name, version in versions(publication).items())}",
    ]
    return " ".join(f"{_sentence(sentence)}." for sentence in sentences if sentence)


def versions(publication: Publication) -> dict[str, str]:
    """Return the versions of what counted, and of what drew the map where there is one."""
    versions_ = software_versions()
    if publication.picture is not None:
        drawn = dict(publication.picture.provenance.get("versions") or {})
        versions_ |= {
            name: version for name, version in drawn.items() if name not in ("schema", "engine")
        }
        versions_ |= {"projection engine": drawn["engine"]} if "engine" in drawn else {}
    return versions_


def day(time: str) -> str:
    """Return the day of an ISO 8601 time."""
    return time[:10]


def _sentence(text: str) -> str:
    # a name of a column stays as it is written
    first = text.split(" ")[0]
    return text[0].upper() + text[1:] if first in ("of", "only", "on") else text


def _chosen(publication: Publication) -> str:
    feature_set, table = publication.review.feature_set, publication.table
    of = (
        f" of the {counted(table.columns, 'column')} of {table.title} "
        f"({counted(table.rows, 'row')}, data fingerprint "
        f"{table.fingerprint})"
        if table
        else ""
    )
    n = len(feature_set.features)
    what = f"{n:,}{of}" if table else counted(n, "feature")
    who = listed(publication.reviewers) or "somebody who gave no name"
    times = sorted(verdict.time for verdict in publication.verdicts)
    if not times:
        return (
            f"{what} {_were(n)} named as the feature set {feature_set.id} by {who} "
            f"on {day(feature_set.created)}"
        )
    first, last = day(times[0]), day(times[-1])
    when = f"on {first}" if first == last else f"between {first} and {last}"
    return f"{what} {_were(n)} chosen as the feature set {feature_set.id} by {who} {when}"


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _review(publication: Publication) -> str:
    review = publication.review
    current = [verdict for opinion in review.opinions.values() for verdict in opinion.verdicts]
    if not current:
        return "No verdict has been given"
    decided = Counter(verdict.decision for verdict in current)
    decisions = ", ".join(f"{decided[name]:,} {name}" for name in DECISIONS if decided[name])
    disputed = len(review.disagreements)
    signed = {approval.reviewer: day(approval.time) for approval in review.approvals}
    names = listed(f"{name} on {signed[name]}" for name in review.approvers)
    parts = [
        f"{counted(len(current), 'verdict')} on {counted(len(review.opinions), 'feature')} "
        f"{_stand(len(current))} ({decisions})",
        f"{_superseded(publication)} superseded" if _superseded(publication) else "",
        f"reviewers disagree on {counted(disputed, 'feature')}" if disputed else "",
        f"{len(review.approvers):,} of {counted(review.quorum, 'approval')} "
        f"that the review asks for{f' ({names})' if names else ''}",
        f"its state is {review.state}",
    ]
    return "; ".join(filter(None, parts))


def _stand(n: int) -> str:
    return "stands" if n == 1 else "stand"


def _superseded(publication: Publication) -> int:
    return sum(len(entry.history) for entry in publication.entries)


def _merged(publication: Publication) -> list[str]:
    founders: dict[str, list[str]] = {}
    for name, into in publication.feature_set.merged.items():
        founders.setdefault(into, []).append(name)
    return [f"{into} stands for {listed(names)} too" for into, names in sorted(founders.items())]


def _map(publication: Publication) -> str:
    picture = publication.picture
    return (
        ""
        if picture is None
        else ". ".join(
            filter(None, [f"The map is a {picture.projection}", picture.quality.rstrip(".")])
        )
    )
