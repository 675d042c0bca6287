"""A small dataset that the tests of datasets spoil."""

from __future__ import annotations

import shutil

import pytest

from placer.errors import InstanceError

FILES = {
    "dataset.toml": 'name = "small"\n[settings]\ncyclic = true\n',
    "hubs.csv": "hub,region\nA,east\nB,east\n",
    "data_centres.csv": "data_centre,region,pue\nD,east,1.2\nF,west,\n",
    "power_zones.csv": "power_zone,usd_per_mwh\nZ,50\nY,20\n",
    "links.csv": "from,to,rtt_ms\nA,D,10\nB,D,20\nD,F,5\n",
    "supplies.csv": "power_zone,data_centre\nZ,D\nY,F\n",
    "workloads.csv": "workload,accelerator_hours_per_mtok,kwh_per_mtok\nw,1,2\nv,2,1\n",
    "demand.csv": "workload,hub,hour,mtok\nw,A,0,3\nw,B,1,4\nv,A,1,5\n",
}


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes a small dataset with some files replaced (None: left out), and returns its path."""

    def build(files=(), **changes):
        place = tmp_path / "small"
        shutil.rmtree(place, ignore_errors=True)
        for name, content in (FILES | dict(files) | {f"{name}.csv": text for name, text in changes.items()}).items():
            if content is not None:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(content, encoding="utf-8")
        return place

    return build


@pytest.fixture(scope="session")
def scenario():
    """Return a function that makes a dataset.toml with one scenario named s from lines."""
    return lambda *lines: {"dataset.toml": "\n".join(["[scenarios.s]", *lines])}


@pytest.fixture(scope="session")
def violations_of():
    """Return a function that calls what must raise an InstanceError, and returns the texts of its violations."""

    def texts(call, *arguments):
        with pytest.raises(InstanceError) as caught:
            call(*arguments)
        return [str(violation) for violation in caught.value.violations]

    return texts


@pytest.fixture
def write(tmp_path):
    """Return a function that writes bytes or text to a file and returns its path."""

    def write(content, name="hubs.csv"):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write
