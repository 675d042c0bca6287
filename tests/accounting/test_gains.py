"""Tests the gains from trade."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import placer
from placer.accounting.gains import GainsJob, answers_of, net_cost_range
from placer.analysis.directions import Directions
from placer.errors import NoSolutionError
from placer.running import running
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.utils.threads import blas_threads
from tests.effort import tries
from tests.paid_and_unpaid import paid_and_unpaid


def test_gains_by_hand(scarce_cheap):
    """Tests two regions: alone 500 and 120, together 440; by marginal prices the west gets all of the 180."""
    gains = placer.accounts(placer.solve(scarce_cheap)).gains
    assert gains.table["alone_usd"].tolist() == pytest.approx([500.0, 120.0])
    assert gains.table["gain_usd"].tolist() == pytest.approx([0.0, 180.0])
    assert gains.table["shapley_net_cost_usd"].tolist() == pytest.approx([410.0, 30.0])
    assert gains.table["shapley_gain_usd"].tolist() == pytest.approx([90.0, 90.0])
    assert gains.alone_usd.to_dict() == pytest.approx({"east": 500.0, "west": 120.0, "east + west": 440.0})
    assert gains.shapley_in_core
    assert str(gains) == (
        "Trade saves 180.00 USD against every region alone. "
        "The Shapley value is in the core, as the net costs at marginal prices are."
    )


def test_net_costs_have_a_range_where_prices_have(make_instance):
    """Tests Y exactly full: its price may be 20 to 50, so that the west may get nothing or 480 of rents."""
    centres = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west", "accelerators": 16.0}]
    placement = placer.solve(make_instance(data_centres=centres))
    accounts = placer.accounts(placement)
    directions = Directions(placement, HiGHS())
    ranges = [end for region in (0, 1) for end in net_cost_range(directions, accounts.groups, region).tolist()]
    assert ranges == pytest.approx([200.0, 500.0, 120.0 - 300.0, 120.0])
    table = accounts.gains.table
    assert (table["least_net_cost_usd"] <= table["net_cost_usd"] + 1e-6).all()
    assert (table["most_net_cost_usd"] >= table["net_cost_usd"] - 1e-6).all()


def test_an_end_of_a_range_may_be_infinite(make_instance):
    """Tests that a limit which asks for all tokens leaves prices without a least value, and gains all the same."""
    limits = [{"limit": "all", "kind": "share", "sense": ">=", "amount": 1.0, "workload": "w"}]
    table = placer.accounts(placer.solve(make_instance(limits=limits))).gains.table
    assert table["least_net_cost_usd"].tolist() == [-np.inf, -np.inf]
    assert np.isfinite(table["most_net_cost_usd"]).all()
    assert table["shapley_net_cost_usd"].sum() == pytest.approx(table["net_cost_usd"].sum())


def test_the_value_may_leave_the_core(make_instance):
    """Tests the glove game: either of two hubs alone can be served by the one cheap data centre."""
    hubs = [{"hub": "A", "region": "one"}, {"hub": "B", "region": "two"}]
    centres = [
        {"data_centre": "X", "region": "three"},
        {"data_centre": "Y", "region": "three", "accelerators": 0.0},
    ]
    supplies = [{"power_zone": "zx", "data_centre": "X", "limit_mw": 6.0}]
    demand = [{"workload": "w", "hub": hub, "mtok": 6.0} for hub in "AB"]
    instance = make_instance(hubs=hubs, data_centres=centres, supplies=supplies, demand=demand)
    gains = placer.accounts(placer.solve(instance)).gains
    saved = 6 * 950.0
    assert gains.table["shapley_gain_usd"].tolist() == pytest.approx([saved / 6, saved / 6, 2 * saved / 3])
    assert gains.shapley_in_core is False
    assert gains.objection in ("one + three", "two + three")
    assert "not in the core" in str(gains)


@pytest.mark.parametrize("seed", range(6))
def test_net_costs_lie_in_their_ranges(solved, seed):
    """Tests random instances: ranges hold the net costs, and gains are never below 0."""
    placement = solved(seed)
    if placement is None:
        pytest.skip("the limits of this instance cannot be met")
    accounts = placer.accounts(placement, "district")
    table, size = accounts.gains.table, 1e-7 * abs(placement.cost_and_penalty_usd)
    assert (table["gain_usd"] >= -size).all()
    assert (table["least_net_cost_usd"] <= table["net_cost_usd"] + size).all()
    assert (table["most_net_cost_usd"] >= table["net_cost_usd"] - size).all()
    assert table["shapley_net_cost_usd"].sum() == pytest.approx(table["net_cost_usd"].sum(), abs=size)


def test_gains_need_a_value_of_tokens(make_instance):
    """Tests that the default penalty is an error: it is no value."""
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}]
    accounts = placer.accounts(placer.solve(make_instance(workloads=workloads)))
    assert np.isfinite(accounts.stability.proven_usd).all()
    with pytest.raises(placer.InstanceError, match=r"workloads\[w\]\.value_usd_per_mtok: no value of unserved tokens"):
        _ = accounts.gains


def test_more_regions_have_no_shapley_value(make_instance):
    """Tests seven regions, of which five have only a data centre."""
    centres = [{"data_centre": f"X{place}", "region": f"r{place}"} for place in range(5)]
    links = [{"from": hub, "to": centre["data_centre"], "rtt_ms": 10.0} for hub in "AB" for centre in centres]
    supplies = [{"power_zone": "zx", "data_centre": centre["data_centre"]} for centre in centres]
    instance = make_instance(data_centres=centres, links=links, supplies=supplies)
    gains = placer.accounts(placer.solve(instance)).gains
    assert gains.shapley_in_core is None
    assert gains.table["shapley_gain_usd"].isna().all()
    assert len(gains.alone_usd) == 7
    assert str(gains).endswith("The Shapley value is shown for at most 6 regions.")


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_gains(solved):
    """Tests a random instance of three districts, here, in two processes and in threads: the same to the last bit."""
    placement = solved(1)
    with ThreadPoolExecutor(2) as threads:
        ways = [{}, {"workers": 2}, {"workers": 2, "executor": threads}]
        one, *others = (placer.accounts(placement, "district", **way).gains for way in ways)
    for other in others:
        assert one.table.equals(other.table)
        assert one.alone_usd.equals(other.alone_usd)
        assert one.objection == other.objection


def _cost_and_regions(job, regions):
    """Return the cost of the placement and the regions, as a task that has nothing to solve."""
    return np.array([job.placement.cost_usd, *regions], dtype=float)


def _blas_threads(_job, _regions):
    """Return the numbers of threads of BLAS."""
    return np.array(sorted(blas_threads()), dtype=float)


def _without_answer(job, regions):
    raise NoSolutionError(Reason.FAILED, f"regions {regions} of {job.groups.by}")


@pytest.fixture(scope="module")
def job(scarce_cheap):
    """Return the job of two regions."""
    placement = placer.solve(scarce_cheap)
    return GainsJob(placement, placer.accounts(placement).groups)


def test_answers_stand_in_the_order_of_the_tasks(job):
    tasks = [(_cost_and_regions, regions) for regions in ([0], [1], [0, 1])]
    assert [answer.tolist() for answer in answers_of(job, tasks, 1)] == [[440.0, 0.0], [440.0, 1.0], [440.0, 0.0, 1.0]]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_task_is_raised(job, workers):
    with pytest.raises(NoSolutionError, match=r"regions \[1\] of region"):
        answers_of(job, [(_without_answer, [1])] * 2, workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_time_limit_holds_in_processes(job, workers):
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="no time was left"):
        answers_of(job, [(_cost_and_regions, [0])] * 2, workers)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_takes_one_blas_thread(job, workers, two_blas_threads):
    """Tests that a task adds up alike here and in a process."""
    assert two_blas_threads == {2}
    answers = answers_of(job, [(_blas_threads, [0])] * 2, workers)
    assert [answer.tolist() for answer in answers] == [[1.0]] * 2


def test_a_wrong_number_of_processes_is_refused(scarce_cheap):
    """Tests no process, and what is no executor."""
    placement = placer.solve(scarce_cheap)
    with pytest.raises(placer.SolverError, match="workers 0 is not a whole number from 1 to 1,000"):
        placer.accounts(placement, workers=0)
    with pytest.raises(placer.ArgumentError, match="expected an executor, not 'tcp://x'"):
        placer.accounts(placement, executor="tcp://x")


DUTY = {"policy": "duty", "kind": "tariff_usd_per_mtok", "amount": 2.0, "paid_to": "exporter"}


def customs_union(policies):
    """Return 10 Mtok of home, which makes them at 5 USD, an ally at 2 and a rival at 1."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 10.0}
    cost = {"home": 5.0, "ally": 2.0, "rival": 1.0}
    tables = {
        "hubs": [{"hub": "H", "region": "home"}],
        "data_centres": [
            {"data_centre": name, "region": name, "accelerators": 100.0, "accelerator_usd_per_hour": usd}
            for name, usd in cost.items()
        ],
        "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in cost],
        "workloads": [work],
        "demand": [{"workload": "w", "hub": "H", "mtok": 10.0}],
        "policies": policies,
    }
    return placer.Instance.from_tables(tables)


def test_gains_with_duties_by_hand():
    """Tests a duty of 2 that exporters earn: home buys of the rival at 3, who earns 20; alone home pays 50.

    Home and the ally alone pay 2 a Mtok, since the duty stays among them: 20, where they pay 30 at marginal prices.
    """
    placement = placer.solve(customs_union([DUTY]))
    gains = placer.accounts(placement).gains
    assert gains.table["alone_usd"].tolist() == pytest.approx([50.0, 0.0, 0.0])
    assert gains.table["net_cost_usd"].tolist() == pytest.approx([30.0, 0.0, -20.0])
    assert gains.table["gain_usd"].tolist() == pytest.approx([20.0, 0.0, 20.0])
    assert gains.table["least_net_cost_usd"].tolist() == pytest.approx([30.0, 0.0, -20.0])
    assert gains.table["most_net_cost_usd"].tolist() == pytest.approx([30.0, 0.0, -20.0])
    groups = {"home": 50, "ally": 0, "home + ally": 20, "rival": 0, "home + rival": 10, "ally + rival": 0}
    assert gains.alone_usd.to_dict() == pytest.approx(groups | {"home + ally + rival": 10})
    assert gains.table["shapley_net_cost_usd"].tolist() == pytest.approx([25.0, -5.0, -10.0])
    assert placement.cost_and_penalty_usd == pytest.approx(10.0)
    assert (gains.objection, gains.net_cost_objection) == ("home + rival", "home + ally")
    assert str(gains).endswith("home + rival would pay less alone. At marginal prices home + ally would.")


def test_a_duty_of_nothing_changes_no_gains():
    """Tests a duty of 0 beside no policy at all."""
    free, none = (placer.accounts(placer.solve(customs_union(each))).gains for each in ([], [DUTY | {"amount": 0.0}]))
    assert none.table.to_numpy() == pytest.approx(free.table.to_numpy())
    assert str(none) == str(free)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 12)))
def test_groups_keep_the_policies_between_their_members(seed):
    """Tests random charges: two regions alone cost what their instance costs, and no region loses by trade."""
    instance, _ = paid_and_unpaid(seed, ("tariff_usd_per_mtok", "tariff_share", "premium_usd_per_mtok"))
    placement = placer.solve(instance)
    gains = placer.accounts(placement).gains
    size = placement.cost_and_penalty_usd
    assert (gains.table["gain_usd"] >= -1e-7 * size).all()
    assert gains.table["shapley_net_cost_usd"].sum() == pytest.approx(size)
    for missing in "abc":
        asked = instance.demand[instance.demand["hub"] != f"H{missing}"]
        room = instance.data_centres["accelerators"].where(instance.data_centres["region"] != missing, 0.0)
        two = placer.solve(instance.replace(demand=asked, data_centres=instance.data_centres.assign(accelerators=room)))
        name = " + ".join(sorted({*"abc"} - {missing}))
        assert gains.alone_usd[name] == pytest.approx(two.cost_and_penalty_usd)


def test_gains_of_steps_of_value_are_those_of_trade():
    """Tests that the error names them: alone, a region would pay a multiple of the value of what it had bought."""
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=3)
    accounts = placer.accounts(placer.solve(elastic))
    with pytest.raises(placer.PlacerError, match=r"placer\.trade\(placement\)\.gains has them"):
        _ = accounts.gains
