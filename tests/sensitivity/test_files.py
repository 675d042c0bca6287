"""Tests of files of assumptions."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError
from placer.sensitivity.files import read_assumptions


def written(folder, text):
    """Return a file of assumptions."""
    file = folder / "assumptions.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.slow
def test_amounts_of_limits_are_read(tmp_path):
    """Tests a limit of one's own of a scenario, its amount as given, and a limit that is unknown."""
    text = """
        [assumptions.green]
        values = [0.5, 0.9]
        with_limit = "green west, 80 % of the day"
    """
    file = written(tmp_path, text)
    (found,), _ = read_assumptions("china", ["own_limits"], file)
    assert (*found.changes, found.base) == ("0.5", "0.9", "0.8")
    changed = found.changes["0.9"](placer.load("china", ["own_limits"]))
    assert changed.limits["amount"].tolist() == [0.4, 110, 90000, 2250000, 0.9, 0.75]
    with pytest.raises(InstanceError, match="is unknown"):
        read_assumptions("china", file=file)


@pytest.mark.slow
def test_every_kind_of_change_is_read(tmp_path):
    """Tests values, the value as given, and what a change of each kind makes of tiny."""
    text = """
        [assumptions.rtt]
        values = [2]
        scaled = ["links.rtt_ms"]
        [assumptions.price]
        unit = "USD"
        values = [3.5]
        scaled_to = "data_centres.accelerator_usd_per_hour"
        [assumptions.most_used]
        values = [0.5]
        with_value = "data_centres.max_utilisation"
        [assumptions.load]
        values = [0.4]
        with_load = "accelerators"
        [assumptions.west]
        values = [0.2]
        with_region_share = "west"
        [assumptions.voice]
        values = [40]
        with_network_ms = ["voice"]
        [assumptions.limit]
        scenarios = { "300 ms" = "patient" }
        base = "200 ms"
    """
    found, conclusions = read_assumptions("tiny", file=written(tmp_path, text))
    tiny = placer.load("tiny")
    assert [(each.name, *each.changes, each.base) for each in found] == [
        ("rtt", "2", "1"),
        ("price", "3.5", "1"),
        ("most used", "0.5", "1"),
        ("load", "0.4", "0.6327"),  # 310 hours of 245 accelerators in 2 hours
        ("west", "0.2", "0.4082"),
        ("voice", "40", "25"),
        ("limit", "300 ms", "200 ms"),
    ]
    made = [change(tiny) for each in found for change in each.changes.values()]
    assert all(instance != tiny for instance in made)
    assert made[-1] == placer.load("tiny", ["patient"])
    assert (found[1].unit, conclusions) == ("USD", [])


def test_scenario_of_an_assumption_comes_after_those_of_the_dataset():
    """Tests that prices of `dispatch` stay where an assumption of the file is another scenario."""
    found, _ = read_assumptions("tiny", ["patient"])
    changed = found[-1].changes["paid for"](placer.load("tiny"))
    assert changed == placer.load("tiny", ["patient", "dispatch"])


def test_all_that_is_wrong_is_listed(tmp_path):
    text = """
        other = 1
        [assumptions.none]
        values = [1]
        [assumptions.two]
        values = [1]
        scaled = ["links.rtt_ms"]
        with_load = "accelerators"
        [assumptions.typo]
        valeus = [1]
        scaled = "links.rtt_ms"
        unit = 3
        [assumptions.named]
        scenarios = ["patient"]
        [[conclusions]]
        text = "A sentence."
        figur = "ceiling_share"
    """
    with pytest.raises(InstanceError) as caught:
        read_assumptions("tiny", file=written(tmp_path, text))
    assert [(each.row, each.column) for each in caught.value.violations] == [
        ("other", ""),
        ("none", ""),
        ("two", ""),
        ("typo", "valeus"),
        ("typo", "unit"),
        ("typo", "scaled"),
        ("typo", "values"),
        ("named", "scenarios"),
        ("conclusion 1", "figur"),
        ("conclusion 1", "figure"),
        ("conclusion 1", ""),
    ]


@pytest.mark.parametrize("text", ["assumptions = 1", "conclusions = 1", "assumptions = {a = 1}", "conclusions = [1]"])
def test_sections_are_sections(tmp_path, text):
    with pytest.raises(InstanceError, match=text.split()[0]):
        read_assumptions("tiny", file=written(tmp_path, text))


def test_dataset_without_a_file_says_so(tmp_path):
    placer.save(placer.load("tiny"), tmp_path / "copy")
    with pytest.raises(InstanceError, match=r"has no sensitivity\.toml"):
        read_assumptions(tmp_path / "copy")
    placer.save_graph(placer.load("tiny"), tmp_path / "tiny.json")
    with pytest.raises(InstanceError, match=r"no sensitivity\.toml beside it"):
        read_assumptions(tmp_path / "tiny.json")


@pytest.mark.slow
def test_assumptions_of_china_make_instances():
    """Tests values as given that the page of the dataset names, and that every change makes an instance of its own."""
    china = placer.load("china")
    found, conclusions = read_assumptions("china")
    bases = {each.name: each.base for each in found}
    assert bases["price of accelerators"] == "1.899"
    assert (bases["load"], bases["accelerators in the west"]) == ("0.25", "0.3828")
    assert bases["first token of chat"] == "19 to 304"
    assert all(each.source and each.kind and each.description for each in found)
    assert all(change(china) != china for each in found for change in each.changes.values())
    assert conclusions


@pytest.mark.slow
def test_the_plain_form_is_read(tmp_path):
    """Tests factors and values of columns, in rows that a name, a list, a pair or a table of names chooses."""
    text = """
        [assumptions.power_price]
        scale = { "power_zones.usd_per_mwh" = [0.8, 1.2] }
        where = "Plateau wind"
        [assumptions.pue]
        set = { "data_centres.pue" = [1.1] }
        where = ["Port", "Metro"]
        base = "1.2 to 1.5"
        [assumptions.chat]
        scale = { "demand.mtok" = [2] }
        where = { workload = "chat", hour = [0] }
        [assumptions.cable]
        scale = { "links.rtt_ms" = [2] }
        where = [["Coast", "East exchange"]]
    """
    found, _ = read_assumptions("tiny", file=written(tmp_path, text))
    tiny = placer.load("tiny")
    assert [(each.name, *each.changes, each.base, each.unit) for each in found] == [
        ("power price", "0.8", "1.2", "as given", "times"),
        ("pue", "1.1", "1.2 to 1.5", ""),
        ("chat", "2", "as given", "times"),
        ("cable", "2", "as given", "times"),
    ]
    assert [change(tiny) for each in found for change in each.changes.values()] == [
        tiny.scaled("power_zones.usd_per_mwh", 0.8, "Plateau wind"),
        tiny.scaled("power_zones.usd_per_mwh", 1.2, "Plateau wind"),
        tiny.with_value("data_centres.pue", 1.1, ["Port", "Metro"]),
        tiny.scaled("demand.mtok", 2, {"workload": "chat", "hour": [0]}),
        tiny.scaled("links.rtt_ms", 2, ("Coast", "East exchange")),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("scale = 2", 'scale: 2 (allowed: {"TABLE.COLUMN" = [0.8, 1.2]}, lists of one length)'),
        ('scale = { "links.rtt_ms" = ["2"] }', "lists of one length"),
        ('set = { "links.rtt_ms" = [] }', "lists of one length"),
        ('scale = { "links.rtt_ms" = [1, 2], "demand.mtok" = [1] }', "lists of one length"),
        (
            'scaled = ["links.rtt_ms"]\nvalues = [2]\nwhere = "Port"',
            "where: beside scaled (allowed: only beside scale or",
        ),
        ('scale = { "links.rtt_ms" = [2] }\nset = { "links.rtt_ms" = [2] }', "2 kinds of change: scale, set"),
    ],
)
def test_errors_of_the_plain_form(tmp_path, line, says):
    with pytest.raises(InstanceError) as caught:
        read_assumptions("tiny", file=written(tmp_path, f"[assumptions.one]\n{line}\n"))
    assert says in str(caught.value)
