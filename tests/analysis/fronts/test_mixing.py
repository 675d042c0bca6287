"""Tests the distance of mixes of two points above their lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.analysis.fronts.mixing import Pair
from tests.random_cases import few


def pair(costs, low_line, high_line, low, high):
    """Return a pair of one or several rows without noise."""
    low, high = (np.array(each, dtype=float).reshape(-1, 2) for each in (low, high))
    return Pair(costs, low_line, high_line, low, high, np.zeros(len(low)))


def test_a_right_side_mixes_along_the_chord():
    """Tests the part of the second point: in proportion where the excess rises by the amount alone."""
    both = pair((0.0, 8.0), (0.0, 0.0), (-8.0, 8.0), [0, 2], [-2, 0])
    assert [both.share(place) for place in (0.0, 0.25, 1.0)] == pytest.approx([0.0, 0.25, 1.0])
    assert both.worst == pytest.approx((4.0, 0.5))


def test_a_ratio_mixes_along_a_hyperbola():
    """Tests 5 MWh of green: of 10 MWh at a share of 1/2 and of 5 at 1, at 3/4 a third of the dearer one is needed less.

    N - (1 - v) D is 5 - 10 (1 - v) and -5 (1 - v); at v = 3/4 that is 2.5 and -1.25, so that 2/3 is needed, and
    10 - 5 / v = 10/3 is 2/3 of 5.
    """
    both = pair((0.0, 5.0), (0.0, 5.0), (0.0, 5.0), [0.0, 5.0], [-2.5, 0.0])
    assert both.share(0.5) == pytest.approx(2 / 3)
    # 5 w - 5 z is largest where C' = 5 / v^2 is the slope of the chord, 10: at v = 1 / sqrt(2)
    assert both.worst == pytest.approx((10 - 5 * 2**0.5 - 10 * (0.5**0.5 - 0.5), 2 * 0.5**0.5 - 1))


def test_the_row_that_asks_for_most_counts():
    """Tests two rows, one of which the first point keeps for longer."""
    both = pair((0.0, 1.0), (0.0, 1.0), (0.0, 1.0), [[0.0, 2.0], [-1.0, 1.0]], [[-2.0, 0.0], [-1.0, -1.0]])
    assert both.share(0.5) == pytest.approx(0.5)
    assert both.share(0.75) == pytest.approx(0.75)
    assert both.error == pytest.approx(0.0)


def test_no_room_at_the_second_point_takes_all_of_it():
    """Tests a row that counts nothing at the second point, and that the first breaks from the middle on."""
    both = pair((0.0, 1.0), (0.0, 0.0), (0.0, 1.0), [-1.0, 1.0], [0.0, 0.0])
    assert [both.share(place) for place in (0.25, 0.75)] == [0.0, 1.0]
    assert both.worst == pytest.approx((1 - 0.5, 0.5))


def test_noise_is_no_excess():
    """Tests that an excess up to the noise asks for nothing."""
    rows = np.array([[0.0, 1e-9]])
    quiet = Pair((0.0, 1.0), (0.0, 0.0), (0.0, 0.0), rows, rows - 1, np.full(1, 1e-7))
    assert quiet.share(1.0) == 0.0


@pytest.mark.slow
@few
@given(st.lists(st.tuples(*[st.floats(0, 4) for _ in range(4)]), min_size=1, max_size=3), st.floats(-3, 3))
def test_the_worst_place_is_the_worst_of_many(rows, fall):
    """Tests the closed form against a fine grid."""
    low = np.array([[-begin, end] for begin, end, *_ in rows])
    high = np.array([[-begin - 0.1, -end] for *_, begin, end in rows])
    both = pair((0.0, 5.0), (0.0, fall), (fall - 1, 5.0), low, high)
    places = np.linspace(0, 1, 2001)
    line = np.maximum(fall * places, fall - 1 + (6 - fall) * places)
    grid = np.array([5 * both.share(float(place)) for place in places]) - line
    assert both.error >= grid.max() - 1e-9
    assert both.error <= max(grid.max(), 0.0) + 0.2  # as far as the grid sees
