"""Ceilings by the set of admissible arcs: which are solved for."""

from __future__ import annotations

import pytest

import placer.ceiling.arc_sets as module
from placer.ceiling.agents import agent_sensitivity
from placer.ceiling.maximum import most_export
from placer.ceiling.quantiles import ceiling_at_quantiles


@pytest.fixture
def solved(monkeypatch):
    """Return the list of the formulations that are solved for their ceiling."""
    seen = []

    def counted(formulation, *rest):
        seen.append(formulation)
        return most_export(formulation, *rest)

    monkeypatch.setattr(module, "most_export", counted)
    return seen


@pytest.mark.slow
def test_same_arcs_are_solved_once(agents, solved):
    """Tests that cases with the same arcs are solved once: none, X, and X and Y."""
    agent_sensitivity(agents, calls={"few": 2, "some": 5, "many": 20})
    assert len(solved) == 3


def test_arcs_between_equal_ceilings_are_not_solved(make_instance, agents, solved):
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
        workloads=agents.workloads,
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
