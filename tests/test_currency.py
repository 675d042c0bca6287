"""Currencies: their codes, and one dataset in euros through everything that prints amounts."""

from __future__ import annotations

import json
import pickle
import re
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import pandas as pd
import pytest

import placer
from placer.analysis.regimes import AcceleratorBreakEven
from placer.analysis.shortage.changes import Change
from placer.currency import CURRENCIES, allowed_currency, amount_in, in_currency
from placer.io.results import Result
from placer.report.content.page import Subject
from placer.report.write import page

mpl.use("Agg")

from placer import plots

#: An amount, or a unit, in dollars; names of columns say usd in small letters.
DOLLARS = re.compile(r"USD")
IN_EUROS = ("tiny", "--change", "currency=EUR")


@pytest.fixture(scope="module")
def tiny():
    """Return the smallest dataset in euros, with a limit on its cost."""
    limits = [{"limit": "budget", "kind": "cost_usd", "sense": "<=", "amount": 1e6}]
    return placer.load("tiny").replace(currency="EUR", limits=limits)


@pytest.fixture(scope="module")
def plan(make_instance):
    """Return a plan in euros of what to build."""
    sites = [{"data_centre": name, "accelerators": 0.0, "lat": 1.0, "lon": 2.0} for name in "XY"]
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0, "land_ha": 1.0}
    dear = row | {"candidate": "dear hall", "usd_per_unit_year": 100_000.0}
    instance = make_instance(data_centres=sites, accelerators="sunk", currency="EUR")
    return placer.plan(instance, [row, dear], build_limits={"land_ha": 100.0})


@pytest.fixture(scope="module")
def replay(tiny):
    """Return a replay in euros of a day of two steps."""
    day = tiny.replace(hour_length=12.0, limits=tiny.limits.iloc[:0])
    rows = pd.DataFrame({"class": "all", "step": range(2), "requests": [1.0, 2.0]})
    history = placer.History.of_table(rows, 720)
    classes = dict.fromkeys(day.workloads["workload"], "all")
    return placer.replay(day, placer.DemandHistory(history, day, classes, reference_days=1), "nearest", substeps=1)


@pytest.fixture(scope="module")
def results(tiny, plan, replay):
    """Return a result in euros of every class."""
    plain = tiny.replace(limits=tiny.limits.iloc[:0])
    placement, security = placer.solve(plain), placer.Security("data_centres")
    dearer = placer.solve(plain.scaled("power_zones.usd_per_mwh", 1.2))
    price = placer.Assumption("price", {"high": lambda instance: instance.scaled("power_zones.usd_per_mwh", 1.2)})
    model = placer.Model(plain)
    model.add_columns("fee", cost_usd=1.0, lower=2.0)
    ceiling = placer.export_ceiling(plain)
    steps = placer.Years(dict.fromkeys((2030, 2031), plan.question.instance), 2033, 0.0)
    hall = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}
    models = [{"model": name, "workloads": name, "replica_accelerators": 1} for name in plain.workloads["workload"]]
    others = placer.alternatives(placement, groups="region", answers=1)
    return [
        *(placement, placer.solve(tiny), placer.solve(plain, security=security), model.solve()),
        *(placer.audit(placement, security), ceiling, ceiling.curve, placer.export_cost(placement)),
        placer.flexibility(placement, plain.power_zones["power_zone"].iloc[0], plain.demand["hour"].iloc[0]),
        placer.explain(placer.solve(plain.scaled("data_centres.accelerators", 0.5))),
        placer.accounts(placement),
        placer.trade(placement),
        placer.compare_placements({"now": placement, "dearer": dearer}),
        placer.roll(plain, hours=1, look_ahead=1),
        placer.sensitivity(plain, [price], figures=["cost_usd_per_mtok"]),
        *(plan, placer.plan_years(steps, [hall]), replay, plan.accounts("region")),
        placer.Model(plain.with_elastic_demand(1.5, -1.1, between=(1.0, 3.0), steps=2)).solve(),
        placer.place_models(plain.replace(served_models=models)),
        placer.carry_back(plain.merge_hubs(2), headlines=["cost_usd", "cost_usd_per_mtok"]),
        placer.abatement_front(plain, "carbon_kg", points=3),
        placer.flexibility_values(plain, 0.5, missing_usd_per_mwh=1),
        *(others, others.placements[1]),
    ]


@pytest.fixture
def in_threads(monkeypatch):
    """Sets are solved in threads of this process, since a process takes long to start."""
    monkeypatch.setattr("placer.batch.runner.Processes", lambda workers, **_: ThreadPoolExecutor(workers))


def in_euros(text):
    """Check that a text states euros and no dollars."""
    assert not DOLLARS.search(text), text[max(DOLLARS.search(text).start() - 200, 0) :][:400]


def test_a_typing_error_is_named():
    """Tests codes, what people write for them, and words that are neither."""
    assert len(set(CURRENCIES)) == len(CURRENCIES) == 154
    given = {"euro": "EUR", "eur": "EUR", "\u20ac": "EUR", "UDS": "USD", "dollar": "USD", "RMB": "CNY", "GPB": "GBP"}
    assert {text: allowed_currency(text) for text in given} == {text: f"perhaps {code}" for text, code in given.items()}
    assert allowed_currency("shells") == "a code of ISO 4217, such as EUR"


@pytest.mark.parametrize("given", ["euro", "eur", "", None, 5, ["EUR"]])
def test_no_currency_is_refused(given):
    with pytest.raises(placer.InstanceError, match=r"settings\.currency: "):
        placer.load("tiny").replace(currency=given)


def test_amounts():
    assert (amount_in(-1234.5, "CHF"), in_currency("USD/MWh", "CHF")) == ("-1,234.50 CHF", "CHF/MWh")


def test_cures_and_errors_state_it():
    """Tests a penalty that is raised, and an error that another process sends on."""
    change = Change("penalty", "chat", "workloads", 0, "unserved_usd_per_mtok", 1.0, 3.0, currency="EUR")
    assert (change.cure, change.unit) == ("2 EUR per Mtok more of unserved_usd_per_mtok of chat", "EUR per Mtok")
    error = placer.NoSolutionError(placer.Reason.TIME_LIMIT, "late", 5.0).stated_in("EUR")
    assert str(pickle.loads(pickle.dumps(error))).endswith("late; no placement costs less than 5.00 EUR")  # noqa: S301


def test_a_column_in_another_currency_says_what_to_write():
    """Tests that the column keeps its name, and the currency is a setting; so does a price per kWh."""
    zones = placer.load("tiny").power_zones
    for name, told in {
        "eur_per_mwh": 'write usd_per_mwh and currency = "EUR"',
        "cny_per_kwh": 'write usd_per_mwh and currency = "CNY" (times 1000)',
    }.items():
        with pytest.raises(placer.InstanceError) as caught:
            placer.load("tiny").replace(power_zones=zones.rename(columns={"usd_per_mwh": name}))
        assert told in str(caught.value)
    with pytest.raises(placer.InstanceError, match='write carbon_usd_per_kg and currency = "GBP"'):
        placer.Instance.from_tables(dict(placer.load("tiny").tables), carbon_gbp_per_kg=0.1)


def test_a_missing_price_is_asked_for_in_the_currency():
    zones = placer.load("tiny").power_zones.drop(columns="usd_per_mwh")
    with pytest.raises(placer.InstanceError, match="the price of power in EUR per MWh") as caught:
        placer.load("tiny").replace(currency="EUR", power_zones=zones)
    in_euros(str(caught.value))


@pytest.mark.slow
def test_every_file_keeps_the_currency(tiny, tmp_path):
    """Tests folders, workbooks and graph files; a folder states it once."""
    for name in ("folder", "a.xlsx", "a.json", "a.graphml"):
        saved = placer.save(tiny, tmp_path / name)
        assert placer.load(saved).settings.currency == "EUR", name
    assert (tmp_path / "folder" / "dataset.toml").read_text().count("EUR") == 1


@pytest.mark.slow
def test_dataset_toml(tmp_path):
    """Tests the currency above the settings, among them and in a scenario; two different ones contradict each other."""
    folder = placer.save(placer.load("tiny"), tmp_path / "data")
    file = folder / "dataset.toml"
    above = file.read_text().partition("\n[settings]")[0].replace('currency = "USD"', 'currency = "EUR"')
    file.write_text(f'{above}\n[scenarios.swiss.settings]\ncurrency = "CHF"\n')
    assert placer.load(folder).settings.currency == placer.datasets.describe(folder).currency == "EUR"
    assert placer.load(folder, ["swiss"]).settings.currency == "CHF"
    file.write_text(above.replace('currency = "EUR"\n', "") + '\n[settings]\ncurrency = "EUR"\n')
    assert placer.load(folder).settings.currency == "EUR"
    file.write_text(above + '\n[settings]\ncurrency = "CHF"\n')
    with pytest.raises(placer.InstanceError, match="EUR, as stated above"):
        placer.load(folder)
    file.write_text(above.replace("EUR", "Euro"))
    with pytest.raises(placer.InstanceError, match=r"currency: 'Euro' \(allowed: perhaps EUR"):
        placer.load(folder)


@pytest.mark.slow
def test_no_number_depends_on_it(tiny):
    plain, other = placer.solve(tiny.replace(currency="USD")), placer.solve(tiny)
    assert plain.summary() == other.summary()
    assert (plain.currency, other.currency) == ("USD", "EUR")


@pytest.mark.slow
def test_every_result_prints_it(results):
    """Tests text and HTML of every class of results; a class that holds no amounts is left out."""

    def classes(kind):
        return {kind, *(below for each in kind.__subclasses__() for below in classes(each))}

    named = {each.__name__ for each in classes(Result) if not each.__module__.startswith("tests")}
    without = {"Result", "CurveRows", "QueueSimulation", "SecureCeiling", "SecureCurve", "ElasticPlacement"}
    without |= {"TradeObstacles", "EffortCurve"}
    assert named - without == {type(each).__name__ for each in results}
    for result in results:
        in_euros(f"{result!r}{result._repr_html_()}")
        if hasattr(result, "currency"):
            assert result.currency == "EUR"
        for table in result.tables.values():
            in_euros(table.astype(str).to_string())
            in_euros(placer.readable(table, "EUR").to_string())


@pytest.mark.slow
def test_what_hangs_on_results_prints_it(tiny, results):
    """Tests accounts of a plan, gains, stability, elastic demand, break-evens, remarks and errors."""
    placement, secure, accounts = results[0], results[2], results[10]
    plan = next(each for each in results if isinstance(each, placer.Plan))
    stepped = tiny.replace(limits=tiny.limits.iloc[:0]).with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=5)
    said = [
        *(repr(plan.accounts("region")), str(accounts.gains), str(accounts.stability)),
        *(str(placer.accounts(secure).remarks), repr(placer.solve(stepped))),
        repr(AcceleratorBreakEven(0.5, 0.0, pd.DataFrame(), currency="EUR")),
        str(placer.check(tiny.scaled("power_zones.usd_per_mwh", 1e-3))),
        str(placer.NoSolutionError(placer.Reason.TIME_LIMIT, "late", 5.0, placement)),
    ]
    for text in said:
        in_euros(text)
    assert "EUR" in "".join(said[:3])


@pytest.mark.slow
def test_pages_print_it(results, plan, tiny):
    """Tests the page of a placement with every analysis, of a plan, and of two; titles may say USD."""
    placement, secure, model, audit, ceiling = (results[place] for place in (0, 2, 3, 4, 5))
    study = placer.sensitivity(placement.instance, [], figures=["cost_usd_per_mtok"])
    secured = placer.audit(secure, secure.security)
    pages = [
        [Subject("plain", placement, ceiling, sensitivity=study, audit=audit, alternatives=results[-2])],
        [Subject("limits", placer.solve(tiny))],
        [Subject("secure", secure, audit=secured)],
        [Subject("model", model)],
        [
            Subject(
                *("to build", plan.placement("all year")),
                plan=plan,
                plan_accounts=plan.accounts("region"),
                build_curves={"land_ha": plan.curve("land_ha", 0.0, 100.0)},
            )
        ],
        [Subject("one", placement), Subject("other", placer.solve(tiny.scaled("power_zones.usd_per_mwh", 2.0)))],
    ]
    for subjects in pages:
        text = page(subjects)
        in_euros(text)
        assert "EUR" in text
    assert "<bdi>USD</bdi>" in page([Subject("USD", placement)])


@pytest.mark.slow
def test_plots_print_it(results, plan, replay):
    """Tests every text of the figures of amounts."""
    placement, accounts, study = results[0], results[10], results[14]
    rows = pd.DataFrame({"cost_usd_per_mtok": [1.0, 2.0, 4.0]})
    for axis in (
        plots.plot_price_stack(placement),
        plots.plot_load(placement),
        plots.plot_export_cost(results[7]),
        plots.plot_premium(results[7]),
        plots.plot_trade_prices(placer.trade(placement)),
        plots.plot_welfare(placer.trade(placement)),
        plots.plot_flexibility(results[8]),
        plots.plot_front(results[-4]),
        plots.plot_cost_of_latency(placer.cost_of_latency(placement.instance, [10.0, 20.0]), currency="EUR"),
        plots.plot_accounts(accounts),
        plots.plot_tornado(study, "cost_usd_per_mtok"),
        plots.plot_distributions(rows, currency="EUR"),
        plots.plot_builds(plan),
        plots.plot_build_map(plan),
        plots.plot_build_curve(plan.curve("land_ha", 0.0, 100.0), currency="EUR"),
        plots.plot_regret(replay),
    ):
        texts = [text.get_text() for text in axis.get_figure().findobj(mpl.text.Text)]
        in_euros(" ".join(texts))


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        ("solve", *IN_EUROS, "--ranges"),
        ("solve", *IN_EUROS, "--by", "hour"),
        ("solve", *IN_EUROS, "--secure", "data_centres"),
        ("audit", *IN_EUROS),
        ("accounts", *IN_EUROS, "--gains", "--workloads"),
        ("accounts", *IN_EUROS, "--secure", "data_centres"),
        ("ceiling", *IN_EUROS),
        ("trade", *IN_EUROS),
        ("explain", *IN_EUROS, "--change", "data_centres.accelerators=*0.5"),
        ("prices", *IN_EUROS, "--ranges"),
        ("roll", *IN_EUROS, "--hours", 1, "--look-ahead", 1),
        ("cost-curve", *IN_EUROS),
        ("cost-curve", *IN_EUROS, "--by", "rtt", "--at", 10, "--at", 20),
        ("flexibility", *IN_EUROS, "--zone", "Plateau wind", "--hours", "0"),
        ("front", *IN_EUROS, "--against", "carbon_kg"),
        ("batch", *IN_EUROS, "--n", 2, "--analyses", "cost,hub_prices,accounts"),
        ("check", *IN_EUROS),
    ],
    ids=lambda asked: " ".join(map(str, asked[:1] + asked[4:])),
)
def test_commands_print_it(run_placer, asked, in_threads):
    code, out, err = run_placer(*asked)
    assert code in (0, 1), err
    in_euros(out + err)


@pytest.mark.slow
def test_kept_results_know_it(run_placer, in_threads, tmp_path):
    """Tests the store of a batch, whose rows are of no instance, and the folder of a study."""
    for name, asked in {"eur.db": IN_EUROS, "usd.db": ("tiny",)}.items():
        assert (
            run_placer("batch", *asked, "--n", 2, "--analyses", "cost,hub_prices", "--store", tmp_path / name)[0] == 0
        )
    code, out, _ = run_placer("batch", "report", tmp_path / "eur.db", "--report", tmp_path / "stored.html")
    assert code == 0
    rows = pd.DataFrame({"number": [0, 1], "status": "optimal", "cost_usd_per_mtok": [1.0, 2.0]})
    placer.write_batch_report(rows, tmp_path / "rows.html", currency="EUR")
    for text in (out, *((tmp_path / name).read_text(encoding="utf-8") for name in ("stored.html", "rows.html"))):
        in_euros(text)
        assert "EUR" in text
    assert "EUR per Mtok" in out
    code, _, err = run_placer("batch", "report", tmp_path / "eur.db", tmp_path / "usd.db")
    assert code == 2
    assert "in EUR" in err
    assert "in USD" in err
    study = placer.sensitivity(placer.load("tiny").replace(currency="EUR"), [], figures=["unserved_share"])
    study.save_tables(tmp_path / "study")
    assert placer.read_sensitivity(tmp_path / "study").currency == "EUR"


@pytest.mark.slow
def test_two_currencies_are_not_set_side_by_side(run_placer, tiny):
    """Tests that the error of each comparison names both."""
    euros, dollars = placer.solve(tiny), placer.solve(placer.load("tiny"))
    for compare in (
        lambda: placer.compare_placements({"a": euros, "b": dollars}),
        lambda: page([Subject("a", euros), Subject("b", dollars)]),
    ):
        with pytest.raises(placer.PlacerError, match="a is in EUR, b is in USD"):
            compare()
    code, _, err = run_placer("compare", *IN_EUROS)
    assert code == 2
    assert "is in USD" in err
    assert "is in EUR" in err
    price = placer.Assumption("price", {"high": lambda instance: instance.replace(currency="CHF")})
    with pytest.raises(placer.PlacerError, match="is in CHF"):
        placer.sensitivity(placer.load("tiny"), [price], figures=["unserved_share"])


@pytest.mark.slow
def test_states_and_years_of_a_plan_have_one(plan):
    """Tests that states and years in other currencies are refused."""
    euros = plan.question.instance
    dollars = euros.replace(currency="USD")
    hall = [{"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}]
    with pytest.raises(placer.InstanceError, match=r"currency: 'USD' \(allowed: EUR"):
        placer.plan(euros, hall, states=placer.States({"a": (dollars, 1.0)}))
    with pytest.raises(placer.InstanceError, match="EUR and USD"):
        placer.Years({2030: euros, 2031: dollars}, 2033, 0.0)


@pytest.mark.slow
def test_commands_on_a_folder_print_it(run_placer, in_threads, tmp_path):
    """Tests commands that read more of a dataset: scenarios, and assumptions, whose units are texts of the dataset."""
    folder = placer.save(placer.load("tiny").replace(currency="EUR"), tmp_path / "data")
    (folder / "sensitivity.toml").write_text('[assumptions.a]\nscale = { "links.rtt_ms" = [2] }\n', encoding="utf-8")
    page_of = ("--report", tmp_path / "page.html")
    for asked in (
        ("sensitivity", folder),
        ("compare", folder, "--change", "power_zones.usd_per_mwh=*1.2", *page_of),
        ("report", folder, "-o", tmp_path / "report.html"),
        ("batch", folder, "--n", 3, "--report", tmp_path / "batch.html"),
    ):
        code, out, err = run_placer(*asked)
        assert code == 0, err
        in_euros(out + err)
    for name in ("page.html", "report.html", "batch.html"):
        in_euros((tmp_path / name).read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_plan_commands_print_it(run_placer, plan, tmp_path):
    folder = placer.save(plan.question.instance, tmp_path / "data")
    rows = "candidate,adds,target,usd_per_unit_year,land_ha\nhall,accelerators,Y,87600,1\n"
    (folder / "candidates.csv").write_text(rows, encoding="utf-8")
    (folder / "build_limits.csv").write_text("limit,amount\nland_ha,100\n", encoding="utf-8")
    asked = ("--accounts", "region", "--curve", "land_ha=0:100", "--sites", "--report", tmp_path / "a.html")
    for command in (("plan", folder, *asked), ("plan-years", folder, "--year", "2030=1", "--until", 2032)):
        more = () if command[0] == "plan" else ("--discount-rate", 0.05)
        code, out, err = run_placer(*command, *more)
        assert code == 0, err
        in_euros(out + err)
        assert "EUR" in out
    in_euros((tmp_path / "a.html").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_json_stays_as_it_is(run_placer):
    """Tests that names in JSON are those of columns."""
    found = json.loads(run_placer("solve", *IN_EUROS, "--json")[1])
    assert found["cost_usd"] == pytest.approx(placer.solve(placer.load("tiny")).cost_usd)
