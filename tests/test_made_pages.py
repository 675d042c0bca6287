"""Pages of the site that are made: every column and every command, and typical values with their sources."""

from __future__ import annotations

import re

import pytest
from column_pages import EXAMPLES, ROWS, columns_page, unit_of
from command_pages import commands_page
from formulas import formulas, mathematics, with_fenced_formulas
from reference_pages import reference_pages, short_signatures
from typer.main import get_command
from typical_pages import typical_page

from placer.cli.main import app
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.schema import HOURS_TABLES, INPUT_TABLES


def test_every_column_is_there():
    """Tests that each table has a section whose rows are its columns, each with seven cells."""
    page = columns_page()
    for name, table in INPUT_TABLES.items():
        section = page.split(f"### {name}\n")[1].split("\n###")[0]
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert [row.split("`")[1] for row in rows] == list(table.names)
        assert {row.replace("\\|", "").count("|") for row in rows} == {7}


def test_every_column_has_an_example():
    """Tests that no row lacks an example, and that no example or description stands for a table that is gone."""
    rows = [line for line in columns_page().splitlines() if line.startswith("| `") and line.count("|") > 5]
    assert [row for row in rows if row.endswith("|  |")] == []
    assert set(EXAMPLES) <= {column.name for table in INPUT_TABLES.values() for column in table.columns}
    assert set(INPUT_TABLES) - set(HOURS_TABLES) <= set(ROWS)


def test_defaults_and_units():
    """Tests one row by hand: the unit, the range, the default and the example of the latency limit."""
    row = "| `latency_slo_ms` | the time in ms a task may take, network included; inf if any | ms |"
    assert f"{row} > 0, finite or inf | inf | `2000` |" in columns_page()


def test_unknown_unit_is_an_error():
    """Tests that a new column of numbers must be given a unit."""
    assert unit_of(Column("name", Kind.TEXT)) == ""
    with pytest.raises(LookupError, match="no unit for the column flavour"):
        unit_of(Column("flavour"))


@pytest.mark.slow
def test_typical_values_have_sources():
    """Tests figures by hand against the files: a workload, a range over sites, and a published PUE with its source."""
    page = typical_page()
    assert "| interactive_chat | 0.04931 | 0.044 | 0.04262 | 2000 | 1696 | 0 | 0.303 |" in page
    assert "| `data_centres.pue` | 1 | 1 | 3 | cluster_facts.csv: sites of 1.15 and more | 1.15 to 1.42, " in page
    assert "local AI computing centres in China | 0.2-0.3 | share | 2026-03-07 | JPMorgan" in page
    assert "| Zhongwei, PUE AI site | 1.15 | PUE | 2026 | https://dig.watch/" in page
    assert "| DeepSeek | R1 (deepseek-reasoner) |" in page


@pytest.mark.slow
def test_multipliers_are_no_prices():
    """Tests that a discount, which stands among the prices, is not shown as USD."""
    assert "Alibaba" not in typical_page()


@pytest.mark.slow
def test_published_figures_are_complete():
    """Tests that every row of published figures names its source and how far to trust it."""
    published = typical_page().split("## Rates of a fleet")[1].split("## List prices")[0]
    rows = [line.split(" | ") for line in published.splitlines() if line.startswith("| ") and "---" not in line]
    kinds = {row[-1].strip(" |") for row in rows if "figure" not in row[0]}
    assert kinds <= {"measured", "official", "published_estimate", "derived", "assumption"}
    assert [row for row in rows if not row[-2].strip()] == []


@pytest.mark.slow
def test_every_command_and_option_is_on_the_page():
    """Tests that each command has a heading, and that the page names each of its options but old, hidden ones."""
    page = commands_page()
    for name, command in get_command(app).commands.items():
        part = page.partition(f"## placer {name}\n")[2].partition("\n## ")[0]
        shown = [each for each in command.loaded.params if not getattr(each, "hidden", False)]
        options = {option for each in shown for option in each.opts if option.startswith("--")}
        assert {option for option in options if option not in part} == set(), name


@pytest.mark.slow
def test_index_and_pages_of_names():
    """Tests that the index has the first sentence of a name, also of one that is imported from elsewhere."""
    pages = reference_pages({"The cost": "solve", "Demand sets": "DemandSets"})
    assert pages.keys() == {f"reference{name}.md" for name in ("", "/every_result", "/the_cost", "/demand_sets")}
    assert ": Find the placement of least cost" in pages["reference.md"]
    assert "[`DemandSets`][placer.synthetic.DemandSets]: A sequence of instances" in pages["reference.md"]
    assert "::: placer.solve.solve" in pages["reference/the_cost.md"]


def test_signatures_are_short():
    """Tests that parameters share lines of a signature, and that an attribute has none."""
    block = '<div class="doc-signature highlight"><pre><span></span><code>{}</code></pre></div>'
    names = [f"parameter_{place}<span>,</span>" for place in range(8)]
    content = block.format("\n".join(["call(", *(f"    {name}" for name in names), ")"]) + "\n") + block.format(
        "name\n"
    )
    lines = re.sub("<[^>]+>", "", short_signatures(content)).splitlines()
    assert lines[0] == "call("
    assert lines[1:] == [
        "    parameter_0, parameter_1, parameter_2, parameter_3, parameter_4,",
        "    parameter_5, parameter_6, parameter_7)",
    ]


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("sum_t' f_kjt't", "∑t\N{PRIME} fkjt\N{PRIME}t"),
        ("max_utilisation_j * most_r", "max_utilisationj ·mostr"),
        ("U* = min_mu_k(p)", "U* =minμk(p)"),
        ("v^o_i - (1 + d)^-t", "vio \N{MINUS SIGN}(1+d)^\N{MINUS SIGN}t"),
        ("sum over b of use_kj", "sum over b of usekj"),
    ],
)
def test_notation_of_formulas(text, letters):
    """Tests which letters are names, indices, operators and words; a space that parts lines stays one."""
    made = mathematics(text)
    assert re.sub("<[^>]+>", "", re.sub("<mspace[^>]*></mspace>", " ", made)) == letters


def test_block_of_formulas():
    """Tests that columns become cells, that words go on in their cell, and that an empty line begins a table."""
    made = formulas("demand  x_k <= 1     every k\n\nmore    words,\n        and ``code`` below\nleast  sum u\n")
    assert [re.sub("<[^>]+>", "", cell) for cell in re.findall("<td.*?</td>", made)] == [
        *("demand", "xk ≤1", "every k", "more", "words, and code below", "least", "∑ u"),
    ]
    assert made.count("<table") == 2
    assert "<code>code</code>" in made
    assert with_fenced_formulas("a\n\n```formula\nx_k = 1\n```\n").startswith('a\n\n<div class="formulas">')
