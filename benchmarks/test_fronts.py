"""Tests of the measurement of fronts."""

import pytest

from .fronts import main


@pytest.mark.slow
def test_a_front_of_few_points(capsys):
    """Tests the line of one front."""
    main(["--points", "2", "--only", "hour"])
    assert "Front of cost against green share of every hour" in capsys.readouterr().out
