"""Reviewed feature sets: which features, how they become a matrix, why."""

from explorer.review.feature_set import FeatureSet
from explorer.review.set_diff import SetDiff

__all__ = ["FeatureSet", "SetDiff"]
