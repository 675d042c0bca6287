"""Instances of fronts that can be worked out by hand; a Mtok takes 1 MWh at a PUE of 1."""

import pytest

import placer


def powered(supplies, demand, sites=None, workloads=None, **rest):
    """Return an instance with a hub.

    ``supplies`` has a name of a zone, its USD a MWh, whether it is green, its MW in each hour, and its data centre;
    ``demand`` the Mtok of each workload by hour; ``sites`` and ``workloads`` columns by name.
    """
    sites, workloads = sites or {"site": {}}, workloads or {"chat": {}}
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 10_000.0}
    tables = {
        "hubs": [{"hub": "hub"}],
        "data_centres": [{"data_centre": name} | columns for name, columns in sites.items()],
        "power_zones": [{"power_zone": zone, "usd_per_mwh": usd} for zone, usd, *_ in supplies],
        "supplies": [
            {"power_zone": zone, "data_centre": site, "green": green} | ({} if mw is None else {"limit_mw": mw})
            for zone, _, green, mw, site in supplies
        ],
        "links": [{"from": "hub", "to": name, "rtt_ms": 1.0} for name in sites],
        "workloads": [{"workload": name} | work | columns for name, columns in workloads.items()],
        "demand": [
            {"workload": name, "hub": "hub", "hour": hour, "mtok": mtok}
            for name, amounts in demand.items()
            for hour, mtok in enumerate(amounts)
        ],
    } | rest
    return placer.Instance.from_tables(tables)


@pytest.fixture(scope="session")
def ladder():
    """Return an hour of 10 MWh: grid at 50 USD, 4 MWh of wind at 60 and 4 of sun at 100."""
    supplies = [("grid", 50, 0, None, "site"), ("wind", 60, 1, 4.0, "site"), ("sun", 100, 1, 4.0, "site")]
    return powered(supplies, {"chat": [10.0]})


@pytest.fixture(scope="session")
def bent():
    """Return an hour whose consumption falls with the share: C(s) is 20 s / (1 + s) up to 1/3, then 20 - 5 / s.

    10 Mtok at ``old`` take 20 MWh of grid. At ``new`` a Mtok costs 1 USD more and takes 1 MWh, 5 of them green.
    """
    supplies = [("grid", 0, 0, None, "old"), ("wind", 0, 1, 5.0, "new"), ("town", 0, 0, None, "new")]
    sites = {"old": {"pue": 2.0, "accelerator_usd_per_hour": 1.0}, "new": {"accelerator_usd_per_hour": 2.0}}
    return powered(supplies, {"chat": [10.0]}, sites)


@pytest.fixture(scope="session")
def windy():
    """Return four hours of a wind farm (0, 12, 12, 0), green imports at 80 USD and a grid at 50.

    4 Mtok an hour cannot wait, 20 of hour 0 may be served in any hour, at 10 an hour.
    """
    zones = [("grid", 50, 0, None, "site"), ("wind", 0, 1, 12.0, "site"), ("imports", 80, 1, None, "site")]
    instance = powered(
        zones,
        {"chat": [4.0] * 4, "batch": [20.0, 0.0, 0.0, 0.0]},
        {"site": {"accelerators": 10.0}},
        {"chat": {}, "batch": {"deadline_hours": 3.0}},
    )
    wind = [float("inf"), (0.0, 12.0, 12.0, 0.0), float("inf")]
    return instance.replace(power_zones=instance.power_zones.assign(limit_mw=wind), cyclic=False)


@pytest.fixture(scope="session")
def dark():
    """Return two hours of 4 MWh each: grid at 50 USD, and wind at 60 in the second hour alone."""
    supplies = [("grid", 50, 0, None, "site"), ("wind", 60, 1, None, "site")]
    instance = powered(supplies, {"chat": [4.0, 4.0]})
    return instance.replace(power_zones=instance.power_zones.assign(limit_mw=[float("inf"), (0.0, 10.0)]))
