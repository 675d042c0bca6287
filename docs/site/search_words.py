"""What the search finds first: guides before pages to look up, and guides by words that they do not use.

The search of the theme knows no synonyms. It reads the front matter ``tags`` as words of a page, above all others, and
multiplies what it finds on a page by ``search.boost``.
"""

from __future__ import annotations

from typing import Any

#: Weight of pages to look up, where a guide counts 1: their many headings hold nearly every word.
LOOKED_UP = 0.01

#: Pages to look up, by their names or the folder that they lie in.
LOOK_UPS = (
    "reference",
    "algorithms.md",
    "architecture.md",
    "benchmarks.md",
    "changes.md",
    "columns.md",
    "commands.md",
    "conduct.md",
    "contributing.md",
    "datasets.md",
    "mathematics.md",
    "observed.md",
    "profiles.md",
    "typical_values.md",
    "validation.md",
)

#: Words for what a guide is about that its headings do not use, by its page.
SEARCH_WORDS = {
    "accounts.md": "who pays profit revenue gains winners losers fair shapley core settlement tariff",
    "algorithms.md": "column generation simplex decomposition",
    "batches.md": "batch monte carlo uncertainty quantile percentile many runs parallel demand sets store resume",
    "beside_others.md": "pulp pypsa linopy gurobi cplex ortools compare alternatives tools",
    "alternatives.md": "near-optimal alternatives within slack other answers mga modelling hop spores robust same cost",
    "reduced.md": "aggregation cluster clustering coarse fewer nodes simplify spatial resolution typical days gap",
    "batteries.md": "battery storage store charge discharge state of charge arbitrage power wear",
    "ceiling.md": "export exportable leave offshore latency limit slo share maximum shorten links exporting",
    "china.md": "china east west data west computing results",
    "concepts.md": "shadow price dual rent marginal meaning",
    "data.md": "gpu gpus accelerator h100 currency eur euro euros dollar usd unit units network graph",
    "elastic.md": "elasticity price demand curve willingness value surplus welfare consumer",
    "explore.md": "interactive live slider sliders dashboard browser server notebook jupyter widget app gui page drag",
    "flexibility.md": "demand response curtail curtailment shed shift load grid reduce power",
    "green.md": "carbon free 24/7 matching renewable share pareto abatement marginal cost water hourly certificates",
    "formats.md": (
        "shell completion map report parquet csv excel xlsx netcdf json html plot figure chart export save file files"
    ),
    "contracts.md": "ppa power purchase agreement offtake wind solar farm share sell surplus feed-in hedge",
    "glossary.md": "definition term abbreviation mtok token tokens",
    "globe.md": "trade world export countries tariff export control chips gains results geopolitics",
    "how_to.md": "task example examples cookbook recipe",
    "index.md": "install installation quickstart pandas dataframe begin tutorial template first",
    "large.md": "memory ram dask cluster big million slow workers cores",
    "library.md": "mps instance instances dual certificate checker verify solver benchmark test set miplib",
    "limits.md": "own limit limits carbon water constraint constraints own cap quota renewable share minimum maximum",
    "own_models.md": "variable variables row rows integer binary custom objective mip",
    "placement.md": "statistics group by shadow price lmp dual marginal cost scarcity rent cost per token results",
    "plans.md": ("invest investment capex expansion capacity how many gpus build site wacc annuity cvar risk"),
    "queues.md": "waiting utilisation erlang p99 servers queueing throughput",
    "replay.md": "online heuristic routing regret real time rule foresight",
    "requests.md": "trace traces log history real demand forecast",
    "rolling.md": "horizon receding rolling weeks long",
    "scenarios.md": (
        "remove delete drop without add change scale what-if what if site link price percent close compare sensitivity"
    ),
    "security.md": (
        "secure survive loss n-1 outage contingency failure resilience redundancy reliability lost backup disaster"
    ),
    "trade.md": (
        "trade export import country countries tariff premium quota sanctions abroad foreign sell buy obstacle barrier"
    ),
    "sensitivity.md": "sensitivity of my data assumption assumptions tornado swing uncertain vary",
    "service.md": "mode batch size speed chip chips gpu heterogeneous pool pools replica replicas model load cold",
    "solvers.md": "highs gurobi cplex mosek xpress copt pulp tolerance proof certificate optimal mps lp",
    "time.md": "hourly price prices timestamp timezone utc daylight saving datetime year month weekly hour",
    "troubleshooting.md": "infeasible error errors unserved bug fails failed warning unbounded fix",
    "trust.md": "trust reliable correct verified validation accuracy proof evidence limitations caveats assumptions",
    "western_hub.md": "green power ppa renewable wind solar sun match matching 24/7 hourly certificate battery ningxia",
}


def front_matter(page: str) -> dict[str, Any]:
    """Return what the search reads of a page beside its text.

    Examples
    --------
    >>> front_matter("reference/errors.md")
    {'search': {'boost': 0.01}}
    >>> front_matter("rolling.md")
    {'tags': ['horizon', 'receding', 'rolling', 'weeks', 'long']}
    """
    meta: dict[str, Any] = {"tags": SEARCH_WORDS[page].split()} if page in SEARCH_WORDS else {}
    return meta | ({"search": {"boost": LOOKED_UP}} if page.startswith(LOOK_UPS) else {})
