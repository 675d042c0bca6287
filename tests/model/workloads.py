"""Workloads of the tests of formulations."""

#: Two hours of an accelerator per Mtok and no energy; and the same with half a MWh.
WORK = {
    "workload": "w",
    "accelerator_hours_per_mtok": 2.0,
    "kwh_per_mtok": 0.0,
    "unserved_usd_per_mtok": 1000.0,
}
POWERED = WORK | {"kwh_per_mtok": 500.0}
