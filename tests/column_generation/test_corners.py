"""Corners of the input that random campaigns found: column generation proves each without a fallback.

Costs by hand on the small instance: A asks for 10 Mtok and B for 6, an Mtok takes one accelerator-hour and one MWh,
power costs 50 USD/MWh at X and 20 at Y, and what is not served costs 1,000 USD/Mtok.
"""

from __future__ import annotations

import pytest

import placer

WORKLOAD = {
    "workload": "w",
    "accelerator_hours_per_mtok": 1.0,
    "kwh_per_mtok": 1000.0,
    "unserved_usd_per_mtok": 1000.0,
}
CENTRES = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west"}]
SUPPLIES = [{"power_zone": "zx", "data_centre": "X"}, {"power_zone": "zy", "data_centre": "Y"}]
LINKS = [
    {"from": "A", "to": "X", "rtt_ms": 10.0},
    {"from": "B", "to": "Y", "rtt_ms": 10.0},
    {"from": "X", "to": "Y", "rtt_ms": 30.0},
]
DEMAND = [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "w", "hub": "B", "mtok": 6.0}]


def _workload(**changes):
    return WORKLOAD | changes


def _site_y(**changes):
    return [CENTRES[0], CENTRES[1] | changes]


def _zones(x, y, **of_y):
    return [{"power_zone": "zx", "usd_per_mwh": x}, {"power_zone": "zy", "usd_per_mwh": y} | of_y]


#: What is special, the least cost, and what is changed of the small instance.
CORNERS = [
    ("nothing special: all at Y", 16 * 20, {}),
    ("power that earns: all at Y", -16 * 20, {"power_zones": _zones(50.0, -20.0)}),
    (
        "power that earns most where there is little of it: 4 at Y earn, the rest costs",
        4 * -5000 + 12 * 50,
        {"power_zones": _zones(50.0, -5000.0), "data_centres": _site_y(accelerators=4.0)},
    ),
    (
        "a capacity of nothing: all at X",
        16 * 50,
        {"data_centres": _site_y(accelerators=0.0)},
    ),
    (
        "capacity of nothing, and power that earns there: all at X",
        16 * 50,
        {"power_zones": _zones(50.0, -5000.0), "data_centres": _site_y(accelerators=0.0)},
    ),
    (
        "no capacity at all: nothing is served",
        16 * 1000,
        {"data_centres": [CENTRES[0] | {"accelerators": 0.0}, CENTRES[1] | {"accelerators": 0.0}]},
    ),
    ("a site limit of nothing: all at X", 16 * 50, {"data_centres": _site_y(power_limit_mw=0.0)}),
    ("a supply of nothing: all at X", 16 * 50, {"supplies": [SUPPLIES[0], SUPPLIES[1] | {"limit_mw": 0.0}]}),
    ("a site without supply: all at X", 16 * 50, {"supplies": SUPPLIES[:1]}),
    ("no supply at all: nothing is served", 16 * 1000, {"supplies": []}),
    (
        "supplies that give just what the site may draw: 3 at 20, 3 at 30, the rest at X",
        3 * 20 + 3 * 30 + 10 * 50,
        {
            "data_centres": _site_y(power_limit_mw=6.0),
            "supplies": [
                SUPPLIES[0],
                SUPPLIES[1] | {"limit_mw": 3.0},
                SUPPLIES[1] | {"limit_mw": 3.0, "usd_per_mwh_adder": 10.0},
            ],
        },
    ),
    (
        "supplies that give more than the site may draw: 3 at 20, 1 at 30, the rest at X",
        3 * 20 + 30 + 12 * 50,
        {
            "data_centres": _site_y(power_limit_mw=4.0),
            "supplies": [
                SUPPLIES[0],
                SUPPLIES[1] | {"limit_mw": 3.0},
                SUPPLIES[1] | {"limit_mw": 3.0, "usd_per_mwh_adder": 10.0},
            ],
        },
    ),
    (
        "a link of nothing: A stays at X, B at Y",
        10 * 50 + 6 * 20,
        {"workloads": [_workload(gb_per_mtok=1.0)], "links": [*LINKS[:2], LINKS[2] | {"capacity_gbps": 0.0}]},
    ),
    (
        "a link of nothing that work without bytes passes: all at Y",
        16 * 20,
        {"links": [*LINKS[:2], LINKS[2] | {"capacity_gbps": 0.0}]},
    ),
    ("a penalty below any cost: nothing is served", 16 * 0.5, {"workloads": [_workload(unserved_usd_per_mtok=0.5)]}),
    ("a penalty that is the cost of Y", 16 * 20, {"workloads": [_workload(unserved_usd_per_mtok=20.0)]}),
    ("a jurisdiction nobody has: nothing is served", 16 * 1000, {"workloads": [_workload(jurisdictions=("Z",))]}),
    (
        "a cap of nothing on carbon: all at X, which has none",
        16 * 50,
        {"power_zones": _zones(50.0, 20.0, carbon_kg_per_mwh=100.0), "carbon_limit_kg": 0.0},
    ),
    (
        "a cap on carbon: 6 at Y, the rest at X",
        6 * 20 + 10 * 50,
        {"power_zones": _zones(50.0, 20.0, carbon_kg_per_mwh=100.0), "carbon_limit_kg": 600.0},
    ),
    (
        "work that takes nothing costs nothing",
        0.0,
        {"workloads": [_workload(accelerator_hours_per_mtok=0.0, kwh_per_mtok=0.0)]},
    ),
    ("a demand of nothing beside others", 6 * 20, {"demand": [DEMAND[0] | {"mtok": 0.0}, DEMAND[1]]}),
    (
        "a class that waits and asks for nothing",
        16 * 20,
        {
            "workloads": [WORKLOAD, _workload(workload="late", deadline_hours=1.0)],
            "demand": [*DEMAND, {"workload": "late", "hub": "A", "mtok": 0.0}],
        },
    ),
    (
        "a window longer than the horizon: all in the cheap hour at Y",
        20 * 5,
        {
            "workloads": [_workload(deadline_hours=30.0)],
            "power_zones": _zones(50.0, (20.0, 5.0)),
            "demand": [{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in range(2)],
        },
    ),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("least", "changes"), [case[1:] for case in CORNERS], ids=[case[0] for case in CORNERS])
@pytest.mark.parametrize("cyclic", [False, True])
def test_corner(make_instance, least, changes, cyclic):
    """Tests that column generation proves the cost one computes by hand, and does not fall back."""
    placement = placer.solve(make_instance(cyclic=cyclic, **changes), placer.ColumnGeneration())
    assert placement.cost_usd + placement.penalty_usd == pytest.approx(least, rel=1e-9, abs=1e-9)
    assert placement.certificate.proven
    assert placement.termination.detail.startswith("column generation: optimal")
