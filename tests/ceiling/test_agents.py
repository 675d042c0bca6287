"""Agents: the ceiling against tools in the data centre and calls of a task, and at quantiles of the round trips."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import placer
import placer.ceiling.agents as module
from placer.ceiling.agents import CALLS, TASKS, agent_sensitivity, ceiling_at_quantiles
from placer.ceiling.maximum import most_export
from placer.errors import InstanceError


def _agent(**changes):
    """Return an agent that takes 100 ms at the server and 200 ms at most, with one user and four tool round trips."""
    plain = {"workload": "agent", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    return plain | {"latency_slo_ms": 200.0, "server_ms": 100.0, "tool_round_trips": 4.0} | changes


@pytest.fixture
def agents(make_instance):
    """Return the small instance with an agent at A: X is 10 ms away at home, Y 40 ms and abroad."""
    return make_instance(workloads=[_agent()], demand=[{"workload": "agent", "hub": "A", "mtok": 10.0}])


@pytest.fixture
def solved(monkeypatch):
    """Return the list of the formulations that are solved for their ceiling."""
    seen = []

    def counted(formulation, *rest):
        seen.append(formulation)
        return most_export(formulation, *rest)

    monkeypatch.setattr(module, "most_export", counted)
    return seen


def test_tools_move_into_the_data_centre(agents):
    """Tests that A's agent can leave for Y (40 ms) once few enough of its calls cross the network.

    100 ms are left for 1 + 4 (1 - c) round trips: 20, 33.3 and 100 ms for c = 0, 0.5 and 1; from c = 0.625 on
    it is 40 ms.
    """
    table = agent_sensitivity(agents, tools_colocated=(0, 0.5, 0.625, 1), calls={})
    assert table.index.tolist() == [("as given", share) for share in (0, 0.5, 0.625, 1)]
    assert table["rtt_budget_ms"].tolist() == pytest.approx([20.0, 100 / 3, 40.0, 100.0])
    assert table["share"].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert table["unserved_share"].tolist() == [0.0] * 4
    assert table["tightest"].tolist() == ["agent"] * 4


def test_more_calls(agents):
    """Tests that calls replace the tool round trips, one user call among them, while the limit stays.

    2 calls leave 50 ms each and reach Y, 5 leave 20 ms and reach X only, 20 leave 5 ms and reach nothing.
    """
    table = agent_sensitivity(agents, tools_colocated=(0,), calls={"few": 2, "some": 5, "many": 20})
    table = table.droplevel("tools_colocated")
    assert table["calls_per_task"].tolist()[1:] == [2.0, 5.0, 20.0]
    assert table["rtt_budget_ms"].tolist() == pytest.approx([20.0, 50.0, 20.0, 5.0])
    assert table["share"].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert table["unserved_share"].tolist() == [0.0, 0.0, 0.0, 1.0]


def test_task_grows_with_its_calls(agents):
    """Tests that in the proportional reading twice the calls take twice the time and leave every round trip as much."""
    table = agent_sensitivity(agents, tools_colocated=(0, 1), calls={"twice": 10}, task_time="proportional")
    assert table.loc[("twice", 0.0), "rtt_budget_ms"] == pytest.approx(20.0)
    assert table.loc[("twice", 1.0), "rtt_budget_ms"] == pytest.approx(200.0)
    assert table.loc["twice", "share"].tolist() == table.loc["as given", "share"].tolist()


def test_fewer_calls_than_users_wait_for(agents):
    """Tests that a task with fewer calls than its user round trips has no tools, and keeps its users' round trips."""
    table = agent_sensitivity(agents, tools_colocated=(0,), calls={"none": 0.0, "half": 0.5})
    assert table["rtt_budget_ms"].tolist() == pytest.approx([20.0, 100.0, 100.0])


def test_published_distribution(agents):
    """Tests that the default calls are the published ones and give one row for every share."""
    assert dict(CALLS) == {"P50": 2.0, "mean": 8.7, "P90": 21.0, "P99": 87.0}
    table = agent_sensitivity(agents)
    assert table.index.get_level_values("calls").unique().tolist() == ["as given", *CALLS]
    assert len(table) == 5 * 5
    shares = table["share"].unstack("tools_colocated")
    assert (shares.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (table["unserved_share"].unstack("tools_colocated").diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


@pytest.mark.parametrize("seed", range(3))
def test_every_row_is_the_ceiling_of_its_case(make_random_instance, seed):
    """Tests that every row, solved or not, is the ceiling of the instance with its round trips, by tokens and value."""
    instance = make_random_instance(seed)
    instance = instance.replace(workloads=instance.workloads.assign(value_usd_per_mtok=[3.0, 1.0, 0.0, 2.0]))
    names, cases = ["near", "bound"], {"few": 2.0, "many": 12.0}
    bounded = instance.workloads["workload"].isin(names)
    slo = instance.workloads["latency_slo_ms"].mask(bounded, 90.0)
    instance = instance.replace(workloads=instance.workloads.assign(latency_slo_ms=slo))
    weight = "value" if seed % 2 else "tokens"
    cut = placer.export_ceiling(instance, weight).cut
    table = agent_sensitivity(instance, names, (0, 0.4, 0.8, 1), cases, weight)
    for (label, share), row in table.iterrows():
        workloads = instance.workloads
        workloads.loc[bounded, "tools_colocated"] = share
        if label in cases:
            tools = cases[label] - workloads.loc[bounded, "user_round_trips"]
            workloads.loc[bounded, "tool_round_trips"] = tools.clip(lower=0)
        ceiling = placer.export_ceiling(instance.replace(workloads=workloads), weight, exporting=cut.exporting)
        assert row["share"] == pytest.approx(ceiling.share, abs=1e-7)
        assert row["latency_share"] == pytest.approx(ceiling.latency_share, abs=1e-7)
        assert row["unserved_share"] == pytest.approx(ceiling.unserved_share, abs=1e-7)


def test_same_arcs_are_solved_once(agents, solved):
    """Tests that cases with the same arcs are solved once: none, X, and X and Y."""
    agent_sensitivity(agents, calls={"few": 2, "some": 5, "many": 20})
    assert len(solved) == 3


def test_arcs_between_equal_ceilings_are_not_solved(make_instance, solved):
    """Tests that of a chain of sets of arcs with the same ceiling only the ends are solved.

    Y takes all of A's demand alone and is nearest; the arcs to V, W and X open one after another and change nothing.
    """
    far = ("V", "W", "X")
    instance = make_instance(
        data_centres=[{"data_centre": name, "region": "west"} for name in (*far, "Y")],
        power_zones=[{"power_zone": "z", "usd_per_mwh": 20.0}],
        supplies=[{"power_zone": "z", "data_centre": name} for name in (*far, "Y")],
        links=[
            *({"from": hub, "to": "Y", "rtt_ms": 1.0} for hub in "AB"),
            *({"from": "A", "to": name, "rtt_ms": rtt} for name, rtt in zip(far, (25.0, 35.0, 60.0), strict=True)),
        ],
        workloads=[_agent()],
        demand=[{"workload": "agent", "hub": "A", "mtok": 10.0}],
    )
    table = agent_sensitivity(instance, tools_colocated=(0, 0.25, 0.5, 0.75, 1), calls={})
    assert table["share"].tolist() == pytest.approx([1.0] * 5)
    assert len(solved) == 2


def test_links_that_are_limited_are_part_of_the_case(make_instance):
    """Tests that the same arcs over another route are solved anew where a link on one of them is limited."""
    instance = make_instance(
        exchanges=[{"exchange": "E"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0},
            {"from": "A", "to": "Y", "rtt_ms": 30.0, "rtt_p95_ms": 60.0},
            {"from": "A", "to": "E", "rtt_ms": 20.0},
            {"from": "E", "to": "Y", "rtt_ms": 20.0, "capacity_gbps": 0.01},
        ],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "gb_per_mtok": 1.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}],
    )
    table = ceiling_at_quantiles(instance)
    assert table.index.tolist() == ["rtt_ms", "p95"]
    assert table["share"].tolist() == pytest.approx([1.0, 0.45])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"workload": "ghost"}, "ghost"),
        ({"workload": []}, "at least one"),
        ({"tools_colocated": (0.5, 1.5)}, "1.5"),
        ({"tools_colocated": (math.nan,)}, "nan"),
        ({"calls": {"none": -1}}, "none"),
        ({"calls": {"endless": math.inf}}, "endless"),
        ({"task_time": "elastic"}, "elastic"),
        ({"weight": "bytes"}, "bytes"),
    ],
)
def test_refused(agents, arguments, problem):
    """Tests that what makes no sense is refused, and named."""
    with pytest.raises(InstanceError, match=problem):
        agent_sensitivity(agents, **arguments)


def test_no_tools_anywhere(make_instance):
    """Tests that an instance without tools is refused unless the workload is named."""
    instance = make_instance()
    with pytest.raises(InstanceError, match="no workload has tools"):
        agent_sensitivity(instance)
    table = agent_sensitivity(instance, "w", (0,), {"ten": 10})
    assert table["rtt_budget_ms"].tolist() == [math.inf, math.inf]


@pytest.fixture
def measured(make_instance):
    """Return the small instance whose links tell their p95; 45 ms may pass, and Y is 40 ms from A."""
    return make_instance(
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0, "rtt_p95_ms": 12.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0, "rtt_p95_ms": None},
            {"from": "X", "to": "Y", "rtt_ms": 30.0, "rtt_p95_ms": 36.0},
        ],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "latency_slo_ms": 45.0},
        ],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "w", "hub": "B", "mtok": 30.0}],
    )


def test_quantiles_of_the_links(measured):
    """Tests that the columns of quantiles are found, and an empty cell stands for the link's rtt_ms.

    Most can leave from the west, B's 30 of 40 Mtok. At p95 B to X takes 46 ms, not 40: nothing can leave any more.
    """
    table = ceiling_at_quantiles(measured)
    assert table.index.tolist() == ["rtt_ms", "p95"]
    assert table["share"].tolist() == pytest.approx([0.75, 0.0])
    assert table["unserved_share"].tolist() == [0.0, 0.0]
    assert table["rtt_ms"].tolist() == pytest.approx([10.0, (10 * 12 + 30 * 10) / 40])


def test_quantiles_given(measured):
    """Tests that a factor, a column, a list and a table say the same, and a table may leave links out."""
    rtt = measured.links["rtt_ms"] * 1.15
    table = measured.links[["from", "to"]].assign(rtt_ms=rtt)
    given = {
        "factor": 1.15,
        "column": "rtt_other_ms",
        "list": rtt.tolist(),
        "array": np.array(rtt),
        "table": table,
        "long haul": table.tail(1),
        "p95": "rtt_p95_ms",
    }
    instance = measured.replace(links=measured.links.assign(rtt_other_ms=rtt))
    found = ceiling_at_quantiles(instance, given)
    assert found.index.tolist() == list(given)
    assert found["share"].tolist() == pytest.approx([0.0] * 5 + [0.75, 0.0])
    assert found["rtt_ms"].tolist()[:5] == pytest.approx([11.5] * 5)


def test_routes_are_found_anew(make_instance):
    """Tests that the route of a quantile is the nearest at that quantile, not the nearest at rtt_ms."""
    instance = make_instance(
        exchanges=[{"exchange": "E"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0, "rtt_p99_ms": 90.0},
            {"from": "A", "to": "E", "rtt_ms": 8.0, "rtt_p99_ms": 9.0},
            {"from": "E", "to": "X", "rtt_ms": 8.0, "rtt_p99_ms": 9.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0, "rtt_p99_ms": 11.0},
        ],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}],
    )
    assert ceiling_at_quantiles(instance)["rtt_ms"].tolist() == pytest.approx([10.0, 18.0])


def test_parallel_links(make_instance):
    """Tests that a table counts for all parallel links and a list tells them apart."""
    links = [{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "A", "to": "X", "rtt_ms": 20.0}]
    other = {"from": "B", "to": "Y", "rtt_ms": 10.0}
    instance = make_instance(links=[*links, other], demand=[{"workload": "w", "hub": "A", "mtok": 10.0}])
    both = pd.DataFrame([{"from": "A", "to": "X", "rtt_ms": 50.0}])
    table = ceiling_at_quantiles(instance, {"list": [50.0, 25.0, 10.0], "table": both})
    assert table["rtt_ms"].tolist() == pytest.approx([25.0, 50.0])


@pytest.mark.parametrize(
    ("quantile", "problem"),
    [
        ("rtt_p50_ms", "no such column"),
        ("from", "no number"),
        ([1.0, 2.0], "2 values for 3 links"),
        (pd.DataFrame({"from": ["A"], "to": ["X"]}), "column missing"),
        (pd.DataFrame({"from": ["A"], "to": ["Z"], "rtt_ms": [1.0]}), "is no link"),
        (-1.0, "rtt_ms"),
        (math.nan, "rtt_ms"),
        ([1.0, 2.0, math.inf], "rtt_ms"),
    ],
)
def test_quantiles_refused(measured, quantile, problem):
    """Tests that round trips that are none, or not the links', are refused."""
    with pytest.raises(InstanceError, match=problem):
        ceiling_at_quantiles(measured, {"p50": quantile})


def test_quantiles_of_time_stand_beside_quantiles_of_calls():
    """Tests that a published quantile of calls comes with the published time of a task at that quantile, in ms."""
    assert {label: calls for label, (calls, _) in TASKS.items()} == dict(CALLS)
    calls, task_ms = TASKS["P99"]
    assert round(0.05 * task_ms / calls) == 1514  # what the network may take of a call at a tolerance of 5 %


def test_quantiles_of_calls_with_those_of_time(agents):
    """Tests that calls come with the time of their task: 20 calls of 100 ms leave less than 20 calls of 400 ms.

    The agent takes 100 ms of 200 allowed, in 5 calls. In the same time 20 calls have (200 - 100) / 20 = 5 ms each, and
    reach nothing. A task of 400 ms may take 800: 400 / 20 = 20 ms each, and X; one of 800 ms 40 ms each, and Y.
    """
    cases = {"same": 20.0, "P90": (20.0, 400.0), "P99": (20.0, 800.0)}
    table = agent_sensitivity(agents, tools_colocated=(0,), calls=cases).loc[list(cases)]
    assert table["rtt_budget_ms"].tolist() == pytest.approx([5.0, 20.0, 40.0])
    assert table["calls_per_task"].tolist() == [20.0] * 3
    assert table["share"].tolist() == pytest.approx([0.0, 0.0, 1.0])
    with pytest.raises(InstanceError, match="a time of a task"):
        agent_sensitivity(agents, calls={"P90": (20.0, 0.0)})
