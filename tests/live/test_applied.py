"""Changes applied to an instance, and the Python that does the same."""

from __future__ import annotations

import re

import pytest

import placer
from placer.errors import InstanceError
from placer.live.applied import changed_instance, script, titled
from placer.live.changes import Changes

POWER = "power_zones.usd_per_mwh"


@pytest.mark.slow
def test_each_change_is_a_method_of_the_instance(asked):
    """Tests factors, law, switches and links one by one."""
    tiny = placer.load("tiny")
    for changes, expected in (
        ({}, tiny),
        ({"factors": {POWER: 1.5}}, tiny.scaled(POWER, 1.5)),
        ({"factors": {f"{POWER}[Coast grid]": 0}}, tiny.scaled(POWER, 0, "Coast grid")),
        ({"factors": {"accelerators[Port]": 0.5}}, tiny.scaled("data_centres.accelerators", 0.5, "Port")),
        ({"factors": {"demand.mtok[chat]": 2}}, tiny.scaled_demand(2, "chat")),
        ({"factors": {"workloads.latency_slo_ms[voice]": 0.9}}, tiny.scaled("workloads.latency_slo_ms", 0.9, "voice")),
        ({"law": {"chat": ["west"]}}, tiny.with_value("workloads.jurisdictions", ["west"], "chat")),
        ({"off": ["data_centres[Port]"]}, tiny.without("Port")),
        ({"links": [["Delta", "Port"]]}, tiny.without(("Delta", "Port"))),
        ({"scenarios": ["dispatch"]}, placer.load("tiny", ["dispatch"])),
    ):
        assert changed_instance(asked(changes)) == expected, changes


def test_policies_and_pools_change(asked, rich):
    """Tests that a policy is scaled or gone, and that both kinds of accelerators of a site change."""
    before = rich.load(())
    scaled = changed_instance(asked({"factors": {"policies.amount[tariff]": 3}}, rich))
    assert scaled.tables["policies"]["amount"].iloc[0] == pytest.approx(0.3)
    gone = changed_instance(asked({"off": ["policies[tariff]"]}, rich))
    assert gone.tables["policies"]["policy"].tolist() == ["no voice"]
    both = changed_instance(asked({"factors": {"accelerators": 2}}, rich))
    for table in ("data_centres", "accelerator_pools"):
        assert both.tables[table]["accelerators"].tolist() == (2 * before.tables[table]["accelerators"]).tolist()


def test_a_change_that_makes_no_instance_is_the_error_of_the_library(asked):
    with pytest.raises(InstanceError, match="data_centres"):
        changed_instance(asked({"off": [f"data_centres[{name}]" for name in ("Metro", "Port", "Plateau")]}))


def test_titles_say_what_there_is(source):
    assert titled(source, Changes(("dispatch", "patient"))) == "tiny + dispatch + patient"
    assert titled(source, Changes(off=("data_centres[Port]",))) == "tiny + changes"


@pytest.mark.slow
@pytest.mark.parametrize("with_ceiling", [True, False])
def test_the_script_makes_the_same_cost_and_the_report(asked, source, tmp_path, monkeypatch, capsys, with_ceiling):
    """Tests that it runs, prints the cost of the changed instance, and writes the page."""
    wanted = asked(
        {
            "scenarios": ["patient"],
            "factors": {f"{POWER}[Coast grid]": 1.37},
            "links": [["Delta", "Port"]],
            "law": {"batch": ["west"]},
        }
    )
    monkeypatch.chdir(tmp_path)
    text = script(wanted, source, with_ceiling=with_ceiling)
    exec(compile(text, "script", "exec"), {"__name__": "__main__"})  # noqa: S102
    cost = placer.solve(changed_instance(wanted)).cost_usd
    printed = capsys.readouterr().out
    assert re.search(rf"{cost:,.2f}|{cost:.6g}", printed), printed
    assert "tiny + patient + changes" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_names_cannot_leave_their_quotes(make_instance, asked):
    """Tests that a name with quotes, breaks and a backslash is a string of Python, and nothing else."""
    name = '\'); import os #"""\\'
    instance = make_instance(
        power_zones=[{"power_zone": name, "usd_per_mwh": 50.0}],
        supplies=[{"power_zone": name, "data_centre": site} for site in "XY"],
    )
    source = placer.live.source.instance_source(instance, name)
    wanted = asked({"factors": {f"{POWER}[{name}]": 2}}, source)
    text = script(wanted, source, with_ceiling=False)
    compile(text, "script", "exec")
    assert repr(name) in text
