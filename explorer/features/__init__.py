"""Features: what each column is, what experts know of it, and how chosen ones become a matrix."""

from explorer.features.catalogue import Catalogue, CatalogueTable, features_of
from explorer.features.kind import KINDS, Feature, kind_of
from explorer.features.matrix import FeatureMatrix, apply_matrix, build_matrix
from explorer.features.spec import CYCLES, ENCODINGS, INFINITE, MISSING, SCALES, MatrixSpec
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
    "MatrixColumn",
    "MatrixSpec",
    "apply_matrix",
    "build_matrix",
    "features_of",
    "kind_of",
]
