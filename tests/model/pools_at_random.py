"""Random pools at the data centres of an instance, and modes for their types."""

import math

import numpy as np
import pandas as pd

from tests.model.modes_at_random import with_random_modes


def with_random_pools(instance, seed, most=3):
    """Return the instance with modes of some workloads, and one to ``most`` pools at about two thirds of its sites.

    The accelerators of a data centre are divided among its pools; some pools have no price, no limit, or a
    ``max_utilisation`` of their own.
    """
    random, moded = np.random.default_rng(seed + 2000), with_random_modes(instance, seed)
    filled = np.random.default_rng(seed + 3000)
    plain = moded.workloads["workload"][random.random(len(moded.workloads)) < 0.4]
    modes, workloads = moded.modes, moded.workloads
    kept = ~modes["workload"].isin(plain)
    centres, pools = moded.data_centres, []
    for place, row in enumerate(centres.to_dict("records")):
        count = int(random.integers(0, most + 1))
        if not count:
            continue
        share = random.dirichlet(np.ones(count))
        for kind, part in zip(random.permutation(["A", "B", "C"])[:count], share, strict=True):
            number = np.mean(row["accelerators"]) * part
            price = [None, float(random.choice([0.5, 1.0, 2.0, 4.0]))][random.integers(2)]
            unlimited = random.random() < 0.1
            pools.append(
                {
                    "data_centre": row["data_centre"],
                    "accelerator_type": kind,
                    "accelerators": math.inf if unlimited else float(number),
                    "accelerator_usd_per_hour": price,
                    "max_utilisation": float(filled.choice([0.5, 0.8, 1.0, 1.0])),
                }
            )
        centres.loc[place, "accelerator_type"] = None
        centres["accelerators"] = [
            math.inf if number == place else value for number, value in enumerate(centres["accelerators"])
        ]
    known = {*centres["accelerator_type"].dropna(), *(pool["accelerator_type"] for pool in pools)}
    modes = modes[kept].assign(
        accelerator_type=[kind if kind in known else None for kind in modes["accelerator_type"][kept]]
    )
    return moded.replace(workloads=workloads, data_centres=centres, modes=modes, accelerator_pools=pd.DataFrame(pools))
