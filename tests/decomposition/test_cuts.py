"""Cuts: tight where they were proven, below the least cost everywhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placer.column_generation.solver import ColumnGeneration
from placer.decomposition.closed_limits import prices_of
from placer.decomposition.cuts import PriceVector, cuts_of
from placer.decomposition.member import Member
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.planning.question.added_limits import added_limits
from placer.planning.question.candidates import Candidates
from placer.solvers.highs import HiGHS
from tests.effort import tries

#: Relative rounding of two sums of a few hundred terms and of a solver's optimum.
ROUNDING = 1e-8


def state_of(instance, candidates, state=None, weight=1.0):
    """Return a state of an instance; the instance itself if none is given."""
    formulation = formulate(state or instance)
    return Member("state", weight, formulation, added_limits(instance, state or instance, formulation, candidates))


def _least(state, units):
    answer, certificate = solve_structure(state.at(units), HiGHS())
    return answer, certificate.objective


@pytest.mark.slow
@settings(deadline=None, max_examples=tries(4, 12))
@given(seed=st.integers(0, 10_000))
def test_a_cut_touches_where_it_was_proven_and_is_below_elsewhere(make_random_instance, make_candidates, seed):
    """Tests the bound of the module's text at the solved state, at other builds, and for another state."""
    random = np.random.default_rng(seed)
    instance = make_random_instance(seed, accelerators="sunk")
    candidates = make_candidates(instance, seed)
    dearer = instance.power_zones.assign(
        usd_per_mwh=[[2 * value - 30 for value in values] for values in instance.power_zones["usd_per_mwh"]]
    )
    state = state_of(instance, candidates)
    other = state_of(instance, candidates, instance.scaled_demand(1.3).replace(power_zones=dearer))
    units = random.uniform(0, 4, len(candidates))
    answer, cost = _least(state, units)
    prices = PriceVector.of(answer.prices)
    cut = cuts_of(prices, [state])[0]
    assert cut.at(units) == pytest.approx(cost, rel=ROUNDING)
    assert (cut.slope >= 0).all()
    for each in (state, other):
        elsewhere = random.uniform(0, 6, len(candidates)) * random.integers(0, 2, len(candidates))
        _, least = _least(each, elsewhere)
        assert cuts_of(prices, [each])[0].at(elsewhere) <= least + ROUNDING * abs(least)


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), of_market=st.booleans())
def test_closed_limits_are_named_by_either_solver(make_random_instance, make_closed, seed, of_market):
    """Tests that the cut touches where limits are 0, also from a solver that leaves closed arcs out."""
    random = np.random.default_rng(seed)
    instance, candidates = make_closed(make_random_instance(seed, accelerators="sunk"), seed)
    state, nothing = state_of(instance, candidates), np.zeros(len(candidates))
    solver = ColumnGeneration() if of_market else HiGHS()
    answer, certificate = solve_structure(state.at(nothing), solver)
    cut = cuts_of(prices_of(state.at(nothing), state.opened, answer.prices), [state])[0]
    assert cut.at(nothing) == pytest.approx(certificate.objective, rel=ROUNDING)
    for _ in range(2):
        elsewhere = random.uniform(0, 4, len(candidates)) * random.integers(0, 2, len(candidates))
        _, least = _least(state, elsewhere)
        assert cut.at(elsewhere) <= least + ROUNDING * abs(least)


@pytest.mark.slow
@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 10_000), of_market=st.booleans(), is_all_closed=st.booleans())
def test_cuts_with_limits_of_power_zones(make_zoned, make_candidates, make_closed, seed, of_market, is_all_closed):
    """Tests that cuts touch where they were proven and are below elsewhere, also where a zone has no power."""
    random = np.random.default_rng(seed)
    instance = make_zoned(seed, all_day=0.0 if is_all_closed else 5.0)
    instance, candidates = make_closed(instance, seed) if is_all_closed else (instance, make_candidates(instance, seed))
    state = state_of(instance, candidates)
    units = random.uniform(0, 4, len(candidates)) * random.integers(0, 2, len(candidates))
    answer, certificate = solve_structure(state.at(units), ColumnGeneration() if of_market else HiGHS())
    cut = cuts_of(prices_of(state.at(units), state.opened, answer.prices), [state])[0]
    assert cut.at(units) == pytest.approx(certificate.objective, rel=ROUNDING)
    elsewhere = random.uniform(0, 4, len(candidates)) * random.integers(0, 2, len(candidates))
    assert cut.at(elsewhere) <= _least(state, elsewhere)[1] * (1 + ROUNDING)


def test_prices_of_zero_bound_everything(make_random_instance, make_candidates):
    """Tests that prices of 0 are a cut: nothing is scarce, and what costs nothing below that is 0."""
    instance = make_random_instance(3, accelerators="sunk")
    state = state_of(instance, make_candidates(instance, 3))
    cut = cuts_of(PriceVector.zero(state.structure), [state])[0]
    units = np.full(state.added.shape[1], 2.0)
    assert np.isfinite(cut.constant)
    assert cut.at(units) <= _least(state, units)[1]


@pytest.mark.slow
def test_states_of_one_shape_share_prices_and_others_do_not(make_instance):
    """Tests that demand and finite limits leave the shape of a state, and other costs or arcs change it."""
    instance = make_instance(data_centres=[{"data_centre": "X", "accelerators": 5.0}, {"data_centre": "Y"}])
    row = {"candidate": "x", "adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}
    candidates = Candidates.of([row])
    state = state_of(instance, candidates)
    of_shape = state_of(instance, candidates, instance.scaled_demand(2.0))
    assert state.shape_digest == of_shape.shape_digest
    first, second = cuts_of(PriceVector.zero(state.structure), [state, of_shape])
    assert second.constant == pytest.approx(2 * first.constant)
    zones = instance.power_zones.assign(usd_per_mwh=[60.0, 20.0])
    assert state.shape_digest != state_of(instance, candidates, instance.replace(power_zones=zones)).shape_digest
    closed = instance.replace(
        data_centres=[{"data_centre": "X", "accelerators": 5.0}, {"data_centre": "Y", "accelerators": 0}]
    )
    assert state.shape_digest != state_of(instance, candidates, closed).shape_digest


def test_prices_fit_structures_of_their_shape(make_instance):
    """Tests that prices of another number of sites are told apart."""
    structure = formulate(make_instance()).structure
    prices = PriceVector.zero(structure)
    assert prices.fits(structure)
    assert not replace(prices, link=np.zeros((1, 1))).fits(structure)
