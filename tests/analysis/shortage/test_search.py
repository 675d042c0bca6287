"""The search: what it finds, and what it leaves out as not needed."""

from __future__ import annotations

import pytest

from placer.analysis.shortage.changes import Change
from placer.analysis.shortage.search import ShortageSearch
from placer.errors import NoSolutionError
from placer.solve import solve
from placer.solvers.highs import HiGHS


@pytest.fixture
def placement(short):
    """The placement that is short."""
    return solve(short)


@pytest.fixture
def search(placement):
    """A search for what cures it."""
    return ShortageSearch(placement, HiGHS(), 24)


def test_one_change_cures(search):
    """Tests that 6 more accelerators at X are found."""
    (change,) = search.find().changes.values()
    assert (change.limit, change.name) == ("accelerators", "X")
    assert change.amount == pytest.approx(6.0, rel=1e-6)


def test_what_is_not_needed_is_dropped(search, placement):
    """Tests that accelerators at Y, which B has enough of, are dropped, and 6 Mtok are short without those at X."""
    found = search.find()
    needless = Change("accelerators", "Y", "data_centres", 1, "accelerators", 6.0, 7.0)
    changes = found.changes | {needless.key: needless}
    kept, without = search.prune(changes, placement.accounts.unserved)
    assert kept == found.changes
    assert without[0].tolist() == pytest.approx([6.0, 0.0])


def test_changes_that_do_not_cure_are_refused(search, placement):
    """Tests that dropping a change is checked: what is left has to serve everything, or it is an error."""
    both = [Change("accelerators", "X", "data_centres", 0, "accelerators", 4.0, new) for new in (10.0, 9.0)]
    needless = Change("accelerators", "Y", "data_centres", 1, "accelerators", 6.0, 7.0)
    enough, short_of_it = ({each.key: each, needless.key: needless} for each in both)
    assert list(search.prune(enough, placement.accounts.unserved)[0]) == [both[0].key]
    kept, without = search.prune(short_of_it, placement.accounts.unserved)
    assert len(kept) == 2
    assert min(each.sum() for each in without) == pytest.approx(1.0)


def test_a_search_that_may_try_nothing_ends(placement):
    """Tests that without single changes all amounts are lifted together, and the same cure is found."""
    (change,) = ShortageSearch(placement, HiGHS(), 0).find().changes.values()
    assert (change.limit, change.name) == ("accelerators", "X")


def test_a_shortage_without_a_cure_is_an_error(placement, monkeypatch):
    """Tests that where no change of any kind helps, the search says so instead of going on."""
    for name in ("options", "joint"):
        monkeypatch.setattr(f"placer.analysis.shortage.relief.ReliefRound.{name}", lambda *_: [])
    with pytest.raises(NoSolutionError, match="no change that lowers 6 Mtok"):
        ShortageSearch(placement, HiGHS(), 24).find()
