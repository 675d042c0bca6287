"""Figures of security over demand sets, by hand."""

from __future__ import annotations

import math

import pytest

import placer
from placer.batch.figures import figures_of
from placer.batch.secure_figures import price_of_security, secure_ceiling_figures
from placer.errors import NoSolutionError

#: Sites with their regions, sizes and prices.
SITES = {"A": ("north", 45.0, 6.0), "B": ("south", 85.0, 5.0), "W": ("west", 90.0, 4.0)}


@pytest.fixture(scope="module")
def three_sites():
    """Voice (40) may run at A or B only, chat (80) at B or W only; only the north exports."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": name}
                | {"accelerator_usd_per_hour": usd}
                for name, (region, size, usd) in SITES.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in SITES],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
                for name, at in {"voice": ("A", "B"), "chat": ("B", "W")}.items()
            ],
            "demand": [{"workload": "voice", "hub": "H", "mtok": 40.0}, {"workload": "chat", "hub": "H", "mtok": 80.0}],
        }
    )


def test_three_sites_by_hand(three_sites):
    """Tests that 35 of voice at A instead of B cost 35 USD more, and that 85 of 120 Mtok leave the north."""
    price = price_of_security(placer.solve(three_sites, tie_break=None), "data_centres", math.inf)
    assert price == pytest.approx({"security_usd": 35.0, "security_usd_per_mtok": 35 / 120, "stranded_mtok": 0.0})
    ceiling = secure_ceiling_figures(three_sites, "data_centres", math.inf)
    assert ceiling == pytest.approx({"secure_ceiling_share": 85 / 120, "secure_ceiling_stranded_mtok": 0.0})


def test_other_kinds(three_sites):
    """Tests that regions, each of one site here, give the same figures under their own names."""
    assert secure_ceiling_figures(three_sites, "regions", math.inf) == pytest.approx(
        {"regions_secure_ceiling_share": 85 / 120, "regions_secure_ceiling_stranded_mtok": 0.0}
    )
    row = figures_of(three_sites, ("regions_price_of_security",), (), math.inf)
    assert (row["regions_security_usd"], row["regions_stranded_mtok"]) == pytest.approx((35.0, 0.0))


def test_no_time(three_sites):
    """Tests that both heed the time limit of an answer."""
    placement = placer.solve(three_sites)
    with pytest.raises(NoSolutionError, match="time limit"):
        price_of_security(placement, "links", 1e-9)
    with pytest.raises(NoSolutionError, match="time limit"):
        secure_ceiling_figures(three_sites, "links", 1e-9)
