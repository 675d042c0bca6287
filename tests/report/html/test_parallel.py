"""Parallel coordinates on a page."""

from __future__ import annotations

from placer.report.html.parallel import parallel


def test_lines_over_rows_by_hand():
    """Tests two rows of a wide drawing, 720 across: from 266 to 644, heights 23 and 53."""
    drawn = str(parallel([("east", 0.0, 10.0), ("west", 5.0, 7.0)], {"one": [0.0, 1.0], "two": [0.5, 0.5]}, "said"))
    assert 'd="M266 23L644 53"' in drawn
    assert 'd="M455 23L455 53"' in drawn
    assert drawn.count('class="line c0"') == 3
    assert ">10.00</text>" in drawn
    assert 'aria-label="said"' in drawn
