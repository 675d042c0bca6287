"""What a plan says of its states."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError

NEW = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * 365}]


def test_the_instance_of_a_state_holds_what_is_built_and_not_lost(east_and_west):
    """Tests that what is built in the West is there, but where the West is lost."""
    states = placer.States.outages(east_and_west, "data_centres", hours_a_year=10)
    plan = placer.plan(east_and_west, NEW, states)
    built = {state: plan.instance(state).data_centres["accelerators"].tolist()[1] for state in states.names}
    assert built["nothing lost"] == built["East"] == pytest.approx(float(plan.units[0]))
    assert built["West"] == 0
    with pytest.raises(InstanceError, match="unknown"):
        plan.instance("North")
