"""The table of a curve, added up from parts by hand."""

from __future__ import annotations

import pytest

from placer.ceiling.curve_table import CurveRows, Units, curve_table
from placer.ceiling.walk.steps import Step


def exact(limit, served, exported):
    """Return a step whose bounds are its figures."""
    return Step(limit, served, served, 0.0, 0.0, exported, exported, exported)


def test_parts_add_up_at_every_limit():
    """Tests two parts of 10 Mtok that change at 5 and at 7: served 10, 16 and 20, exported 0, 6 and 6 of 20."""
    units = Units(weight=1.0, hours=1.0, demand=20.0, total=20.0)
    parts = [[exact(0.0, 10.0, 0.0)], [exact(0.0, 0.0, 0.0), exact(5.0, 6.0, 6.0), exact(7.0, 10.0, 6.0)]]
    table = curve_table(units, parts)
    assert table["limit"].tolist() == [0.0, 5.0, 7.0]
    assert table["unserved_mtok"].tolist() == pytest.approx([10.0, 4.0, 0.0])
    assert table["share"].tolist() == pytest.approx([0.0, 0.3, 0.3])
    assert table["exact"].all()


def test_corners_that_differ_by_rounding_are_one():
    """Tests that a change by 1e-12 of the demand makes no row, and that a gap is no exact row."""
    units = Units(weight=1.0, hours=1.0, demand=20.0, total=20.0)
    assert len(curve_table(units, [[exact(0.0, 10.0, 1.0), exact(5.0, 10.0 + 1e-11, 1.0)]])) == 1
    wide = Step(0.0, 10.0, 12.0, 0.0, 0.0, 1.0, 0.0, 5.0)
    row = curve_table(units, [[wide]]).iloc[0]
    assert not row["exact"]
    assert (row["unserved_low"], row["unserved_mtok"]) == pytest.approx((8.0, 10.0))
    assert (row["share_low"], row["share_high"]) == pytest.approx((0.0, 0.25))


def test_a_row_holds_up_to_the_next():
    """Tests that a limit just short of a corner reaches it, and that a limit is a number from 0 on."""
    steps = [exact(0.0, 10.0, 0.0), exact(5.0, 16.0, 6.0)]
    rows = CurveRows("rtt", curve_table(Units(1.0, 1.0, 20.0, 20.0), [steps]))
    assert rows.limits.tolist() == [0.0, 5.0]
    assert [rows.at(limit)["exported"] for limit in (0.0, 4.9, 5.0 - 1e-12, 1e9)] == [0.0, 0.0, 6.0, 6.0]
    for wrong in (float("nan"), -1.0):
        with pytest.raises(ValueError, match=f"limit {wrong} is not at least 0"):
            rows.at(wrong)
