"""The registry of columns: every column of every table of results is in it, and none of it is of no table."""

from __future__ import annotations

from functools import cached_property

import pandas as pd
import pytest

import placer
from placer.ceiling.shares import shares_table
from placer.result_columns import RESULT_COLUMNS, heading, long, short
from placer.sensitivity.figures import FIGURES
from tests.batteries_by_hand import powered
from tests.model.contracts_by_hand import contract, contracted
from tests.model.modes_by_hand import FAST, MIDDLE, modes

#: Tables whose columns are names of things: regions, years and placements.
BY_NAME = {"trade", "tokens", "standing"}
#: Columns that pages and commands compute for display.
SHOWN = {
    *("unserved_share", "least_export_share", "most_export_share", "beside_optimum_share", "rent", "week", "day"),
    *("exportable_share", "share_of_own_demand", "carbon_t", "carbon_kg_per_mtok", "water_m3", "water_litres_per_mtok"),
    *("month", "largest_limit", "server_ms", "mode_share", "accelerator_hours_per_mtok"),
}
#: What may be built where ``hall_plan`` builds.
HALL = [{"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0, "budget": 1.0}]


def tables_of(*results):
    """Yield the tables that are fields or properties of results."""
    for result in results:
        kind = type(result)
        known = [
            *vars(result),
            *(name for name in dir(kind) if isinstance(getattr(kind, name), property | cached_property)),
        ]
        for name in sorted({name for name in known if not name.startswith("_")} - BY_NAME):
            if isinstance(found := getattr(result, name), pd.DataFrame):
                yield found


@pytest.fixture(scope="module")
def columns(make_instance, hall_plan):
    """Return the names of all columns and levels of the tables of all kinds of results."""
    tiny, security = placer.load("tiny"), placer.Security("data_centres")
    placement = placer.solve(tiny)
    secure, accounts, ceiling = (
        placer.solve(tiny, security=security),
        placer.accounts(placement),
        placer.export_ceiling(tiny),
    )
    secure_ceiling = placer.export_ceiling(tiny, security=security)
    study = placer.sensitivity(tiny, placer.read_assumptions("tiny")[0][:1], figures=["unserved_share"])
    model = placer.Model(tiny)
    model.add_rows(model.columns["carbon_kg"], name="carbon", upper=1e9)
    routed = placer.solve(make_instance(routes=2))
    contracts = placer.solve(contracted(contract(output_share=0.5)))
    results = [
        placement,
        contracts,
        placer.accounts(contracts),
        placer.solve(modes([MIDDLE, FAST])),
        secure,
        routed,
        accounts,
        accounts.gains,
        ceiling,
        secure_ceiling,
    ]
    results += [placer.alternatives(placement, groups="region", answers=1)]
    results += [small := placer.carry_back(tiny.merge_hubs(2), headlines="cost_usd"), small.reduced]
    results += [placer.audit(placement, security), placer.explain(placement), placer.export_cost(placement), study]
    lengths = pd.DataFrame({"time": [0.0, 1.0], "input_tokens": 1, "output_tokens": 1})
    results += [placer.simulate(lengths, 1, seconds_per_input_token=1.0, seconds_per_output_token=1.0)]
    results += [_replayed(tiny.replace(hour_length=12.0))]
    elastic = placer.solve(tiny.with_elastic_demand(1.5, -1.1, between=(1, 3), steps=2))
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 0.1, "paid_to": "importer"}
    present = tiny.replace(served_models=[{"model": "m", "workloads": "chat|voice|batch", "replica_accelerators": 8}])
    results += [placer.place_models(present)]
    results += [elastic, placer.trade(elastic), placer.trade(tiny.replace(policies=[tariff]))]
    results += [placer.trade_obstacles("tiny", [], "west")]
    falling = hall_plan.question.instance.with_elastic_demand(30, -1.1, between=(10, 90), steps=2)
    results += [model.solve(), hall_plan, hall_plan.accounts("region"), placer.plan(falling, HALL)]
    annual = {"carbon_limit_kg": 1e9}
    results += [placer.plan(hall_plan.question.instance, HALL, annual_limits=annual)]
    results += [
        placer.plan_years(placer.Years(dict.fromkeys((2030, 2031), hall_plan.question.instance), 2033, 0.0), HALL)
    ]
    curves = [
        ceiling.curve,
        ceiling.effort_curve,
        secure_ceiling.curve,
        *(placer.ceiling_curve(tiny, by=by) for by in ("slo", "shorten")),
    ]
    curves += [placer.green_front(tiny), placer.flexibility_values(tiny, 0.5, missing_usd_per_mwh=1)]
    curves += [placer.abatement_front(tiny, against, points=2) for against in ("carbon_kg", "water_litres")]
    tables = [*tables_of(*results, *curves), placer.compare(placement), placer.export_ranges(placement, "hub")]
    tables += [
        placer.accounts(secure).regions,
        placer.accounts(placer.solve(powered(battery={}))).regions,
        *(shares_table(weight, (0, 0, 0), (0, 0, 0)) for weight in ("tokens", "work", "energy", "value")),
        placement.by_period("block"),
        hall_plan.ranges(),
        *(placer.read_requests(trace).summary() for trace in ("azure_2023_code", "mooncake_conversation")),
        *map(study.tornado, study.figures),
    ]
    return {str(name) for table in tables for name in (*table.columns, *table.index.names) if name is not None} | set(
        FIGURES
    )


def _replayed(day):
    """Return a replay of a day of two hours, with a step that was filled."""
    rows = pd.DataFrame({"class": "all", "step": range(4), "requests": [10, 20, 0, 20]})
    history = placer.History.of_table(rows, step_minutes=720, missing="interpolate")
    classes = dict.fromkeys(day.workloads["workload"], "all")
    return placer.replay(day, placer.DemandHistory(history, day, classes, reference_days=1), "nearest", substeps=1)


@pytest.mark.slow
def test_every_column_is_registered_and_none_without_a_table(columns):
    assert columns - RESULT_COLUMNS.keys() == set()
    assert RESULT_COLUMNS.keys() - columns - SHOWN == set()


def test_units_are_those_that_names_state():
    """Tests units by hand, and that no name ends with one that its column lacks."""
    units = {"rent_usd_per_mtok_year": "USD/Mtok/year", "carbon_t": "t", "rtt_ms": "ms", "uplift": "", "share_low": "%"}
    assert {name: RESULT_COLUMNS[name].unit for name in units} == units
    ends = ("_usd", "_mtok", "_mwh", "_ms", "_gb", "_kg", "_litres", "_usd_per_year", "_unit_year", "_per_unit", "_t")
    assert [name for name, column in RESULT_COLUMNS.items() if name.endswith(ends) and not column.unit] == []


def test_headings():
    """Tests that the long heading is the words and the unit, and that a share written with its sign has no unit."""
    assert short("rtt_ms", "cost_usd") == {"rtt_ms": "rtt ms", "cost_usd": "USD"}
    assert long("rtt_ms", "mtok", "uplift")["rtt_ms"] == "round trip, ms"
    assert (heading("export_share"), heading("mtok"), heading("cap_gbps")) == ("exported", "Mtok", "cap, Gbps")
    with pytest.raises(KeyError, match="no_such"):
        short("no_such")


def test_every_column_has_headings_and_a_meaning():
    empty = [each.name for each in RESULT_COLUMNS.values() if not (each.short and each.long and each.meaning)]
    assert empty == []
