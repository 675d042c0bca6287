"""Data centres: how many accelerators of which kind, what they cost, and what the site needs in power and water."""

from __future__ import annotations

from collections.abc import Mapping

from building.demand import demand
from building.places import region, sites
from building.power import cny_per_usd, tariff
from building.tables import Cell, Dataset, Row, decimals, read, read_by, value
from building.workloads import fleet
from building.workloads import rows as workload_rows

#: Node-seconds of a day that the DeepSeek fleet spent on input and on output.
_INPUT, _OUTPUT = (
    fleet(f"{kind}_tokens_per_day") / fleet(f"{kind}_tokens_per_s_per_node") for kind in ("input", "output")
)
INPUT_SHARE = _INPUT / (_INPUT + _OUTPUT)
#: Accelerator-seconds per 1,000 tokens, hits of the cache included.
H800_INPUT, H800_OUTPUT = (8000 / fleet(f"{kind}_tokens_per_s_per_node") for kind in ("input", "output"))
PUBLISHED_POWER_MW = {
    "Zhongwei": (2.29e6 / 8760, "cluster_facts.csv: 2.29 TWh a year projected for 2026, on average"),
    "Horinger": (442.5 * 1.21, "cluster_facts.csv: 442.5 MW design IT load of a documented subset at PUE 1.21"),
}


def older() -> tuple[float, float, float]:
    """Return speed, energy factor and price of the older accelerators (H20) against H800."""
    rates = {row["metric"]: float(row["value"]) for row in read("throughput") if "H20" in row["hardware"]}
    uncached = H800_INPUT * 608 / 266
    slower = (8000 / rates["input_tokens_per_s_per_node"]) / uncached * INPUT_SHARE
    slower += (8000 / rates["output_tokens_per_s_per_node"]) / H800_OUTPUT * (1 - INPUT_SHARE)
    costs = read_by("costs", "item")
    power = value("H20 thermal power") / float(costs["GPU TDP H100 SXM5"]["value"])
    price = float(costs["8x H20 server"]["value"]) / float(costs["8x H100 NVLink server (grey market)"]["value"])
    return round(1 / slower, 2), round(slower * power, 2), price


def domestic_energy() -> float:
    """Return the energy of a token on Ascend 910C against H800: prefill and decode by their share of the work."""
    energy = {row["metric"]: float(row["value"]) for row in read("throughput") if "910C" in row["hardware"]}
    kilowatts = value("H800 power")
    prefill = energy["prefill_energy_J_per_input_token"] / (kilowatts * H800_INPUT * 608 / 266)
    decode = energy["decode_energy_J_per_output_token"] / (kilowatts * H800_OUTPUT)
    return round(INPUT_SHARE * prefill + (1 - INPUT_SHARE) * decode, 2)


def hardware() -> dict[str, tuple[float, float, float]]:
    """Return speed, energy factor and relative price of each kind of accelerator."""
    return {"H800": (1.0, 1.0, 1.0), "910C": (1.0, domestic_energy(), 1.0), "H20": older()}


def shares_of(text: str) -> list[tuple[str, float]]:
    """Return the areas whose figures a site takes, and the share of each that it takes."""
    parts = (part.split(":") for part in text.split("|") if part)
    return [(area, float(share)) for area, share in parts]


def racks(row: Row) -> float:
    """Return the racks of a site: figures of areas, and the share of each that is taken."""
    known = read_by("racks", "area")
    return sum(float(known[area]["racks"]) * share for area, share in shares_of(row["racks_from"]))


def computing_power() -> dict[str, float]:
    """Return the computing power of every site in EFLOPS.

    Where a figure is published, it is taken. What these leave of the country's is shared by the other sites in
    proportion to their racks, each counted at the speed of the site's accelerators.
    """
    known, kinds, rows = read_by("computing_power", "area"), hardware(), read("assumed_sites")
    power = {
        row["data_centre"]: sum(
            float(known[area]["eflops"]) * share for area, share in shares_of(row["computing_power_from"])
        )
        for row in rows
    }
    rest = {
        row["data_centre"]: racks(row) * kinds[row["accelerator"]][0] for row in rows if not row["computing_power_from"]
    }
    left = float(known["China"]["eflops"]) - sum(power.values())
    return power | {name: left * size / sum(rest.values()) for name, size in rest.items()}


def accelerator_hours_a_day() -> float:
    """Return the work of the default mix in reference accelerator-hours."""
    hours = {row["workload"]: float(row["accelerator_hours_per_mtok"]) for row in workload_rows()}
    return sum(float(row["mtok"]) * hours[row["workload"]] for row in demand("default"))


def occupancy() -> float:
    """Return the occupancy of the racks of the ten clusters: the load of the scenario ``load_63``."""
    return float(read_by("cluster_facts", "entity", "metric")["10 national clusters|utilisation"]["value"])


def accelerators(weight: Mapping[str, float]) -> dict[str, int]:
    """Return accelerators by site, in proportion to a weight: as many as do the work of the default mix at its load.

    They are rounded to a hundred at the occupancy of racks, which earlier versions took for the load, and then scaled.
    """
    kinds, work = hardware(), accelerator_hours_a_day() / 24
    speed = {row["data_centre"]: kinds[row["accelerator"]][0] for row in read("assumed_sites")}
    part = work / occupancy() / sum(weight[name] * speed[name] for name in weight)
    hundreds = {name: round(part * count / 100) * 100 for name, count in weight.items()}
    scale = work / value("load of accelerators") / sum(count * speed[name] for name, count in hundreds.items())
    return {name: round(scale * count) for name, count in hundreds.items()}


def by_computing_power() -> dict[str, int]:
    """Return accelerators by site, their joint speed in proportion to the computing power of the site."""
    kinds, power = hardware(), computing_power()
    speed = {row["data_centre"]: kinds[row["accelerator"]][0] for row in read("assumed_sites")}
    return accelerators({name: eflops / speed[name] for name, eflops in power.items()})


def by_racks() -> dict[str, int]:
    """Return accelerators by site in proportion to racks, the scenario of that name."""
    return accelerators({row["data_centre"]: racks(row) for row in read("assumed_sites")})


def full_load_mw(count: Mapping[str, int]) -> dict[str, float]:
    """Return the power of each site with all of its accelerators at work."""
    kinds = hardware()
    return {
        row["data_centre"]: count[row["data_centre"]]
        * value("H800 power")
        * kinds[row["accelerator"]][0]
        * kinds[row["accelerator"]][1]
        * float(row["pue"])
        / 1000
        for row in read("assumed_sites")
    }


def mean_energy_usd_per_kwh() -> float:
    """Return what a kWh of IT energy costs on average over the sites, cooling included, by their computing power.

    Public tariffs: the special prices of four sites are contracts for part of their load.
    """
    zones, power = read_by("assumed_zones", "power_zone"), computing_power()
    last = {row["data_centre"]: row["power_zone"] for row in read("assumed_supplies")}  # what a site pays at the margin
    price = {
        row["data_centre"]: float(row["pue"]) * tariff(zones[last[row["data_centre"]]])[0] / cny_per_usd()
        for row in read("assumed_sites")
    }
    return sum(price[name] * size for name, size in power.items()) / sum(power.values())


def operations_usd_per_hour(speed: float, energy: float) -> float:
    """Return what an accelerator-hour costs in staff, upkeep and bandwidth.

    Published is the share of electricity in the operating cost of a site without depreciation. The rest is taken as the
    same for every kW of IT power, so that the share is the published one at the mean price of electricity.
    """
    share = value("electricity share of operating cost")
    return value("H800 power") * speed * energy * mean_energy_usd_per_kwh() * (1 - share) / share


def add_data_centres(dataset: Dataset) -> None:
    """Add data centres, and the scenarios that change their accelerators or what these cost."""
    places, count, kinds = sites(), by_computing_power(), hardware()
    rows: list[dict[str, Cell]] = []
    cheaper: list[dict[str, Cell]] = []
    to_build: list[dict[str, Cell]] = []
    litres = read("water")[0]["wue_l_kwh"]
    water_price = float(read_by("costs", "item")["non-residential water price"]["value"]) / cny_per_usd() / 1000
    for row in read("assumed_sites"):
        name = row["data_centre"]
        speed, energy, price = kinds[row["accelerator"]]
        power, _ = PUBLISHED_POWER_MW.get(name, (None, ""))
        operations = round(operations_usd_per_hour(speed, energy), 3)
        rented = decimals(value("accelerator price") * price - operations, 3)
        rows.append(
            {
                "data_centre": name,
                "region": region(row["province"]),
                "accelerators": decimals(count[name], 0),
                "accelerator_usd_per_hour": rented,
                "operations_usd_per_hour": decimals(operations, 3),
                "pue": row["pue"],
                "power_limit_mw": decimals(power, 0) if power else "",
                "water_litres_per_kwh": litres,
                "water_usd_per_litre": decimals(water_price, 5),
                "speed": decimals(speed, 2),
                "energy_factor": decimals(energy, 2),
                "jurisdiction": row["jurisdiction"],
                "lat": decimals(places[name][0], 3),
                "lon": decimals(places[name][1], 3),
                "utc_offset_hours": "8",
            }
        )
        home = region(row["province"]) != "west"
        to_build.append({"data_centre": name} | {"accelerator_usd_per_hour": "0" if home else rented})
        cheaper.append({"data_centre": name, "accelerator_usd_per_hour": decimals(china_price() * price, 3)})
        cite_site(dataset, row)
    dataset.tables |= {
        "data_centres": rows,
        "scenarios/china_accelerator_price": cheaper,
        "scenarios/east_paid_west_to_build": to_build,
        "scenarios/racks_accelerators": [
            {"data_centre": name, "accelerators": str(many)} for name, many in by_racks().items()
        ],
    }


def china_price() -> float:
    """Return the modelled cost of an accelerator-hour in China without its electricity."""
    row = read_by("costs", "item")["total cost per GPU-hour, China"]
    return float(row["value"]) - float(row["note"].split("electricity ")[1].split(" ")[0])


def cite_site(dataset: Dataset, row: Row) -> None:
    """Say where the figures of one site come from."""
    name, known, power = row["data_centre"], read_by("racks", "area"), read_by("computing_power", "area")
    for area, share in shares_of(row["computing_power_from"]):
        fact = power[area]
        said = (f"{fact['eflops']} EFLOPS of {area} ({fact['date']}) x {share:g}", fact["note"])
        dataset.cite("data_centres", name, "accelerators", fact["source"], fact["kind"], "; ".join(said))
    for area, share in shares_of(row["racks_from"]):
        fact = known[area]
        said = (f"{fact['racks']} racks of {area} ({fact['date']}) x {share:g}", fact["note"], row["note"])
        line = (fact["source"], fact["kind"], "; ".join(filter(None, said)))
        dataset.cite("scenarios/racks_accelerators", name, "accelerators", *line)
        if not row["computing_power_from"]:
            dataset.cite("data_centres", name, "accelerators", *line)
    dataset.cite("data_centres", name, "pue", f"facts/{row['pue_source']}", row["pue_kind"])
    if name in PUBLISHED_POWER_MW:
        note = "all loads of the area; far above what tokens need"
        dataset.cite("data_centres", name, "power_limit_mw", f"facts/{PUBLISHED_POWER_MW[name][1]}", "derived", note)
    if row["accelerator"] != "H800":
        reason = {"910C": "vendor test, system power of 559 kW", "H20": "node throughput, 0.4 kW against 0.7 kW"}
        note = f"{row['accelerator']}: {reason[row['accelerator']]}; that this site has them is an assumption"
        for column in ("speed", "energy_factor"):
            dataset.cite("data_centres", name, column, "facts/throughput.csv", "derived", note)
