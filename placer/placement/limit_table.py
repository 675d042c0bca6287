"""The table of limits of one's own: use, amount and rent of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.model.caps import OWN_CAPS
from placer.model.limit_rows import use_of
from placer.utils.arrays import without_noise

if TYPE_CHECKING:
    from placer.model.answer import Flows
    from placer.model.formulation import Formulation
    from placer.placement.accounts import SettledFlows
    from placer.placement.rents import Rents


def limit_table(formulation: Formulation, flows: Flows, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per limit of one's own, and per hour of a limit on ``each``.

    Index ``limit`` and ``hours`` (the scope as given; empty for all). Columns: ``kind``, ``sense``, ``use`` and
    ``amount`` (of a share, shares; ``use`` is NaN for a share of nothing), ``unit`` (of the rent),
    ``rent_usd_per_unit`` (what the least cost falls by per unit by which the limit is relaxed, >= 0; of a share per
    Mtok, of a green share per MWh, as a certificate of origin is priced) and ``rent_usd`` (the rent times the limit, as
    it stands in the settlement: below 0 for a limit of at least an amount).
    """
    structure, limits = formulation.structure, [limit for limit in formulation.limits if not limit.zone]
    caps = slice(OWN_CAPS, OWN_CAPS + len(limits))
    used = [use_of(structure, limit, formulation.quantities, flows, accounts.served) for limit in limits]
    amount = np.array([limit.amount for limit in limits])
    labels = [[limit.name for limit in limits], [limit.hours for limit in limits]]
    table = {
        "kind": pd.Series([limit.kind for limit in limits], dtype=object),
        "sense": pd.Series([limit.sense for limit in limits], dtype=object),
        "use": without_noise(np.array(used, dtype=float), np.maximum(np.abs(amount), np.nan_to_num(np.abs(used)))),
        "amount": amount,
        "unit": pd.Series([limit.unit for limit in limits], dtype=object),
        "rent_usd_per_unit": rents.limits[: len(limits)],
        "rent_usd": rents.limits[: len(limits)] * structure.cap_limit[caps] + 0.0,
    }
    return pd.DataFrame(table).set_index(pd.MultiIndex.from_arrays(labels, names=["limit", "hours"]))
