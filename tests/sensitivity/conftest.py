"""Fixtures of the tests of sensitivities: the dataset tiny, and a study of it."""

from __future__ import annotations

from functools import partial

import pytest

import placer
from placer.sensitivity.assumptions import Assumption, scaled_to


@pytest.fixture(scope="package")
def tiny():
    """Return the smallest dataset: 310 accelerator-hours at 1 USD for 240 Mtok, 330.77 USD in all."""
    return placer.load("tiny")


@pytest.fixture(scope="package")
def found(tiny):
    """Return all figures of tiny with two prices and a longer link."""
    rtt = Assumption(
        "round trips", {"2": partial(placer.Instance.scaled, columns="links.rtt_ms", factor=2)}, "times", "1"
    )
    column = "data_centres.accelerator_usd_per_hour"
    prices = {f"{value:g}": partial(scaled_to, column=column, value=value) for value in (0.5, 1.25)}
    return placer.sensitivity(tiny, [rtt, Assumption("price", prices, base="1")])
