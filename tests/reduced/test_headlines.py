"""Ranges of headlines: they hold the answer on the whole, and every answer that costs no more than the one found."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError, NoSolutionError
from placer.model.blocks import block_count
from placer.model.formulation import formulate
from placer.placement.result import Placement
from placer.reduced import headlines
from placer.reduced.by_blocks import carried_in_processes
from placer.reduced.headlines import HEADLINES, HeadlineRanges, counted, headline_names
from placer.reduced.laid import laid_duals, places_of
from placer.termination import Reason
from tests.effort import tries


def ranges_of(reduced, names=HEADLINES, gap=1e-3):
    """Return the ranges of headlines for a smaller instance, and the placement that is carried back."""
    small, whole = placer.solve(reduced.instance, tie_break=None), formulate(reduced.whole)
    places = places_of(reduced, whole, small.formulation)
    laid = laid_duals(places, whole.structure, small.answer.prices)
    found = carried_in_processes(whole.structure, laid, places, small, gap, 1)
    placement = Placement(reduced.whole, whole, found.answer, found.certificate)
    return HeadlineRanges(placement, small, places, 1).table(names), placement


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("seed", range(tries(2, 200)))
def test_ranges_hold_the_answer_on_the_whole(make_days, monkeypatch, seed, large):
    """Tests headlines of the optimum of the whole, with and without a cap on carbon, and by passes over blocks."""
    whole = make_days(seed, days=3)
    if large:
        monkeypatch.setattr(headlines, "is_by_blocks", lambda structure, *_: block_count(structure) > 1)
    if seed % 2:
        whole = whole.replace(carbon_limit_kg=0.9 * placer.solve(whole, tie_break=None).carbon_kg)
    names = [HEADLINES[place % len(HEADLINES)] for place in (seed, seed + 4)]
    table, placement = ranges_of(whole.representative_days(1 + seed % 3), names, gap=0.1)
    best = placer.solve(whole)
    assert best.cost_and_penalty_usd <= placement.cost_and_penalty_usd * (1 + 1e-9)
    for name, row in table.iterrows():
        for each in (best, placement):
            value = getattr(each, name)
            close = 1e-6 * (abs(value) + 1)
            assert row["least"] - close <= value <= row["most"] + close, name


@pytest.mark.slow
def test_all_days_leave_next_to_no_width(make_days):
    """Tests that ranges of costs close where the interval of the cost does, and what the table says beside them."""
    whole = make_days(0)
    table, placement = ranges_of(whole.representative_days(4), ["cost_usd", "cost_usd_per_mtok", "unserved_share"])
    assert table.loc["cost_usd", "width_share"] < 1e-5
    assert table.loc["cost_usd_per_mtok", "carried_back"] == pytest.approx(placement.cost_usd_per_mtok)
    assert table.loc["cost_usd", "smaller"] == pytest.approx(placement.cost_usd)
    assert table["unit"].tolist() == ["USD", "USD per Mtok", "share"]


@pytest.mark.parametrize(
    "name", ["cost_usd", "unserved_mtok", "exported_mtok", "energy_mwh", "carbon_kg", "water_litres"]
)
def test_what_a_headline_counts_is_that_of_the_placement(make_days, name):
    """Tests that what flows count, and what a slope adds to their cost, are the figures of a placement."""
    placement = placer.solve(make_days(5))
    formulation, flows = placement.formulation, placement.answer.point
    count = counted(formulation, name)
    value = getattr(placement, name)
    assert count.of(formulation.structure, flows) == pytest.approx(value)
    priced = count.priced(formulation.structure, 0.25)
    assert placer.model.loads.cost_of(priced, flows) == pytest.approx(placement.certificate.objective + 0.25 * value)


def test_unknown_headlines_are_listed():
    """Tests one name, several, and names that are none."""
    assert headline_names("carbon_kg") == ("carbon_kg",)
    assert headline_names(["carbon_kg", "cost_usd", "carbon_kg"]) == ("carbon_kg", "cost_usd")
    with pytest.raises(InstanceError) as raised:
        headline_names(["carbon", "cost_usd", 3])
    assert [each.problem for each in raised.value.violations] == ["'carbon' is unknown", "3 is unknown"]


@pytest.mark.slow
def test_costs_without_a_proven_answer_are_left_out(make_days, monkeypatch):
    """Tests that an end is open, or what it cannot exceed, where no solver proves an answer at other costs."""

    def unproven(*_):
        raise NoSolutionError(Reason.FAILED, "unproven")

    monkeypatch.setattr(headlines, "carried", unproven)
    table, placement = ranges_of(make_days(0, days=2).representative_days(1), ["exported_mtok", "carbon_kg"])
    assert table["least"].tolist() == [0, 0]
    assert table["most"].tolist() == [pytest.approx(placement.demand_mtok), float("inf")]
