"""The programs behind a ceiling, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.maximum import most_export
from placer.ceiling.programs import ExportPrograms
from placer.instance.cut import Cut
from placer.model.counts import Weights, net
from placer.model.formulation import formulate


@pytest.fixture
def found(make_instance):
    """Return programs and optimum of the small instance, from east to west by tokens: A's 10 of 16 Mtok leave."""
    instance = make_instance()
    formulation = formulate(instance)
    weights = Weights(np.ones(1), np.zeros(formulation.latency_ms.shape))
    count = net(instance, weights, Cut(("east",), ("west",)))
    return ExportPrograms.of(formulation, count), most_export(formulation, count)


def test_costs_are_what_counts(found):
    """Tests that A's arc to Y gains 1 a Mtok, and B's to X costs its accelerator-hour."""
    programs, _ = found
    structure = programs.structure
    cost = {
        (int(origin), int(site)): value
        for origin, site, value in zip(structure.arc_origin, structure.arc_site, structure.arc_cost, strict=True)
    }
    assert cost[0, 1] == -1.0
    assert cost.get((1, 0), 1.0) == 1.0
    assert (programs.demand, programs.most) == (16.0, 10.0)


def test_an_optimum_is_close(found):
    """Tests that 10 Mtok leave with nothing unserved or displaced, and that all three proofs are close."""
    programs, extent = found
    assert (extent.exported, extent.unserved_mtok, extent.displaced_hours) == pytest.approx((10.0, 0.0, 0.0))
    assert programs.close(extent.certificates)
    assert extent.gap <= 1e-9
    assert extent.duals is extent.prices[-1]
