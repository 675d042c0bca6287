"""The benchmark of live pages on the smallest dataset."""

from __future__ import annotations

import json

import pytest

from . import explore


@pytest.mark.slow
def test_every_change_has_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that each kind of change is answered to the last part, in the table and as JSON."""
    explore.main(["--dataset", "tiny", "--rounds", "1", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 4
    assert all(set(explore.PARTS) <= row.keys() for row in rows)
