"""Datasets to write over."""

from __future__ import annotations

import json

import openpyxl
import pytest

import placer
from placer.datasets.template import ASSUMPTIONS, CANDIDATES, ROWS, explanations, write_template
from placer.errors import PlacerError
from placer.instance.attributes.meanings import MEANINGS, SETTING_MEANINGS
from placer.instance.attributes.schema import INPUT_TABLES
from placer.instance.attributes.settings import SETTING_NAMES
from placer.planning.question import candidates

#: The tables that a template has.
WRITTEN = {name: table for name, table in INPUT_TABLES.items() if name != "demand_profile"}


def test_every_column_and_setting_is_explained():
    """Tests that what to write is said of every column and setting of the schema, and of nothing else."""
    assert MEANINGS.keys() == {column.name for table in INPUT_TABLES.values() for column in table.columns}
    assert SETTING_MEANINGS.keys() == set(SETTING_NAMES)
    assert len(explanations()) == sum(len(table.columns) for table in INPUT_TABLES.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mine", "mine.xlsx"])
def test_a_template_is_a_sound_example(tmp_path, name):
    """Tests that folder and workbook hold one problem that has no remark and is solved, of hourly prices."""
    instance = placer.load(write_template(tmp_path / "new" / name))
    assert placer.check(instance) == []
    assert instance == placer.Instance.from_tables(ROWS)
    placement = placer.solve(instance)
    assert (placement.certificate.proven, placement.unserved_share) == (True, 0.0)
    assert instance.hourly("power_zones", "usd_per_mwh")[1].tolist() == [48, 44, 52, 71]


@pytest.mark.slow
def test_a_template_runs_every_command_at_once(tmp_path, run_placer):
    """Tests that a folder as it is written is checked, solved, planned and varied: no remark, and a hall is built."""
    folder = write_template(tmp_path / "mine")
    code, out, err = run_placer("check", folder)
    assert (code, "note" in out + err) == (0, False)
    assert "proven" in run_placer("solve", folder)[1]
    code, out, _ = run_placer("plan", folder, "-s", "twice", "--json")
    assert (code, json.loads(out)["builds"][0]["units"] > 0) == (0, True)
    code, out, _ = run_placer("sensitivity", folder, "--figures", "cost_usd_per_mtok", "--json")
    assert (code, len(json.loads(out)["cases"])) == (0, 7)


def test_a_folder_is_explained(tmp_path):
    """Tests the files of a folder: every table with all its columns, settings as comments, and a page to read."""
    folder = write_template(tmp_path / "mine")
    assert {file.stem for file in folder.glob("*.csv")} == {*WRITTEN, "candidates"}
    assert (folder / "links.csv").read_text().startswith("from,to,rtt_ms,capacity_gbps,usd_per_gb\nParis,Lulea,40,,\n")
    assert (folder / "link_hours.csv").read_text() == "from,to,hour,capacity_gbps\n"
    assert "# hour_length = 1.0    # the hours that one step" in (folder / "dataset.toml").read_text()
    page = (folder / "README.md").read_text()
    assert "| rtt_ms | the round trip over the link in ms, such as 12.5 | number, >= 0, finite | required |" in page
    assert "## power_zone_hours" in page


def test_a_workbook_is_explained(tmp_path):
    """Tests that every header of a workbook has a comment, and that there are sheets of settings and for people."""
    book = openpyxl.load_workbook(write_template(tmp_path / "mine.xlsx"))
    assert set(book.sheetnames) == {*WRITTEN, "settings", "read me"}
    for name, table in WRITTEN.items():
        header = book[name][1]
        assert tuple(cell.value for cell in header) == table.names
        assert all(cell.comment.text for cell in header)
    assert [row[0].value for row in book["settings"]][1:] == list(SETTING_NAMES)


def test_other_endings_are_refused(tmp_path):
    """Tests that no folder gets the name of a file."""
    with pytest.raises(PlacerError, match=r"\.json is not written here; name a folder, or a file ending in \.xlsx"):
        write_template(tmp_path / "mine.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mine", "mine.xlsx"])
def test_what_is_there_is_kept(tmp_path, name):
    """Tests that neither a file nor a link is written over."""
    (tmp_path / name).symlink_to(tmp_path / "nowhere")
    with pytest.raises(PlacerError, match="is there already"):
        write_template(tmp_path / name)
    assert not (tmp_path / "nowhere").exists()


def test_the_command(tmp_path, run_placer):
    """Tests that the command line writes a template and says what comes next."""
    code, out, _ = run_placer("template", tmp_path / "mine")
    assert (code, (tmp_path / "mine" / "hubs.csv").is_file()) == (0, True)
    assert "write your rows over the example, then placer check" in out
    assert run_placer("template", tmp_path / "mine")[0] == 2


def test_rows_are_of_columns_that_exist():
    """Tests that every row holds columns of its table, and that assumptions are about those of the example."""
    for name, rows in ROWS.items():
        assert {column for row in rows for column in row} <= set(INPUT_TABLES[name].names)
    assert {column for row in CANDIDATES for column in row} <= set(candidates.CANDIDATES.names)
    for column in ("power_zones.usd_per_mwh", "demand.mtok", "workloads.latency_slo_ms"):
        table, _, name = column.partition(".")
        assert f'"{column}" = ' in ASSUMPTIONS
        assert any(name in row for row in (*ROWS[table], *ROWS["power_zone_hours"]))
