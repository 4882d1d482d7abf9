"""Rows compared with rows: two groups, every feature, effect sizes with intervals."""

from explorer.groups.comparison import Compared, Comparison
from explorer.groups.pair import Pair, pair_of

__all__ = ["Compared", "Comparison", "Pair", "pair_of"]
