"""Two days and an annual limit on carbon, by hand, and random plans with annual limits.

Coal in the north costs 40 USD a MWh and emits 500 kg, wind in the south costs 100 on the calm day and 160 on the busy
one, and emits nothing. A Mtok takes a MWh. The calm hour has 10 Mtok, the busy one 20, and each is half of the year:
4,380 hours. All coal emits 4,380 x 30 x 500 kg for 4,380 x 1,200 USD. A kg less costs 60 / 500 = 0.12 USD on the calm
day, up to 10 x 500 kg an hour, and then 120 / 500 = 0.24 USD on the busy one.
"""

import numpy as np

import placer
from tests.planning.plan_by_hand import PlanByHand, random_question

#: Hours a year of each state, and the carbon of a year of coal.
HOURS, ALL_COAL_KG = 4380.0, 4380.0 * 30 * 500
#: A hall that nothing needs: a plan has a candidate.
HALL = [{"candidate": "hall", "adds": "accelerators", "target": "south", "usd_per_unit_year": 8760.0}]
CARBON = "carbon_limit_kg"


def hour_of(mtok, wind_usd, **rest):
    """Return an hour of some demand, with wind at a price."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "coast"}],
            "data_centres": [
                {"data_centre": name, "accelerators": 100, "water_litres_per_kwh": 2} for name in ("north", "south")
            ],
            "power_zones": [
                {"power_zone": "coal", "usd_per_mwh": 40, "carbon_kg_per_mwh": 500},
                {"power_zone": "wind", "usd_per_mwh": wind_usd, "carbon_kg_per_mwh": 0},
            ],
            "supplies": [
                {"power_zone": "coal", "data_centre": "north"},
                {"power_zone": "wind", "data_centre": "south"},
            ],
            "links": [{"from": "coast", "to": name, "rtt_ms": 10} for name in ("north", "south")],
            "workloads": [
                {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000}
                | {"unserved_usd_per_mtok": 1000}
            ],
            "demand": [{"workload": "chat", "hub": "coast", "mtok": mtok}],
        },
        accelerators="sunk",
        **rest,
    )


def two_hours(**rest):
    """Return the calm hour, and the states."""
    calm, busy = hour_of(10, 100, **rest), hour_of(20, 160, **rest)
    return calm, placer.States({"calm": (calm, 0.5), "busy": (busy, 0.5)})


def random_annual_question(seed):
    """Return a question as ``placer.plan`` takes it, its program by hand, and annual limits as ``least`` takes them.

    The limits are on carbon, on the water of one region, and on the tokens of a hub, with amounts that bind in part of
    the draws. Instances and states are those of ``random_question`` with two states at least.
    """
    tables, policies, states, candidates = random_question(seed)
    random = np.random.default_rng(seed + 9000)
    states = states if len(states) > 1 else {"low": (0.6, 0.25), "mean": (1.0, 0.35), "high": (1.5, 0.4)}
    carbon = {row["power_zone"]: random.uniform(0, 900, 3).round(2).tolist() for row in tables["power_zones"]}
    water = {row["data_centre"]: round(float(random.uniform(0, 3)), 3) for row in tables["data_centres"]}
    tables["power_zones"] = [row | {"carbon_kg_per_mwh": carbon[row["power_zone"]]} for row in tables["power_zones"]]
    tables["data_centres"] = [
        row | {"water_litres_per_kwh": water[row["data_centre"]]} for row in tables["data_centres"]
    ]
    tables["limits"] = [
        {"limit": "water", "kind": "water_litres", "sense": "<=", "amount": 1e6, "region": "a"},
        {"limit": "tokens", "kind": "tokens", "sense": "<=", "amount": 1e5, "hub": "Hb", "data_centre": "Da|Db"},
    ]
    instance = placer.Instance.from_tables(tables | {"policies": policies}, accelerators="sunk")
    of_states = {name: (instance.scaled_demand(factor), share) for name, (factor, share) in states.items()}
    rows = [
        {"candidate": site, "adds": "accelerators", "target": site}
        | {"usd_per_unit_year": 8760 * usd, "max_units": most}
        for site, usd, most in candidates
    ]
    by_hand = PlanByHand(tables, policies, states, candidates)

    def of_carbon(*key):
        return 0.0 if len(key) > 2 else carbon[f"Z{by_hand.site[key[0]]['region']}"][key[1]]

    def of_water(*key):
        if len(key) == 2 or by_hand.site[key[2]]["region"] != "a":
            return 0.0
        return water[key[2]] * by_hand.work[key[0]]["kwh_per_mtok"] * 1.1

    def of_tokens(*key):
        return float(len(key) > 2 and key[1] == "Hb" and key[2] in ("Da", "Db"))

    share = random.choice([0.0, 0.3, 0.7, 2.0], 3)
    mtok = 8760 / 3 * sum(row["mtok"] for row in tables["demand"])
    sizes = {CARBON: (of_carbon, mtok * 6), "water": (of_water, mtok * 10), "tokens": (of_tokens, mtok * 0.2)}
    amounts = {name: float(part * size) for (name, (_, size)), part in zip(sizes.items(), share, strict=True)}
    annual = [(count, amounts[name]) for name, (count, _) in sizes.items()]
    return (instance, rows, placer.States(of_states)), by_hand, amounts, annual
