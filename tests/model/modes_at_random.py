"""Random modes for the workloads of an instance: some for one type of accelerators, some that others outdo."""

import numpy as np


def with_random_modes(instance, seed, most=4):
    """Return the instance with one to ``most`` modes for each workload, and types of accelerators at half its sites."""
    random = np.random.default_rng(seed + 1000)
    types = np.array([("A", "B", None)[random.integers(3)] for _ in range(len(instance.data_centres))], dtype=object)
    known = [None, None, *{name for name in types if name is not None}]
    rows = []
    for row in instance.workloads.to_dict("records"):
        room = min(row["latency_slo_ms"], 100.0)
        for number in range(int(random.integers(1, most + 1))):
            hours, kwh = random.choice([0.5, 0.75, 1, 1.5], 2)
            late = {"server_ms": float(room * random.choice([0.1, 0.4, 0.6, 0.8])), "workload": row["workload"]}
            taken = {
                "accelerator_hours_per_mtok": float(hours * row["accelerator_hours_per_mtok"]),
                "kwh_per_mtok": float(kwh * row["kwh_per_mtok"]),
            }
            kind = known[random.integers(len(known))]
            rows.append(late | taken | {"mode": f"m{number}", "accelerator_type": kind})
    workloads = instance.workloads.assign(server_ms=0.0, peak_accelerator_hours_per_mtok=np.nan)
    centres = instance.data_centres.assign(accelerator_type=types)
    return instance.replace(workloads=workloads, data_centres=centres, modes=rows)
