"""Rows compared with rows: two groups, every feature, effect sizes with intervals."""

from explorer.groups.compared import Compared, Effect
from explorer.groups.comparison import Comparison
from explorer.groups.pair import Pair, pair_of

__all__ = ["Compared", "Comparison", "Effect", "Pair", "pair_of"]
