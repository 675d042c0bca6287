"""Secure placements: A1 by hand, against an implementation of its own, and what holds on any instance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.errors import ArgumentError, InstanceError, SolverError
from placer.security import solving
from placer.security.program import UNSERVED_ROW
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad
from tests.model.pools_at_random import with_random_pools
from tests.model.pools_by_hand import NEW, OLD, pooled

few = settings(max_examples=tries(9, 25), deadline=None, derandomize=True)
KINDS = ("data_centres", "power_zones", "links")


def test_a1_by_hand(a1):
    """Tests A1: 520 without security and 555 with, 35 voice at A and 5 at B; prices 6 and 5; 640 = 555 + 85."""
    placement = placer.solve(a1, security=placer.Security())
    assert placement.without.cost_usd == pytest.approx(520.0)
    assert placement.cost_usd == pytest.approx(555.0)
    flows = placement.flows["mtok"].droplevel(["hub", "hour"]).to_dict()
    assert flows == pytest.approx({("voice", "A"): 35.0, ("voice", "B"): 5.0, ("chat", "W"): 80.0})
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([6.0, 5.0])
    settlement = placement.settlement
    assert settlement[["payments", "cost", "security_rent"]].tolist() == pytest.approx([640.0, 555.0, 85.0])
    assert settlement["difference"] == 0.0
    assert placement.certificate.proven


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, tries(40, 200), 20))
def test_against_an_implementation_of_its_own(make_small, contingencies_of_small, least_secure_cost, first):
    """Tests cost, stranded work and the order of both, by each kind of contingency in turn, on random instances."""
    for seed in range(first, first + 20):
        instance, kind = make_small(seed), KINDS[seed % 3]
        share = np.random.default_rng(seed).choice([1.0, 1.0, 0.5, 0.0], len(instance.workloads))
        protected = dict(zip(instance.workloads["workload"], share.tolist(), strict=True))
        placement = placer.solve(instance, security=placer.Security(kind, protected=protected))
        lost, penalty = contingencies_of_small(instance, kind), placement.secure.penalty
        usd, stranded, least, without = least_secure_cost(instance, lost, share, penalty)
        assert placement.cost_and_penalty_usd == pytest.approx(usd, rel=1e-7), seed
        assert sum(placement.stranded_mtok.values()) == pytest.approx(stranded, abs=1e-7), seed
        assert stranded == pytest.approx(least, abs=1e-7), seed
        assert placement.without.cost_and_penalty_usd == pytest.approx(without, rel=1e-7), seed
        assert placement.bound_usd == pytest.approx(placement.certificate.objective, rel=1e-9), seed


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("pools", [lambda instance, _: instance, with_random_pools], ids=["one type", "pools"])
def test_it_passes_its_own_audit(make_random_instance, seed, kind, pools):
    """Tests that an audit finds stranded in each contingency what the program says, and no more."""
    security = placer.Security(kind)
    placement = placer.solve(pools(make_random_instance(seed), seed), security=security)
    found = placer.audit(placement, security).contingencies["stranded_mtok"]
    assert found.sum() <= sum(placement.stranded_mtok.values()) + 1e-5
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * placement.settlement["payments"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_more_contingencies_never_cost_less(make_random_instance, seed):
    """Tests that each further contingency leaves stranded work, and then the objective, no lower."""
    instance, cost, penalties = make_random_instance(seed), 0.0, set()
    names = list(instance.data_centres["data_centre"])
    for count in range(1, len(names) + 1):
        rows = [{"contingency": name, "data_centre": name} for name in names[:count]]
        placement = placer.solve(instance, security=placer.Security(rows))
        penalties.add(placement.secure.penalty)
        assert placement.certificate.objective >= cost * (1 - 1e-9)
        assert placement.certificate.objective >= placement.without.certificate.objective * (1 - 1e-9)
        cost = placement.certificate.objective
    assert len(penalties) == 1


def test_losing_what_serves_nobody_costs_nothing(a1):
    """Tests that a contingency that hits nothing enters no program, and costs nothing."""
    placement = placer.solve(a1, security=placer.Security([{"contingency": "A", "data_centre": "A"}]))
    assert placement.security_usd == pytest.approx(0.0)
    assert placement.secure.contingents == ()
    assert placement.binding_contingencies.empty
    assert placement.security_rents.empty


@pytest.mark.slow
@few
@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=5),
    costs=st.lists(st.integers(1, 9), min_size=5, max_size=5),
    part=st.floats(0.05, 1.0),
)
def test_one_class_that_runs_anywhere_pays_nothing(make_a1, sizes, costs, part):
    """Tests the theorem: with one need everywhere, security is free if all sites but the largest cover demand."""
    sites = [
        {"data_centre": f"S{place}", "accelerators": float(size), "accelerator_usd_per_hour": float(usd)}
        for place, (size, usd) in enumerate(zip(sizes, costs, strict=False))
    ]
    demand = [{"workload": "w", "hub": "H", "mtok": part * (sum(sizes) - max(sizes))}]
    instance = make_a1(
        data_centres=sites,
        links=[{"from": "H", "to": site["data_centre"], "rtt_ms": 1.0} for site in sites],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=demand,
    )
    placement = placer.solve(instance, security=placer.Security())
    assert placement.security_usd == pytest.approx(0.0, abs=1e-6)
    assert not any(placement.stranded_mtok.values())


@pytest.mark.slow
@few
@given(asked=st.tuples(st.integers(0, 60), st.integers(1, 99)), sizes=st.tuples(*[st.integers(1, 99)] * 3))
def test_a1_of_any_size(make_a1, a1, asked, sizes):
    """Tests the bound, the order and the settlement on A1 with other sizes, short of capacity or not."""
    sites = a1.data_centres.assign(accelerators=[float(size) for size in sizes])
    demand = a1.demand.assign(mtok=[float(mtok) for mtok in asked])
    placement = placer.solve(make_a1(data_centres=sites, demand=demand), security=placer.Security())
    assert placement.bound_usd == pytest.approx(placement.certificate.objective, rel=1e-9, abs=1e-9)
    assert placement.penalty_usd <= placement.without.penalty_usd * (1 + 1e-6) + 1e-6
    assert abs(placement.settlement["difference"]) <= 1e-6 * (1 + placement.settlement["payments"])


def test_unserved_demand_comes_before_stranded_work(make_a1):
    """Tests the order: leaving 6 of 16 unserved would strand nothing, and yet all is served and 6 strand twice."""
    sites = [{"data_centre": name, "accelerators": 10.0} for name in "XY"]
    instance = make_a1(
        data_centres=sites,
        links=[{"from": "H", "to": site["data_centre"], "rtt_ms": 1.0} for site in sites],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": "H", "mtok": 16.0}],
    )
    placement = placer.solve(instance, security=placer.Security())
    assert placement.unserved_mtok == pytest.approx(0.0)
    assert placement.stranded_mtok == pytest.approx({"X": 6.0, "Y": 6.0})
    assert UNSERVED_ROW in placement.own_rows.index
    assert placement.bound_usd == pytest.approx(placement.certificate.objective, rel=1e-9)
    assert abs(placement.settlement["difference"]) <= 1e-6 * placement.settlement["payments"]
    assert placement.prices["at_penalty"].all()


def test_a_bound_that_leaves_a_gap_is_an_error(a1, monkeypatch):
    """Tests that no answer leaves without the second proof."""
    monkeypatch.setattr("placer.security.answer.secure_bound", lambda *_: 500.0)
    with pytest.raises(placer.NoSolutionError, match="leaves a gap"):
        placer.solve(a1, security=placer.Security())


def test_arguments(a1):
    """Tests that other types, the rule all, a share that may strand, unknown names and other solvers are refused."""
    with pytest.raises(ArgumentError, match="expected a security"):
        placer.solve(a1, security=["data_centres"])
    with pytest.raises(InstanceError, match="most_stranded"):
        placer.solve(a1, security=placer.Security(most_stranded=0.0))
    with pytest.raises(InstanceError, match="'all' binds capacity, never a placement"):
        placer.solve(a1, security=placer.Security(recourse="all"))
    with pytest.raises(InstanceError, match="'video' is unknown"):
        placer.solve(a1, security=placer.Security(protected={"video": 1.0}))
    with pytest.raises(SolverError, match="solved as a whole linear program"):
        placer.solve(a1, placer.ColumnGeneration(), security=placer.Security())


def test_a_kind_by_its_name(a1):
    """Tests that a kind is the security with its defaults, and that the hours of a loss change nothing."""
    found = placer.solve(a1, security="data_centres")
    assert found.security == placer.Security("data_centres", recourse="displaced")
    longer = placer.solve(a1, security=placer.Security("data_centres", hours_a_year=20.0))
    assert (found.cost_usd, longer.cost_usd) == pytest.approx((555.0, 555.0))


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("usd", [1e-6, 0.1, 1e6])
def test_unserved_demand_comes_first_at_any_scale(short_of_room, scale, usd):
    """Tests that all is served, whatever it is worth and however small it is, and that 6 of 10 strand without A."""
    placement = placer.solve(short_of_room(scale, usd), security=placer.Security())
    assert placement.served_mtok == pytest.approx(10 * scale, rel=1e-6)
    assert placement.stranded_mtok == pytest.approx({"A": 6 * scale, "B": 0.0}, rel=1e-6)


def test_values_far_above_the_cost(make_a1):
    """Tests 10 of voice, worth a million, that only A may serve at 6: all is served, and strands without A."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 1e6}
    instance = make_a1(
        workloads=[{"workload": "voice", "jurisdictions": ("a",)} | work],
        demand=[{"workload": "voice", "hub": "H", "mtok": 10.0}],
    )
    placement = placer.solve(instance, security=placer.Security())
    assert placement.stranded_mtok == pytest.approx({"A": 10.0, "B": 0.0, "W": 0.0})
    assert (placement.unserved_mtok, placement.cost_usd) == pytest.approx((0.0, 60.0))


@pytest.mark.parametrize("large_from", [0, solving.LARGE_FROM])
@pytest.mark.parametrize("heavy_mtok", [1e-5, 1e-7])
def test_few_heavy_tokens_are_protected(monkeypatch, large_from, heavy_mtok):
    """Tests that 0.1 of W stays free for work of X that is rounding beside all tokens.

    W serves 0.9 of 1 Mtok of light work at 1 USD, and A the rest at 50 USD: 5.9 USD, where 1 USD would strand it.
    """
    monkeypatch.setattr(solving, "LARGE_FROM", large_from)
    sites = {"A": (5.0, 50.0), "W": (1.0, 1.0), "X": (9.0, 0.0)}
    needs = {"heavy": (("W", "X"), 0.1 / heavy_mtok, 0.0, heavy_mtok), "light": (("A", "W"), 1.0, 1e3, 1.0)}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H"}],
            "data_centres": [
                {"data_centre": name, "accelerators": size, "jurisdiction": name} for name, (size, _) in sites.items()
            ],
            "power_zones": [{"power_zone": f"z{name}", "usd_per_mwh": usd} for name, (_, usd) in sites.items()],
            "supplies": [{"power_zone": f"z{name}", "data_centre": name} for name in sites],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": hours, "kwh_per_mtok": kwh}
                | {"unserved_usd_per_mtok": 1e9}
                for name, (at, hours, kwh, _) in needs.items()
            ],
            "demand": [{"workload": name, "hub": "H", "mtok": mtok} for name, (*_, mtok) in needs.items()],
        }
    )
    security = placer.Security([{"contingency": "X", "data_centre": "X"}])
    placement = placer.solve(instance, security=security)
    assert placement.cost_and_penalty_usd == pytest.approx(5.9)
    assert placement.stranded_mtok["X"] == pytest.approx(0.0, abs=1e-6 * heavy_mtok)
    assert placer.audit(placement, security).stranded_mtok == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("large_from", [solving.LARGE_FROM, 0], ids=["explicit", "cuts"])
@pytest.mark.parametrize(
    ("seed", "change"),
    [
        *((seed, with_random_modes) for seed in range(tries(6, 200))),
        *((seed, with_random_pools) for seed in range(tries(9, 60))),
    ],
)
def test_modes_and_pools_against_an_implementation_of_its_own(
    monkeypatch, make_small, contingencies_of_small, least_secure_cost, large_from, seed, change
):
    """Tests the same where displaced work may change its mode, and where a lost data centre loses all its pools."""
    monkeypatch.setattr(solving, "LARGE_FROM", large_from)
    plain, kind = make_small(seed), KINDS[seed % 3]
    instance = change(plain.replace(workloads=plain.workloads.assign(latency_slo_ms=19.0)), seed)
    share = np.random.default_rng(seed).choice([1.0, 1.0, 0.5, 0.0], len(instance.workloads))
    protected = dict(zip(instance.workloads["workload"], share.tolist(), strict=True))
    placement = placer.solve(instance, security=placer.Security(kind, protected=protected))
    lost, penalty = contingencies_of_small(instance, kind), placement.secure.penalty
    usd, stranded, least, without = least_secure_cost(instance, lost, share, penalty)
    assert placement.cost_and_penalty_usd == pytest.approx(usd, rel=1e-7)
    assert sum(placement.stranded_mtok.values()) == pytest.approx(stranded, abs=1e-7)
    assert stranded == pytest.approx(least, abs=1e-7)
    assert placement.without.cost_and_penalty_usd == pytest.approx(without, rel=1e-7)
    settlement = placement.settlement
    assert settlement["difference"] == pytest.approx(0.0, abs=1e-6 * settlement["payments"])
    assert placement.security_rents["rent_usd"].sum() == pytest.approx(settlement["security_rent"], rel=1e-5, abs=1e-5)
    accounts = placer.accounts(placement)
    assert accounts.stability.rounding_usd == pytest.approx(0.0, abs=1e-5 * settlement["payments"])
    found = placer.audit(placement, placer.Security(kind, protected=protected))
    assert found.contingencies["stranded_mtok"].sum() == pytest.approx(stranded, abs=1e-5)
    assert found.contingencies["proven"].all()


def test_headroom_of_modes_by_hand():
    """Tests what far has room for if near is lost, in the mode of 80 a second, the only one that is in time there.

    Near, the cheaper one, serves all at 40 a second. Far's 20 accelerators take 28.8 of the 36 Mtok, and 7.2 strand.
    """
    instance = modes_abroad([SLOW, MIDDLE, FAST], chips=20.0)
    sites = instance.data_centres.assign(accelerator_usd_per_hour=[0.1, 1.0])
    lost = placer.Security([{"contingency": "near", "data_centre": "near"}])
    placement = placer.solve(instance.replace(data_centres=sites), security=lost)
    assert placement.modes["mtok"].to_dict() == pytest.approx({("chat", "40 a second", "users", "near"): 36.0})
    assert placement.stranded_mtok["near"] == pytest.approx(36.0 - 28.8)
    audit = placer.audit(placement, lost)
    assert audit.contingencies.loc["near", "stranded_mtok"] == pytest.approx(36.0 - 28.8)
    assert audit.workloads.loc[("near", "chat"), "displaced_mtok"] == pytest.approx(36.0)


def test_headroom_of_pools_by_hand():
    """Tests that a lost hall loses both pools, and that its twin holds its new one for the work that moves.

    The twin has a cheap old pool of 5 and a new one of 8. Both halls serve 15 + 5 Mtok; without the hall 13 of 15 have
    a place beside the 5 that stay: 7 strand, so that each unit of a pool at the twin saves a Mtok. Without the twin all
    20 fit into the hall.
    """
    instance = pooled().with_data_centre("twin", {"users": 10}, "grid", region="west", accelerator_usd_per_hour=2.0)
    pools = [
        *instance.accelerator_pools.to_dict("records"),
        {"data_centre": "twin", "accelerator_type": OLD, "accelerators": 5.0, "accelerator_usd_per_hour": 0.5},
        {"data_centre": "twin", "accelerator_type": NEW, "accelerators": 8.0},
    ]
    instance = instance.replace(accelerator_pools=pools, demand=[{"workload": "chat", "hub": "users", "mtok": 20.0}])
    placement = placer.solve(instance, security=placer.Security("data_centres"))
    assert placement.cost_usd == pytest.approx(5 * 0.5 + 10 * 1.0 + 5 * 2.0)
    assert placement.stranded_mtok == pytest.approx({"hall": 7.0, "twin": 0.0}, abs=1e-6)
    rents = placement.security_rents["rent_usd"] / placement.secure.penalty
    sizes = {("hall", "accelerators", "old at twin", 0): 5.0, ("hall", "accelerators", "new at twin", 0): 8.0}
    assert rents.to_dict() == pytest.approx(sizes)
    audit = placer.audit(placement, placer.Security("data_centres"))
    assert audit.contingencies.loc["hall", "stranded_mtok"] == pytest.approx(7.0)
    assert audit.contingencies.loc["hall", "binding_sites"] == "twin"
