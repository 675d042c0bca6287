"""Values that are suspect beside others; ``tests/test_mistakes.py`` has the mistakes that they find."""

from __future__ import annotations

import math

from placer.instance.remarks import check

SITES = [
    {"data_centre": "X", "region": "east", "accelerators": 20, "accelerator_usd_per_hour": 1},
    {"data_centre": "Y", "region": "west", "accelerator_usd_per_hour": 1},
]
POOLS = [{"data_centre": "Y", "accelerator_type": "new", "accelerators": 20}]


def test_plants_may_be_cheap(make_instance):
    """Tests that a zone with a limit, of which there is no more to buy, is not judged as a grid."""
    both = [
        [{"power_zone": name, "usd_per_mwh": 3.0, "limit_mw": limit} for name in ("zx", "zy")]
        for limit in (5, math.inf)
    ]
    said = [check(make_instance(power_zones=zones)) for zones in both]
    assert ["on average" in "".join(remarks) for remarks in said] == [False, True]


def test_pools_state_accelerators(make_instance):
    """Tests that a data centre with pools of its own has stated its accelerators, and one without has not."""
    said = [check(make_instance(data_centres=SITES, accelerator_pools=pools)) for pools in (POOLS, [])]
    assert ["states no accelerators" in "".join(remarks) for remarks in said] == [False, True]
