"""What all results offer, held by one suite over every class of them."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.io.results import Result
from tests.results import check_result


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return a result of every class, by its name."""
    tiny = placer.load("tiny")
    placement = placer.solve(tiny)
    short = placer.solve(tiny.scaled("data_centres.accelerators", 0.5))
    secure = placer.Security("data_centres")
    ceiling = placer.export_ceiling(tiny)
    dearer = placer.solve(tiny.scaled("power_zones.usd_per_mwh", 1.2))
    prices = placer.Assumption("price", {"high": lambda instance: instance.scaled("power_zones.usd_per_mwh", 1.2)})
    others = placer.alternatives(placement, answers=1)
    models = [{"model": name, "workloads": name, "replica_accelerators": 8} for name in tiny.workloads["workload"]]
    made = [
        placement,
        placer.solve(tiny, security=secure),
        placer.Model(tiny).solve(),
        placer.audit(placement, secure),
        ceiling,
        ceiling.curve,
        ceiling.effort_curve,
        placer.export_ceiling(tiny, security=secure),
        placer.export_ceiling(tiny, security=secure).curve,
        placer.export_cost(placement),
        placer.flexibility(placement, tiny.power_zones["power_zone"].iloc[0], tiny.demand["hour"].iloc[0]),
        placer.abatement_front(tiny, "carbon_kg"),
        placer.explain(short),
        placer.accounts(placement),
        placer.compare_placements({"now": placement, "dearer": dearer}),
        placer.roll(tiny, hours=1, look_ahead=1),
        placer.sensitivity(tiny, [prices]),
        placer.place_models(tiny.replace(served_models=models)),
        *(others, others.placements[1], placer.carry_back(tiny.merge_hubs(2))),
        placer.simulate(pd.DataFrame({"time": [0.0, 0.5, 3.0], "service_seconds": [1.0, 1.0, 1.0]}), 1),
    ]
    return {type(each).__name__: each for each in made}


@pytest.mark.slow
def test_every_class_of_results_is_here(results):
    """Tests that the suite covers all classes of results but those that its rooms hold to the same."""
    assert all(hasattr(placer, name) for name in placer.__all__)  # which imports the classes
    elsewhere = {"Plan", "PlanAccounts", "YearsPlan", "Replay", "ElasticPlacement", "Trade", "TradeObstacles"}
    elsewhere |= {"ElasticModelPlacement", "FlexibilityValues"}

    def classes(kind):
        return {kind, *(below for each in kind.__subclasses__() for below in classes(each))}

    known = {each.__name__ for each in classes(Result) if not each.__module__.startswith("tests")}
    assert known - {"Result", "CurveRows"} == results.keys() | elsewhere


@pytest.mark.slow
def test_what_every_result_offers(results):
    """Tests the tables, the summary and the text of every result."""
    for result in results.values():
        check_result(result)


@pytest.mark.slow
def test_results_say_that_what_is_bought_is_the_demand():
    """Tests texts, HTML and summaries of all that take what is bought of demand with steps of value as the demand."""
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.11, between=(0.5, 6.0), steps=4)
    placement, ceiling = placer.solve(elastic), placer.export_ceiling(elastic)
    secure = placer.solve(elastic, security="data_centres")
    secure_ceiling = placer.export_ceiling(elastic, security="data_centres")
    said = placement.bought_demand.in_words
    for result in (
        *(secure, placer.audit(placement, "data_centres"), placer.audit(secure, "data_centres")),
        *(ceiling, ceiling.curve, placer.ceiling_curve(elastic, "slo"), secure_ceiling, secure_ceiling.curve),
        *(placer.ceiling_curve(elastic, security="data_centres"), placer.accounts(placement), placer.accounts(secure)),
        placer.export_ceiling(placement.instance, placement=placement),
        *(placer.export_cost(placement), placer.flexibility(placement, placement.instance.power_zones.iloc[0, 0], 0)),
        placer.abatement_front(elastic, "carbon_kg", points=3),
    ):
        assert said in repr(result), type(result)
        assert said in result._repr_html_(), type(result)
        assert result.summary()["not_bought_mtok"] == placement.not_bought_mtok, type(result)


def test_results_of_demand_without_steps_say_nothing_of_it(results):
    """Tests that all demand is the demand of every other result."""
    assert all(result.bought_demand is None for result in results.values())
    assert not [name for name, result in results.items() if "offered_mtok" in result.summary()]


@pytest.mark.slow
def test_files_hold_the_tables(results, tmp_path):
    """Tests that folders of CSV and Parquet hold the tables by name, and workbooks the summary too."""
    for name, result in results.items():
        written = result.save_tables(tmp_path / name)
        assert [file.stem for file in written] == list(result.tables), name
        pytest.importorskip("pyarrow")
        assert [file.stem for file in result.save_parquet(tmp_path / name)] == list(result.tables), name
        pytest.importorskip("openpyxl")
        with pd.ExcelFile(result.save_excel(tmp_path / f"{name}.xlsx")) as workbook:
            assert workbook.sheet_names == ["summary", *result.tables], name
