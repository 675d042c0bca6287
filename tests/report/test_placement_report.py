"""The report of one placement."""

from __future__ import annotations

import pytest

import placer
from placer.errors import ArgumentError
from placer.report.content.origin import origin_of
from placer.report.write import page
from tests.report.test_write import ORIGIN


@pytest.mark.slow
def test_the_file_is_the_page(tiny, tmp_path):
    """Tests that the file holds the page of the placement with its analyses, and that an older file is replaced."""
    file = tmp_path / "report.html"
    file.write_text("old", encoding="utf-8")
    made = {"title": "tiny", "ceiling": tiny.ceiling, "dataset": tiny.dataset, "date": ORIGIN.date}
    assert placer.write_report(tiny.placement, file, **made) == file
    assert file.read_text(encoding="utf-8") == page([tiny], origin_of("placer.write_report", ORIGIN.date))
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_an_instance_is_refused(tiny, tmp_path):
    """Tests that the instance in place of its placement is one clear error."""
    with pytest.raises(ArgumentError, match="expected a placement, not an instance"):
        placer.write_report(tiny.placement.instance, tmp_path / "report.html")
