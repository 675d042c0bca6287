"""The structure of an instance: windows, arcs and caps."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.assembly import arcs_of
from placer.model.caps import CARBON_CAP, WATER_CAP
from placer.model.distance import DistanceCosts
from placer.model.formulation import formulate

#: Two hours of an accelerator per Mtok and no energy.
WORK = {
    "workload": "w",
    "accelerator_hours_per_mtok": 2.0,
    "kwh_per_mtok": 0.0,
    "unserved_usd_per_mtok": 1000.0,
}
THREE_HOURS = [
    {"workload": "w", "hub": hub, "hour": hour, "mtok": mtok}
    for hour, amounts in enumerate([(5.0, 3.0), (4.0, 2.0), (1.0, 6.0)])
    for hub, mtok in zip("AB", amounts, strict=True)
]


@pytest.mark.parametrize(
    ("deadline", "hours", "window"), [(0, 1, 0), (0.9, 1, 0), (3, 1, 3), (0.3, 0.1, 3), (7, 4, 1), (8, 4, 2)]
)
def test_window_counts_whole_steps(make_instance, deadline, hours, window):
    """Tests that a deadline is rounded down to whole steps, and not below a whole number by rounding."""
    instance = make_instance(
        workloads=[WORK | {"deadline_hours": float(deadline)}], hour_length=float(hours), demand=THREE_HOURS
    )
    assert formulate(instance).structure.window.tolist() == [window]


def test_arcs_are_in_the_order_of_class_origin_and_way():
    """Tests arcs of two workloads, two hubs and two data centres with two routes each, by hand."""
    admitted = np.zeros((2, 2, 4), dtype=bool)
    admitted[0, 0, [1, 2]] = admitted[1, 1, 3] = True
    usd_per_gb = np.arange(8.0).reshape(2, 4)
    surcharge, charge = (np.tile([[0.0, usd], [0.0, 0.0]], (2, 1, 1)) for usd in (0.25, 1.0))
    distance = DistanceCosts(np.full((2, 2, 4), 0.5), surcharge, charge, 2 * charge)
    arcs = arcs_of(admitted, 2, usd_per_gb, np.array([10.0, 100.0]), distance)
    assert arcs["arc_class"].tolist() == [0, 0, 1]
    assert arcs["arc_origin"].tolist() == [0, 0, 1]
    assert arcs["arc_site"].tolist() == [0, 1, 1]
    assert arcs["arc_rank"].tolist() == [1, 0, 1]
    assert arcs["arc_cost"].tolist() == [10.5, 23.75, 700.5]


def test_caps_of_settings_by_hand(make_instance):
    """Tests that carbon counts with energy bought, and water with work served."""
    instance = make_instance(
        workloads=[WORK | {"kwh_per_mtok": 500.0}],
        data_centres=[{"data_centre": "X", "water_litres_per_kwh": 2.0}, {"data_centre": "Y"}],
        power_zones=[{"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 400.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        carbon_limit_kg=7.0,
        water_limit_litres=9.0,
    )
    structure = formulate(instance).structure
    assert structure.cap_limit[[CARBON_CAP, WATER_CAP]].tolist() == [7.0, 9.0]
    assert structure.cap_work[WATER_CAP][:, :, 0].tolist() == [[1000.0, 0.0]]
    assert structure.cap_tier[CARBON_CAP][:, 0].tolist() == [400.0]
    assert not structure.cap_work[CARBON_CAP].any()
    assert not structure.cap_tier[WATER_CAP].any()
