"""The ceiling curve of instances worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.ceiling.curve import trace
from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.entering import entering
from placer.errors import InstanceError
from placer.instance.problem import Instance
from placer.model.counts import Count
from placer.model.formulation import formulate

#: Hub A lies in the east with X, hub B in the west with Y; each data centre serves ten Mtok.
CROSSED = {
    "hubs": [{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}],
    "data_centres": [
        {"data_centre": "X", "region": "east", "accelerators": 10.0},
        {"data_centre": "Y", "region": "west", "accelerators": 10.0},
    ],
    "links": [
        {"from": "A", "to": "Y", "rtt_ms": 10.0},
        {"from": "A", "to": "X", "rtt_ms": 20.0},
        {"from": "B", "to": "Y", "rtt_ms": 20.0},
        {"from": "B", "to": "X", "rtt_ms": 40.0},
    ],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
    "demand": [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "w", "hub": "B", "mtok": 10.0}],
}


def curve_of(by="rtt", weight=None, iterations=np.inf, **tables):
    """Return the curve of the crossed case with some tables replaced, in which every export counts."""
    formulation = formulate(Instance.from_tables(CROSSED | tables))
    weights = np.ones(len(formulation.workloads)) if weight is None else np.array(weight)
    exported = weights[:, None, None] * formulation.exported
    return trace(formulation, weights, Count(exported, np.zeros_like(exported)), by, iterations)


def corners(curve):
    """Return limit, unserved and exported of every row."""
    assert curve.table["exact"].all()
    shown = curve.table[[curve.table.columns[0], "unserved_mtok", "exported"]]
    return [tuple(row) for row in shown.round(9).to_numpy().tolist()]


def test_exports_fall() -> None:
    """Tests that exports fall where more is served.

    At 10 ms A alone is served, at Y, as export. At 20 ms A reaches X and B reaches Y, both at home; all 20 Mtok are
    served only if each stays there, so exports fall to 0. At 40 ms B reaches X, and they can change places.
    """
    curve = curve_of()
    assert corners(curve) == [(0.0, 20.0, 0.0), (10.0, 10.0, 10.0), (20.0, 0.0, 0.0), (40.0, 0.0, 20.0)]
    assert (curve.served_from, curve.exportable_from) == (20.0, 40.0)


def test_exports_fall_by_mixed_ratios() -> None:
    """Tests that demand that takes less of an accelerator displaces export.

    Y has ten accelerators. A's ten Mtok of ``w`` fill it at 10 ms, as export. At 20 ms B's ten Mtok of ``light``, which
    take half as much, come first: served are 10 of them and 5 of A's.
    """
    curve = curve_of(
        data_centres=[{"data_centre": "Y", "region": "west", "accelerators": 10.0}],
        links=CROSSED["links"][0::2],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0},
            {"workload": "light", "accelerator_hours_per_mtok": 0.5, "kwh_per_mtok": 0.0},
        ],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "light", "hub": "B", "mtok": 10.0}],
    )
    assert corners(curve) == [(0.0, 20.0, 0.0), (10.0, 10.0, 10.0), (20.0, 5.0, 5.0)]


def test_slo() -> None:
    """Tests the factor on limits: a task takes 40 ms and two round trips, of 100 ms allowed.

    The arcs of 10, 20 and 40 ms take 60, 80 and 120 ms, so they enter at 0.6, 0.8 and, beyond the limit, 1.2.
    """
    workload = CROSSED["workloads"][0] | {"latency_slo_ms": 100.0, "server_ms": 40.0, "user_round_trips": 2.0}
    curve = curve_of("slo", workloads=[workload])
    assert corners(curve) == [(0.0, 20.0, 0.0), (0.6, 10.0, 10.0), (0.8, 0.0, 0.0), (1.2, 0.0, 20.0)]


def test_own_limits_stay() -> None:
    """Tests that by round trip each workload's own limit still holds: 30 ms never lets B reach X."""
    curve = curve_of(workloads=[CROSSED["workloads"][0] | {"latency_slo_ms": 30.0}])
    assert corners(curve)[-1] == (20.0, 0.0, 0.0)


def test_factor_1_is_the_instance() -> None:
    """Tests that tasks which meet their limit up to rounding enter at 1: three times 0.1 ms of 0.3 ms."""
    links = [{"from": hub, "to": "Y", "rtt_ms": rtt} for hub, rtt in (("A", 0.1), ("B", 0.2))]
    workload = CROSSED["workloads"][0] | {"latency_slo_ms": 0.3, "user_round_trips": 3.0}
    assert corners(curve_of("slo", links=links, workloads=[workload]))[-1] == (1.0, 10.0, 10.0)


def test_no_limit_by_slo() -> None:
    """Tests that workloads without a limit are always in: the curve by factor is one row."""
    assert corners(curve_of("slo")) == [(0.0, 0.0, 20.0)]


def test_batch_keeps_its_arcs() -> None:
    """Tests that the limit on round trips leaves alone what may wait."""
    workload = CROSSED["workloads"][0] | {"deadline_hours": 1.0}
    demand = [row | {"hour": hour} for row in CROSSED["demand"] for hour in range(2)]
    assert corners(curve_of(workloads=[workload], demand=demand)) == [(0.0, 0.0, 40.0)]


def test_value() -> None:
    """Tests that weights count: at 2 USD each Mtok counts twice, and shares do not change."""
    curve = curve_of(weight=[2.0])
    assert corners(curve)[-1] == (40.0, 0.0, 40.0)
    assert curve.table["share"].tolist() == curve_of().table["share"].tolist()


def test_value_of_nothing() -> None:
    """Tests that nothing counts where nothing has a value."""
    assert corners(curve_of(weight=[0.0]))[-1] == (20.0, 0.0, 0.0)


def test_ties_enter_together() -> None:
    """Tests that round trips equal up to rounding make one corner."""
    links = [row | {"rtt_ms": 0.1 + 0.2 if row["to"] == "X" else 0.3} for row in CROSSED["links"]]
    assert corners(curve_of(links=links)) == [(0.0, 20.0, 0.0), (0.3, 0.0, 20.0)]


@pytest.mark.parametrize(
    ("regions", "share"),
    [(("east", "east"), 0.0), (("east", None), 0.0), (("north", "south"), 1.0)],
)
def test_regions(regions: tuple[str, str | None], share: float) -> None:
    """Tests that nothing, or everything, is exported where regions say so."""
    hubs = [{"hub": "A", "region": regions[0]}, {"hub": "B", "region": regions[1]}]
    centres = [row | {"region": "east"} for row in CROSSED["data_centres"]]
    curve = curve_of(hubs=hubs, data_centres=centres)
    assert curve.table["share"].iloc[-1] == share
    assert curve.served_from == 20.0


def test_unserved_at_every_limit() -> None:
    """Tests that what can never be served stays unserved: half of each data centre's accelerators are missing."""
    curve = curve_of(data_centres=[row | {"accelerators": 5.0} for row in CROSSED["data_centres"]])
    assert corners(curve) == [(0.0, 20.0, 0.0), (10.0, 15.0, 5.0), (20.0, 10.0, 5.0), (40.0, 10.0, 10.0)]


def test_nothing_in_reach() -> None:
    """Tests that a curve without a single arc is one row."""
    workload = CROSSED["workloads"][0] | {"latency_slo_ms": 1.0}
    assert corners(curve_of(workloads=[workload])) == [(0.0, 20.0, 0.0)]


def test_split_hub() -> None:
    """Tests that a hub split in two changes nothing, and that both parts make one node."""
    whole = curve_of()
    tables = {
        "hubs": [*CROSSED["hubs"], {"hub": "C", "region": "east"}],
        "links": [*CROSSED["links"], *(row | {"from": "C"} for row in CROSSED["links"] if row["from"] == "A")],
        "demand": [{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in (("A", 3.0), ("B", 10.0), ("C", 7.0))],
    }
    pd.testing.assert_frame_equal(curve_of(**tables).table, whole.table)
    formulation = formulate(Instance.from_tables(CROSSED | tables))
    weight = np.ones((1, 1, 1)) * formulation.exported
    assert sum(len(block.demand) for block in split(formulation.structure, entering(formulation, "rtt"), weight)) == 2


def test_at() -> None:
    """Tests that the curve is continuous from the right, and that rounding does not miss a corner."""
    curve = curve_of()
    assert [curve.at(limit)["exported"] for limit in (0, 9.99, 10, 19.99, 20 - 1e-12, 39, 1e6)] == [
        0.0,
        0.0,
        10.0,
        10.0,
        0.0,
        0.0,
        20.0,
    ]
    for limit in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="is not at least 0"):
            curve.at(limit)


def test_unknown_by() -> None:
    """Tests that a misspelt variant is refused."""
    with pytest.raises(InstanceError, match="rtt, slo, shorten"):
        curve_of("rrt")


def test_link_that_binds_only_beyond_the_limits() -> None:
    """Tests that a limited link counts where arcs that a wider limit lets in could exceed it.

    B's ten Mtok reach Y in time, and X from a factor of 2 on, by a link that carries 4. All is served from 1 on.
    """
    links = [CROSSED["links"][0], CROSSED["links"][2], CROSSED["links"][3] | {"capacity_gbps": 4.0 / 450.0}]
    workload = CROSSED["workloads"][0] | {"latency_slo_ms": 20.0, "gb_per_mtok": 1.0}
    centres = [centre | {"accelerators": 20.0} for centre in CROSSED["data_centres"]]
    curve = curve_of("slo", links=links, workloads=[workload], data_centres=centres)
    assert corners(curve) == [(0.0, 20.0, 0.0), (0.5, 10.0, 10.0), (1.0, 0.0, 10.0), (2.0, 0.0, 14.0)]


def test_no_curve_by_shortening_where_value_falls_with_latency(make_instance, valued):
    """Tests that the front door refuses what has no corners, and traces it by tokens."""
    instance = make_instance(**valued)
    with pytest.raises(InstanceError, match="latency_value"):
        placer.ceiling_curve(instance, "shorten", weight="value", exporting="east")
    assert placer.ceiling_curve(instance, "shorten", exporting="east").at(0.0)["share"] == pytest.approx(1)
