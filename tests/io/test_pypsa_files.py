"""Networks of PyPSA in files."""

from __future__ import annotations

import logging

import pytest

import placer
from placer.errors import InstanceError
from placer.io.pypsa_files import load_network, save_network

pytest.importorskip("pypsa", reason="PyPSA is not installed")


@pytest.mark.slow
def test_what_is_written_is_read(make_instance, tmp_path):
    """Tests that a saved instance loads as an equal one, and that PyPSA leaves the logs of the process alone."""
    handlers = list(logging.getLogger().handlers)
    instance = make_instance()
    assert load_network(save_network(instance, tmp_path / "x.nc")) == instance
    assert placer.load(tmp_path / "x.nc") == instance
    assert logging.getLogger().handlers == handlers


@pytest.mark.slow
def test_timestamps_with_a_zone(make_instance, tmp_path):
    """Tests that hours with a time zone, which PyPSA has not, come back with it."""
    hours = ["2026-03-29T01:00+01:00[Europe/Berlin]", "2026-03-29T03:00+02:00[Europe/Berlin]"]
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 3.0} for hour in hours]
    instance = make_instance(demand=demand)
    assert load_network(save_network(instance, tmp_path / "x.nc")) == instance


def test_no_network(tmp_path):
    """Tests files that are none, or none that PyPSA can read."""
    (tmp_path / "x.nc").write_bytes(b"hello")
    with pytest.raises(InstanceError, match=r"x\.nc: cannot be read as a network"):
        load_network(tmp_path / "x.nc")
    with pytest.raises(InstanceError, match=r"y\.nc: cannot be read: No such file"):
        load_network(tmp_path / "y.nc")
