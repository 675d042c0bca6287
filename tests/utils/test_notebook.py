"""What notebooks show: the figures of the text, and every name escaped."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import placer
from placer.utils import notebook
from placer.utils.numbers import NOTHING

HOSTILE = "<script>alert(1)</script>&\"'"


@pytest.fixture(scope="module")
def placement(make_instance):
    """Return a placement whose every name is hostile, with demand that is short."""
    workload = {"workload": f"w{HOSTILE}", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    instance = make_instance(
        hubs=[{"hub": f"A{HOSTILE}", "region": "east"}],
        data_centres=[{"data_centre": f"Y{HOSTILE}", "region": "west", "accelerators": 5.0}],
        links=[{"from": f"A{HOSTILE}", "to": f"Y{HOSTILE}", "rtt_ms": 10.0}],
        supplies=[{"power_zone": "zy", "data_centre": f"Y{HOSTILE}"}],
        workloads=[workload],
        demand=[{"workload": f"w{HOSTILE}", "hub": f"A{HOSTILE}", "mtok": 8.0}],
    )
    return placer.solve(instance)


@pytest.fixture(scope="module")
def results(placement):
    """Return every result that a notebook may show."""
    ceiling = placer.export_ceiling(placement.instance)
    ceiling.limits  # noqa: B018 - solved for, and so shown
    return [
        placement,
        placement.instance,
        placement.certificate,
        ceiling,
        ceiling.curve,
        placer.export_cost(placement),
        placer.explain(placement),
        placer.DemandSets(placement.instance, count=3, seed=7),
    ]


@pytest.mark.slow
def test_every_name_is_escaped(results):
    """Tests that no name of the instance gets into the page as markup."""
    for result in results:
        page = result._repr_html_()
        assert "<script" not in page, type(result)
        assert page.startswith(("<table>", "<p>"))
    assert "&lt;script&gt;" in results[0]._repr_html_()


def test_the_figures_are_those_of_the_text(results):
    """Tests that every number of the text stands in the page too."""
    for result in (results[0], results[1], results[3], results[4], results[5], results[6]):
        page = result._repr_html_()
        numbers = re.findall(r"\d[\d,.e+%-]*", repr(result).replace(", ", " "))
        assert numbers
        assert [number for number in numbers if number not in page] == [], type(result)


def test_what_is_short_and_what_takes_the_rest(results):
    """Tests that the page of an explanation names limit and cure, and that of a ceiling its split."""
    assert "Explanation: 3 Mtok short, cured by 1 change" in results[6]._repr_html_()
    assert "accelerators" in results[6]._repr_html_()
    assert "accelerators" in results[3]._repr_html_()


def test_nothing_short(make_instance):
    """Tests that an explanation of nothing says so."""
    found = placer.explain(placer.solve(make_instance()))
    assert found._repr_html_() == "<p>Explanation: nothing is short</p>"


def test_a_ceiling_is_not_solved_for_to_be_shown(make_instance):
    """Tests that showing a ceiling solves for nothing."""
    ceiling = placer.export_ceiling(make_instance())
    ceiling._repr_html_()
    assert "limits" not in vars(ceiling)


def test_a_certificate_says_whether_it_proves(placement):
    """Tests that the page of a certificate shows every figure beside its tolerance."""
    page = placement.certificate._repr_html_()
    assert "proven" in page
    assert "of at most 1e-07" in page


def test_long_tables_are_cut_with_a_word():
    """Tests that of many rows the first are shown, and how many more there are."""
    table = pd.DataFrame({"mtok": range(25)})
    page = notebook.rows(table)
    assert "and 5 more rows" in page
    assert page.count("<tr") == 21
    assert "more rows" not in notebook.rows(table.head(20))


def test_what_is_unknown_is_a_dash():
    """Tests that NaN is not shown as a number."""
    assert f"<td>{NOTHING}</td>" in notebook.rows(pd.DataFrame({"share": [float("nan")], "mtok": [float("nan")]}))


@pytest.mark.parametrize(
    ("column", "value", "head", "cell"),
    [
        ("cost_usd", 628_600.4, "cost, USD", "628,600"),
        ("utilisation", 0.9521, "used", "95.2%"),
        ("export_share", 0.28552, "exported", "28.6%"),
        ("mtok", 1234.567, "Mtok", "1,235"),
        ("price_usd_per_mtok", 0.0991, "mean price, USD/Mtok", "0.09910"),
        ("sets", 12_000, "sets", "12,000"),
        ("cap_mtok", float("inf"), "cap, Mtok", "unlimited"),
        ("exact", True, "exact", "True"),
        ("cure", "more & <more>", "cure", "more &amp; &lt;more&gt;"),
        ("limit", None, "limit", NOTHING),
    ],
)
def test_figures_have_the_formats_of_the_report_and_their_units(column, value, head, cell):
    """Tests that no figure is shown as a power of ten, shares are in per cent, and units stand above."""
    page = notebook.rows(pd.DataFrame({column: pd.Series([value], dtype=object)}))
    assert f"<th>{head}</th>" in page
    assert f"<td>{cell}</td>" in page


def test_a_placement_shows_no_power_of_ten(make_instance):
    """Tests the table of a placement whose figures are large: 5 and 3 million Mtok, at X and Y."""
    demand = [{"workload": "w", "hub": "A", "mtok": 5e6}, {"workload": "w", "hub": "B", "mtok": 3e6}]
    page = placer.solve(make_instance(demand=demand))._repr_html_()
    table = page[page.rindex("<table") :]
    assert "Mtok" in table
    assert "USD" in table
    assert not re.search(r"\de[+-]?\d", table)
