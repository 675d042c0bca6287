"""Tests ``placer models``."""

import json

import pandas as pd
import pytest

from placer.datasets.saving import save
from tests.presence.cases import instance_of, tables


@pytest.fixture
def dataset(tmp_path):
    """Return a folder with two models."""
    return save(instance_of(tables(0)), tmp_path / "two")


@pytest.mark.slow
def test_models_on_the_screen(run_placer, dataset):
    """Tests the headlines and both tables."""
    code, out, _ = run_placer("models", dataset)
    assert code in (0, 3)
    assert "2 models in" in out
    assert "the 1 rarest serve" in out
    assert "Largest replicas" in out


@pytest.mark.slow
def test_models_as_json_and_files(run_placer, dataset, tmp_path):
    """Tests the summary, and the files with all tables."""
    _, out, _ = run_placer("models", dataset, "--by-hour", "--json", "--out", tmp_path / "out")
    told = json.loads(out)
    assert told["by_hour"]
    assert told["gap"] <= 0.01
    assert {"model", "half", "idle_usd"} <= told["tables"]["models"][0].keys()
    assert pd.read_csv(tmp_path / "out" / "replicas.csv")["hour"].unique().tolist() == [0]


def test_a_dataset_without_models_is_bad_input(run_placer):
    """Tests the status and the message."""
    code, _, err = run_placer("models", "tiny")
    assert code == 2
    assert "is of no model" in err
