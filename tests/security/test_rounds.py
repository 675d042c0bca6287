"""Rounds of cuts, with costs of a ceiling: A1 by hand."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ceiling.programs import ExportPrograms
from placer.errors import NoSolutionError
from placer.model.counts import net
from placer.security.alike import certain_per_unit
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import merged_recourse
from placer.security.cuts import CostLimit
from placer.security.outages import outage_of
from placer.security.rounds import Entered, SecureRounds
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program


@pytest.fixture(scope="module")
def given(a1):
    """Return the structure of A1 that counts exports, and its three contingencies."""
    ceiling, security = placer.export_ceiling(a1, exporting="north"), placer.Security()
    formulation = ceiling.formulation
    structure = ExportPrograms.of(formulation, net(a1, ceiling.weights, ceiling.cut)).structure
    share, entered = protected_shares(structure, formulation.workloads, security), []
    for place, each in enumerate(contingencies_of(a1, security)):
        recourse = merged_recourse(structure, outage_of(a1, formulation, each), share)
        entered.append(Entered(place, recourse, certain_per_unit(recourse)))
    return structure, entered


def rounds_of(given, prices=(), listed=1):
    """Return the program with few assignments listed at first, and the costs 100 of unserved and stranded work."""
    structure, entered = given
    rounds = SecureRounds(structure, whole_program(structure), entered, np.arange(listed), HiGHS())
    rounds.know(prices)
    cost = np.zeros(rounds.columns)
    cost[rounds.base.col_blocks["x"]] = structure.arc_cost[structure.assignments.arc]
    cost[rounds.base.col_blocks["u"]] = cost[len(rounds.base.cost) :] = 100.0
    return rounds, cost


def test_a1_by_hand(given):
    """Tests that 85 of 120 leave, that nothing strands, and that a unit of B is worth a unit if W is lost."""
    rounds, cost = rounds_of(given)
    solved = rounds.solve(cost)
    assert (solved.certificate.objective, solved.certificate.proven) == (pytest.approx(-85.0), True)
    assert rounds.beyond(solved.solution) == pytest.approx(np.zeros((3, 1)), abs=1e-9)
    of_a, of_b, of_w = rounds.duals(solved)
    assert np.abs(of_w.capacity).ravel() == pytest.approx([0.0, 1.0, 0.0])
    assert not np.any([of_a.capacity, of_b.capacity])
    assert 2 in {each.place for each in rounds.tight(solved)}


def test_a_bound_that_is_enough_ends_the_rounds(given):
    """Tests that the first program has no cut, and sends all 120."""
    rounds, cost = rounds_of(given)
    assert rounds.solve(cost, -np.inf).certificate.objective == pytest.approx(-120.0)
    assert rounds.solve(cost, -85.0 - 1e-6).certificate.objective == pytest.approx(-85.0)


def test_prices_of_a_program_are_those_of_its_cuts(given):
    """Tests that the first program, which has no cut, has no prices of contingencies after the next found cuts."""
    rounds, cost = rounds_of(given)
    first = rounds.solve(cost, -np.inf)
    assert not first.cuts
    assert rounds.solve(cost).cuts
    assert not any(np.any(duals.capacity) for duals in rounds.duals(first))


def test_a_limit_holds_from_the_next_program_on(given):
    """Tests 3 of voice at B at most: 80 of chat leave too."""
    rounds, cost = rounds_of(given)
    rounds.solve(cost)
    structure, at_b = given[0], np.zeros(rounds.columns)
    chosen = structure.assignments
    voice_at_b = (structure.demand_class[chosen.demand] == 0) & (structure.arc_site[chosen.arc] == 1)
    at_b[rounds.base.col_blocks["x"]] = voice_at_b
    rounds.limit(CostLimit("voice at B", at_b, 3.0))
    solved = rounds.solve(cost)
    assert solved.certificate.objective == pytest.approx(-83.0)
    assert len(rounds.duals(solved)) == 3


def test_a_limit_enters_when_it_is_exceeded(given):
    """Tests exports of 80 at most: no row as long as up to 90 are no excess, and one from 70 on."""
    rounds, cost = rounds_of(given)
    exports = np.where(cost < 0, -cost, 0.0)
    rounds.limit(CostLimit("exports", exports, 80.0, enters_above=90.0))
    assert rounds.solve(cost, -np.inf).certificate.objective == pytest.approx(-80.0)
    rounds, cost = rounds_of(given)
    rounds.solve(cost)
    rounds.limit(CostLimit("exports", exports, 80.0, enters_above=90.0))
    assert rounds.solve(cost).certificate.objective == pytest.approx(-85.0)
    rounds.limit(CostLimit("exports", exports, 80.0, enters_above=70.0))
    assert rounds.solve(cost).certificate.objective == pytest.approx(-80.0)


def test_known_prices_spare_rounds(given, monkeypatch):
    """Tests that one round is enough with the prices of an earlier program, and too few without."""
    rounds, cost = rounds_of(given)
    prices = rounds.tight(rounds.solve(cost))
    every = given[0].assignment_count
    monkeypatch.setattr("placer.security.rounds._MOST_ROUNDS", 1)
    again, cost = rounds_of(given, prices, every)
    assert again.solve(cost).certificate.objective == pytest.approx(-85.0)
    hurried, cost = rounds_of(given, (), every)
    with pytest.raises(NoSolutionError, match="cuts in 1 rounds"):
        hurried.solve(cost)


def test_without_contingencies(given):
    """Tests that a program that no contingency entered is the program of the ceiling."""
    rounds, cost = rounds_of((given[0], []))
    solved = rounds.solve(cost)
    assert solved.certificate.objective == pytest.approx(-120.0)
    assert rounds.beyond(solved.solution).shape == (0, 0)
    assert rounds.duals(solved) == []
