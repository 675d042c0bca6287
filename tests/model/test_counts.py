"""Tests of what counts as exported and displaced, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.cut import Cut
from placer.model.counts import (
    displaced_total,
    export_weights,
    gross,
    may_leave,
    net,
    net_exported_mtok,
    total_weight,
)
from placer.model.formulation import formulate
from placer.model.parts import part_of
from placer.utils.threads import one_blas_thread

#: Light work takes 1 hour and 0.1 MWh of a Mtok and is worth 1 USD; heavy work takes 4 hours, 1 MWh, and is worth 10.
WORK = [
    {"workload": "light", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 100.0, "value_usd_per_mtok": 1.0},
    {"workload": "heavy", "accelerator_hours_per_mtok": 4.0, "kwh_per_mtok": 1000.0, "value_usd_per_mtok": 10.0},
]
#: Only hub A asks, for 20 Mtok of light and 10 of heavy work: 60 hours, 12 MWh, 120 USD.
DEMAND = [{"workload": "light", "hub": "A", "mtok": 20.0}, {"workload": "heavy", "hub": "A", "mtok": 10.0}]
#: Y in the west has 40 hours.
CENTRES = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west", "accelerators": 40.0}]


def weights_of(instance, weight):
    """Return what a Mtok of every workload weighs."""
    return export_weights(instance, formulate(instance).distance, weight)


@pytest.mark.parametrize(
    ("weight", "share"),
    [("tokens", 25 / 30), ("work", 40 / 60), ("energy", 10 / 12), ("value", 100 / 120)],
)
def test_weights(make_instance, weight, share):
    """Tests the ceiling by each weight: what the 40 hours of Y are best used for.

    By tokens all 20 of light work and, in the other 20 hours, 5 of heavy. By energy and by value all 10 of heavy work:
    10 of 12 MWh, 100 of 120 USD. By work anything that fills the 40 hours.
    """
    instance = make_instance(workloads=WORK, demand=DEMAND, data_centres=CENTRES)
    ceiling = placer.export_ceiling(instance, weight, exporting="east")
    assert ceiling.share == pytest.approx(share)
    assert ceiling.work_share == pytest.approx(40 / 60)
    assert ceiling.latency_share == pytest.approx(1)


def test_totals(make_instance):
    """Tests what all demand weighs, and what may be displaced: B's 6 Mtok take 6 hours."""
    instance = make_instance()
    formulation = formulate(instance)
    weights = weights_of(instance, "energy")
    count = net(instance, weights, Cut(("east",), ("west",)))
    assert total_weight(formulation, weights.asked) == pytest.approx(16)
    assert may_leave(formulation, count) == pytest.approx(10)
    assert displaced_total(formulation, count) == pytest.approx(6)
    assert displaced_total(formulation, gross(count)) == 0
    assert np.array_equal(gross(count).exported, count.exported)


def test_weights_of_nothing(make_instance):
    """Tests that a weight nothing has is refused, and that an unknown one lists those there are."""
    idle = [{"workload": "w", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 0.0}]
    instance = make_instance(workloads=idle)
    for weight, column in (
        ("work", "accelerator_hours_per_mtok"),
        ("energy", "kwh_per_mtok"),
        ("value", "value_usd_per_mtok"),
    ):
        with pytest.raises(InstanceError, match=column):
            weights_of(instance, weight)
    with pytest.raises(InstanceError, match=r"'money' is unknown.*tokens, work, energy, value"):
        weights_of(instance, "money")
    assert np.isnan(placer.export_ceiling(instance).work_share)


@pytest.mark.parametrize("weight", ["tokens", "work", "energy", "value"])
def test_a_backlog_weighs_nothing(make_instance, weight):
    """Tests that what was asked for before the horizon is in no weight, and all weights of demand stay."""
    patient = [work | {"deadline_hours": 1.0} for work in WORK]
    instance = make_instance(workloads=patient, demand=DEMAND, data_centres=CENTRES)
    waits = instance.with_backlog([{"workload": "heavy", "data_centre": "Y", "hours_left": 0, "mtok": 7}])
    assert weights_of(waits, weight).asked.tolist() == [*weights_of(instance, weight).asked, 0.0]


def test_value_that_latency_loses_does_not_arrive(make_instance):
    """Tests weights by value: A to Y takes 40 ms, and loses 0.08 of 100 USD; what is displaced counts hours."""
    lost = [{"workload": "heavy", "ms": ms, "share_lost": 0.002 * ms} for ms in (0.0, 500.0)]
    instance = make_instance(workloads=WORK, demand=DEMAND, data_centres=CENTRES, latency_value=lost)
    weights = weights_of(instance, "value")
    assert weights.asked.tolist() == [1.0, 10.0]
    assert weights.fall_with_latency
    count = net(instance, weights, Cut(("east",), ("west",)))
    assert count.exported[:, 0, 1].tolist() == pytest.approx([1.0, 10 * (1 - 0.08)])
    assert count.displaced[:, 1, 0].tolist() == [1.0, 4.0]
    assert not weights_of(instance, "tokens").fall_with_latency


def test_sums_do_not_depend_on_blas_threads(make_instance, two_blas_threads):
    """Tests that no total is split among BLAS threads, which would change its last digits."""
    assert two_blas_threads == {2}
    instance, amount = make_instance(), np.random.default_rng(0).random(200_001)
    formulation, weights = formulate(instance), weights_of(instance, "tokens")
    count, flows = net(instance, weights, Cut(("east",), ("west",))), placer.solve(instance).answer.point
    first = np.zeros(len(amount), dtype=int)
    many = replace(formulation, structure=part_of(formulation.structure, demands=first, demand_amount=amount))
    sent = replace(flows, arc=flows.arc[first], amount=amount)

    def totals():
        sums = total_weight(many, weights.asked), may_leave(many, count), displaced_total(many, count)
        return *sums, net_exported_mtok(instance, formulation, sent)

    split = totals()
    with one_blas_thread():
        assert totals() == split
