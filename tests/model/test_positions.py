"""Numbers of rows, block by block."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from placer.model.positions import number_rows

NONE = np.zeros((0, 0), dtype=bool)


@given(arrays(bool, st.tuples(st.integers(0, 4), st.integers(0, 4))))
def test_rows_of_a_block_follow_each_other(present):
    """Tests that the rows of a block are 0, 1, 2, ... where there is a row, and -1 elsewhere."""
    rows = number_rows(
        demands=3, queue=NONE, capacity=present, balance=~present, intake=NONE, link=NONE, cap=present.ravel()
    )
    count = int(present.sum())
    assert rows.capacity[present].tolist() == list(range(count))
    assert (rows.capacity[~present] == -1).all()
    assert rows.cap.tolist() == rows.capacity.ravel().tolist()
    assert rows.sizes == {
        "demand": 3,
        "queue": 0,
        "capacity": count,
        "balance": present.size - count,
        "intake": 0,
        "link": 0,
        "cap": count,
    }
