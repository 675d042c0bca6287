"""Tests of corrupted verbs: nothing wrong comes out of a few, and what is wrong would be found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from placer.proof.certificate import Certificate

from .corrupted_verbs import Liar, asked, corrupted, differences
from .corruption import main
from .verb_instances import three_sites
from .verbs import VERBS


@pytest.mark.slow
def test_nothing_wrong_comes_out_of_a_few_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests the table of three verbs, one of them with a store."""
    assert main(["--verbs", "model", "ceiling", "plan from a store", "--count", "4"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["corruptions", "refused", "still", "right", "wrong"]
    for row in rows:
        tried, refused, right, wrong = map(int, row.split()[-4:])
        assert (tried, wrong) == (4, 0)
        assert refused + right == 4
    assert len(rows) == 3


@pytest.mark.slow
def test_wrong_figures_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests a certificate that passes everything."""
    monkeypatch.setattr(Certificate, "proven", property(lambda _: True))
    found = corrupted("model", 12, 0)
    assert found.tried == 12
    assert len(found.wrong) > 3
    assert "not 367.07" in found.wrong[0]


@pytest.mark.slow
def test_figures_by_hand() -> None:
    """Tests three sites, which cost 520, and 555 if any one may be lost; 17 / 24 of the tokens may then leave."""
    placement = VERBS["solve secure"].figures(Path())
    assert placement is not None
    assert placement["cost"] == pytest.approx(555.0)
    ceiling = VERBS["secure ceiling"].figures(Path())
    assert ceiling is not None
    assert ceiling["share"] == pytest.approx(17 / 24)
    assert three_sites() is not three_sites()


def test_a_truth_is_told_unless_a_place_is_given() -> None:
    """Tests that a liar without a place counts questions, and that one with a place lies there."""
    witness = Liar()
    truth = asked("model", witness)
    assert truth is not None
    assert witness.told == {"programs": 1}
    assert not witness.words
    liar = Liar(at=("programs", 0), random=np.random.default_rng(3))
    asked("model", liar)
    assert len(liar.words) == 1
    assert liar.told["programs"] > 1  # it was asked again


@pytest.mark.slow
def test_figures_of_another_way_are_known() -> None:
    """Tests that blocks under a cap prove no round trip, that one program does, and that costs agree."""
    verb = VERBS["blocks that share a cap"]
    found, known = verb.figures(Path()), verb.known()
    assert found is not None
    assert "Mtok ms" not in found
    assert known["Mtok ms"] == pytest.approx(5955.0)
    assert not differences(found, known)


def test_differences() -> None:
    """Tests figures within a millionth, beyond it, not called proven, and those that truth does not know."""
    truth = {"cost": 100.0, "share": 0.5}
    assert not differences({"cost": 100.00005, "share": 0.5}, truth)
    assert not differences({"share": 0.5 + 9e-7}, truth)
    assert differences({"cost": 100.001}, truth) == "cost 100.001, not 100"
    assert "crash" in differences({"crash": np.nan}, truth)
    assert "share" in differences({"share": np.nan}, truth)
