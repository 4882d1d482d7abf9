import numpy as np
import pytest

from explorer.map.regions.tree import RegionTree


@pytest.fixture
def tree():
    """900 rows: three regions, each of them in three."""
    coarse = np.repeat(np.arange(3, dtype=np.int32), 300)
    fine = np.repeat(np.arange(9, dtype=np.int32), 100)
    return RegionTree.of_levels([coarse, fine], np.arange(900), 900)
