"""Servers of workloads of their own: what each may work where, by hand and beside the placement."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError


@pytest.fixture
def two(make_instance):
    """Return two workloads at two sites of 20 accelerators: w asks for 30 an hour, v for 4, in two hours."""
    rows = [{"workload": name, "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0} for name in ("w", "v")]
    return make_instance(
        data_centres=[{"data_centre": name, "accelerators": 20} for name in "XY"],
        workloads=[row | {"unserved_usd_per_mtok": 1000.0} for row in rows],
        demand=[
            {"workload": name, "hub": "A", "hour": hour, "mtok": mtok}
            for name, mtok in (("w", 30.0), ("v", 4.0))
            for hour in (0, 1)
        ],
    )


def limits_of(instance):
    return {row["limit"]: (row["amount"], row["data_centre"], row["hours"]) for _, row in instance.limits.iterrows()}


def load(servers, **rule):
    return placer.queue_margin(servers, **rule).load


def test_limits_by_hand(two):
    """Tests 8 servers of 2 accelerators at X for w alone: it runs nowhere else, and v has the 4 that are left there."""
    margin = two.with_queue_margin(2, {("w", "X"): 8}, wait_probability=0.05, peakedness={"w": 2.0})
    assert limits_of(margin) == {
        "queue margin of w at X": (2 * load(8, wait_probability=0.05, peakedness=2.0), ("X",), "each"),
        "no servers of w": (0.0, ("Y",), "each"),
        "queue margin of other work at X": (4.0, ("X",), "each"),
    }
    assert margin.data_centres.equals(two.data_centres)


def test_a_placement_keeps_them(two):
    """Tests that X serves all of w that the margin admits, of 30 an hour, and Y none of it; v is served."""
    margin = two.with_queue_margin(1, {("w", "X"): 16}, quantile=0.99)
    placement = placer.solve(margin)
    assert placement.certificate.proven
    generated = placer.solve(margin, solver=placer.ColumnGeneration())
    assert generated.certificate.objective == pytest.approx(placement.certificate.objective)
    use = placement.limits["use"].groupby("limit").sum()
    assert use["queue margin of w at X"] == pytest.approx(2 * load(16, quantile=0.99))
    assert use["no servers of w"] == pytest.approx(0)
    assert placement.unserved_mtok == pytest.approx(60 - 2 * load(16, quantile=0.99))


def test_servers_by_the_hour(two):
    """Tests 10 servers in the first hour and 16 in the second, with utilisation 0.5 and hours that count twice."""
    table = pd.DataFrame({"workload": "w", "data_centre": "X", "hour": [0, 1], "servers": [10, 16]})
    counted = two.replace(periods=[{"hour": hour, "weight": 2.0, "block": hour} for hour in (0, 1)])
    half = counted.with_value("data_centres.max_utilisation", 0.5, where="X")
    margin = half.with_queue_margin(1, table, safety_factor=2.0)
    rows = limits_of(margin)
    for hour, servers in ((0, 10), (1, 16)):
        amount = 2 * 0.5 * load(servers, safety_factor=2.0)
        assert rows[f"queue margin of w at X, {hour}"] == (pytest.approx(amount), ("X",), str(hour))
        assert rows[f"queue margin of other work at X, {hour}"][0] == pytest.approx(2 * 0.5 * (20 - servers))
    assert margin.notes == ("the queue margin multiplies the max_utilisation of X",)


def test_hours_may_be_timestamps(two):
    """Tests that limits name hours of any kind as the table of limits reads them."""
    times = pd.date_range("2026-03-29 01:00", periods=2, freq="h", tz="Europe/Berlin")
    stamped = two.replace(demand=two.demand.assign(hour=[times[hour] for hour in two.demand["hour"]]))
    table = pd.DataFrame({"workload": "w", "data_centre": "X", "hour": times, "servers": [10, 16]})
    margin = stamped.with_queue_margin(1, table)
    use = placer.solve(margin).limits["use"].filter(like="queue margin of w").tolist()
    assert use == pytest.approx([load(10), load(16)])


def test_every_form_of_servers(two):
    """Tests that a mapping, a Series and a table of the same servers make the same limits."""
    servers = {("w", "X"): 8, ("v", "Y"): 3}
    series = pd.Series(servers).rename_axis(["workload", "data_centre"])
    made = [two.with_queue_margin(1, each) for each in (servers, series, series.rename("servers").to_frame())]
    assert made[0] == made[1] == made[2]
    assert made[0] == two.with_queue_margin(1, series.rename("servers").reset_index())
    with pytest.raises(ArgumentError, match="expected servers by workload and data centre, not"):
        two.with_queue_margin(1, {"w": 8})


def test_every_defect_at_once(two):
    """Tests unknown names, servers that are none or given twice, and arguments that exclude each other."""
    table = pd.DataFrame(
        {
            "workload": ["w", "w", "u", "v"],
            "data_centre": ["X", "X", "Y", "Z"],
            "hour": [0, 0, 1, 7],
            "servers": [4, 5, 0.5, 1],
        }
    )
    with pytest.raises(InstanceError) as caught:
        two.with_queue_margin({"w": 1}, table, quantile=0.2, safety_factor=1, where="X")
    assert [str(each) for each in caught.value.violations] == [
        "with_queue_margin.workload: 'u' is unknown (allowed: w, v)",
        "with_queue_margin.data_centre: 'Z' is unknown (allowed: X, Y)",
        "with_queue_margin[u at Y].servers: 0.5 is out of range (allowed: whole number, >= 1, <= 1e+09, finite)",
        "with_queue_margin[w, X, 0].servers: given twice (allowed: once)",
        "with_queue_margin.hour: 7 is no hour (allowed: of the demand)",
        "with_queue_margin.quantile: 0.2 is out of range (allowed: number, >= 0.5, < 1, finite)",
        "with_queue_margin: safety_factor and quantile are given (allowed: one of them)",
        "with_queue_margin.server_accelerators: none for u, v (allowed: one for each)",
        "with_queue_margin.where: is given beside servers (allowed: one of the two)",
    ]


def test_servers_fit_in(two):
    """Tests servers of two workloads that take more than a site has, and no servers at all."""
    with pytest.raises(InstanceError, match=r"\[X\].servers: they take 21 accelerators, and 20 are there"):
        two.with_queue_margin({"w": 3, "v": 1}, {("w", "X"): 5, ("v", "X"): 6})
    with pytest.raises(InstanceError, match="no rows"):
        two.with_queue_margin(1, {})


def test_a_backlog_is_that_of_its_workload(two):
    """Tests that work that waits when the horizon begins counts for the servers of its workload."""
    late = two.replace(workloads=two.workloads.assign(deadline_hours=1.0))
    waiting = late.with_backlog([{"workload": "w", "data_centre": "X", "hours_left": 1, "mtok": 3.0}])
    margin = waiting.with_queue_margin(1, {("w", "X"): 16})
    assert set(margin.limits["limit"]) == {
        "queue margin of w at X",
        "no servers of w",
        "queue margin of other work at X",
    }
    assert margin.limits["workload"].tolist() == [("w",), ("w",), ("v",)]


@pytest.fixture
def models(two):
    """Return two workloads of one model, whose replicas take four accelerators."""
    rows = [{"model": "m", "workloads": ("w", "v"), "replica_accelerators": 4.0}]
    return two.replace(served_models=rows)


def test_replicas_of_a_model_serve_all_its_workloads(models):
    """Tests a table of replicas as an answer has it, by the size of a replica and the larger peakedness."""
    table = pd.DataFrame({"model": ["m"], "data_centre": ["X"], "replicas": [5.0], "utilisation": [0.7]})
    replicas = table.set_index(["model", "data_centre"])
    margin = models.with_queue_margin(servers=replicas, peakedness={"w": 1.0, "v": 3.0}, quantile=0.9)
    assert limits_of(margin) == {
        "queue margin of m at X": (4 * load(5, quantile=0.9, peakedness=3.0), ("X",), "each"),
        "no servers of m": (0.0, ("Y",), "each"),
    }
    assert [set(names) for names in margin.limits["workload"]] == [{"w", "v"}] * 2
    requests = models.with_queue_margin({"m": 0.5}, {("m", "X"): 40})  # eight at once in each replica
    assert limits_of(requests)["queue margin of m at X"][0] == pytest.approx(0.5 * load(40))


@pytest.mark.slow
def test_replicas_of_a_presence_are_servers():
    """Tests that replicas of an answer, the same over the day and by hour, become limits where they are loaded."""
    rows = [{"model": name, "workloads": name, "replica_accelerators": 5} for name in ("voice", "chat", "batch")]
    tiny = placer.load("tiny").replace(served_models=rows)
    for by_hour in (False, True):
        replicas = placer.place_models(tiny, by_hour=by_hour).replicas
        limits = tiny.with_queue_margin(servers=replicas, wait_probability=0.2).limits
        loads = 5 * sum(load(int(count), wait_probability=0.2) for count in replicas["replicas"])
        hours = [2 if text == "each" else 1 for text in limits["hours"]]
        assert float(limits["amount"] @ hours) == pytest.approx(loads * (1 if by_hour else 2))


def test_replicas_by_the_hour_as_results_show_them(models):
    """Tests that hours may be the texts of tables of results, and that a model waits for its next replica."""
    table = pd.DataFrame({"model": "m", "data_centre": "X", "hour": ["1"], "replicas": [2]})
    rows = limits_of(models.with_queue_margin(servers=table))
    assert rows["queue margin of m at X, 0"] == (0.0, ("X",), "0")
    assert rows["queue margin of m at X, 1"] == (pytest.approx(4 * load(2)), ("X",), "1")


def test_a_workload_has_servers_once(models):
    """Tests servers of a model and of its workload, and a workload without a size."""
    with pytest.raises(InstanceError) as caught:
        models.with_queue_margin(servers={("m", "X"): 1, ("w", "Y"): 1})
    assert [str(each) for each in caught.value.violations] == [
        "with_queue_margin.server_accelerators: none for w (allowed: one for each)",
        "with_queue_margin[w].servers: given for a model and for its workload (allowed: one of the two)",
    ]
    with pytest.raises(InstanceError, match="server_accelerators: missing"):
        models.with_queue_margin()
