"""Tests modes of workloads: by hand, against the same instance without, and which arcs are left out."""

import itertools

import numpy as np
import pytest

import placer
from placer.model.expansion import expand
from placer.model.formulation import formulate
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, tables

#: Near at 2.2 USD an hour and far at 1.
NEAR, FAR = 2.2, 1.0


@pytest.mark.parametrize(("rtt_ms", "accelerators"), [(0.0, 12.5), (250.0, 12.5), (500.0, 12.5), (600.0, 25.0)])
def test_distance_is_paid_in_accelerators(rtt_ms, accelerators):
    """Tests far away by hand: up to 500 ms in the mode of 40 a second, at 600 ms in that of 80; never near."""
    placement = placer.solve(modes([SLOW, MIDDLE, FAST], rtt_ms))
    assert placement.data_centres["accelerator_hours"].tolist() == pytest.approx([0.0, accelerators])
    assert placement.cost_usd == pytest.approx(FAR * accelerators)
    assert placement.certificate.proven


@pytest.mark.parametrize("rtt_ms", [0.0, 250.0, 500.0, 600.0])
def test_without_the_mode_between(rtt_ms):
    """Tests that without 40 a second all distances take 25 accelerators."""
    placement = placer.solve(modes([SLOW, FAST], rtt_ms))
    assert placement.data_centres["accelerator_hours"].tolist() == pytest.approx([0.0, 25.0])


@pytest.mark.parametrize(("usd", "site"), [(1.09, "far"), (1.11, "near")])
def test_far_wins_while_its_accelerators_are_few_enough(usd, site):
    """Tests the balance at 600 ms: 25 accelerators far away against 12.5 near at 2.2 USD, so far up to 1.1 USD."""
    instance = modes([SLOW, MIDDLE, FAST]).with_value(
        "data_centres.accelerator_usd_per_hour", usd, {"data_centre": "far"}
    )
    assert placer.solve(instance).flows.index.get_level_values("data_centre").tolist() == [site]


def test_a_backlog_has_the_modes_of_its_workload():
    """Tests that work that waits already is served in the mode of the fewest accelerators."""
    waits = tables()["workloads"][0] | {"deadline_hours": 1.0}
    hours = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 1.0} for hour in (0, 1)]
    instance = modes([SLOW, MIDDLE, FAST], workloads=[waits], demand=hours)
    waiting = [{"workload": "chat", "data_centre": "far", "hours_left": 1.0, "mtok": 36.0}]
    instance = instance.with_backlog(waiting)
    assert instance.service_classes.mode.tolist().count("20 a second") == 2
    alone = placer.solve(instance).data_centres["accelerator_hours"]["far"]
    assert alone == pytest.approx(10.0 + 2 * 25 / 36)


def test_a_mode_of_one_type_of_accelerators():
    """Tests that its figures hold there as they are, and that it runs nowhere else."""
    sites = [
        {"data_centre": "near", "accelerators": 100.0, "accelerator_usd_per_hour": 2.2, "accelerator_type": "old"},
        {"data_centre": "far", "accelerators": 100.0, "accelerator_usd_per_hour": 1.0, "accelerator_type": "new"},
    ]
    fast = {"speed": 2.0, "energy_factor": 0.5}
    new = FAST | {"accelerator_type": "new"}
    placement = placer.solve(modes([new], data_centres=[site | fast for site in sites]))
    assert placement.data_centres["accelerator_hours"].tolist() == pytest.approx([0.0, 25.0])
    assert placement.data_centres["mwh"].tolist() == pytest.approx([0.0, 25.0 / 1000])
    anywhere = placer.solve(modes([FAST], data_centres=[site | fast for site in sites]))
    assert anywhere.data_centres["accelerator_hours"].tolist() == pytest.approx([0.0, 12.5])
    old = placer.solve(modes([FAST | {"accelerator_type": "old"}], data_centres=sites))
    assert old.data_centres["accelerator_hours"].tolist() == pytest.approx([25.0, 0.0])


def arcs(instance):
    """Return the mode and the data centre of every arc."""
    formulation = formulate(instance)
    structure = formulation.structure
    names = formulation.service.mode[structure.arc_class], formulation.data_centres[structure.arc_site]
    return sorted(zip(*names, strict=True))


def test_modes_that_another_outdoes_have_no_arcs():
    """Tests that the mode of fewest accelerators in time stays at each arc, and both where one takes less energy."""
    far = [("40 a second", "near"), ("80 a second", "far")]
    assert arcs(modes([SLOW, MIDDLE, FAST])) == far
    assert arcs(modes([SLOW, MIDDLE, FAST, FAST | {"mode": "again"}])) == far
    frugal = FAST | {"kwh_per_mtok": 0.0}
    assert arcs(modes([SLOW, MIDDLE, frugal])) == sorted([*far, ("80 a second", "near")])


@pytest.mark.parametrize(
    "change",
    [
        {"power_zones": [{"power_zone": "grid", "usd_per_mwh": -1.0}]},
        {"limits": [{"limit": "work", "kind": "accelerator_hours", "sense": ">=", "amount": 1.0}]},
        {"limits": [{"limit": "green", "kind": "green_share", "sense": "<=", "amount": 0.5}]},
    ],
    ids=["price below 0", "at least", "green share"],
)
def test_all_modes_stay_where_more_may_be_worth_something(change):
    """Tests that a price of power below 0, and a limit that more energy or work would meet, leave every mode."""
    assert len(arcs(modes([SLOW, MIDDLE, FAST], **change))) == 3
    tokens = [{"limit": "near", "kind": "tokens", "sense": ">=", "amount": 1.0, "data_centre": "near"}]
    assert len(arcs(modes([SLOW, MIDDLE, FAST], limits=tokens))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 40)))
def test_one_mode_is_the_workload_itself(make_random_instance, seed):
    """Tests that a mode with the figures of each workload gives the same program to the last bit."""
    plain = make_random_instance(seed)
    plain = plain.replace(workloads=plain.workloads.assign(peak_accelerator_hours_per_mtok=np.nan))
    columns = ["workload", "server_ms", "accelerator_hours_per_mtok", "kwh_per_mtok"]
    rows = plain.workloads[columns].assign(mode="only")
    one = plain.replace(modes=rows, workloads=plain.workloads.assign(server_ms=0.0))
    first, second = (expand(formulate(instance).structure) for instance in (plain, one))
    assert (first.matrix != second.matrix).nnz == 0
    for name in ("cost", "row_lower", "row_upper", "col_lower", "col_upper", "implied_upper"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert placer.solve(plain).cost_usd == placer.solve(one).cost_usd


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 60)))
def test_more_modes_never_cost_more(make_random_instance, seed):
    """Tests a random instance mode by mode, and that modes which others outdo change nothing."""
    plain = make_random_instance(seed)
    priced = plain.power_zones.assign(
        usd_per_mwh=[tuple(np.abs(row)) for row in plain.hourly("power_zones", "usd_per_mwh")]
    )
    instance = with_random_modes(plain.replace(power_zones=priced), seed)
    rank = instance.modes.groupby("workload").cumcount()
    costs = []
    for count in range(1, 5):
        some = instance.replace(modes=instance.modes[rank < count])
        costs.append(placer.solve(some).cost_and_penalty_usd)
    assert all(after <= before * (1 + 1e-9) for before, after in itertools.pairwise(costs))
    worse = instance.modes.assign(
        mode="worse " + instance.modes["mode"],
        server_ms=instance.modes["server_ms"] * 1.01,
        kwh_per_mtok=instance.modes["kwh_per_mtok"] * 1.5,
    )
    more = instance.replace(modes=[*instance.modes.to_dict("records"), *worse.to_dict("records")])
    assert formulate(more).structure.arc_cost.tolist() == formulate(instance).structure.arc_cost.tolist()
    assert placer.solve(more).cost_and_penalty_usd == pytest.approx(costs[-1], rel=1e-12)
