"""Planning years: the demand, the network and the weight of each.

A planning year stands for itself and for the years up to the next one. With a discount rate d and the first year Y_0,

    n_Y     = sum of (1 + d)^-(t - Y_0) over the years t from Y up to the next planning year
    share_Y = n_Y / sum_Y n_Y

so that ``sum_Y share_Y cost_Y`` is the equivalent annual cost: paid every year, it has the present value of all costs
(Park, Contemporary Engineering Economics, chapter 6). Costs are discounted once, here; candidates pay annuities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from placer.errors import Violation, refuse
from placer.instance.arguments import need, need_mapping
from placer.instance.attributes.columns import Column
from placer.instance.attributes.validation import number_problem, show
from placer.instance.problem import Instance
from placer.planning.question.outages import without_data_centres
from placer.planning.question.states import States
from placer.utils.arrays import FloatArray

#: Largest number of years of a plan, the longest lifetime of a candidate.
_MOST_YEARS = 1000
_RATE = Column("discount_rate", low=0, high=1, scaled=False)
_EXAMPLE = "Years({2026: instance, 2030: instance.scaled_demand(2)}, until=2035, discount_rate=0.07)"


@dataclass(frozen=True, eq=False, repr=False)
class Years:
    """Planning years, with the demand, the network and the weight of each.

    Parameters
    ----------
    given : mapping of int to Instance or States
        Demand and network of every planning year, the same data centres and workloads in all.
    until : int
        The first year after the period of the plan.
    discount_rate : float
        A share a year, from 0 to 1.
    retire : mapping of str to int, optional
        Data centres, and the year from which their existing accelerators are retired. New ones may be built.

    Attributes
    ----------
    years : tuple of int
        Planning years, ascending.
    states : tuple of States
        Of every planning year, after retirement; state names begin with the year.
    instances : tuple of Instance
        Network of every planning year with nothing lost.
    discounted_years : (years,) float array
        ``n_Y``.
    shares : (years,) float array
        ``share_Y``; they sum to 1.

    Raises
    ------
    ArgumentError
        If a value is neither an instance nor states.
    InstanceError
        Listing every violation.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> years = Years({2026: tiny, 2028: tiny.scaled_demand(1.5)}, until=2030, discount_rate=0.1)
    >>> years.discounted_years.round(4), years.shares.round(4)
    (array([1.9091, 1.5778]), array([0.5475, 0.4525]))
    """

    given: Mapping[int, Instance | States]
    until: int
    discount_rate: float
    retire: Mapping[str, int] = field(default_factory=dict)
    years: tuple[int, ...] = field(init=False)
    states: tuple[States, ...] = field(init=False)
    instances: tuple[Instance, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Check the arguments, and remove retired accelerators."""
        need_mapping(self.given, "a mapping of years", _EXAMPLE)
        for value in self.given.values():
            need(value, (Instance, States), "an Instance or States of a year", f"write {_EXAMPLE}")
        refuse(_problems(self))
        years = tuple(sorted(self.given))
        gone = [[name for name, since in self.retire.items() if since <= year] for year in years]
        states = tuple(_of_year(year, self.given[year], lost) for year, lost in zip(years, gone, strict=True))
        object.__setattr__(self, "years", years)
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "instances", tuple(_network(each) for each in states))

    @property
    def discounted_years(self) -> FloatArray:
        """Discounted number of years of each planning year (years,)."""
        ends = (*self.years[1:], self.until)
        spans = [np.arange(start, end) - self.years[0] for start, end in zip(self.years, ends, strict=True)]
        return np.array([float(((1.0 + self.discount_rate) ** -span).sum()) for span in spans])

    @property
    def shares(self) -> FloatArray:
        """Share of each planning year in the equivalent annual cost (years,)."""
        counted = self.discounted_years
        return counted / counted.sum()

    def __len__(self) -> int:
        """Return the number of planning years."""
        return len(self.years)

    def __repr__(self) -> str:
        """Return the planning years as text."""
        return f"<Years: {', '.join(map(str, self.years))}, until {self.until}>"


def _problems(years: Years) -> list[Violation]:
    """Return the defects of the arguments."""
    found = [
        Violation("years", show(year), "year", "not a whole number of four digits", "a year, such as 2030")
        for year in [*years.given, years.until]
        if isinstance(year, bool) or not isinstance(year, int) or abs(year) >= 10_000
    ]
    if not years.given:
        found.append(Violation("years", "", "", "no years", "one planning year or more"))
    if problem := number_problem(years.discount_rate, _RATE):
        found.append(Violation("years", "", "discount_rate", problem, _RATE.allowed))
    if not found:
        first, last = min(years.given), max(years.given)
        if not last < years.until <= first + _MOST_YEARS:
            allowed = f"a year after {last}, up to {first + _MOST_YEARS}"
            found.append(Violation("years", "", "until", show(years.until), allowed))
    return found + _retirement_problems(years) + _unequal(years)


def _retirement_problems(years: Years) -> list[Violation]:
    need_mapping(years.retire, "a mapping of data centres to years", 'retire={"Port": 2030}')
    names = {str(name) for each in years.given.values() for name in _network(each).data_centres["data_centre"]}
    unknown = [name for name in years.retire if name not in names]
    found = [
        Violation("years", str(name), "retire", "an unknown data centre", ", ".join(sorted(names)[:5]))
        for name in unknown
    ]
    return found + [
        Violation("years", str(name), "retire", f"{show(since)} is no year", "a whole number, such as 2030")
        for name, since in years.retire.items()
        if isinstance(since, bool) or not isinstance(since, int)
    ]


def _unequal(years: Years) -> list[Violation]:
    """Return violations if the years differ in currency, or protect different work: limits on it are the same."""
    currencies = {_network(each).settings.currency for each in years.given.values()}
    found = []
    if len(currencies) > 1:
        found.append(Violation("years", "", "currency", " and ".join(sorted(currencies)), "one in all years"))
    securities = {each.security for each in years.given.values() if isinstance(each, States)}
    if len(securities - {None}) <= 1:
        return found
    return [*found, Violation("years", "", "security", "work is protected in several ways", "one way in all years")]


def _network(given: Instance | States) -> Instance:
    """Return the instance without outage."""
    if isinstance(given, Instance):
        return given
    return given.instances[0] if given.base is None else given.base


def _of_year(year: int, given: Instance | States, gone: list[str]) -> States:
    """Return the states of a year, their names with the year, without retired data centres."""
    if isinstance(given, Instance):
        left = without_data_centres(given, gone)
        return States({str(year): (left, 1.0)}, left)
    return States(
        {f"{year}, {name}": (without_data_centres(each, gone), share) for name, (each, share) in given.given.items()},
        without_data_centres(_network(given), gone),
        {f"{year}, {name}": lost for name, lost in given.lost.items()},
        given.year_hours,
        given.security,
    )
