"""Reviews: sets of features, verdicts with evidence, and where they are kept."""

from explorer.review.approval import Approval
from explorer.review.evidence import Evidence
from explorer.review.feature_set import FeatureSet
from explorer.review.set_diff import SetDiff
from explorer.review.store import ReviewStore, open_store
from explorer.review.verdict import Verdict

__all__ = ["Approval", "Evidence", "FeatureSet", "ReviewStore", "SetDiff", "Verdict", "open_store"]
