"""Tests for limits of one's own: rows against rows written by hand, and answers that can be checked by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import vstack

import placer
from placer.errors import InstanceError
from placer.model.formulation import formulate
from placer.model.limit_rows import use_of
from placer.solve import to_program
from placer.solvers.highs import HiGHS
from tests.effort import tries

KINDS = (
    *("tokens", "share", "accelerator_hours", "energy_mwh"),
    *("carbon_kg", "water_litres", "cost_usd", "green_share"),
)
#: Scopes of each kind that the random limits draw from.
SCOPES = {
    "tokens": ("workload", "hub", "hub_region", "data_centre", "region", "hours"),
    "share": ("workload", "hub", "hub_region", "data_centre", "hours"),
    "accelerator_hours": ("workload", "data_centre", "region", "hours"),
    "energy_mwh": ("workload", "data_centre", "region", "hours"),
    "carbon_kg": ("data_centre", "region", "power_zone", "hours"),
    "water_litres": ("workload", "data_centre", "region", "hours"),
    "cost_usd": ("data_centre", "region", "power_zone", "hours"),
    "green_share": ("data_centre", "region", "hours"),
}
NAMES = {
    "workload": ("near", "bound", "night", "soon"),
    "hub": ("H0", "H1", "H2"),
    "hub_region": ("e", "w"),
    "data_centre": ("D0", "D1", "D2", "D3"),
    "region": ("e", "w"),
    "power_zone": ("Z0", "Z1"),
}


def _random_limit(random, kind):
    limit = {"limit": "one", "kind": kind, "sense": str(random.choice(["<=", ">="])), "amount": 0.0}
    for scope in SCOPES[kind]:
        wider = {"hub_region": "hub", "region": "data_centre"}.get(scope)
        if random.random() < 0.4 and wider not in limit:
            if scope == "hours":
                limit["hours"] = str(random.choice(["0-2", "1|3", "4"]))
            else:
                most = len(NAMES[scope]) - 1
                limit[scope] = tuple(random.choice(NAMES[scope], random.integers(1, most + 1), replace=False).tolist())
    if kind == "share":
        limit["workload"] = limit.get("workload", ("near", "night"))
        limit["of"] = str(random.choice(["asked", "served"]))
        if limit["of"] == "served":
            limit["data_centre"] = limit.get("data_centre", ("D0", "D3"))
    if kind == "energy_mwh" and "workload" not in limit and random.random() < 0.5:
        limit["power_zone"] = ("Z1",)
    return limit


def _one(*_):
    return 1.0


def _at(value, hour):
    return value[hour] if isinstance(value, tuple) else value


class _ByHand:
    """The columns of an exported program, read name by name from the tables of its instance."""

    def __init__(self, instance):
        self.instance, self.program = instance, to_program(instance)
        self.structure = formulate(instance).structure
        self.rows = {name: instance.tables[name].to_dict("records") for name in instance.tables}

    def within(self, limit, **places):
        """Whether a place is in the scope of a limit; places that are not given are not asked about."""
        tables = {
            "workload": ("workloads", "workload", "workload"),
            "hub": ("hubs", "hub", "hub"),
            "hub_region": ("hubs", "hub", "region"),
            "data_centre": ("data_centres", "data_centre", "data_centre"),
            "region": ("data_centres", "data_centre", "region"),
            "power_zone": ("power_zones", "power_zone", "power_zone"),
        }
        for scope, (table, kind, column) in tables.items():
            if kind in places and limit.get(scope) and self.rows[table][places[kind]][column] not in limit[scope]:
                return False
        hours = {"0-2": (0, 1, 2), "1|3": (1, 3), "4": (4,)}.get(limit.get("hours"), range(5))
        return places.get("hour", hours[0]) in hours

    def count(self, limit, work=None, bought=None, sent=None):
        """Return coefficients of all columns: of Mtok served, of MWh bought, of Mtok sent."""
        structure, program = self.structure, self.program
        part, total = program.col_blocks, np.zeros(len(program.cost))
        for column, (demand, arc) in enumerate(
            zip(structure.assignments.demand, structure.assignments.arc, strict=True)
        ):
            k, h, j = (int(axis[arc]) for axis in (structure.arc_class, structure.arc_origin, structure.arc_site))
            t = int(structure.demand_period[demand])
            here = {"workload": k, "hub": h, "data_centre": j, "hour": t}
            if sent and self.within(limit, **here):
                total[part["x"].start + column] += sent(k, h, j)
            if work and structure.window[k] == 0 and self.within(limit, **here):
                total[part["x"].start + column] += work(k, j, t)
        flows = structure.queue_flows
        for column, (k, j, t) in enumerate(zip(flows.klass, flows.site, flows.service, strict=True)):
            if work and self.within(limit, workload=k, data_centre=j, hour=t):
                total[part["f"].start + column] += work(k, j, t)
        names = [row["data_centre"] for row in self.rows["data_centres"]]
        zones = [row["power_zone"] for row in self.rows["power_zones"]]
        for s, supply in enumerate(self.rows["supplies"]):
            site, zone = names.index(supply["data_centre"]), zones.index(supply["power_zone"])
            for t in range(structure.periods):
                if bought and self.within(limit, data_centre=site, power_zone=zone, hour=t):
                    total[part["y"].start + s * structure.periods + t] += bought(s, zone, t)
        return total

    def row(self, limit, amount):
        """Return a row and its right-hand side."""
        return getattr(self, "_" + limit["kind"])(limit, amount)

    def asked(self, limit):
        """Return the demand of a scope."""
        names = [[row[key] for row in self.rows[f"{key}s"]] for key in ("workload", "hub")]
        return sum(
            row["mtok"]
            for row in self.rows["demand"]
            if self.within(
                limit, workload=names[0].index(row["workload"]), hub=names[1].index(row["hub"]), hour=int(row["hour"])
            )
        )

    def energy(self, k, j):
        """Return MWh a Mtok, before the PUE."""
        return self.rows["workloads"][k]["kwh_per_mtok"] * self.rows["data_centres"][j]["energy_factor"] / 1000

    def carbon(self, zone, t):
        """Return kg a MWh."""
        return _at(self.rows["power_zones"][zone]["carbon_kg_per_mwh"], t)

    def usd_bought(self, s, zone, t):
        """Return USD a MWh bought."""
        usd_per_mwh = _at(self.rows["power_zones"][zone]["usd_per_mwh"], t)
        carbon = self.instance.settings.carbon_usd_per_kg * self.carbon(zone, t)
        return usd_per_mwh + self.rows["supplies"][s]["usd_per_mwh_adder"] + carbon

    def usd_served(self, k, j, _):
        """Return USD a Mtok served, without energy."""
        work, site = self.rows["workloads"][k], self.rows["data_centres"][j]
        usd_per_hour = site["accelerator_usd_per_hour"] + site["operations_usd_per_hour"]
        litres = site["water_litres_per_kwh"] * 1000 * self.energy(k, j)
        worked = work["accelerator_hours_per_mtok"] / site["speed"]
        return usd_per_hour * worked + site["water_usd_per_litre"] * litres

    def usd_sent(self, k, h, j):
        """Return USD a Mtok sent."""
        return self.instance.routes.usd_per_gb[h, j] * self.rows["workloads"][k]["gb_per_mtok"]

    def _tokens(self, limit, amount):
        return self.count(limit, sent=_one), amount

    def _share(self, limit, amount):
        tokens = self.count(limit, sent=_one)
        demand_side = {name: value for name, value in limit.items() if name not in ("data_centre", "region")}
        if limit["of"] == "served":
            return tokens - amount * self.count(demand_side, sent=_one), 0.0
        return tokens, amount * self.asked(limit)

    def _accelerator_hours(self, limit, amount):
        def hours(k, j, _):
            work = self.rows["workloads"][k]
            peak, mean = work["peak_accelerator_hours_per_mtok"], work["accelerator_hours_per_mtok"]
            return (mean if math.isnan(peak) else peak) / self.rows["data_centres"][j]["speed"]

        return self.count(limit, work=hours), amount

    def _energy_mwh(self, limit, amount):
        if limit.get("power_zone"):
            return self.count(limit, bought=_one), amount
        pue = [row["pue"] for row in self.rows["data_centres"]]
        return self.count(limit, work=lambda k, j, t: self.energy(k, j) * _at(pue[j], t)), amount

    def _carbon_kg(self, limit, amount):
        return self.count(limit, bought=lambda _, zone, t: self.carbon(zone, t)), amount

    def _water_litres(self, limit, amount):
        litres = [row["water_litres_per_kwh"] for row in self.rows["data_centres"]]
        return self.count(limit, work=lambda k, j, _: litres[j] * 1000 * self.energy(k, j)), amount

    def _cost_usd(self, limit, amount):
        if limit.get("power_zone"):
            return self.count(limit, bought=self.usd_bought), amount
        return self.count(limit, work=self.usd_served, bought=self.usd_bought, sent=self.usd_sent), amount

    def _green_share(self, limit, amount):
        loss, green = ([row[name] for row in self.rows["supplies"]] for name in ("loss", "green"))
        delivered = self.count(limit, bought=lambda s, *_: 1 - loss[s])
        return self.count(limit, bought=lambda s, *_: green[s] * (1 - loss[s])) - amount * delivered, 0.0

    def least(self, row=None, sense="<=", side=0.0):
        """Return the least cost with a row, by scipy; None if it is infeasible."""
        program = self.program
        sign = 1.0 if sense == "<=" else -1.0
        equal = program.row_lower == program.row_upper
        bounded = np.isfinite(program.row_upper) & ~equal
        upper, right = program.matrix[bounded], program.row_upper[bounded]
        if row is not None:
            upper, right = vstack([upper, sign * row[None]]), np.append(right, sign * side)
        bounds = np.column_stack([program.col_lower, program.col_upper])
        found = linprog(program.cost, upper, right, program.matrix[equal], program.row_lower[equal], bounds)
        return (found.fun, found.x) if found.status == 0 else None


@pytest.fixture(scope="module")
def make_green(make_random_instance):
    """Return a function from a seed to a random instance whose second zone is green."""

    def make(seed):
        instance = make_random_instance(seed)
        return instance.replace(
            supplies=instance.supplies.assign(green=(instance.supplies["power_zone"] == "Z1") * 0.9)
        )

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_limits_are_rows_added_by_hand(make_green, kind):
    """Tests random limits of every kind against the row added to the exported program, optima and tables alike."""
    binding = feasible = 0
    for seed in range(tries(8, 25)):
        random = np.random.default_rng([seed, KINDS.index(kind)])
        instance, limit = make_green(seed), _random_limit(random, kind)
        by_hand = _ByHand(instance)
        cost, values = by_hand.least()
        row, _ = by_hand.row(limit, 0.0)
        if kind in ("share", "green_share"):
            limit["amount"] = float(random.choice([0.1, 0.3, 0.6, 0.9]))
        else:
            factor = 0.7 if limit["sense"] == "<=" else 1.15
            limit["amount"] = factor * max(float(row @ values), 0.0)
        row, side = by_hand.row(limit, limit["amount"])
        least = by_hand.least(row, limit["sense"], side)
        limited = instance.replace(limits=[limit])
        if least is None:
            with pytest.raises(placer.NoSolutionError):
                placer.solve(limited, HiGHS(), tie_break=None)
            continue
        placement = placer.solve(limited, HiGHS())
        feasible += 1
        binding += least[0] > cost * (1 + 1e-9)
        assert placement.certificate.proven
        assert placement.cost_and_penalty_usd == pytest.approx(least[0], rel=1e-7, abs=1e-6)
        assert abs(placement.settlement["difference"]) <= 1e-6 * abs(placement.settlement["payments"])
        own = placement.limits.iloc[0]
        sign = 1 if limit["sense"] == "<=" else -1
        if not math.isnan(own["use"]):
            assert sign * own["use"] <= sign * own["amount"] + 1e-6 * max(1, own["amount"])
        parts = [column for column in placement.prices if column.endswith("_usd_per_mtok")]
        total = placement.prices[[name for name in parts if name != "latency_rent_usd_per_mtok"]].sum(axis=1)
        served = placement.prices["served_mtok"] > 1e-6
        difference = total[served] - placement.prices["usd_per_mtok"][served]
        assert np.abs(difference).max() <= 1e-6 * max(1, placement.prices["usd_per_mtok"].abs().max())
    assert feasible >= tries(4, 10)
    assert binding >= tries(1, 4)


def _ten_limits(random, instance):
    """Return ten limits of all kinds, each near what the placement without them uses."""
    free = placer.solve(instance, HiGHS(), tie_break=None)
    rows = []
    for number in range(10):
        kind = KINDS[number % len(KINDS)]
        limit = _random_limit(random, kind) | {"limit": f"l{number}"}
        rows.append({name: value for name, value in limit.items() if name != "hours"})
    measured = formulate(instance.replace(limits=rows))
    for row, limit in zip(rows, measured.limits, strict=True):
        used = use_of(measured.structure, limit, measured.quantities, free.answer.point, free.accounts.served)
        row["amount"] = max(used, 0.0) * (0.9 if row["sense"] == "<=" else 0.5)
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_column_generation_prices_many_limits(make_green, seed):
    """Tests ten limits at once, of either sense and with hubs: column generation is proven at the cost of HiGHS."""
    instance = make_green(seed)
    limited = instance.replace(limits=_ten_limits(np.random.default_rng(seed), instance))
    try:
        whole = placer.solve(limited, HiGHS(), tie_break=None)
    except placer.NoSolutionError:
        pytest.skip("the limits exclude each other")
    generated = placer.solve(limited, placer.ColumnGeneration(), tie_break=None)
    assert generated.certificate.proven
    assert generated.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-7)
    assert generated.answer.termination.detail.startswith("column generation")


def _shared_wind(limit_mw, weight=1.0, loss=0.0, **supply):
    """Two sites that share free wind, each with a grid at 50 USD a MWh, and 4 MWh to draw in each of two hours."""
    hours = range(2)
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "A"}, {"hub": "B"}],
            "data_centres": [{"data_centre": "X"}, {"data_centre": "Y"}],
            "links": [{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in ("AX", "BY")],
            "power_zones": [
                {"power_zone": "grid", "usd_per_mwh": 50.0},
                {"power_zone": "wind", "usd_per_mwh": 0.0, "limit_mw": limit_mw},
            ],
            "supplies": [
                {"power_zone": zone, "data_centre": site, **({"loss": loss, **supply} if zone == "wind" else {})}
                for zone in ("grid", "wind")
                for site in "XY"
            ],
            "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0}],
            "demand": [{"workload": "w", "hub": hub, "hour": hour, "mtok": 4.0} for hub in "AB" for hour in hours],
            "periods": [{"hour": hour, "weight": weight, "block": str(hour)} for hour in hours],
        }
    )


@pytest.mark.parametrize("weight", [1.0, 182.5])
@pytest.mark.parametrize("solver", [HiGHS(), placer.ColumnGeneration()], ids=["highs", "column generation"])
def test_sites_share_the_limit_of_a_power_zone(solver, weight):
    """Tests 3 and 5 MW of wind for 8 MWh in each of two hours: 8 MWh of grid, and rents of 50 USD a MWh of wind."""
    placement = placer.solve(_shared_wind((3.0, 5.0), weight), solver)
    assert placement.certificate.proven
    assert placement.cost_usd == pytest.approx(weight * 8 * 50)
    zones = placement.power_zones
    assert zones.loc["wind", "mwh"].tolist() == pytest.approx([3 * weight, 5 * weight])
    assert zones.loc["wind", "limit_mwh"].tolist() == pytest.approx([3 * weight, 5 * weight])
    assert zones.loc["wind", "rent_usd_per_mwh"].tolist() == pytest.approx([50.0, 50.0])
    assert zones.loc["grid", "rent_usd_per_mwh"].tolist() == [0.0, 0.0]
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50.0] * 4)
    assert placement.settlement["limits_rent"] == pytest.approx(weight * 8 * 50)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6)
    (scarce,) = placement.scarcities.reset_index().to_dict("records")
    assert scarce == {
        "limit": "power zone",
        "name": "wind",
        "hours": 2 * weight,
        "rent_usd": pytest.approx(weight * 8 * 50),
    }
    assert placement.limits.empty


def test_the_limit_of_a_power_zone_is_of_what_is_drawn_before_losses():
    """Tests that half of 3 MW arrives where half is lost on the way."""
    placement = placer.solve(_shared_wind(3.0, loss=0.5))
    assert placement.cost_usd == pytest.approx(2 * (8 - 1.5) * 50)


def test_a_limit_of_nothing_is_an_outage():
    """Tests a zone of 0 MW: all power comes from the grid."""
    assert placer.solve(_shared_wind(0.0)).cost_usd == pytest.approx(2 * 8 * 50)


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_limits_of_power_zones_are_rows_added_by_hand(make_random_instance, seed):
    """Tests random limits of both zones against rows that are added to the exported program, in both solvers."""
    instance, random = make_random_instance(seed, cyclic=bool(seed % 2)), np.random.default_rng(seed)
    bought = placer.solve(instance).power_zones["mwh"].unstack().to_numpy()
    limit = random.uniform(0.3, 1.1, bought.shape) * bought
    limit[random.random(limit.shape) < 0.2] = np.inf
    zones = instance.power_zones.assign(limit_mw=pd.Series([tuple(row.tolist()) for row in limit], dtype=object))
    limited = instance.replace(power_zones=zones)
    program, names = to_program(instance), instance.power_zones["power_zone"].tolist()
    rows = []
    for zone, name in enumerate(names):
        for hour in np.flatnonzero(np.isfinite(limit[zone])).tolist():
            row = np.zeros(len(program.cost))
            for supply in np.flatnonzero(instance.supplies["power_zone"] == name).tolist():
                row[program.col_blocks["y"].start + supply * limit.shape[1] + hour] = 1.0
            rows.append(row)
    right = limit[np.isfinite(limit)]
    least = _least_cost(program, np.array(rows), right)
    for solver in (HiGHS(), placer.ColumnGeneration()):
        placement = placer.solve(limited, solver)
        assert placement.certificate.proven
        assert placement.cost_and_penalty_usd == pytest.approx(least, rel=1e-7)
        table = placement.power_zones
        assert (table["mwh"] <= table["limit_mwh"] * (1 + 1e-7) + 1e-7).all()
        np.testing.assert_allclose(table["rent_usd_per_mwh"][table["mwh"] < table["limit_mwh"] - 1e-5], 0, atol=1e-6)
        parts = placement.prices.filter(
            regex="(accelerators|operations|energy|carbon|transit|water|rent|unserved)_usd_per"
        )
        summed = parts.drop(columns="latency_rent_usd_per_mtok").sum(axis=1)
        asked = placement.prices["served_mtok"] + placement.prices["unserved_mtok"] > 0
        np.testing.assert_allclose(summed[asked], placement.prices["usd_per_mtok"][asked], rtol=1e-6, atol=1e-6)
        assert abs(placement.settlement["difference"]) <= 1e-6 * placement.settlement["payments"]


def _least_cost(program, rows, right):
    """Return the least cost of a program with rows of at most ``right`` added, by SciPy."""
    equal = program.row_lower == program.row_upper
    above, below = np.isfinite(program.row_upper) & ~equal, np.isfinite(program.row_lower) & ~equal
    matrix = program.matrix.tocsr()
    found = linprog(
        program.cost,
        A_ub=vstack([matrix[above], -matrix[below], rows]),
        b_ub=np.concatenate([program.row_upper[above], -program.row_lower[below], right]),
        A_eq=matrix[equal],
        b_eq=program.row_upper[equal],
        bounds=np.stack([program.col_lower, program.col_upper], axis=1),
    )
    assert found.status == 0
    return found.fun


def test_rows_that_take_too_much_memory_are_an_error(monkeypatch):
    """Tests that the error names the table's rows and hours, before any is made."""
    monkeypatch.setattr("placer.model.limit_rows.MOST_GB", 1e-9)
    with pytest.raises(InstanceError, match="2 rows of limits over 2 hours take 0 GB; limit_mw of power zones counts"):
        placer.solve(_shared_wind(3.0))
