"""The load that a pool of servers may carry, by the square-root rule of staffing and by Erlang's C.

    K     servers
    L     offered load: requests a second times their mean service time in seconds, in erlangs
    D     peakedness: variance over mean of the busy servers of an infinite pool; 1 for Poisson arrivals
    b     safety factor, in standard deviations of the busy servers of an infinite pool

    rule        L + b sqrt(D L) = K,    so    L = ((sqrt(b^2 D + 4 K) - b sqrt(D)) / 2)^2
    quantile    P(X < K), X Poisson with mean L: the part of the time in which an infinite pool has fewer than K busy
    Erlang's B  B(K, L) = L^K e^-L / (K! P(X <= K)),    X Poisson with mean L
    Erlang's C  C(K, L) = K B / (K - L (1 - B)),        the probability that a request waits in M/M/K
    Hayward     with peakedness D the pool is taken for one of K / D servers and a Poisson load of L / D

P(X <= K) is the regularised incomplete gamma function of K + 1 and L, and K! is gamma(K + 1): both extend to the K / D
servers of Hayward (A. A. Fredericks, Bell System Technical Journal 59(6), 1980). The rule (S. Halfin, W. Whitt,
Operations Research 29(3), 1981) is the same for K, L, D and for K / D, L / D, 1. The quantile is exact for Poisson
arrivals and any service times; the rule is its normal approximation, which leaves small pools too little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import gammaincc, gammainccinv, gammaln

from placer.errors import Violation, refuse
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.validation import number_problem
from placer.utils.numbers import figure

#: The arguments, in messages.
_CALL = "queue"
#: Number of servers of a pool.
SERVERS = Column("servers", Kind.WHOLE, low=1, high=1e9, scaled=False)
#: Safety factor of the rule where none is given: the 99 % quantile of the normal distribution.
SAFETY_FACTOR = 2.33
_POOL = Column("servers", low=0, low_open=True, high=1e9, scaled=False)
_LOAD = Column("load", low=0, high=1e9, scaled=False)
_FACTOR = Column("safety_factor", low=0, high=1e3, scaled=False)
#: Variance over mean of the busy servers of an infinite pool.
PEAKEDNESS = Column("peakedness", low=0, low_open=True, high=1e6, scaled=False)
_QUANTILE = Column("quantile", low=0.5, high=1, high_open=True, scaled=False)
_WAIT = Column("wait_probability", low=0, high=1, low_open=True, high_open=True, scaled=False)
_SHARE = Column("share", low=0, high=1, low_open=True, high_open=True, scaled=False)
_SECONDS = Column("service_seconds", low=0, low_open=True, scaled=False)


@dataclass(frozen=True, repr=False)
class QueueMargin:
    """The load that a pool may carry, and how long its requests then wait by Erlang's C.

    Attributes
    ----------
    servers : int
    peakedness : float
        Peakedness of the load: variance over mean of the busy servers of an infinite pool.
    safety_factor : float
        ``b`` of ``load + b sqrt(peakedness x load) = servers``.
    load : float
        Offered load in erlangs.
    """

    servers: int
    peakedness: float
    safety_factor: float
    load: float

    def __repr__(self) -> str:
        """Return the load, the servers and the probability of waiting in one line."""
        waits = f"{self.wait_probability:.2%} of requests wait"
        return f"<QueueMargin: load {figure(self.load)} at {self.servers:,} servers, {waits}>"

    @property
    def utilisation(self) -> float:
        """Load over servers."""
        return self.load / self.servers

    @property
    def quantile(self) -> float:
        """Part of the time in which an infinite pool of this load has fewer busy servers; exact for Poisson loads."""
        return float(gammaincc(self.servers / self.peakedness, self.load / self.peakedness))

    @property
    def wait_probability(self) -> float:
        """Probability that a request waits: exact in M/M/K, by Hayward's approximation for another peakedness."""
        return erlang_c(self.servers / self.peakedness, self.load / self.peakedness)

    def mean_wait_seconds(self, service_seconds: float) -> float:
        """Return the mean wait for a mean service time, as ``wait_probability`` approximates it; inf in a full pool."""
        _refuse({_SECONDS: service_seconds})
        if self.load >= self.servers:
            return math.inf
        return self.wait_probability * service_seconds * self.peakedness / (self.servers - self.load)

    def wait_quantile_seconds(self, share: float, service_seconds: float) -> float:
        """Return the wait that a share of requests does not exceed, for a mean service time."""
        _refuse({_SHARE: share, _SECONDS: service_seconds})
        longer = self.wait_probability / (1 - share)
        wait_of_those_who_wait = self.mean_wait_seconds(service_seconds) / (self.wait_probability or 1.0)
        return math.log(longer) * wait_of_those_who_wait if longer > 1 else 0.0


@dataclass(frozen=True)
class MarginRule:
    """What a pool is filled up to: at most one of the three is given; a safety factor of 2.33 if none is.

    Attributes
    ----------
    safety_factor, quantile, wait_probability : float or None
        As ``queue_margin`` has them.
    """

    safety_factor: float | None = None
    quantile: float | None = None
    wait_probability: float | None = None

    def violations(self, table: str) -> list[Violation]:
        """Return every defect of the rule, as violations of an argument of a call."""
        given: dict[Column, object] = {
            column: value
            for column, value in (
                (_FACTOR, self.safety_factor),
                (_QUANTILE, self.quantile),
                (_WAIT, self.wait_probability),
            )
            if value is not None
        }
        found = _problems(given, table)
        if len(given) > 1:
            problem = f"{' and '.join(column.name for column in given)} are given"
            found.append(Violation(table, "", "", problem, "one of them"))
        return found

    def load(self, servers: float, peakedness: float) -> float:
        """Return the offered load that a pool may carry, in erlangs."""
        pool = servers / peakedness
        if self.wait_probability is not None:
            return peakedness * _load_that_waits(pool, self.wait_probability)
        if self.quantile is not None:
            return peakedness * float(gammainccinv(pool, self.quantile))
        spread = (SAFETY_FACTOR if self.safety_factor is None else self.safety_factor) * math.sqrt(peakedness)
        return ((math.sqrt(spread**2 + 4 * servers) - spread) / 2) ** 2


def _load_that_waits(servers: float, wait_probability: float) -> float:
    """Return the Poisson load of which a part waits, by bisection to the last digit: Erlang's C rises with the load."""
    low, high = 0.0, servers
    while low < (middle := (low + high) / 2) < high:
        if erlang_c(servers, middle) < wait_probability:
            low = middle
        else:
            high = middle
    return low


def erlang_c(servers: float, load: float) -> float:
    """Return the probability that a request waits in M/M/K: Erlang's C; 1 where the load is no less than the servers.

    Parameters
    ----------
    servers : float
        Above 0; need not be whole.
    load : float
        Offered load in erlangs.

    Raises
    ------
    InstanceError
        If an argument is out of range.

    Examples
    --------
    >>> erlang_c(1, 0.5), round(erlang_c(2, 1), 6), round(erlang_c(100, 79.3), 4)
    (0.5, 0.333333, 0.0159)
    """
    _refuse({_POOL: servers, _LOAD: load})
    if load >= servers:
        return 1.0
    if load == 0:
        return 0.0
    chance_of_all = math.exp(servers * math.log(load) - load - float(gammaln(servers + 1)))
    blocking = chance_of_all / float(gammaincc(servers + 1, load))
    return servers * blocking / (servers - load * (1 - blocking))


def queue_margin(
    servers: int,
    safety_factor: float | None = None,
    *,
    peakedness: float = 1.0,
    quantile: float | None = None,
    wait_probability: float | None = None,
) -> QueueMargin:
    """Return how much load a pool may carry, by a safety factor, a quantile or the probability that a request waits.

    Parameters
    ----------
    servers : int
    safety_factor : float, optional
        Standard deviations between load and servers; 2.33 if nothing else is given. In an infinite pool of that load
        about 99 % of the time has fewer busy servers. Requests of the pool itself wait more often than 1 %:
        ``QueueMargin.wait_probability``.
    peakedness : float
        Peakedness of the load, as ``QueueSimulation.peakedness`` measures it; 1 for Poisson arrivals.
    quantile : float, optional
        The part of the time in which an infinite pool has fewer busy servers, from 0.5, in place of the safety factor;
        without the normal approximation that this makes.
    wait_probability : float, optional
        The probability that a request waits, in their place, by Erlang's C.

    Raises
    ------
    InstanceError
        If an argument is out of range, or more than one of the three is given.

    Examples
    --------
    >>> [round(queue_margin(servers).utilisation, 3) for servers in (10, 100, 1000, 10_000)]
    [0.486, 0.793, 0.929, 0.977]
    >>> margin = queue_margin(100, wait_probability=0.01)
    >>> round(margin.safety_factor, 2), round(margin.load, 1), round(margin.wait_probability, 6)
    (2.51, 77.8, 0.01)
    >>> round(queue_margin(4).quantile, 3), round(queue_margin(4, quantile=0.99).load, 3)  # P(X < 4) at 0.823 erlangs
    (0.955, 0.823)
    """
    rule = MarginRule(safety_factor, quantile, wait_probability)
    found = _problems({SERVERS: servers, PEAKEDNESS: peakedness}, _CALL) + rule.violations(_CALL)
    refuse(found)
    load = rule.load(servers, peakedness)
    if quantile is None and wait_probability is None:
        factor = SAFETY_FACTOR if safety_factor is None else float(safety_factor)
    else:
        factor = (servers - load) / math.sqrt(peakedness * load) if load else math.inf
    return QueueMargin(servers, peakedness, factor, load)


def _refuse(values: dict[Column, object]) -> None:
    """Raise one error that names every value out of range."""
    refuse(_problems(values, _CALL))


def _problems(values: dict[Column, object], table: str) -> list[Violation]:
    """Return a violation for every value out of range."""
    problems = {column: number_problem(value, column) for column, value in values.items()}
    return [Violation(table, "", each.name, why, each.allowed) for each, why in problems.items() if why]
