"""Agents: the ceiling against tools in the data centre and calls of a task, and at quantiles of the round trips."""

from __future__ import annotations

import math

import pytest

import placer
from placer.ceiling.agents import CALLS, TASKS, agent_sensitivity
from placer.errors import InstanceError, NoSolutionError
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad, tables


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_published_distribution(agents):
    """Tests that the default calls are the published ones and give one row for every share."""
    assert dict(CALLS) == {"P50": 2.0, "mean": 8.7, "P90": 21.0, "P99": 87.0}
    table = agent_sensitivity(agents)
    assert table.index.get_level_values("calls").unique().tolist() == ["as given", *CALLS]
    assert len(table) == 5 * 5
    shares = table["share"].unstack("tools_colocated")
    assert (shares.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (table["unserved_share"].unstack("tools_colocated").diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_case_whose_limit_cannot_be_met_is_named(agents):
    """Tests that with 20 calls the agent can run nowhere, so that a limit of at least 1 Mtok of it is named."""
    limited = agents.replace(
        limits=[{"limit": "run", "kind": "tokens", "sense": ">=", "amount": 1.0, "workload": "agent"}]
    )
    agent_sensitivity(limited, tools_colocated=(0,), calls={"some": 5})
    told = r"calls many, tools_colocated 0: no placement can meet this limit; .* 'run' \(tokens >= 1\) .* with amount 0"
    with pytest.raises(NoSolutionError, match=told):
        agent_sensitivity(limited, tools_colocated=(0,), calls={"some": 5, "many": 20})


def test_no_tools_anywhere(make_instance):
    """Tests that an instance without tools is refused unless the workload is named."""
    instance = make_instance()
    with pytest.raises(InstanceError, match="no workload has tools"):
        agent_sensitivity(instance)
    table = agent_sensitivity(instance, "w", (0,), {"ten": 10})
    assert table["rtt_budget_ms"].tolist() == [math.inf, math.inf]


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


@pytest.mark.slow
def test_tools_move_where_workloads_have_modes():
    """Tests that tools in the data centre leave the time that the mode of 40 a second needs: one round trip of 600 ms.

    The budget is that of the fastest mode: 2.75 s for three round trips, or for one. Twice the calls take each mode
    twice the time of twice the limit, so that every round trip has as much time as before.
    """
    work = tables()["workloads"][0] | {"user_round_trips": 1.0, "tool_round_trips": 2.0}
    instance = modes_abroad([SLOW, MIDDLE, FAST], workloads=[work])
    table = agent_sensitivity(instance, tools_colocated=(0, 1), calls={})
    assert table["rtt_budget_ms"].tolist() == pytest.approx([2750 / 3, 2750.0])
    assert table["share"].tolist() == pytest.approx([0.5, 1.0])
    twice = agent_sensitivity(instance, tools_colocated=(0,), calls={"twice": 6}, task_time="proportional")
    assert twice.loc[("twice", 0.0), "rtt_budget_ms"] == pytest.approx(2750 / 3)
    assert twice.loc[("twice", 0.0), "share"] == pytest.approx(0.5)
    with pytest.raises(InstanceError, match="38300 ms of a workload with modes"):
        agent_sensitivity(instance, calls=TASKS)
