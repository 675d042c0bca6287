"""What the commands say of demand that is not served."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.cli.unserved import say_unserved, unserved_places
from placer.model.formulation import formulate


def test_where_demand_is_unserved(make_instance, capsys):
    """Tests the line of 16 Mtok of demand of which 10 are served: X serves its own 10 Mtok, and B's 6 are far away."""
    instance = make_instance(
        data_centres=[{"data_centre": "X", "region": "east", "accelerators": 10.0}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "X", "rtt_ms": 90.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "latency_slo_ms": 50.0}],
    )
    placement = placer.solve(instance)
    places = unserved_places(placement.formulation, placement.accounts.unserved)
    assert places.to_dict("records") == [
        {"workload": "w", "hub": "B", "unserved_mtok": pytest.approx(6.0), "share": pytest.approx(1.0)}
    ]
    say_unserved(places, placement.demand_mtok)
    assert capsys.readouterr().err == "placer: 6 Mtok (37.50% of demand) unserved: w at B 6 Mtok\n"


def test_nothing_unserved(make_instance, capsys):
    """Tests that rounding is not unserved demand, and nothing is said."""
    formulation = formulate(make_instance())
    places = unserved_places(formulation, np.array([1e-12, 0.0]))
    say_unserved(places, 16.0)
    assert places.empty
    assert not capsys.readouterr().err


def test_many_places_are_counted(make_instance, capsys):
    """Tests that the largest are named and the rest counted."""
    demand = [
        {"workload": "w", "hub": hub, "hour": 0, "mtok": mtok} for hub, mtok in zip("AB", (1.0, 2.0), strict=True)
    ]
    workloads = [{"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0} for name in ("w", "v")]
    instance = make_instance(workloads=workloads, demand=[*demand, *({**row, "workload": "v"} for row in demand)])
    formulation = formulate(instance)
    say_unserved(unserved_places(formulation, formulation.structure.demand_amount), 6.0)
    assert "2 Mtok" in (out := capsys.readouterr().err)
    assert out.endswith(" and 1 more\n")
