"""One round: what is short, and the single changes that lower it."""

from __future__ import annotations

import pytest

from placer.analysis.shortage.relief import RAISE, relief_round
from placer.running import running


@pytest.fixture
def here(state, programs):
    """The round at the state without changes."""
    return relief_round(state, programs, 2)


def test_what_is_short(here):
    """Tests that A lacks 6 Mtok and B nothing."""
    assert here.left == pytest.approx(6.0)
    assert here.unserved.tolist() == pytest.approx([6.0, 0.0])


def test_single_changes(here):
    """Tests that 6 accelerators more at X leave nothing short, and no other single change less than 6 Mtok."""
    by_limit = {}
    for option in here.options(24):
        change, share = option.smallest()
        by_limit[change.limit, change.name] = option.left, change.amount, share, option.rank
    left, amount, share, rank = by_limit.pop(("accelerators", "X"))
    assert (left, rank) == (pytest.approx(0.0, abs=1e-6), RAISE)
    assert (amount, share) == (pytest.approx(6.0, rel=1e-6), pytest.approx(1.5, rel=1e-6))
    assert all(each[0] == pytest.approx(6.0) for each in by_limit.values())


def test_progress_names_the_limit_that_is_tried(here):
    """Tests a line with what is short and how far it is."""
    lines = []
    with running(lines.append):
        list(here.options(24))
    assert "6 Mtok short: limit 1 of" in lines[0]


def test_smallest_amounts_leave_what_they_may(here):
    """Tests that to leave 2 short takes 4 accelerators more, and a margin."""
    (change,) = here.smallest_amounts([("data_centres", 0, "accelerators")], 2.0)
    assert change.amount == pytest.approx(4.0, rel=1e-6)


def test_all_amounts_together(here):
    """Tests that of all limits together only X's accelerators are lifted, as A can be served nowhere else."""
    assert [(change.limit, change.name) for change in here.joint()] == [("accelerators", "X")]
