"""What an answer that is carried back says of itself."""

from __future__ import annotations

import pytest

import placer
from placer.reduced import carried as carried_module
from tests.results import check_result


@pytest.fixture(scope="module")
def proven():
    """Return the small dataset from fewer places, proven."""
    return placer.carry_back(placer.load("tiny").merge_hubs(2).merge_data_centres(2))


def test_a_closed_gap_is_told_as_a_proof(proven):
    """Tests text, summary and tables of a proven placement."""
    check_result(proven)
    assert repr(proven) == "CarriedBack: a placement of 330.77 USD, proven: none costs less"
    summary = proven.summary()
    assert (summary["hubs"], summary["hubs_of_whole"], summary["proven"]) == (2, 3, True)
    assert summary["lower_usd"] == pytest.approx(330.77)
    assert proven.answers["cost_usd"].round(2).tolist() == [219.68, 330.77]
    assert set(proven.tables) == {"answers", "hubs", "data_centres", "hours"}


def test_a_wide_gap_is_never_told_as_one(monkeypatch):
    """Tests that neither the result nor its placement calls an answer optimal or proven whose gap is open."""
    monkeypatch.setattr(carried_module, "ROUNDS", 1)
    monkeypatch.setattr("placer.ladder.stepped.REACH", 0.0)
    short = placer.load("tiny").with_value("data_centres.accelerators", 60.0)
    found = placer.carry_back(short.merge_data_centres(2))
    assert found.gap > 1e-3
    check_result(found)
    assert "proven" not in repr(found)
    assert found.lower_usd < found.upper_usd
    for summary in (found.summary(), found.placement.summary()):
        assert not summary["proven"]
    assert found.placement.summary()["termination"] == "iteration limit"
    assert "optimal" not in repr(found.placement).splitlines()[0].replace("not proven", "")
    assert "not proven: " in repr(found.placement)
    with pytest.raises(placer.ArgumentError, match="expected a proven placement"):
        placer.alternatives(found.placement)
