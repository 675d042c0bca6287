"""The command ``placer explore``."""

from __future__ import annotations

import json

import pytest

import placer
from placer.cli.explore import source_of
from placer.cli.run import Run
from placer.live import server
from placer.live.applied import changed_instance, script
from placer.live.changes import read_changes


@pytest.fixture
def served(monkeypatch):
    """Let the server end at once, and return what it was asked to serve."""
    found = []

    async def serve(source, port, told):
        found.append((source, port))
        told("http://127.0.0.1:1/token/")

    monkeypatch.setattr(server, "serve", serve)
    return found


def test_the_address_is_printed_and_opened(run, served, monkeypatch):
    """Tests dataset, scenario and port, and that --no-browser opens none."""
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run("explore", "tiny", "-s", "dispatch", "--port", "8123", "--no-browser")[:2] == (
        0,
        "http://127.0.0.1:1/token/\n",
    )
    assert opened == []
    assert run("explore", "tiny")[0] == 0
    assert opened == ["http://127.0.0.1:1/token/"]
    (source, port), _ = served
    assert (source.name, source.start, port) == ("tiny", ("dispatch",), 8123)


def test_bad_input_is_refused_before_anything_is_served(run, served):
    for arguments in (("nowhere",), ("tiny", "-s", "nix"), ("tiny", "--change", "nowhere.x=1")):
        assert run("explore", *arguments)[0] == 2
    assert served == []


@pytest.mark.slow
def test_changes_of_the_command_come_before_those_of_the_page(tmp_path, monkeypatch, capsys):
    """Tests instance and script: a price doubled by the command is doubled again by the page."""
    source = source_of(Run("tiny", change=["power_zones.usd_per_mwh=*2"], without=["Port"]))
    asked = read_changes(json.dumps({"factors": {"power_zones.usd_per_mwh": 2}}).encode(), source)
    expected = placer.load("tiny").scaled("power_zones.usd_per_mwh", 4).without("Port")
    assert changed_instance(asked) == expected
    monkeypatch.chdir(tmp_path)
    exec(compile(script(asked, source, with_ceiling=False), "script", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert str(placer.solve(expected)) in capsys.readouterr().out
