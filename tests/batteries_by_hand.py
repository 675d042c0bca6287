"""One data centre on one power zone by hand: a Mtok takes 1 MWh, and nothing costs but power."""

import placer

#: 4 MW and 4 MWh, lossless.
BATTERY = {"battery": "B", "power_mw": 4.0, "energy_mwh": 4.0}


def powered(usd_per_mwh=(20.0, 100.0), battery=None, demand=10.0, at="D", **rest):
    """Return an instance that asks for ``demand`` Mtok in each of the hours of the prices.

    ``battery`` has the columns of the battery beside its place ``at``, the data centre D or the power zone Z; None for
    no battery. ``rest`` has other tables and settings.
    """
    place = {"D": "data_centre", "Z": "power_zone"}[at]
    work = {"workload": "w", "accelerator_hours_per_mtok": 0, "kwh_per_mtok": 1000, "unserved_usd_per_mtok": 1000}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H"}],
            "data_centres": [{"data_centre": "D"}],
            "links": [{"from": "H", "to": "D", "rtt_ms": 1}],
            "power_zones": [{"power_zone": "Z", "usd_per_mwh": list(usd_per_mwh)}],
            "supplies": [{"power_zone": "Z", "data_centre": "D"}],
            "batteries": [] if battery is None else [{**BATTERY, **battery, place: at}],
            "workloads": [work],
            "demand": [{"workload": "w", "hub": "H", "hour": hour, "mtok": demand} for hour in range(len(usd_per_mwh))],
        }
    )
    return instance.replace(**rest) if rest else instance


def windy(battery=None):
    """Return four hours with wind of 0, 12, 12 and 0 MWh that costs nothing, and a grid at 50 USD.

    Interactive work asks for 4 Mtok in every hour; 20 Mtok of hour 0 may wait until hour 3; the site serves 10 an hour.
    """
    work = {"accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000, "unserved_usd_per_mtok": 1000}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H"}],
            "data_centres": [{"data_centre": "D", "accelerators": 10}],
            "links": [{"from": "H", "to": "D", "rtt_ms": 1}],
            "power_zones": [{"power_zone": "wind", "usd_per_mwh": 0}, {"power_zone": "grid", "usd_per_mwh": 50}],
            "supplies": [
                {"power_zone": "wind", "data_centre": "D", "limit_mw": [0, 12, 12, 0]},
                {"power_zone": "grid", "data_centre": "D"},
            ],
            "batteries": [] if battery is None else [{**BATTERY, **battery, "data_centre": "D"}],
            "workloads": [{"workload": "chat", **work}, {"workload": "batch", **work, "deadline_hours": 3}],
            "demand": [
                *({"workload": "chat", "hub": "H", "hour": hour, "mtok": 4} for hour in range(4)),
                {"workload": "batch", "hub": "H", "hour": 0, "mtok": 20},
            ],
        },
        cyclic=False,
    )
