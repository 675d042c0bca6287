"""The largest rows of a table, and the others together."""

from __future__ import annotations

import pandas as pd

from placer.utils.largest import largest_rows

FRAME = pd.DataFrame({"mtok": [1.0, 4.0, 2.0, 4.0], "usd": [1.0, 0.0, 5.0, 2.0]}, index=list("abcd"))


def test_rows_add_up_and_ties_keep_their_order():
    """Tests b and d of equal size, then a and c together."""
    found = largest_rows(FRAME, FRAME["mtok"], 2)
    assert found["mtok"].to_dict() == {"b": 4.0, "d": 4.0, "2 others": 3.0}
    assert found["usd"].to_dict() == {"b": 0.0, "d": 2.0, "2 others": 6.0}


def test_one_row_that_is_left_keeps_its_name():
    """Tests that no row stands for one other row alone, and that a short table is only ordered."""
    for most in (3, 9):
        assert largest_rows(FRAME, FRAME["usd"], most).index.tolist() == ["c", "d", "a", "b"]
