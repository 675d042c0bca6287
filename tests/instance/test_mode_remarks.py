"""Tests the remarks on modes that no placement needs."""

import re

import numpy as np
import pytest

import placer
from placer.instance.mode_remarks import mode_remarks
from placer.model.formulation import formulate
from placer.model.latency import task_latency
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, tables


def test_modes_that_another_outdoes_are_told():
    """Tests the remark on a mode that no optimum needs: of modes that are alike the first counts."""
    dear = MIDDLE | {"mode": "dear", "server_ms": 3000.0, "accelerator_hours_per_mtok": 0.4}
    again = FAST | {"mode": "again"}
    said = "is no slower and takes no more accelerator-hours and energy"
    told = [
        f"mode dear of chat is not needed: 40 a second {said}",
        f"mode again of chat is not needed: 80 a second {said}",
    ]
    instance = modes([MIDDLE, FAST, dear, again])
    assert mode_remarks(instance) == told
    assert set(told) <= set(placer.check(instance))
    instance = modes([MIDDLE, FAST])
    assert mode_remarks(instance) == []


@pytest.mark.slow
def test_modes_that_no_route_admits_are_told():
    """Tests modes within the limit that no route of this network leaves time for, by type, by law, and by hub."""
    near, far = tables()["data_centres"]
    sites = [near | {"accelerator_type": "A"}, far | {"accelerator_type": "B"}]
    of_far = [
        SLOW | {"mode": str(ms), "server_ms": ms, "accelerator_hours_per_mtok": hours, "accelerator_type": "B"}
        for ms, hours in ((2200.0, 0.4), (2200.1, 0.3))
    ]
    instance = modes([FAST, *of_far], data_centres=sites)
    assert mode_remarks(instance) == ["no route to a data centre with B is short enough for mode 2200.1 of chat"]
    late = MIDDLE | {"mode": "late", "server_ms": 3999.0}
    away = [link | {"rtt_ms": 10.0} for link in tables()["links"]]
    assert mode_remarks(modes([FAST, late], links=away)) == ["no route is short enough for mode late of chat"]
    assert mode_remarks(modes([FAST, late])) == []
    sites = [site | {"jurisdiction": name} for site, name in zip(sites, ("x", "y"), strict=True)]
    stays = {"workloads": [tables()["workloads"][0] | {"jurisdictions": "x"}]}
    instance = modes([FAST, of_far[0]], data_centres=sites, **stays)
    assert mode_remarks(instance) == [
        "mode 2200.0 of chat can run nowhere: no data centre with B is in its jurisdictions"
    ]
    asked = {
        "hubs": [*tables()["hubs"], {"hub": "idle"}],
        "links": [*away, {"from": "idle", "to": "near", "rtt_ms": 0.0}],
    }
    assert mode_remarks(modes([FAST, late], **asked)) == ["no route is short enough for mode late of chat"]


@pytest.mark.parametrize("seed", range(tries(5, 100)))
def test_modes_without_arcs_are_those_of_the_formulation(seed, make_random_instance):
    """Tests the remark against the arcs of random instances, where demand is at all hubs."""
    instance = with_random_modes(make_random_instance(seed), seed)
    classes, latency = instance.service_classes, task_latency(instance, instance.routes)
    asks = np.zeros((len(instance.workloads), len(instance.hubs)), dtype=bool)
    formulation = formulate(instance)
    asks[formulation.structure.demand_class, formulation.structure.demand_origin] = True
    open_to = latency.admissible.any(axis=2) & asks[classes.workload]
    lost = open_to.any(axis=1) < (asks[classes.workload].any(axis=1) & (classes.mode != ""))
    named = {
        f"{classes.mode[k]} of {instance.workloads['workload'][classes.workload[k]]}" for k in np.flatnonzero(lost)
    }
    told = [remark for remark in mode_remarks(instance) if "is not needed" not in remark]
    assert {re.search(r"mode (.* of \w+)", remark)[1] for remark in told} == named


def test_modes_of_other_accelerators_outdo_none():
    """Tests that modes are compared for the same accelerators alone."""
    sites = [site | {"accelerator_type": "H100"} for site in tables()["data_centres"]]
    dear = MIDDLE | {"mode": "dear", "accelerator_hours_per_mtok": 9.0, "accelerator_type": "H100"}
    instance = placer.Instance.from_tables(tables() | {"data_centres": sites, "modes": [MIDDLE, dear]})
    assert mode_remarks(instance) == []
