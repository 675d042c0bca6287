"""Rents of stores without power or energy, by hand: two hours at 20 and 100 USD, 10 MWh in each."""

import numpy as np
import pytest

from placer.decomposition.closed_limits import prices_of
from placer.decomposition.closed_stores import with_store_rents
from placer.decomposition.cuts import PriceVector, cuts_of
from placer.decomposition.member import Member
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate_stored
from placer.planning.question.added_limits import added_limits
from placer.planning.question.candidates import Candidates
from tests.batteries_by_hand import powered

ROW = {"target": "B", "usd_per_unit_year": 1.0, "max_units": 9.0}


def state_of(instance, *adds):
    candidates = Candidates.of([{"candidate": each, "adds": each, **ROW} for each in adds])
    formulation = formulate_stored(instance)
    return Member("s", 1.0, formulation, added_limits(instance, instance, formulation, candidates))


def cut_of(state):
    answer, certificate = solve_structure(state.structure)
    cut = cuts_of(prices_of(state.structure, state.opened, answer.prices), [state])[0]
    assert cut.constant == pytest.approx(certificate.objective)
    return cut


@pytest.mark.parametrize("at", ["D", "Z"])
def test_a_battery_of_no_size(at):
    """Tests that a MW and a MWh together save 80: no pair of rents is lower, as neither is worth anything alone."""
    cut = cut_of(state_of(powered(battery={"power_mw": 0.0, "energy_mwh": 0.0}, at=at), "power_mw", "energy_mwh"))
    assert cut.slope.sum() == pytest.approx(80)
    assert (cut.slope >= -1e-9).all()


@pytest.mark.parametrize("at", ["D", "Z"])
def test_power_without_energy_is_worth_nothing(at):
    """Tests that the rent of power alone is 0 where there is no energy to raise, after losses and wear."""
    battery = {"power_mw": 0.0, "energy_mwh": 0.0, "efficiency": 0.9, "usd_per_mwh_throughput": 5.0}
    assert cut_of(state_of(powered(battery=battery, at=at), "power_mw")).slope == pytest.approx([0.0], abs=1e-9)


def test_a_battery_of_some_size_keeps_its_prices():
    """Tests that nothing changes where power and energy are above 0, and that it is worth what it saves."""
    state = state_of(powered(battery={}), "power_mw", "energy_mwh")
    answer, _ = solve_structure(state.structure)
    prices = PriceVector.of(answer.prices)
    assert with_store_rents(state.structure, state.opened, prices) is prices
    assert cut_of(state).slope.sum() == pytest.approx(80)


def test_a_site_in_the_dark():
    """Tests an hour without supply, in which 1,000 USD a Mtok are lost: a MW and a MWh of a battery save 980."""
    supply = [{"power_zone": "Z", "data_centre": "D", "limit_mw": [20.0, 0.0]}]
    none = {"power_mw": 0.0, "energy_mwh": 0.0}
    cut = cut_of(state_of(powered(battery=none, supplies=supply), "power_mw", "energy_mwh"))
    assert cut.slope.sum() == pytest.approx(980)


def test_prices_of_0_are_a_bound():
    """Tests that prices of 0 bound the cost of any builds from below, and take none of what costs nothing."""
    for at in "DZ":
        state = state_of(powered(battery={}, at=at), "power_mw", "energy_mwh")
        cut = cuts_of(PriceVector.zero(state.structure), [state])[0]
        assert (cut.constant, cut.slope.tolist()) == (0.0, [0.0, 0.0])


def test_vectors_of_other_batteries_do_not_fit():
    """Tests the shapes of stores and sources."""
    with_battery, without = (formulate_stored(each).structure for each in (powered(battery={}), powered()))
    zero = PriceVector.zero(with_battery)
    assert zero.fits(with_battery)
    assert not zero.fits(without)
    assert not PriceVector.zero(without).fits(with_battery)
    assert zero.stored.shape == (1, 2)
    assert np.array_equal(PriceVector.zero(without).stored, np.zeros((0, 0)))
