"""Tests of studies that are read back from a folder."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.sensitivity.assumptions import Assumption


@pytest.fixture(scope="module")
def study():
    """Return three figures of tiny with an assumption whose name and value look like formulas."""
    tiny = placer.load("tiny")
    longer = Assumption(
        "=links", {"+2": partial(placer.Instance.scaled, columns="links.rtt_ms", factor=2)}, "times", "-1", source="x"
    )
    figures = ["cost_usd_per_mtok", "unserved_share", "largest_limit_share"]
    conclusion = placer.Conclusion("All is served.", "unserved_share", at_most=0.0)
    return placer.sensitivity(tiny, [longer], figures=figures, conclusions=[conclusion])


@pytest.mark.slow
def test_folder_gives_back_the_study(study, tmp_path):
    """Tests that every table comes back as it was, texts that look like formulas too."""
    study.save_tables(tmp_path)
    found = placer.read_sensitivity(tmp_path)
    assert found.figures == study.figures
    assert found.bases == {"=links": "-1"}
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table)


@pytest.mark.slow
def test_all_that_is_missing_is_told_at_once(study, tmp_path):
    """Tests a folder without one file, and with a column too few in another."""
    study.save_tables(tmp_path)
    (tmp_path / "assumptions.csv").unlink()
    study.conclusions.drop(columns="holds").to_csv(tmp_path / "conclusions.csv", index=False)
    with pytest.raises(InstanceError) as error:
        placer.read_sensitivity(tmp_path)
    assert "assumptions.csv" in str(error.value)
    assert "placer sensitivity NAME --out FOLDER" in str(error.value)
    assert "holds" in str(error.value)


def test_cells_that_are_wrong_are_listed(study, tmp_path):
    """Tests texts and infinities in place of numbers, a verdict that is neither, and an assumption not described."""
    study.save_tables(tmp_path)
    cases = study.table.reset_index()
    cases.assign(unserved_share=["much", "inf"]).to_csv(tmp_path / "cases.csv", index=False)
    study.conclusions.assign(holds="perhaps").to_csv(tmp_path / "conclusions.csv", index=False)
    study.assumptions.head(0).to_csv(tmp_path / "assumptions.csv")
    with pytest.raises(InstanceError) as error:
        placer.read_sensitivity(tmp_path)
    for said in ("'much'", "and 1 more like it: line 3", "'perhaps'", "'=links' is missing"):
        assert said in str(error.value)


def test_first_case_is_the_instance_as_it_is(study, tmp_path):
    study.save_tables(tmp_path)
    study.table.drop(columns=list(study.figures)).iloc[1:].to_csv(tmp_path / "cases.csv")
    with pytest.raises(InstanceError, match="as given") as error:
        placer.read_sensitivity(tmp_path)
    assert "no column of figures" in str(error.value)
