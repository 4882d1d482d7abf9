import numpy as np
import pytest

from explorer.core.errors import ExperimentError
from explorer.table.units.segment_rows import segment_definition
from explorer.table.units.segments_of import segments_of


@pytest.mark.parametrize("by", ["city", "member", "age", "since", "pulse"])
def test_the_rows_of_all_segments_are_all_rows_once(session, by):
    codes, labels = segments_of(session.table, by)
    times = np.zeros(session.table.num_rows, int)
    for place, label in enumerate(labels):
        rows = session.resolver.rows_of(segment_definition(session.table, by, label)).mask
        np.testing.assert_array_equal(rows, codes == place, err_msg=f"{by}: {label}")
        times += rows
    assert (times == 1).all()


def test_a_segment_that_is_not_there_is_refused(people):
    with pytest.raises(ExperimentError, match="no segment 'x'"):
        segment_definition(people, "age", "x")
