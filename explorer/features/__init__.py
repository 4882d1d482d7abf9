"""Features: what each column is, what it looks like, which to choose, and how they become a matrix."""

from explorer.features.catalogue import Catalogue, CatalogueTable, features_of
from explorer.features.histogram import Histogram
from explorer.features.kind import KINDS, Feature, kind_of
from explorer.features.matrix import FeatureMatrix, apply_matrix, build_matrix
from explorer.features.pick import Pick, pick_features
from explorer.features.redundancy import Redundancy, correlations
from explorer.features.spec import CYCLES, ENCODINGS, INFINITE, MISSING, SCALES, MatrixSpec
from explorer.features.summary import Summary, summarize
from explorer.features.transform import TRANSFORMS
from explorer.features.treatment import MatrixColumn

__all__ = [
    "CYCLES",
    "ENCODINGS",
    "INFINITE",
    "KINDS",
    "MISSING",
    "SCALES",
    "TRANSFORMS",
    "Catalogue",
    "CatalogueTable",
    "Feature",
    "FeatureMatrix",
    "Histogram",
    "MatrixColumn",
    "MatrixSpec",
    "Pick",
    "Redundancy",
    "Summary",
    "apply_matrix",
    "build_matrix",
    "correlations",
    "features_of",
    "kind_of",
    "pick_features",
    "summarize",
]
