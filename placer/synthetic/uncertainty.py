"""Parameters of the uncertainty of demand, and the sources of their defaults.

Facts are cited by their table in ``datasets/facts`` (published figures with their sources), or by their source where
no table holds them. Derived figures are computed from such figures; an assumption is a judgement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from placer.errors import Violation, refuse
from placer.instance.attributes.columns import Column
from placer.instance.attributes.validation import number_problem


def refuse_values(place: str, values: Mapping[str, object], columns: Sequence[Column]) -> None:
    """Raise one error that lists every value that its column does not admit, if any."""
    problems = {column: number_problem(values[column.name], column) for column in columns}
    violations = [
        Violation(place, "", column.name, problem, column.allowed) for column, problem in problems.items() if problem
    ]
    refuse(violations)


def _sigma(name: str) -> Column:
    return Column(name, low=0, high=3, scaled=False)


_RANGES = (
    Column("growth", low=1e-6, high=1e6, scaled=False),
    _sigma("common_sigma"),
    _sigma("regional_sigma"),
    _sigma("hub_sigma"),
    Column("mix_concentration", low=1e-3, unlimited=True, scaled=False),
    Column("shift_hours_sigma", low=0, high=24, scaled=False),
    _sigma("sharpness_sigma"),
    _sigma("steps_sigma"),
    Column("burst_rate", low=0, high=100, scaled=False),
    Column("burst_share", low=0, high=1, scaled=False),
)


@dataclass(frozen=True)
class Uncertainty:
    """How uncertain demand is around an instance; 0 (``mix_concentration``: inf) means certain.

    Attributes
    ----------
    growth : float
        Factor on all demand, 1e-6 to 1e6. Default 1, the demand as given. China's official volume grew 4.7-fold in nine
        months, from 30 trillion tokens a day (National Data Administration, June 2025) to 140 (volumes, March 2026), so
        growth is a choice of date.
    common_sigma : float
        Sigma of the lognormal factor common to all demand, 0 to 3. Default 0.2: estimates for one month differ by as
        much (derived: December 2025, three applications after a broker in etnet.com.hk ETN360224860, 123 trillion a
        day; all of China after the National Data Administration, 100; a log ratio of 0.21).
    regional_sigma : float
        Sigma of the lognormal factor of each region of hubs, 0 to 3; hubs without a region share one. Default 0.26:
        deviation between four regions of the log ratio of the two usual proxies of demand, share of gross product and
        share of population (derived from cities and from resident populations of 2023 in municipal bulletins).
    hub_sigma : float
        Sigma of the lognormal factor of each hub, 0 to 3. Default 0.24: the same within regions, over 43 cities.
    mix_concentration : float
        Concentration of the Dirichlet distribution of the shares of workloads around those given, at least 0.001; the
        total is kept. A share p has mean p and variance p (1 - p) / (1 + concentration), so rare workloads may almost
        vanish. Default 12, an assumption: it lies as far from the given mix, in mean square, as the scenarios
        chat_heavy, agent_heavy and batch_heavy do (assumed_mix). The real mix is unpublished.
    shift_hours_sigma : float
        Deviation of the shift of a region's day in hours, 0 to 24, later where positive; totals are kept. Default 0.5:
        solar noon of regions that keep one clock (derived from the longitudes in cities: 0.55 between four regions,
        0.49 over all).
    sharpness_sigma : float
        Sigma of the logarithm of the exponent on the hours' profile, 0 to 3; totals are kept. Default 0.2, an
        assumption between two derived figures: deviations of the log profile differ by 0.10 between two measures of
        one day (DeepSeek's income, demand_shapes, and its nodes at work, open-infra-index) and by 0.57 between services
        (DeepSeek; Azure's conversations of 2024; Alibaba's language models, ServeGen).
    steps_sigma : float
        Sigma of the lognormal factor on the mean number of steps of the tasks of each agent workload, 0 to 3: on its
        tokens and its tool round trips. Default 0.7, an assumption: the published range of computer_use_agent, 10 to
        100 calls (workload_parameters), taken for 90 % of the distribution. (Single requests spread wider: P50 2 and
        P99 87 of agentic_coding_loop are a sigma of 1.6.)
    burst_rate : float
        Mean number of bursts per hub and day, 0 to 100, Poisson. Default 0.1, an assumption.
    burst_share : float
        Mean share of a hub's daily demand that one burst adds, 0 to 1, exponential: two thirds in one step of the
        horizon and half of that in the next, in proportion to the hub's demand then. Default 0.02, an
        assumption: about a third of an average hour in the first. (Nationwide the peak minute of Doubao on a new
        year's eve was 1.45 of its mean, etnet.com.hk ETN360224860; DeepSeek's ordinary day peaks at 1.33.)

    Examples
    --------
    >>> Uncertainty(hub_sigma=-1, burst_rate=float("nan"))
    Traceback (most recent call last):
    ...
    placer.errors.InstanceError: 2 violations in the input
      uncertainty.hub_sigma: -1 is out of range (allowed: number, >= 0, <= 3, finite)
      uncertainty.burst_rate: NaN (allowed: number, >= 0, <= 100, finite)
    """

    growth: float = 1.0
    common_sigma: float = 0.2
    regional_sigma: float = 0.26
    hub_sigma: float = 0.24
    mix_concentration: float = 12.0
    shift_hours_sigma: float = 0.5
    sharpness_sigma: float = 0.2
    steps_sigma: float = 0.7
    burst_rate: float = 0.1
    burst_share: float = 0.02

    def __post_init__(self) -> None:
        """Refuse all values out of range in one error."""
        refuse_values("uncertainty", {column.name: getattr(self, column.name) for column in _RANGES}, _RANGES)

    def as_dict(self) -> dict[str, float]:
        """Return the numbers by name, for storage; ``Uncertainty(**stored)`` restores them."""
        return {item.name: float(getattr(self, item.name)) for item in fields(self)}


#: No uncertainty: the demand as given. ``dataclasses.replace`` switches single shocks on.
CERTAIN = Uncertainty(
    growth=1.0,
    common_sigma=0.0,
    regional_sigma=0.0,
    hub_sigma=0.0,
    mix_concentration=math.inf,
    shift_hours_sigma=0.0,
    sharpness_sigma=0.0,
    steps_sigma=0.0,
    burst_rate=0.0,
    burst_share=0.0,
)
