"""The workload of instances that are solved by hand."""

from __future__ import annotations

#: One Mtok takes one hour and one MWh, and costs 1000 USD where it is not served.
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
