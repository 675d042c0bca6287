"""What the export to PyPSA refuses."""

from __future__ import annotations

import math

import pytest

from placer.errors import InstanceError
from placer.io.pypsa import to_pypsa


def test_what_cannot_be_expressed_is_listed(make_instance):
    """Tests that waiting work, caps, quotas, pools and paid charges are refused, all at once, without PyPSA."""
    patient = [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1, "deadline_hours": 1}]
    policies = [
        {"policy": "q", "kind": "quota_mtok", "amount": 1.0},
        {"policy": "t", "kind": "premium_usd_per_mtok", "amount": 1.0, "paid_to": "importer"},
        {"policy": "p", "kind": "premium_usd_per_mtok", "amount": 1.0},
    ]
    given = {"workloads": patient, "policies": policies, "carbon_limit_kg": 1e6, "water_limit_litres": 1e6}
    instance = make_instance(**given)
    instance = instance.replace(
        data_centres=instance.data_centres.assign(accelerators=math.inf),
        accelerator_pools=[{"data_centre": instance.data_centres["data_centre"][0], "accelerator_type": "A"}],
    )
    with pytest.raises(InstanceError) as caught:
        to_pypsa(instance)
    assert [each.column for each in caught.value.violations] == [
        "deadline_hours",
        "kind",
        "paid_to",
        "",
        "carbon_limit_kg",
        "water_limit_litres",
    ]
    assert "or relax deadlines" in str(caught.value)


def test_steps_of_value_are_refused(make_instance):
    """Tests two steps, whose values the network would lose, and a name that cannot be relaxed."""
    steps = [{"workload": "w", "hub": "A", "mtok": 2.0, "value_usd_per_mtok": usd} for usd in (5.0, 2.0)]
    with pytest.raises(InstanceError, match=r"demand_steps\[w\].*steps of value are not translated to PyPSA"):
        to_pypsa(make_instance(demand=steps))
    with pytest.raises(InstanceError, match=r"relax: 'steps' is unknown .*deadlines, limits, quotas"):
        to_pypsa(make_instance(demand=steps), relax=["steps"])
