"""Three sites by hand, of which any one may be lost: A1 of the page on security."""

import placer

#: Region, units and USD a unit of three sites.
SITES = {"A": ("north", 45.0, 6.0), "B": ("south", 85.0, 5.0), "W": ("west", 90.0, 4.0)}


def three_sites(lands=1):
    """Return an instance with a hub and three sites in each of some lands.

    Voice (40 at each hub) runs at A or B only, chat (80) at B or W only; a Mtok takes one unit.
    """
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 500.0}
    columns = ("region", "accelerators", "accelerator_usd_per_hour")
    sites = [
        {"data_centre": f"{name}{land}", "jurisdiction": name, "land": f"land {land}"}
        | dict(zip(columns, values, strict=True))
        for land in range(lands)
        for name, values in SITES.items()
    ]
    hubs = [{"hub": f"H{land}", "region": "north", "land": f"land {land}"} for land in range(lands)]
    return placer.Instance.from_tables(
        {
            "hubs": hubs,
            "data_centres": sites,
            "links": [{"from": hub["hub"], "to": site["data_centre"], "rtt_ms": 1.0} for hub in hubs for site in sites],
            "workloads": [
                {"workload": "voice", "jurisdictions": ("A", "B")} | work,
                {"workload": "chat", "jurisdictions": ("B", "W")} | work,
            ],
            "demand": [
                {"workload": workload, "hub": hub["hub"], "mtok": mtok}
                for workload, mtok in (("voice", 40.0), ("chat", 80.0))
                for hub in hubs
            ],
        }
    )
