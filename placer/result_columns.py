"""The columns of all tables of results: unit, short and long heading, and meaning of each.

The short heading stands in tables of the command line, the long one on pages, in plots and in notebooks. The unit
follows from the ending of the name; ``usd`` is the currency of the instance. A column whose headings are not given is
headed by its name in words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from placer.currency import USD, in_currency

#: Units by the ending of a name; the first match counts.
_UNITS = {
    "usd_per_mtok_year": "USD/Mtok/year",
    "usd_per_unit_year": "USD/unit/year",
    "usd_per_mtok_ms": "USD/Mtok/ms",
    "usd_per_mtok": "USD/Mtok",
    "usd_per_token": "USD/token",
    "usd_per_mwh": "USD/MWh",
    "usd_per_gb": "USD/GB",
    "usd_per_litre": "USD/litre",
    "usd_per_kg": "USD/kg",
    "usd_per_hour": "USD/h",
    "usd_per_unit": "USD/unit",
    "usd_per_year": "USD/year",
    "kg_per_mwh": "kg/MWh",
    "kg_per_mtok": "kg/Mtok",
    "litres_per_kwh": "litres/kWh",
    "litres_per_mtok": "litres/Mtok",
    "kwh_per_mtok": "kWh/Mtok",
    "gb_per_mtok": "GB/Mtok",
    "hours_per_mtok": "h/Mtok",
    "mtok": "Mtok",
    "usd": "USD",
    "mwh": "MWh",
    "mw": "MW",
    "ms": "ms",
    "gbps": "Gbps",
    "gb": "GB",
    "kg": "kg",
    "t": "t",
    "litres": "litres",
    "m3": "m\u00b3",
}


@dataclass(frozen=True)
class ResultColumn:
    """A column of a table of results.

    Attributes
    ----------
    meaning : str
        What its values say.
    short : str
        Heading where room is scarce.
    words : str
        Heading without the unit; empty where the unit says it all.
    currency : str
        The currency of its amounts.
    """

    name: str
    meaning: str
    short: str
    words: str
    currency: str = USD

    @property
    def unit(self) -> str:
        """The unit of the values as they are shown, per cent for shares; empty for texts and plain numbers."""
        return "%" if is_share(self.name) else unit_of(self.name, self.currency)

    @property
    def long(self) -> str:
        """The heading with the unit."""
        return ", ".join(filter(None, (self.words, self.unit)))

    def in_currency(self, currency: str) -> ResultColumn:
        """Return the column of a result in a currency."""
        said = {"meaning": in_currency(self.meaning, currency), "short": in_currency(self.short, currency)}
        return replace(self, currency=currency, **said)


def unit_of(name: str, currency: str = USD) -> str:
    """Return the unit that the ending of a name states; empty if none."""
    return in_currency(_ending(name)[1], currency)


def is_share(name: str) -> bool:
    """Return whether a column or a figure is a share, written in per cent."""
    return "share" in name or "utilisation" in name


def short(*names: str, currency: str = USD) -> dict[str, str]:
    """Return the short headings of columns of a result in a currency, by their names.

    Examples
    --------
    >>> short("cost_usd", "utilisation")
    {'cost_usd': 'USD', 'utilisation': 'used'}
    """
    return {name: RESULT_COLUMNS[name].in_currency(currency).short for name in names}


def long(*names: str, currency: str = USD) -> dict[str, str]:
    """Return the long headings of columns of a result in a currency, by their names.

    Examples
    --------
    >>> long("cost_usd", "utilisation", "mtok")
    {'cost_usd': 'cost, USD', 'utilisation': 'used, %', 'mtok': 'Mtok'}
    """
    return {name: RESULT_COLUMNS[name].in_currency(currency).long for name in names}


def heading(name: str, currency: str = USD) -> str:
    """Return the heading of a column whose shares are written with their sign, of input and of foreign tables too.

    Examples
    --------
    >>> heading("cost_usd"), heading("export_share"), heading("server_ms"), heading("hub"), heading("usd_per_gb")
    ('cost, USD', 'exported', 'server, ms', 'hub', 'USD/GB')
    >>> heading("cost_usd", "EUR")
    'cost, EUR'
    """
    column = replace(RESULT_COLUMNS.get(name) or _column(name), currency=currency)
    return column.words if is_share(name) else column.long


def _ending(name: str) -> tuple[str, str]:
    """Return the words before the unit of a name, and the unit."""
    for end, unit in _UNITS.items():
        if name == end or name.endswith(f"_{end}"):
            return name.removesuffix(end).replace("_", " ").strip(), unit
    return name.removesuffix("_share").replace("_", " "), ""


def _column(name: str, meaning: str = "", words: str = "", short: str = "") -> ResultColumn:
    """Return a column; its words are those of its name if none are given, and its short heading is its words."""
    said, unit = _ending(name)
    said = words or said
    return ResultColumn(name, meaning or said or unit, short or said or unit, said)


#: Names of rows, and columns that mean what their names say.
_PLAIN = (
    *(
        "workload",
        "hub",
        "data_centre",
        "power_zone",
        "supply",
        "battery",
        "link",
        "region",
        "hour",
        "contingency",
        "state",
    ),
    *(
        "country",
        "obstacle",
        "lifted",
        "made_in",
        "used_in",
        "candidate",
        "rule",
        "name",
        "row",
        "column",
        "assumption",
        "figure",
        "ceiling",
        "month",
        "week",
        "day",
        "block",
    ),
    *("reason", "path", "route", "arrival_hour", "service_hour", "hours_left", "last_hour_mtok"),
    *("accelerator_hours", "limit_mwh", "gb", "limit_gb", "from", "to", "kind", "unit", "usd_per_mtok"),
    *("at_penalty", "proven", "exact", "integer", "usd_per_unit", "water_litres", "mtok", "mwh"),
    *(
        "mode",
        "accelerator_type",
        "latency_ms",
        "exported_mtok",
        "cure",
        "change",
        "round_trip_ms",
        "without_mtok",
        "moved_mtok",
    ),
    *("binding_sites", "binds", "made_in", "lost_usd", "link_rent_usd", "limits_rent_usd"),
    *("exports_usd", "imports_usd", "used_mtok", "profit_usd", "adds", "target", "units", "max_units"),
    *("certificate_weight", "solves", "decided", "stands_from", "stands_until", "year", "weight"),
    *("low_value", "high_value", "swing", "status", "detail", "seconds", "conclusion", "holds", "fails_at"),
    *("value", "limit", "use", "demand", "share", "unserved_mtok", "rent_usd_per_mwh", "rent_usd_per_gb"),
    *("rent_usd_per_unit", "rent_usd_per_unit_year", "rent_usd_per_mtok_year", "displaced_hours"),
    *("unserved_low", "displaced_low", "within_caps", "carbon_t", "water_m3"),
    *("water_litres_per_mtok", "carbon_kg_per_mtok", "integers_fixed", "largest_limit_share", "least_found"),
    *("most_found", "class", "step", "seed", "group", "answer", "flexibility"),
)
#: Parts of the cost, and rents that prices hold.
_PARTS = ("accelerators", "operations", "energy", "carbon", "storage", "transit", "water", "latency_loss", "surcharges")
_EARNED = ("accelerator_rent", "power_rent", "link_rent", "limits_rent")
_RENTS = (*_EARNED, "carbon_cap_rent", "water_cap_rent")
#: Quantiles of queues, in %.
_P = (50, 95, 99)
_WEIGHTS = ("tokens", "work", "energy", "value")

_COLUMNS = (
    *(_column(name) for name in _PLAIN),
    *(_column(name, f"{_ending(name)[0]}, as a part of a USD paid") for name in (*_PARTS, *_EARNED)),
    *(_column(f"{part}_usd", f"cost of {_ending(part)[0]}") for part in _PARTS),
    *(_column(f"{part}_usd_per_mtok", f"{_ending(part)[0]} in a cost or a price") for part in _PARTS),
    *(_column(f"{rent}_usd_per_mtok", f"{_ending(rent)[0]} in a price") for rent in _RENTS),
    _column("policy_usd_per_mtok", "tariffs and premia in a price that a region is paid", "policy"),
    _column("policy_usd", "tariffs and premia that a region is paid: no cost", "policy"),
    _column("policy_revenue_usd", "tariffs and premia that the party is paid", "policy revenue"),
    _column("policy_revenue", "tariffs and premia, as a part of a USD paid"),
    # traces of requests
    _column("requests", "number of requests"),
    _column("span_hours", "time from the first request to the last", "hours", "hours"),
    _column("requests_per_second", "requests over that time", "requests a second", "per second"),
    *(_column(f"{part}_mtok", f"tokens of {part}", short=f"{part} Mtok") for part in ("input", "output")),
    _column("cached_mtok", "tokens of input that a cache held", "cached", "cached Mtok"),
    _column("cached_share", "part of the input that a cache held", "cached"),
    _column(
        "cached_mtok_upper_bound", "cached tokens of a cache without limit", "cached at most", "cached Mtok, at most"
    ),
    _column("cached_share_upper_bound", "part of the input that a cache without limit held", "cached at most"),
    _column("peak_over_mean", "requests in the fullest hour over their mean in an hour", "peak over mean", "peak"),
    *(
        _column(name, f"variance over mean of requests in {window}, within hours", f"dispersion, {window}", window)
        for name, window in (
            ("dispersion_1s", "1 s"),
            ("dispersion_10s", "10 s"),
            ("dispersion_1min", "1 min"),
            ("dispersion_10min", "10 min"),
        )
    ),
    *(
        _column(f"{part}_{end}_tokens", f"{words} of the {end} of a request, in tokens", f"{end} tokens, {part}", part)
        for part, words in (
            ("mean", "mean"),
            ("p50", "median"),
            ("p95", "95 % quantile"),
            ("p99", "99 % quantile"),
        )
        for end in ("input", "output")
    ),
    # placements
    _column("demand_mtok", "tokens that are asked for", "asked for", "Mtok"),
    _column("served_mtok", "demand that is served", short="served Mtok"),
    _column("unserved_share", "part of demand that is not served"),
    _column("export_share", "part of demand that is exported", "exported"),
    _column("least_export_share", "the least exported of all placements of the cost", "least at this cost", "least"),
    _column("most_export_share", "the most exported of all placements of the cost", "most at this cost", "most"),
    _column("not_worth_serving_mtok", "unserved demand that costs more to serve than its penalty"),
    _column("cannot_be_served_mtok", "unserved demand that nothing could serve"),
    _column("rtt_ms", "round trip over access and links, a mean over served demand", "round trip", "rtt ms"),
    _column("server_ms", "time of an answer in the mode, without the network", short="server ms"),
    _column("mode_share", "part of the tokens of the workload that are served in the mode", "of the workload", "share"),
    _column("accelerator_hours_per_mtok", "accelerator-hours of a Mtok that the mode states", "accelerators", "h/Mtok"),
    _column("exported", "whether a flow is exported; of a ceiling, how much can be, in its weight"),
    _column("cost_usd", "cost of serving", short="USD"),
    _column("cost_usd_per_mtok", "cost of a Mtok that is served", short="USD/Mtok"),
    _column(
        "price_usd_per_mtok",
        "mean price of demand served below the penalty; in trade, of all that is served",
        "mean price",
        "price",
    ),
    _column("median_price_usd_per_mtok", "median price of demand served below the penalty", short="median"),
    _column("unserved_usd_per_mtok", "rent of the row that limits unserved demand, in a price", "unserved rent"),
    _column("latency_rent_usd_per_mtok", "what a looser limit on the latency would save at most"),
    _column("own_rows_usd_per_mtok", "rents of own rows in a price"),
    _column("security_usd_per_mtok", "the cost of headroom in a price"),
    _column("at_penalty_mtok", "demand that is served at a price as high as the penalty"),
    _column("utilisation", "part of the capacity that is used", "used"),
    _column("peak_utilisation", "part of the capacity that is used in the fullest hour", "peak"),
    _column("energy_mwh", "energy that is drawn", short="MWh"),
    _column("spilt_mwh", "energy of limited supplies at 0 USD or less that is not drawn"),
    _column("contract", "name of a contract of power"),
    _column("paid_mwh", "energy that a contract is paid for, used or not"),
    _column("used_mwh", "the part of it that is used"),
    _column("left_mwh", "the part of it that is left over, and sold at the price of sale"),
    _column("sale_usd_per_mwh", "price of sale of what is left over"),
    _column("payments_usd", "what a contract is paid", "payments", "paid USD"),
    _column("sales_usd", "what is earned by what is left over", "sales", "sold USD"),
    _column("contracts_usd", "what contracts of power cost in any case, with all their energy sold", "contracts"),
    _column("paid_to", "the power zone that is paid"),
    _column("carbon_kg", "CO2 of the energy", short="kg carbon"),
    # fronts and values of flexibilities
    _column("flexibilities", "what a coalition may do"),
    _column("missing_mwh", "green power that is missing to the share", short="missing MWh"),
    _column("missing_usd", "missing green power at its price", short="missing USD"),
    _column("value_usd", "what the flexibility saves, a mean over all orders in which they join"),
    _column("value_usd_per_mwh", "the value over the green power that the share asks for", short="USD/MWh green"),
    _column("saved_share", "part of what all flexibilities save together", "of the saving"),
    _column("green_share", "part of the energy delivered that is green, at least", "green"),
    _column("carbon_limit_kg", "carbon that is allowed", "carbon allowed", "kg allowed"),
    _column("water_limit_litres", "water that is allowed", "water allowed", "litres allowed"),
    _column("usd_per_kg", "marginal cost of a kg less up to the next row"),
    _column("usd_per_litre", "marginal cost of a litre less up to the next row"),
    _column("rent_usd_per_kg", "rent of the limit a kg", "rent"),
    _column("rent_usd_per_litre", "rent of the limit a litre", "rent"),
    _column("error_usd", "proven distance of the line to the next row above the least cost", "too high by at most"),
    _column(
        "accelerator_rent_usd", "what one more saves; of a party, what its own earn beyond cost", short="accel. rent"
    ),
    _column("power_rent_usd", "what one MW more saves; of a party, what its power limits earn"),
    _column("accelerator_usd_per_hour", "cost of an accelerator for an hour", "accelerator", "USD/h"),
    _column("accelerator_rent_usd_per_hour", "what one accelerator more saves in the hour", short="rent USD/h"),
    _column("charged_mwh", "energy that the battery takes", short="charged MWh"),
    _column("discharged_mwh", "energy that the battery gives", short="discharged MWh"),
    _column("content_mwh", "energy that the battery holds at the end of the hour", short="content MWh"),
    _column("lost_mwh", "energy that is lost on the way into the battery and out of it"),
    _column("burnt_mwh", "the part of the losses that another use of the battery would not have"),
    _column("stored_usd_per_mwh", "what a MWh is worth that the battery holds at the end of the hour"),
    _column("earned_usd", "what the battery gives is worth, less what it takes and its wear"),
    _column("green_charged_mwh", "the green part of what is charged"),
    _column("green_discharged_mwh", "the green part of what is discharged"),
    _column("green_content_mwh", "the green part of what is held"),
    _column("green_usd_per_mwh", "what a green MWh is worth at the battery"),
    _column("energy_rent_usd_per_mwh", "what a MWh more that the battery could hold saves"),
    _column("power_rent_usd_per_mwh", "what a MWh more of the limit saves"),
    _column("power_usd_per_mwh", "what a MWh more costs at the meter"),
    _column(
        "usd_per_mwh",
        "what a MWh costs, in a curve up to the next row; of a party, what its data centres earn by a MWh drawn",
    ),
    _column("inframarginal_rent_usd_per_mwh", "what the supply saves beside the marginal one"),
    _column("rent_usd", "rent times limit: what the limit earns over the horizon", short="rent USD"),
    _column("hours", "hours that count; of a limit, those it is about or scarce in"),
    _column("sense", "<= for at most, >= for at least"),
    _column("amount", "how much a limit allows or asks for", "limit"),
    _column("rent", "what a unit more of the limit saves, with its unit"),
    _column("transfers_usd", "tariffs and premia that regions are paid: no cost"),
    _column("penalty_usd", "penalty of unserved demand"),
    _column("cost_and_penalty_usd", "cost, and penalty of unserved demand", short="USD + penalty"),
    _column("cost_and_penalty_usd_per_mtok", "cost and penalty of a Mtok of demand", "cost and penalty of demand"),
    _column("beside_optimum_share", "cost and penalty more than the least", "cost and penalty beside the optimum"),
    # models that must be loaded
    _column("half", "popular or rare: whether the model is in the half that is asked for most"),
    _column("replicas", "replicas of the model, in the mean over the hours"),
    _column("model", "a model that must be loaded where it serves"),
    _column("data_centres", "number of data centres that have the model loaded"),
    _column("loaded_accelerators", "accelerators of the replicas", short="accelerators"),
    _column("idle_accelerator_hours", "accelerator-hours of replicas while nothing runs there", "idle hours"),
    _column("idle_usd", "cost of replicas while nothing runs there", "idle", "idle USD"),
    _column("cold_starts_usd", "cost of accelerators while replicas load", "cold starts", "starts USD"),
    # own rows and columns
    _column("lower", "the least that is allowed", "at least"),
    _column("upper", "the most that is allowed", "at most"),
    _column("reduced_cost_usd_per_unit", "cost of a unit less the rents that it takes"),
    _column("activity", "value of the row", "value"),
    _column("side", "the side that the row presses against", "presses against"),
    # trade, and demand with steps of value
    _column("exports_mtok", "tokens made here for users elsewhere", "exports", "exports Mtok"),
    _column("imports_mtok", "tokens of users here that are made elsewhere", "imports", "imports Mtok"),
    _column("value_bought_usd", "the value of what users buy", "value bought"),
    _column("consumers_surplus_usd", "value of what users buy, less its price", "consumers' surplus", "consumers USD"),
    _column("producers_rent_usd", "rents of accelerators and power", "producers' rent", "producers USD"),
    _column("other_rent_usd", "rents of links and of limits", "other rents"),
    _column("chip_usd", "what one accelerator more saves over the horizon", "one more accelerator", "one chip USD"),
    _column("welfare_usd", "value bought, less net cost", "welfare", "welfare USD"),
    _column("autarky_welfare_usd", "welfare if no country could buy from another", "welfare in autarky", "autarky"),
    _column("gain_on_autarky_usd", "what trade adds to the welfare in autarky", "gain on autarky", "gain"),
    _column("free_trade_welfare_usd", "welfare without policies", "welfare in free trade", "free trade"),
    _column("gain_on_free_trade_usd", "what policies add to the welfare", "gain on free trade", "gain"),
    _column("marginal_cost_usd_per_mtok", "price without rents", "marginal cost", "marginal cost"),
    _column("lerner_share", "part of the price that is rent", "rents in the price", "rents"),
    _column("bought_mtok", "part of a step that is bought", "bought"),
    _column("not_bought_mtok", "demand that is worth less than its price", "not bought", "not bought Mtok"),
    _column("not_bought_usd", "value of demand that is not bought", "not bought", "not bought USD"),
    _column("paid_usd", "what users pay to the data centres of a country", "paid", "paid USD"),
    _column("surplus_usd", "what buyers of a step gain", "surplus"),
    _column("takes_mtok", "what lifting the obstacle adds to exports, the mean over all orders", "takes", "takes Mtok"),
    _column("takes_share", "that, as a part of the demand abroad", "takes, of the demand abroad", "of demand abroad"),
    _column("least_takes_mtok", "the least that it takes, over all placements of the cost", "at least", "at least"),
    _column("most_takes_mtok", "the most that it takes, over all placements of the cost", "at most", "at most"),
    # ceilings
    _column("exportable_share", "part of all demand that can be exported"),
    *(_column(f"share_of_{each}", "the ceiling, in this weight", f"of {each}") for each in _WEIGHTS),
    _column("demand_share", "part of all demand"),
    _column("share_of_own_demand", "what a region can export, as a part of its demand", "of its own"),
    _column("latency_share", "part that can be exported by distance and law alone", "by distance and law"),
    _column("gross_share", "part that can be exported if demand may be sent in exchange", "with swaps"),
    _column("shorten_ms", "ms to take off the round trip of the arc", short="shorten ms"),
    _column("share_gained", "what the ceiling gains by the arc alone", "gains"),
    _column("share_at_most", "the most that the ceiling could gain by it", "at most"),
    _column("share_of_demand", "demand of the arc, as a part of all", "of demand"),
    _column("rtt_limit_ms", "limit on the round trip of work that cannot wait", "limit on the round trip"),
    _column("slo_factor", "factor on all latency limits", "factor on all latency limits"),
    _column("accelerator_hours_per_mtok", "accelerator-hours spent on a Mtok of demand", short="h/Mtok"),
    _column(
        "hours_per_exported",
        "accelerator-hours of one more unit of the weight, up to the next row",
        short="for one more",
    ),
    _column("cause", "what keeps the rest from export"),
    _column("share_low", "proven lower bound of the share", "at least"),
    _column("share_high", "proven upper bound of the share", "at most"),
    _column("low_mtok", "the least exported of all placements of the cost", "least exported"),
    _column("high_mtok", "the most exported of all placements of the cost", "most exported"),
    _column("low_share", "the least exported, as a part of demand", "least"),
    _column("high_share", "the most exported, as a part of demand", "most"),
    _column("cost_plus_penalty_usd", "cost and penalty together", "cost and penalty"),
    _column("slope_usd_per_mtok", "what one Mtok more of exports costs"),
    # security
    _column("displaced_mtok", "protected work served at what is lost", short="displaced Mtok"),
    _column("displaced_share", "part of the protected work that is displaced"),
    _column("stranded_mtok", "displaced work that finds no place", short="stranded Mtok"),
    _column("stranded_share", "stranded part of the displaced work, or of all if all may be placed anew"),
    _column("protected_share", "part of the workload that is protected"),
    _column("extra_usd", "extra cost of the work that still runs", short="extra USD"),
    _column("security_usd", "paid for headroom", "for headroom"),
    _column("storage_rent_usd", "earned by batteries", "by batteries"),
    _column("security_rent_usd", "earned by headroom", "by headroom"),
    # accounts
    _column("spent_usd", "payments of its users", short="spent USD"),
    _column("made_usd", "its earnings: cost and rents", "paid to it", "made USD"),
    _column("stranded_usd", "the penalty of stranded work, which nobody pays", short="stranded USD"),
    _column("balance_usd", "paid to it by others less paid by its users to others", "exports less imports", "balance"),
    _column("made_mtok", "tokens made in it", short="Mtok made"),
    _column("made_share", "part of the tokens made in the region", "of those made", "share"),
    _column("value_usd_per_mtok", "what its data centres earn by a Mtok", "earned by tokens made", "USD/Mtok made"),
    _column("uplift", "earnings of its data centres", "uplift, times the cost of energy", "uplift"),
    _column("net_cost_usd", "spent and lost less the rents of its own limits, with builds in a plan"),
    _column("alone_usd", "its cost alone", short="alone USD"),
    _column("least_net_cost_usd", "the least net cost at optimal prices", short="least"),
    _column("most_net_cost_usd", "the most net cost at optimal prices", short="most"),
    _column("gain_usd", "cost alone less net cost"),
    _column("shapley_net_cost_usd", "cost alone less the gain by Shapley", "net cost by Shapley"),
    _column("shapley_gain_usd", "its Shapley value of the gains from trade", "gain by Shapley"),
    _column("build_cost_usd", "yearly cost of its builds", "cost of its builds", "builds USD"),
    _column("build_limits_usd", "rents of build limits that its builds pay", "for build limits", "for limits"),
    _column("build_value_usd", "rents that its builds earn", "earned by its builds", "by builds"),
    _column("paid_by", "the party that pays for the candidate or the contract"),
    _column("limits_usd", "rents of build limits that its units pay", "for build limits", "for limits"),
    _column("value_usd", "rents that its units earn", "earns"),
    # other answers of nearly the same cost
    _column("at_least_cost", "what the answer of least cost has"),
    _column("least_share", "no answer of nearly the same cost has less, as a part of all", "at least", "at least"),
    _column("most_share", "no answer of nearly the same cost has more, as a part of all", "at most", "at most"),
    _column("spanned_share", "part of the range between the answers that are shown", "spanned"),
    _column("above_share", "cost and penalty above the least", "above the least"),
    _column("counted", "what the answer has of the group", "amount"),
    _column("place", "where the answer is between the least (0) and the most (1)"),
    # smaller instances
    _column("merged_into", "what stands for it in the smaller instance"),
    _column("headline", "a figure of the placement"),
    _column("smaller", "in the answer of the smaller instance"),
    _column("carried_back", "in the placement of the whole"),
    _column("width_share", "``most`` less ``least``, as a part of what is carried back", "width"),
    _column("represented_by", "the hour that stands for it in the smaller instance"),
    # plans
    _column("least", "no answer of nearly the same cost has less"),
    _column("most", "no answer of nearly the same cost has more"),
    _column("cost_usd_per_year", "yearly cost", short="USD a year"),
    _column("operating_usd", "cost of serving, without builds", "operating cost", "operating USD"),
    _column("unit_cost_usd_per_year", "yearly cost of a unit", "cost of a unit"),
    _column("limits_rent_usd_per_unit_year", "what a unit pays for build limits", "rents of build limits", "rents"),
    _column("value_usd_per_unit_year", "what a unit saves over all states", "value of a unit", "value"),
    _column("profit_usd_per_unit_year", "value less cost and rents", "profit of a unit", "profit"),
    _column("accelerator_rents_usd_per_year", "rents of the accelerators that stand", short="rents of accelerators"),
    _column("power_rents_usd_per_year", "rents of the power that stands", short="rents of power"),
    _column("protected_mtok", "work that an outage must serve", short="protected Mtok"),
    _column("most_unserved_mtok", "the most protected work that may be unserved", "may be unserved"),
    _column("allotted", "what a state may use of an annual limit in one horizon"),
    _column("horizons_per_year", "how often the state occurs in a year", "times a year", "a year"),
    # queues
    _column("wait_probability", "part of the requests that waits", short="waits"),
    _column("arrival_seconds", "arrival since the first request", "arrival, s"),
    _column("wait_seconds", "from the arrival until service begins", "wait, s"),
    _column("service_seconds", "time of a server for the request", "service, s"),
    _column("first_token_seconds", "from the arrival until the first token", "first token, s"),
    _column("mean_wait_seconds", "mean wait of all requests, those that wait and those that do not", "mean wait, s"),
    _column("mean_service_seconds", "mean time of a server for a request", "mean service, s"),
    *(_column(f"p{each}_wait_seconds", f"wait that {each} % do not exceed", f"P{each} of waits, s") for each in _P),
    *(
        _column(f"p{each}_first_token_seconds", f"time that {each} % do not exceed", f"P{each} of first tokens, s")
        for each in _P
    ),
    # replays
    _column("waiting_usd", "stated cost of late work that is left for the next day", "late work", "late USD"),
    _column("least_cost_usd", "proven bound that no way to route the day is below", "least cost", "least USD"),
    _column("regret_share", "cost and penalty over the least cost of the day known in advance, less 1", "regret"),
    _column("worst_regret_share", "largest regret of a day, the mean over its seeds", "worst day"),
    _column("expired_share", "part of demand that was sent to wait and not served in time", "expired"),
    _column("decision_ms", "mean time of a decision", "decision", "decision ms"),
    _column("expired_mtok", "work that was sent to wait and not served in time", "expired", "expired"),
    _column("waiting_mtok", "late work that is left for the next day", "left for the next day", "left waiting"),
    _column(
        "least_unserved_mtok", "unserved in the programs behind the bound", "unserved in the bound", "in the bound"
    ),
    # studies
    _column("energy_share_of_cost", "energy as a part of full cost", "energy, share of full cost", "energy"),
    _column("energy_share_of_operating_cost", "energy of operating cost", "energy, share of operating cost", "of op."),
    _column("not_worth_serving_share", "tokens not worth their cost", "tokens not worth serving", "too dear"),
    _column("ceiling_latency_share", "tokens exportable by distance and law alone", "latency ceiling", "latency"),
    _column("ceiling_share", "exportable tokens", "ceiling: tokens that can leave", "ceiling"),
    _column("work_ceiling_share", "exportable work", "work that can leave", "work"),
    _column("economic_share_low", "least tokens at least cost", "tokens exported at least cost, lower end", "exported"),
    _column("economic_share_high", "most tokens at least cost", "tokens exported at least cost, upper end", "to"),
    _column("work_economic_share_low", "least work at least cost", "work exported at least cost, lower end", "of work"),
    _column("work_economic_share_high", "most work at least cost", "work exported at least cost, upper end", "to"),
    _column("largest_limit", "the limit that takes most of the ceiling", short="takes most"),
    _column("low", "the least of all cases", "least"),
    _column("base", "the value as given", "as given"),
    _column("high", "the most of all cases", "most"),
    _column("low_at", "the case of the least", "least at"),
    _column("high_at", "the case of the most", "most at"),
    _column("description", "what the assumption means", "meaning"),
    _column("source", "where its range comes from", "range from"),
)
#: Every column of a table of results, by its name.
RESULT_COLUMNS = {column.name: column for column in _COLUMNS}
