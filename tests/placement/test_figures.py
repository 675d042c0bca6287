"""The summary figures of a placement, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.solve import solve

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


def test_summary_figures(placement):
    """Tests every headline figure of a placement worked out by hand."""
    assert placement.cost_usd == pytest.approx(560)
    assert placement.penalty_usd == pytest.approx(3000)
    assert placement.demand_mtok == 16
    assert placement.served_mtok == pytest.approx(13)
    assert placement.unserved_mtok == pytest.approx(3)
    assert placement.cost_usd_per_mtok == pytest.approx(560 / 13)
    assert placement.cost_usd_per_token == pytest.approx(560 / 13e6)
    # A's 10 Mtok; B's 3 are served at the penalty of 1000.
    assert [placement.price_usd_per_mtok, placement.median_price_usd_per_mtok] == pytest.approx([50, 50])
    assert placement.exported_mtok == pytest.approx(10)
    assert placement.export_share == pytest.approx(10 / 16)
    assert placement.energy_mwh == pytest.approx(13)
    assert placement.carbon_kg == pytest.approx(4000)
    assert placement.water_litres == pytest.approx(20000)
    assert placement.gap == placement.certificate.gap
    assert placement.termination.detail == "HiGHS simplex: kOptimal"


def test_summary_holds_the_figures_as_plain_values(placement):
    """Tests that the summary agrees with the attributes and that a program can write it as JSON."""
    import json

    summary = placement.summary()
    for name in ("cost_usd", "penalty_usd", "served_mtok", "export_share", "carbon_kg", "gap", "cannot_be_served_mtok"):
        assert summary[name] == getattr(placement, name)
    assert summary["energy_usd"] == placement.cost_parts_usd["energy"]
    assert summary["termination"] == "optimal"
    assert json.loads(json.dumps(summary)) == summary


def test_cost_parts_keep_their_order(placement):
    """Tests that parts come in the order they are reported in, zeros included."""
    assert list(placement.cost_parts_usd) == [
        *("accelerators", "operations", "energy", "carbon", "storage", "transit", "water"),
        *("latency_loss", "surcharges"),
    ]


def test_nothing_served_has_no_cost_per_token(make_instance):
    """Tests that the cost per Mtok is NaN, not an error, where nothing is served."""
    nothing = solve(make_instance(workloads=[W | {"latency_slo_ms": 1.0}]))
    assert nothing.cost_usd == 0
    assert np.isnan(nothing.cost_usd_per_mtok)
    assert np.isnan(nothing.cost_usd_per_token)
    assert nothing.penalty_usd == pytest.approx(16000)
    assert "100.00% unserved" in repr(nothing)
    assert "nothing is served below the penalty" in repr(nothing)


def test_net_exports_by_hand(make_instance):
    """Tests that what is sent in exchange is taken off: X is cheap for half of the work, Y for the other.

    A (10 Mtok of w) goes to Y in the west, at 20 USD against 50. B (6 Mtok of v, which draws no power) goes to X, where
    accelerators are free. So all 16 Mtok are exported, 10 - 6 = 4 of them net, between regions as over the cut east.
    """
    work = {"accelerator_hours_per_mtok": 1.0}
    tables = {
        "data_centres": [
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "accelerator_usd_per_hour": 1.0},
        ],
        "workloads": [{"workload": "w", "kwh_per_mtok": 1000.0} | work, {"workload": "v", "kwh_per_mtok": 0.0} | work],
        "demand": [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "v", "hub": "B", "mtok": 6.0}],
    }
    between = placer.solve(make_instance(**tables))
    assert between.export_share == pytest.approx(1)
    assert between.net_export_share == pytest.approx(4 / 16)
    one_way = placer.solve(make_instance(**tables, exports=(("east", "west"),)))
    assert one_way.export_share == pytest.approx(10 / 16)
    assert one_way.net_export_share == pytest.approx(4 / 16)
    both = placer.solve(make_instance(**tables, exports=(("east", "west"), ("west", "east"))))
    assert both.net_export_share == pytest.approx(4 / 16)
