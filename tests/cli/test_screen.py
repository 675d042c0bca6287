"""What the command line shows: text of strangers as it is, figures whole, and where demand is unserved."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import placer
from placer.cli import screen
from placer.model.formulation import formulate

#: Names that are markup, emoji, or act on a terminal; and what is to be seen of each.
HOSTILE = {
    "[/]voice": "[/]voice",
    r"\[/b]x": r"\[/b]x",
    "Data [old]": "Data [old]",
    "[link=https://example.org]x[/link]": "[link=https://example.org]x[/link]",
    ":smile:": ":smile:",
    "red \x1b[31m": r"red \x1b[31m",
    "bell\x07 back\x08": r"bell\x07 back\x08",
    "c1 \x9b31m": r"c1 \x9b31m",
    "turned \u202e": r"turned \u202e",
    "lone \ud800": r"lone \ud800",
    "[bold red]": "[bold red]",
}


@pytest.mark.parametrize(("name", "seen"), HOSTILE.items())
def test_text_of_strangers_is_shown_as_it_is(capsys, name, seen):
    """Tests that lines, headings and tables show markup as text and escape what acts on a terminal."""
    screen.say(name)
    screen.title(name)
    index = pd.Index([name], name=name, dtype=object)
    screen.show(screen.as_table(name, pd.DataFrame({"mtok": [1.0]}, index), {"mtok": "Mtok"}))
    screen.say(name, errors=True)
    out, err = capsys.readouterr()
    assert out.count(seen) == 5
    assert err == f"{seen}\n"
    assert "\x1b" not in out + err


@pytest.mark.parametrize("name", HOSTILE)
def test_json_acts_on_no_terminal_and_comes_back(name):
    """Tests that JSON holds no character that does not print, and means the same."""
    text = screen.to_json({name: [name]})
    assert text.replace("\n", "").isprintable()
    assert json.loads(text) == {name: [name]}


def test_lines_stay_lines(capsys):
    """Tests that a text of several lines is shown as such."""
    screen.say("one\ntwo")
    assert capsys.readouterr().out == "one\ntwo\n"


@pytest.mark.parametrize("columns", ["20", "80"])
def test_figures_are_never_cut(capsys, monkeypatch, columns):
    """Tests that every digit of a table stands on one line, however narrow the terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    frame = pd.DataFrame({f"mtok_{place}": [160_663_123.0] for place in range(8)}, pd.Index(["demand"], name="figure"))
    screen.show(screen.as_table("Figures", frame, {name: name for name in frame}))
    out = capsys.readouterr().out
    assert out.count("160,663,123") == 8
    assert "…" not in out


def test_where_demand_is_unserved(make_instance, capsys):
    """Tests the line of 16 Mtok of demand of which 10 are served: X serves its own 10 Mtok, and B's 6 are far away."""
    instance = make_instance(
        data_centres=[{"data_centre": "X", "region": "east", "accelerators": 10.0}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "X", "rtt_ms": 90.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "latency_slo_ms": 50.0}],
    )
    placement = placer.solve(instance)
    places = screen.unserved_places(placement.formulation, placement.accounts.unserved)
    assert places.to_dict("records") == [
        {"workload": "w", "hub": "B", "unserved_mtok": pytest.approx(6.0), "share": pytest.approx(1.0)}
    ]
    screen.say_unserved(places, placement.demand_mtok)
    assert capsys.readouterr().out == "placer: 6 Mtok (37.50% of demand) unserved: w at B 6 Mtok\n"


def test_nothing_unserved(make_instance, capsys):
    """Tests that rounding is not unserved demand, and nothing is said."""
    formulation = formulate(make_instance())
    places = screen.unserved_places(formulation, np.array([1e-12, 0.0]))
    screen.say_unserved(places, 16.0)
    assert places.empty
    assert not capsys.readouterr().out


def test_many_places_are_counted(make_instance, capsys):
    """Tests that the largest are named and the rest counted."""
    demand = [
        {"workload": "w", "hub": hub, "hour": 0, "mtok": mtok} for hub, mtok in zip("AB", (1.0, 2.0), strict=True)
    ]
    workloads = [{"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0} for name in ("w", "v")]
    instance = make_instance(workloads=workloads, demand=[*demand, *({**row, "workload": "v"} for row in demand)])
    formulation = formulate(instance)
    screen.say_unserved(screen.unserved_places(formulation, formulation.structure.demand_amount), 6.0)
    assert "2 Mtok" in (out := capsys.readouterr().out)
    assert out.endswith(" and 1 more\n")
