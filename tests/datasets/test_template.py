"""Empty datasets to fill in."""

from __future__ import annotations

import openpyxl
import pytest

import placer
from placer.datasets.template import explanations, write_template
from placer.errors import InstanceError, PlacerError
from placer.instance.attributes.meanings import MEANINGS, SETTING_MEANINGS
from placer.instance.attributes.schema import INPUT_TABLES, TABLES
from placer.instance.attributes.settings import SETTING_NAMES

EMPTY = [f"{name}: table empty (allowed: at least one row)" for name in ("hubs", "data_centres", "workloads", "demand")]


def test_every_column_and_setting_is_explained():
    """Tests that what to write is said of every column and setting of the schema, and of nothing else."""
    assert MEANINGS.keys() == {column.name for table in INPUT_TABLES.values() for column in table.columns}
    assert SETTING_MEANINGS.keys() == set(SETTING_NAMES)
    assert len(explanations()) == sum(len(table.columns) for table in INPUT_TABLES.values())


@pytest.mark.parametrize("name", ["mine", "mine.xlsx"])
def test_a_template_lacks_only_rows(tmp_path, name):
    """Tests that the empty dataset is read, and that all that is wrong with it is that it is empty."""
    path = write_template(tmp_path / "new" / name)
    with pytest.raises(InstanceError) as caught:
        placer.load(path)
    assert list(map(str, caught.value.violations)) == EMPTY


def test_a_folder_is_explained(tmp_path):
    """Tests the files of a folder: every table with all its columns, settings as comments, and a page to read."""
    folder = write_template(tmp_path / "mine")
    assert {file.stem for file in folder.glob("*.csv")} == TABLES.keys()
    assert (folder / "links.csv").read_text() == "from,to,rtt_ms,capacity_gbps,usd_per_gb\n"
    assert "# hour_length = 1.0    # the hours that one step" in (folder / "dataset.toml").read_text()
    page = (folder / "README.md").read_text()
    assert "| rtt_ms | the round trip over the link in ms, such as 12.5 | number, >= 0, finite | required |" in page
    assert "## power_zone_hours" in page


def test_a_workbook_is_explained(tmp_path):
    """Tests that every header of a workbook has a comment, and that there are sheets of settings and for people."""
    book = openpyxl.load_workbook(write_template(tmp_path / "mine.xlsx"))
    assert set(book.sheetnames) == {*TABLES, "settings", "read me"}
    for name, table in TABLES.items():
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
    assert "fill it in, then placer check" in out
    assert run_placer("template", tmp_path / "mine")[0] == 2
