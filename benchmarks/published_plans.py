"""Published problems of capacity to build, stated as plans: what is built is a candidate of accelerators."""

from __future__ import annotations

from functools import cache, partial

import placer

from .published_figure import Published
from .published_problems import CASE, YEAR_HOURS

#: Relative gap at which a plan counts as found.
GAP = 1e-10


def accelerators(target: str, usd_per_unit_year: float) -> dict[str, object]:
    """Return a candidate of accelerators."""
    return {
        "candidate": target,
        "adds": "accelerators",
        "target": target,
        "usd_per_unit_year": usd_per_unit_year,
        "max_units": 1e5,
    }


def peak_load(off_peak: float) -> float:
    """Return the capacity for two periods of equal length: peak demand of 100 - price, off-peak demand less than that.

    A unit of capacity costs 10 a cycle of both, and a unit made costs nothing. Demand is a step a unit: the first is
    worth ``off_peak - 0.5`` off peak, and 99.5 at the peak.
    """
    steps = {"peak": 100.0, "off peak": off_peak}
    worth = [(hour, most - step - 0.5) for hour, most in enumerate(steps.values()) for step in range(int(most))]
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "users"}],
            "data_centres": [{"data_centre": "plant", "accelerators": 0.0}],
            "links": [{"from": "users", "to": "plant", "rtt_ms": 1.0}],
            "workloads": [
                CASE | {"workload": f"{usd:g}", "unserved_usd_per_mtok": usd} for usd in {usd for _, usd in worth}
            ],
            "demand": [{"workload": f"{usd:g}", "hub": "users", "hour": hour, "mtok": 1.0} for hour, usd in worth],
        },
        accelerators="sunk",
    )
    plan = placer.plan(instance, [accelerators("plant", 10.0 * YEAR_HOURS / len(steps))], gap=GAP)
    return float(plan.units[0])


#: Generators of the screening curve: EUR a MW of capacity and a MWh of energy, and what a MWh not served costs.
_SCREENED = {"coal": (15.0, 2.0), "gas": (10.0, 12.0)}
_SHED_EUR_PER_MWH = 1012.0


@cache
def screening_curve(steps: int = 101) -> dict[str, float]:
    """Return the MW of coal and gas for a load that falls from 1,000 MW to 0, by ``steps`` periods of equal length.

    Coal is cheaper than gas for half of the time or longer, and shedding is cheaper than gas for a hundredth or less.
    """
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "load"}],
            "data_centres": [{"data_centre": plant, "accelerators": 0.0} for plant in _SCREENED],
            "links": [
                {"from": "load", "to": plant, "rtt_ms": 1.0, "usd_per_gb": usd} for plant, (_, usd) in _SCREENED.items()
            ],
            "workloads": [CASE | {"unserved_usd_per_mtok": _SHED_EUR_PER_MWH}],
            "demand": [
                {"workload": "case", "hub": "load", "hour": step, "mtok": 1000.0 * (1 - step / (steps - 1))}
                for step in range(steps)
            ],
        },
        accelerators="sunk",
    )
    candidates = [accelerators(plant, YEAR_HOURS * usd) for plant, (usd, _) in _SCREENED.items()]
    return dict(zip(_SCREENED, placer.plan(instance, candidates, gap=GAP).units.tolist(), strict=True))


_PEAK = "P. O. Steiner, Peak Loads and Efficient Pricing, Quarterly J. Economics 71(4), 1957: his rule, our demand"
_SCREENING = "T. Brown et al., documentation of PyPSA, Screening curve analysis"
_of = partial(Published, "plan")

PROBLEMS = (
    _of("Peak load pricing, firm peak", _PEAK, "capacity", 90.0, partial(peak_load, 50.0)),
    _of("Peak load pricing, shifting peak", _PEAK, "capacity", 95.0, partial(peak_load, 100.0)),
    _of("Screening curve", _SCREENING, "MW of coal", 500.0, lambda: screening_curve()["coal"]),
    _of("Screening curve", _SCREENING, "MW of gas", 490.0, lambda: screening_curve()["gas"]),
)
