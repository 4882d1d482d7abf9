import numpy as np
import pytest

from explorer.map.digest import digest

WORDS = (1 << 17) * 3 + 5  # three blocks and a rest


@pytest.fixture
def values():
    return np.random.default_rng(0).standard_normal(WORDS * 2 + 1).astype(np.float32)


def test_equal_arrays_have_equal_digests_however_they_lie_in_memory(values):
    raw = np.empty(values.nbytes + 1, np.uint8)
    moved = raw[1:].view(np.float32)  # at an odd address
    moved[:] = values
    wide = np.zeros((len(values), 3), np.float32)
    wide[:, 1] = values
    assert digest(values) == digest(values.copy()) == digest(moved) == digest(wide[:, 1])
    values.flags.writeable = False
    assert digest(values) == digest(moved)


@pytest.mark.parametrize("at", [0, 1, 2, 7, 12_345, WORDS * 2 - 1, WORDS * 2])
def test_one_bit_anywhere_is_seen(values, at):
    before = digest(values)
    for bit in (0, 22, 31):
        changed = values.copy()
        changed.view(np.uint32)[at] ^= np.uint32(1 << bit)
        assert digest(changed) != before


def test_signs_turned_at_two_places_of_one_lane_do_not_cancel_out(values):
    changed = values.copy()
    changed[[1, 9, 17]] *= -1
    others = values.copy()
    others[[1, 17]] *= -1
    assert len({digest(values), digest(changed), digest(others)}) == 3


def test_order_shape_and_type_are_seen(values):
    ints = np.arange(24, dtype=np.int32)
    found = [
        digest(x)
        for x in (ints, ints[::-1], ints.reshape(4, 6), ints.view(np.uint32), ints.astype(float))
    ]
    assert len(set(found)) == 5


def test_nothing_and_a_few_bytes_have_digests_too():
    few = [
        np.empty(0),
        np.empty(0, np.bool_),
        np.zeros(3, np.bool_),
        np.zeros(4, np.bool_),
        np.zeros(8, np.bool_),
    ]
    assert len({digest(x) for x in few}) == 5


def test_of_a_long_array_some_may_be_read_and_a_stretch_that_changed_is_seen(values):
    before, changed = digest(values, sparse_above=1000), values.copy()
    changed[5000:5300] += 1  # more than sixteen cache lines
    assert digest(values.copy(), sparse_above=1000) == before
    assert digest(changed, sparse_above=1000) != before
    assert digest(values, sparse_above=values.nbytes) == digest(values)
