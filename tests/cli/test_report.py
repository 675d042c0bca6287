"""Tests of ``placer report``, run in this process through its entry point."""

from __future__ import annotations

import json
from functools import partial

import pytest

import placer
from placer.errors import OutputError


@pytest.fixture
def run(run_placer, monkeypatch, tmp_path):
    """Return a function that runs ``placer report`` in a folder of its own: exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    return partial(run_placer, "report")


@pytest.mark.slow
def test_report_of_a_dataset(run, tmp_path):
    """Tests that a file is written, its name and size are printed, and the steps go to standard error."""
    code, out, err = run("tiny", "-o", "tiny.html")
    text = (tmp_path / "tiny.html").read_text(encoding="utf-8")
    assert code == 0
    assert out.startswith(f"tiny.html: {len(text.encode()):,} bytes")
    assert "the exact curve" in err
    assert "Export ceiling" in text
    assert "43.8%" in text  # the ceiling: 105 of 240 Mtok
    assert "by <code>placer report tiny</code>" in text


def test_report_of_nothing_bought(run, tmp_path):
    """Tests that a page says what is bought of the offer, and that the command succeeds."""
    tables = {
        "hubs": [{"hub": "h", "region": "home"}],
        "data_centres": [{"data_centre": "d", "region": "abroad", "accelerators": 1.0}],
        "links": [{"from": "h", "to": "d", "rtt_ms": 1.0}],
        "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        "demand": [{"workload": "w", "hub": "h", "mtok": 1.0, "value_usd_per_mtok": 5.0}],
        "policies": [
            {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 6.0, "to_region": "home", "paid_to": "importer"}
        ],
    }
    placer.save(placer.Instance.from_tables(tables), tmp_path / "dear")
    code, _, _ = run("dear", "-o", "dear.html")
    assert code == 0
    assert "0 of 1 Mtok offered are bought at least cost" in (tmp_path / "dear.html").read_text("utf-8")


@pytest.mark.slow
def test_report_as_json(run, tmp_path):
    """Tests the machine-readable form, and that the ceiling can be left out."""
    code, out, err = run("tiny", "--json", "--no-ceiling")
    found = json.loads(out)
    assert code == 0
    assert found["path"] == "report.html"
    assert found["bytes"] == (tmp_path / "report.html").stat().st_size
    assert found["seconds"]["ceiling"] == 0
    assert found["placements"][0]["cost_usd"] == pytest.approx(330.77)
    assert "ceiling" not in err


@pytest.mark.slow
def test_report_of_many_regions(run, tmp_path):
    """Tests that thirteen regions, which have too many cuts, give a page without a ceiling and a line that says so."""
    names = [f"r{place}" for place in range(13)]
    many = placer.Instance.from_tables(
        {
            "hubs": [{"hub": name, "region": name} for name in names],
            "data_centres": [{"data_centre": "X", "region": "r0", "accelerator_usd_per_hour": 1.0}],
            "links": [{"from": name, "to": "X", "rtt_ms": 1.0} for name in names],
            "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
            "demand": [{"workload": "w", "hub": name, "mtok": 1.0} for name in names],
        }
    )
    placer.save(many, tmp_path / "many")
    code, _, err = run("many")
    assert code == 0
    assert "many: no ceiling: too many regions" in err
    assert "The ceiling was not computed" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_report_beside_limits_of_at_least_an_amount(run, tmp_path):
    """Tests that a limit which no curve takes gives a page without a ceiling and a line that says so."""
    limit = {"limit": "x", "kind": "tokens", "sense": ">=", "amount": 5.0, "hub": "Coast", "data_centre": "Plateau"}
    placer.save(placer.load("tiny").replace(limits=[limit]), tmp_path / "limited")
    code, _, err = run("limited")
    assert code == 0
    assert "no ceiling: its curve takes no limits of at least an amount" in err
    assert "The ceiling was not computed" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_scenarios_side_by_side(run, tmp_path):
    """Tests that every --scenario is a part of its own: none, one, and two that apply together."""
    code, out, _ = run("tiny", "-s", "", "-s", "dispatch", "--scenario", "dispatch+patient", "--no-ceiling", "--json")
    assert code == 0
    titles = [item["title"] for item in json.loads(out)["placements"]]
    assert titles == ["tiny", "tiny + dispatch", "tiny + dispatch + patient"]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What changed" in text
    assert (
        "placer report tiny --scenario &#x27;&#x27; --scenario dispatch --scenario dispatch+patient --no-ceiling"
        in text
    )


@pytest.mark.slow
def test_each_region_stands_on_the_page_where_both_directions_count(run, tmp_path):
    """Tests that where exports between all regions count, their ceilings are solved for and shown."""
    folder = placer.save(placer.load("tiny").replace(exports="between_regions"), tmp_path / "both")
    code, _, err = run(folder)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 0
    assert "the ceiling of each region" in err
    assert "Each region exporting alone" in text
    assert "has the largest ceiling: " in text


@pytest.mark.slow
def test_short_demand_is_told_by_the_exit_status(run, tmp_path):
    """Tests that unserved demand is said, and fails where --require-served is given; the report is written."""
    tiny = placer.load("tiny")
    folder = placer.save(tiny.replace(data_centres=tiny.data_centres.assign(accelerators=10.0)), tmp_path / "short")
    code, _, err = run(folder, "--no-ceiling")
    assert code == 0
    assert "% of demand) unserved: " in err
    assert run(folder, "--no-ceiling", "--require-served")[0] == 3
    assert (tmp_path / "report.html").exists()


def test_answer_is_printed_where_the_disk_is_full(run, tmp_path, monkeypatch):
    """Tests that a page that cannot be written after all loses no answer."""

    def full(*_):
        raise OutputError("report.html cannot be written: No space left on device")

    monkeypatch.setattr("placer.cli.report.write_page", full)
    code, out, err = run("tiny", "--no-ceiling")
    assert code == 2
    assert "330.77 USD" in out
    assert "placer: report.html cannot be written: No space left on device" in err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_study_stands_on_the_page(run, run_placer, tmp_path):
    """Tests that a finished study is a section, and that one of another scenario is refused after the solve."""
    assert run_placer("sensitivity", "tiny", "--figures", "cost_usd_per_mtok", "--out", tmp_path / "study")[0] == 0
    code, _, _ = run("tiny", "--no-ceiling", "--sensitivity", "study")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 0
    assert "How far the figures hang on assumptions" in text
    assert "placer report tiny --no-ceiling --sensitivity study" in text
    code, _, err = run("tiny", "-s", "dispatch", "--no-ceiling", "--sensitivity", "study")
    assert code == 2
    assert "the study has 1.37821 as given, the placement 0.0865417" in err


@pytest.mark.slow
def test_audit_stands_on_the_page(run, tmp_path):
    """Tests that --secure adds the section on what is lost, for each placement, and that the page names the command."""
    code, out, err = run("tiny", "-s", "", "-s", "dispatch", "--no-ceiling", "--secure", "data_centres", "--json")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 0
    assert json.loads(out)["seconds"]["audit"] > 0
    assert "losing each of the data centres" in err
    assert all(f'id="s{place}-lost"' in text for place in range(2))
    assert "--no-ceiling --secure data_centres" in text


@pytest.mark.slow
def test_secure_ceiling_stands_on_the_page(run, tmp_path):
    """Tests that --secure adds the ceilings with and without security, and that --audit is its old name."""
    code, out, err = run("tiny", "--audit", "data_centres", "--protected", "chat=0.5", "--json")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 0
    assert json.loads(out)["seconds"]["secure ceiling"] > 0
    assert "the secure ceiling" in err
    assert "Without security 43.75% of tokens can be exported." in text
    assert "tiny --secure data_centres --protected chat=0.5" in text


@pytest.mark.slow
def test_a_graph_file_has_no_sources(run, tmp_path):
    """Tests that a graph file is reported on, with a note that no sources were given."""
    placer.save_graph(placer.load("tiny"), tmp_path / "tiny.json")
    code, _, _ = run("tiny.json", "--no-ceiling")
    assert code == 0
    assert "No sources were given" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tiny", "-o", "missing/report.html"), "no folder"),
        (("tiny", "-o", "."), "is a folder"),
        (("tiny", "-o", "page.pdf"), "its name has to end in .html or .htm"),
        (("tiny", "-s", "unheard"), "unheard"),
        (("tiny", "--sensitivity", "nowhere"), "cases.csv"),
        (("tiny", "--secure", "suns"), "data_centres"),
        (("tiny", "-s", "dispatch+"), "unknown"),
        (("nowhere",), "neither a dataset"),
        (("tiny", "--no-ceiling", *(["-s", "dispatch"] * 7)), "page holds"),
    ],
)
def test_bad_input(run, arguments, said):
    """Tests that what cannot be reported on is said in one line, with exit status 2."""
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert said in err
