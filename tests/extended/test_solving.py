"""Integer columns, and what is said where there is no answer."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.errors import NoSolutionError, SolverError
from placer.extended import solving
from placer.extended.solving import integer_certificate
from placer.proof.certificate import BASIC, Certificate
from placer.solvers.branch_and_bound import IntegerSolution
from placer.termination import Reason, Termination
from tests.effort import tries

few = settings(max_examples=tries(4, 12), deadline=None, derandomize=True)
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
SITES = ("X", "Y", "Z")


def _with_three_sites(make_instance, random):
    """Return an instance with three sites of unlike price, capacity and latency."""
    return make_instance(
        data_centres=[
            {
                "data_centre": site,
                "accelerators": float(random.choice([6.0, 9.0, 14.0])),
                "accelerator_usd_per_hour": float(random.integers(1, 9)),
            }
            for site in SITES
        ],
        power_zones=[{"power_zone": "z", "usd_per_mwh": 20.0}],
        supplies=[{"power_zone": "z", "data_centre": site} for site in SITES],
        links=[
            {"from": hub, "to": site, "rtt_ms": float(random.choice([5.0, 30.0]))}
            for hub in ("A", "B")
            for site in SITES
        ],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 100.0, "latency_slo_ms": 20.0},
            {"workload": "v", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 100.0, "unserved_usd_per_mtok": 90.0},
        ],
        demand=[
            {"workload": workload, "hub": hub, "hour": hour, "mtok": float(random.integers(1, 5))}
            for workload in "wv"
            for hub in "AB"
            for hour in range(2)
        ],
    )


def _with_opening(instance, fixed_usd, most_open):
    """Return the model of sites that are open or closed."""
    model = placer.Model(instance)
    model.add_columns([f"open {site}" for site in SITES], cost_usd=fixed_usd, upper=1, integer=True)
    work = model.columns[model.columns["accelerator_hours"] > 0].reset_index()
    work["row"] = work["data_centre"].astype(str) + work["service_hour"].astype(str)
    size = instance.data_centres.set_index("data_centre")["accelerators"]
    uses = work[["row", "column"]].assign(value=work["accelerator_hours"])
    site = work["data_centre"].astype(str)
    opens = work[["row"]].assign(column="open " + site, value=-site.map(size)).drop_duplicates("row")
    model.add_rows(pd.concat([uses, opens]), upper=0)
    model.add_rows(pd.Series(1.0, index=[f"open {site}" for site in SITES]), name="most open", upper=most_open)
    return model


def _cost_with_open(instance, opened, fixed_usd):
    accelerators = np.where(instance.data_centres["data_centre"].isin(opened), instance.data_centres["accelerators"], 0)
    sites = instance.data_centres.assign(accelerators=accelerators)
    fixed = sum(usd for site, usd in zip(SITES, fixed_usd, strict=True) if site in opened)
    return placer.solve(instance.replace(data_centres=sites), tie_break=None).certificate.objective + fixed


@pytest.mark.slow
@few
@given(seed=st.integers(0, 10_000), most_open=st.integers(1, 3))
def test_open_sites_against_all_choices(make_instance, seed, most_open):
    """Tests fixed costs and a limit on open sites against every choice of sites, solved one by one."""
    random = np.random.default_rng(seed)
    instance, fixed_usd = _with_three_sites(make_instance, random), random.integers(0, 40, 3).astype(float).tolist()
    placement = _with_opening(instance, fixed_usd, most_open).solve()
    choices = [opened for count in range(most_open + 1) for opened in itertools.combinations(SITES, count)]
    least = min(_cost_with_open(instance, opened, fixed_usd) for opened in choices)
    assert placement.certificate.objective == pytest.approx(least, rel=2e-6)
    assert placement.certificate.bound <= least * (1 + 2e-6)
    assert placement.certificate.fixed.proven
    assert placement.own_columns["value"].isin([0.0, 1.0]).all()
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-6 * least)


@pytest.fixture(scope="module")
def opening(make_instance):
    return _with_opening(_with_three_sites(make_instance, np.random.default_rng(5)), [10.0, 20.0, 30.0], 2)


def test_nothing_with_integers_is_called_proven(opening):
    """Tests that bound, gap and prices are labelled in figures, texts and tables, and no word says proven."""
    placement = opening.solve()
    certificate, summary = placement.certificate, placement.summary()
    assert not certificate.proven
    assert certificate.verdict == "bound by branch and bound"
    assert (summary["proven"], summary["bound"], summary["prices"]) == (
        False,
        "branch and bound",
        "with the integers fixed",
    )
    assert "proven" not in repr(placement)
    assert "optimal" not in repr(placement)
    assert "bound by branch and bound, gap" in repr(placement)
    assert "with the integers fixed" in repr(placement)
    assert "proven" not in placement._repr_html_()
    for table in (placement.own_rows, placement.own_columns, placement.prices):
        assert table["integers_fixed"].all()


def test_prices_are_those_with_the_integers_fixed(opening):
    """Tests that the linear program with the values as bounds has the same cost, and prices that pay the same."""
    placement = opening.solve()
    program, value = placement.program, placement.solution.point
    own = program.col_blocks["own"]
    lower, upper = program.col_lower.copy(), program.col_upper.copy()
    lower[own] = upper[own] = value[own]
    fixed = placer.HiGHS().solve(replace(program, col_lower=lower, col_upper=upper))
    assert program.cost @ fixed.point == pytest.approx(placement.certificate.fixed.objective)
    reduced = program.cost - program.matrix.T @ placement.solution.duals
    assert reduced[: own.start].min() >= -1e-6
    assert np.abs(reduced[: own.start] * value[: own.start]).max() <= 1e-6


def test_semi_continuous_use(make_instance):
    """Tests by hand: Y takes nothing or at least 12 Mtok, and only 6 may come, so that these are left unserved."""
    instance = make_instance(workloads=[W | {"latency_slo_ms": 15.0}])
    near = placer.solve(instance)
    assert near.data_centres["mtok"].to_dict() == pytest.approx({"X": 10, "Y": 6})
    model = placer.Model(instance)
    model.add_columns("Y in use", upper=1, integer=True)
    at_y = model.columns["mwh"].where(model.columns["data_centre"] == "Y", 0.0)
    model.add_rows(pd.concat([at_y, pd.Series({"Y in use": -12.0})]), name="at least 12", lower=0)
    model.add_rows(pd.concat([at_y, pd.Series({"Y in use": -16.0})]), name="at most 16", upper=0)
    placement = model.solve()
    assert placement.data_centres["mtok"].to_dict() == pytest.approx({"X": 10, "Y": 0})
    assert placement.unserved_mtok == pytest.approx(6)
    assert placement.unserved_reasons.index.tolist() == [("own rows", "w")]


def test_integers_need_highs(opening):
    """Tests that a solver which would leave integers out is refused."""
    with pytest.raises(SolverError, match="PuLP HiGHS solves no model with integer columns"):
        opening.solve(placer.PuLP("HiGHS"))


def test_a_limit_leaves_the_best_placement(opening):
    """Tests that a search which ends early is an error with its bound and a placement that keeps every row."""
    with pytest.raises(NoSolutionError) as stopped:
        opening.solve(placer.HiGHS(options={"mip_max_improving_sols": 1, "presolve": "off"}))
    best = stopped.value.placement
    assert best.certificate.feasible
    assert not best.certificate.proven
    assert best.certificate.bound <= best.certificate.objective
    assert "bound by branch and bound" in str(stopped.value)
    assert stopped.value.bound_usd == -math.inf  # it would be a proven one


def test_no_point_within_the_limit(opening, monkeypatch):
    """Tests that a search without a point says why it stopped."""
    found = IntegerSolution(Termination(Reason.TIME_LIMIT, "over"), bound=3.0)
    monkeypatch.setattr(solving, "branch_and_bound", lambda *_: found)
    with pytest.raises(NoSolutionError, match=r"time limit.*over; bound by branch and bound 3\.00 USD") as stopped:
        opening.solve()
    assert stopped.value.placement is None


def test_the_search_leaves_time_for_the_proof(opening, monkeypatch):
    """Tests that branch and bound is given a part of the time limit, be it that of the call or of the solver."""
    given = []
    honest = solving.branch_and_bound

    def noted(program, integer, solver, gap):
        given.append(solver.time_limit_seconds)
        return honest(program, integer, solver, gap)

    monkeypatch.setattr(solving, "branch_and_bound", noted)
    opening.solve(time_limit_seconds=1000)
    opening.solve(placer.HiGHS(time_limit_seconds=500))
    opening.solve()
    assert (given[0] <= 900, given[1] <= 450, given[2]) == (True, True, math.inf)


@pytest.mark.parametrize("bound", [1e9, -1e9])
def test_a_bound_that_does_not_fit_the_point_is_refused(opening, monkeypatch, bound):
    """Tests that a claim of optimality with a bound far below or above the cost leaves as an error."""
    honest = solving.branch_and_bound
    monkeypatch.setattr(solving, "branch_and_bound", lambda *given: replace(honest(*given), bound=bound))
    with pytest.raises(NoSolutionError, match="failed"):
        opening.solve()


def test_integers_that_no_placement_keeps_are_refused(opening, monkeypatch):
    """Tests that integers which leave no point once they are fixed are an error, not an answer."""
    honest = solving.branch_and_bound

    def wrong(program, *rest):
        found = honest(program, *rest)
        values = found.values.copy()
        values[program.col_blocks["own"]] = 1.0  # three open, two allowed
        return replace(found, values=values)

    monkeypatch.setattr(solving, "branch_and_bound", wrong)
    with pytest.raises(NoSolutionError, match="with its integers fixed"):
        opening.solve()


def _fixed(objective=100.0):
    return Certificate(objective, objective, 0.0, 0.0, 0.0, 0.0, 0.0, BASIC)


def test_it_is_never_proven():
    """Tests that a gap of 0 to a bound that is another's word is no proof."""
    found = integer_certificate(_fixed(), 100.0, 1e-6, 100.0)
    assert found.fixed.proven
    assert not found.proven
    assert found.feasible
    assert found.failures == ("the bound is that of branch and bound",)
    assert found.verdict == "bound by branch and bound"
    assert "proven" not in found._repr_html_()


@pytest.mark.parametrize(("bound", "gap"), [(99.0, 0.01), (101.0, -0.01), (-math.inf, math.inf), (math.nan, math.nan)])
def test_a_gap_beyond_the_tolerance_is_told(bound, gap):
    """Tests that a bound too far below the cost, or above it, is a failure beside the kind of bound."""
    found = integer_certificate(_fixed(), bound, 1e-6, 100.0)
    assert found.gap == pytest.approx(gap, nan_ok=True)
    assert len(found.failures) == 3
    assert found.verdict.startswith("bound by branch and bound; gap ")


def test_costs_that_cancel_are_measured_against_their_terms():
    """Tests that the gap of a cost near 0 is no share of nothing, in whatever unit it is."""
    assert integer_certificate(_fixed(1e-9), 0.0, 1e-6, 2000.0).gap == pytest.approx(5e-10)
    assert integer_certificate(_fixed(1e-9), 0.5e-9, 1e-6, 1e-9).gap == pytest.approx(0.5)
    assert integer_certificate(_fixed(0.0), 0.0, 1e-6, 0.0).gap == 0
