"""A random instance whose charges regions are paid, and the same with premia of that size which nobody is paid."""

import placer
from tests.model.trade_by_hand import random_policies, random_tables


def paid_and_unpaid(seed, charges=("tariff_usd_per_mtok", "premium_usd_per_mtok")):
    """Return a random instance whose charges regions are paid, and the same with premia of that size paid to nobody.

    Least cost, transfers and penalty of the first are least cost and penalty of the second. The first ends with a
    policy of amount 0, which changes nothing.
    """
    rows = [row | {"paid_to": row.get("paid_to") or "exporter"} for row in random_policies(seed, charges)]
    nothing = {"policy": "nothing", "kind": "tariff_usd_per_mtok", "amount": 0.0, "paid_to": "importer"}
    free = placer.Instance.from_tables(random_tables(seed))
    unpaid = [row | {"kind": "premium_usd_per_mtok", "paid_to": None} for row in rows]
    return free.replace(policies=[*rows, nothing]), free.replace(policies=unpaid)
