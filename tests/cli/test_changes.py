"""What-ifs of every command: ``--change``, ``--add`` and ``--without``."""

# ruff: noqa: E501 - messages read best whole

from __future__ import annotations

import pytest
from typer.main import get_command

import placer
from placer.cli.changes import changed_instance
from placer.cli.main import app
from placer.errors import InstanceError

#: Commands without a dataset, and the ``batch`` group, whose first command has one.
WITHOUT_DATASET = {"profile", "datasets", "template", "bench", "batch"}


@pytest.fixture(scope="module")
def tiny():
    return placer.load("tiny")


def test_every_command_that_loads_a_dataset_takes_changes():
    commands = {name: command.loaded for name, command in get_command(app).commands.items()}
    commands |= {"batch run": commands["batch"].commands["run"]}
    for name, command in commands.items():
        options = {option for each in command.params for option in each.opts}
        assert ({"--change", "--add", "--without"} <= options) is (name not in WITHOUT_DATASET), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("power_zones.usd_per_mwh=*1.2", lambda tiny: tiny.scaled("power_zones.usd_per_mwh", 1.2)),
        ("data_centres[Port|Metro].pue=1.1", lambda tiny: tiny.with_value("data_centres.pue", 1.1, ["Port", "Metro"])),
        ("data_centres[region=west].pue=1.1", lambda tiny: tiny.with_value("data_centres.pue", 1.1, "Plateau")),
        ("power_zones[hour=0-1].usd_per_mwh=5", lambda tiny: tiny.with_value("power_zones.usd_per_mwh", (5, 5))),
        (
            "links[Coast - East exchange].rtt_ms=9",
            lambda tiny: tiny.with_value("links.rtt_ms", 9, ("Coast", "East exchange")),
        ),
        (
            "demand[workload=chat|voice,hub=Coast].mtok=*2",
            lambda tiny: tiny.scaled_demand(2, ["chat", "voice"], "Coast"),
        ),
        (
            "workloads[chat].jurisdictions=EU|CH",
            lambda tiny: tiny.with_value("workloads.jurisdictions", ["EU", "CH"], "chat"),
        ),
        (
            "power_zones[Coast grid,hour=1].usd_per_mwh=5",
            lambda tiny: tiny.with_value("power_zones.usd_per_mwh", (100, 5), "Coast grid"),
        ),
        ("links.capacity_gbps=inf", lambda tiny: tiny.with_value("links.capacity_gbps", float("inf"))),
        ("carbon_usd_per_kg=0.05", lambda tiny: tiny.replace(carbon_usd_per_kg=0.05)),
        ("hour_length=*2", lambda tiny: tiny.replace(hour_length=2)),
        ("cyclic=true", lambda tiny: tiny.replace(cyclic=True)),
        ("accelerators=sunk", lambda tiny: tiny.replace(accelerators="sunk")),
    ],
)
def test_a_change_is_what_its_call_is(tiny, text, expected):
    assert changed_instance(tiny, [], [text], []) == expected(tiny)


def test_rows_are_added_together(tiny):
    """Tests that a site with its link and supply is the same as by the call, in whatever order they are given."""
    rows = [
        "links:from=West exchange,to=Mesa,rtt_ms=8",
        "supplies:power_zone=Plateau wind,data_centre=Mesa,limit_mw=5",
        "data_centres:data_centre=Mesa,region=west,accelerators=50",
    ]
    expected = tiny.with_data_centre("Mesa", {"West exchange": 8}, {"Plateau wind": 5}, region="west", accelerators=50)
    assert changed_instance(tiny, rows, [], []) == expected


def test_rows_come_first_and_removals_last(tiny):
    """Tests that a change sees the rows that are added, changes come in their order, and a name hides no pair."""
    found = changed_instance(
        tiny,
        ["links:from=Coast,to=Plateau,rtt_ms=8"],
        ["links.rtt_ms=4", "links.rtt_ms=*2"],
        ["Port", "Coast - East exchange"],
    )
    expected = tiny.with_link("Coast", "Plateau", 8).with_value("links.rtt_ms", 8)
    assert found == expected.without("Port", ("Coast", "East exchange"))


def test_all_that_is_wrong_with_all_options_is_listed(tiny):
    with pytest.raises(InstanceError) as caught:
        changed_instance(
            tiny,
            ["link:from=A", "foo", "links:from=Coast,to=Port,rtt=1"],
            [
                "foo",
                "demand[chat,hour=0].mtok=1",
                "carbon_usd_per_gk=3",
                "cyclic=*2",
                "demand[hub=Coat].mtok=*x",
                "data_centres[Prt].pue=0.2",
            ],
            ["Prt", "Coast - Inland"],
        )
    assert [str(violation) for violation in caught.value.violations] == [
        "--add: no table 'link' (allowed: perhaps links)",
        "--add: 'foo' is not TABLE:COLUMN=VALUE,... (allowed: such as links:from=Coast,to=Plateau,rtt_ms=8)",
        "links[Coast|Port].rtt: unknown (allowed: perhaps rtt_ms)",
        "--change: 'foo' is not TABLE[ROWS].COLUMN=VALUE (allowed: such as power_zones.usd_per_mwh=*1.2 or data_centres[Port|Metro].pue=1.1)",
        "demand: 'chat' is of no column (allowed: workload=chat)",
        "settings.carbon_usd_per_gk: unknown (allowed: perhaps carbon_usd_per_kg)",
        "settings.cyclic: '2' is no factor of False (allowed: a value)",
        "demand.mtok: 'x' is no factor (allowed: a number)",
        "demand.hub: 'Coat' is in no row (allowed: perhaps Coast)",
        "data_centres: 'Prt' is in no row (allowed: perhaps Port)",
        "data_centres.pue: 0.2 is out of range (allowed: number, or one per hour, >= 1, <= 10, finite)",
        "without: no link or supply between 'Coast' and 'Inland' (allowed: a pair with one; several names stand in a list)",
        "without: 'Prt' is unknown (allowed: perhaps Port)",
    ]


@pytest.mark.slow
def test_a_store_of_other_changes_is_not_resumed(run, tmp_path, in_threads):
    store = ("--n", "2", "--store", str(tmp_path / "a.db"))
    assert run("batch", "tiny", *store, "--change", "demand.mtok=*0.5")[0] == 0
    code, _, err = run("batch", "tiny", *store, "--resume", "--change", "demand.mtok=*0.6")
    assert code == 2
    assert "holds results of other settings" in err
