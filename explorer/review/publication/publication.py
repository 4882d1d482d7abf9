"""Publication: everything that is published of one version of a set, before it becomes text."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ReviewError
from explorer.features.matrix.spec import MatrixSpec
from explorer.review.publication.entry import Entry
from explorer.review.publication.file_name import page_name
from explorer.review.publication.treatment_text import treatment_text
from explorer.review.verdict import now
from explorer.table.feature_set import FeatureSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.features.kind import Feature
    from explorer.review.approval import Approval
    from explorer.review.evidence import Evidence
    from explorer.review.publication.map_picture import MapPicture
    from explorer.review.review import Review
    from explorer.review.verdict import Verdict

__all__ = ["Publication", "TableFacts"]


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What a publication says of the table: title, size, fingerprint, and its catalogue."""

    title: str
    rows: int
    columns: int
    fingerprint: str
    features: Mapping[str, Feature] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return title, size and fingerprint as JSON."""
        return {name: getattr(self, name) for name in ("title", "rows", "columns", "fingerprint")}


@dataclass(frozen=True, kw_only=True, eq=False)
class Publication:
    """One version of a set with its review, to be written.

    Parameters
    ----------
    review : Review
        Of the set, on the table as it is now.
    verdicts : sequence of Verdict
        Of the review, superseded ones too.
    evidence : mapping of str to Evidence
        By key.
    parent : FeatureSet, optional
        The version that this one is compared with.
    versions : sequence of FeatureSet
        Earlier ones that go into the file of verdicts.
    approvals : sequence of Approval
        Of all versions; default: the review's.
    learned : mapping, optional
        Centres, scales, fills and levels, as `FeatureSet.learn` gives them.
    table : TableFacts, optional
    profile : mapping, optional
        The profile of a table, or of some features, as `Profile.document` gives it.
    picture : MapPicture, optional
    link : str
        An address that opens the page in this state.
    notes : sequence of str
        What could not be done, in sentences.
    made : str
        When, ISO 8601 in UTC; now without it. The same nouns and time make the same files, to the
        byte.

    Raises
    ------
    ReviewError
        A set without a rationale, or a picture of other features or settings.
    """

    review: Review
    verdicts: Sequence[Verdict] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    parent: FeatureSet | None = None
    versions: Sequence[FeatureSet] = ()
    approvals: Sequence[Approval] = ()
    learned: Mapping[str, Any] | None = None
    table: TableFacts | None = None
    profile: Mapping[str, Any] | None = None
    picture: MapPicture | None = None
    link: str = ""
    notes: Sequence[str] = ()
    made: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "made", self.made or now())
        feature_set = self.review.feature_set
        if not feature_set.rationale.strip():
            raise ReviewError(
                f"{feature_set.id} has no rationale: "
                "say in a sentence why these features, then publish"
            )
        if self.picture is not None:
            self._check_picture(self.picture)

    def _check_picture(self, picture: MapPicture) -> None:
        """Refuse a map of other features or settings, which would be taken for the set's."""
        matrix = picture.provenance.get("matrix")
        feature_set = self.feature_set
        again = "project the set itself, and publish that map"
        if not matrix:
            raise ReviewError(f"it is not known which features the map was made from: {again}")
        used, wanted = (
            MatrixSpec.from_document(matrix["spec"]).document(),
            feature_set.full_spec.document(),
        )
        if not self.learned:  # what the catalogue adds is only known with the table
            used, wanted = ({**spec, "sentinels": {}, "encode": {}} for spec in (used, wanted))
        if used != wanted:
            made, meant = (
                FeatureSet(feature_set.name, **{k: v for k, v in spec.items() if k != "version"})
                for spec in (used, wanted)
            )
            raise ReviewError(
                "the map was made of other features or settings than "
                f"{feature_set.id} ({meant.diff(made).words}): {again}"
            )

    @property
    def feature_set(self) -> FeatureSet:
        """The set, with what was learned."""
        feature_set = self.review.feature_set
        return (
            FeatureSet.from_document({**feature_set.document(), "learned": self.learned})
            if self.learned
            else feature_set
        )

    @property
    def reviewers(self) -> list[str]:
        """Who gave a verdict that stands or signed, in order of time; else the set's author."""
        signed = [approval.reviewer for approval in self.review.approvals]
        names = list(dict.fromkeys([*(verdict.reviewer for verdict in self.verdicts), *signed]))
        return names or list(filter(None, [self.review.feature_set.author]))

    @cached_property
    def entries(self) -> list[Entry]:
        """Members in the order of the set, then others that were judged, as in the table."""
        members, features = (
            self.review.feature_set.features,
            self.table.features if self.table else {},
        )
        judged = set(self.review.opinions) - set(members)
        others = [name for name in features if name in judged]
        names = [*members, *others, *sorted(judged - set(others))]
        profiles = {
            profile["name"]: profile for profile in (self.profile or {}).get("features") or ()
        }
        return [
            self._entry(i + 1, len(names), name, profiles.get(name)) for i, name in enumerate(names)
        ]

    def _entry(
        self, number: int, total: int, name: str, profile: Mapping[str, Any] | None
    ) -> Entry:
        review, given = self.review, self._given.get(name, [])
        opinion = review.opinions.get(name)
        current = {verdict.id for verdict in opinion.verdicts} if opinion else set()
        cited = dict.fromkeys(key for verdict in reversed(given) for key in verdict.evidence)
        member = name in review.feature_set.features
        return Entry(
            number=number,
            name=name,
            page=page_name(number, total, name),
            member=member,
            opinion=opinion,
            treatment=treatment_text(self._spec, name) if member else "",
            feature=self.table.features.get(name) if self.table else None,
            history=tuple(verdict for verdict in reversed(given) if verdict.id not in current),
            evidence={key: self.evidence.get(key) for key in cited},
            conflict=self._conflicts.get(name, ""),
            outdated=self._outdated(name),
            profile=profile,
        )

    def _outdated(self, name: str) -> str:
        opinion, definitions = self.review.opinions.get(name), self.review.definitions
        if definitions and name not in definitions:
            return "not in this table"
        return (
            opinion.outdated(self.review.fingerprint, definitions.get(name, "")) if opinion else ""
        )

    @cached_property
    def _given(self) -> dict[str, list[Verdict]]:
        """Verdicts by feature, oldest first."""
        verdicts: dict[str, list[Verdict]] = {}
        for verdict in sorted(self.verdicts, key=lambda verdict: verdict.time):
            verdicts.setdefault(verdict.feature, []).append(verdict)
        return verdicts

    @cached_property
    def _spec(self) -> MatrixSpec:
        return self.review.feature_set.spec

    @cached_property
    def _conflicts(self) -> dict[str, str]:
        return {conflict.feature: conflict.words for conflict in self.review.conflicts}
