"""Parameters of column generation: every figure that tunes it, with its default.

Every answer is proven before it is returned, so a poor value costs time and never correctness. Lengths
along the path are in widths, the smoothing parameter mu of the smoothed dual, and widths in cost spreads, the typical
distance between the costs of two sites (``dual.path.cost_spread``), so that no value depends on the unit of money.
Tests and studies replace single fields::

    parameters = ColumnGenerationParameters(shortlist=ShortlistParameters(reach_widths=3.0))
    placer.ColumnGeneration(parameters=parameters)
"""

from __future__ import annotations

from dataclasses import dataclass

from placer.column_generation.dual.parameters import EFFORT, PATH, EffortParameters, PathParameters


@dataclass(frozen=True)
class DescentParameters:
    """Where the path goes, and where it ends (``descent``).

    Attributes
    ----------
    counting_width_spreads : float
        Width, in cost spreads, from which on the near columns are counted.
    least_width_spreads : float
        Width, in cost spreads, at which the path ends at the latest, and least width of known prices.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``counting_width_spreads`` 0.00025
    to 0.004, ``least_width_spreads`` 5e-7 to 8e-6.
    """

    counting_width_spreads: float = 1e-3
    least_width_spreads: float = 2e-6


@dataclass(frozen=True)
class ShortlistParameters:
    """Which columns the restricted master holds at first, and how many.

    Attributes
    ----------
    reach_widths : float
        A column is near, and in the first master, if its price is within this many widths of the lowest of its demand.
    most_per_demand, most_in_all : int
        Columns beside one for each demand that are few enough to end the path:
        ``max(min(most_per_demand * demands, most_in_all), most_per_price * (prices > 0))``.
    most_per_price : int
        See ``most_per_demand``.
    room : int
        A master takes up to this many times that number at a time, for where prices are tied the path ends with more.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``reach_widths`` 2 to 8,
    ``most_per_demand`` 1 to 12, ``most_in_all`` 3.75e4 to 6e5, ``most_per_price`` 12 to 200, ``room`` 1 to 8.
    """

    reach_widths: float = 8.0
    most_per_demand: int = 3
    most_in_all: int = 150_000
    most_per_price: int = 50
    room: int = 2

    def size(self, demands: int, positive_prices: int) -> int:
        """Return how many columns, beside one for each demand, are few enough to end the path."""
        return max(min(self.most_per_demand * demands, self.most_in_all), self.most_per_price * positive_prices)


@dataclass(frozen=True)
class MasterParameters:
    """How the restricted master is solved and extended (``generation``, ``master``).

    Attributes
    ----------
    most_rounds : int
        Rounds of master and pricing.
    added_reach_widths : float
        A column is added in a later round if its price is within this many widths of the lowest of its demand.
    shortfall_price_margin : float
        Price of a shortfall, as a multiple of the price at which no demand could afford the resource.
    shortfall_price_rise : float
        What prices of shortfall are multiplied by where something is short and no column is left to add, and those of a
        cap, whose own price has no such bound, from the start.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``most_rounds`` 10 to 160,
    ``added_reach_widths`` 0.125 to 2, ``shortfall_price_margin`` 1 to 1.04, ``shortfall_price_rise`` 25.8 to 397.
    """

    most_rounds: int = 40
    added_reach_widths: float = 0.5
    shortfall_price_margin: float = 1.01
    shortfall_price_rise: float = 100.0


@dataclass(frozen=True)
class WarmStartParameters:
    """How known prices are used (``warm_start``, ``descent``, ``generation``).

    Attributes
    ----------
    most_changed : float
        A master is tried at once if at most this part of the demand has changed since the prices were proven.
    most_iterations : int
        Simplex iterations of one run of such a master, and of all runs of a kept one that is moved to other limits.
    most_rounds : int
        Rounds of either.
    most_shortfall : float
        Its first round must leave no resource short by more than this part of a mean period's demands; otherwise many
        rounds of long masters would follow, and the path costs less.
    most_gap : float
        Relative gap that each round from the second on must reach, for the same reason.
    path_width_spreads : float
        Width, in cost spreads, at which the path starts from known prices if it settles there.
    first_width_spreads : float
        Known prices are taken to be off by this width, in cost spreads, ...
    most_near_per_demand : float
        ... or by half, a quarter, .. of it, until ``near columns <= most_near_per_demand * demands``.
    joint_reach_widths : float
        Columns within this many widths of the lowest price of their demand are near each further set of known prices.
    moved_width_spreads : float
        Least width, in cost spreads, of a kept master that is moved to other limits.
    most_moved_part : float
        A kept master is moved if limits change by at most this part of their sum; beyond, a path takes less time.
    most_kept_per_demand : float
        A master is kept as long as it has at most this many columns for each demand: more take longer than a new one.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %, or its work not at all: ``most_changed``
    0.05 to 0.4, ``most_iterations`` 2500 to 40000, ``most_rounds`` 5 to 40, ``most_shortfall`` 0.2 to 0.4, ``most_gap``
    7.5e-5 to 0.0012, ``path_width_spreads`` 0.025 to 0.4, ``first_width_spreads`` 0.00125 to 0.005,
    ``most_near_per_demand`` 1.75 to 14, ``joint_reach_widths`` 0.5 to 8, ``moved_width_spreads`` 1.5e-5 to 0.00024,
    ``most_moved_part`` 0.0375 to 0.6, ``most_kept_per_demand`` 3 to 48.
    """

    most_changed: float = 0.1
    most_iterations: int = 10_000
    most_rounds: int = 10
    most_shortfall: float = 0.2
    most_gap: float = 3e-4
    path_width_spreads: float = 0.1
    first_width_spreads: float = 1.25e-3
    most_near_per_demand: float = 3.5
    joint_reach_widths: float = 2.0
    moved_width_spreads: float = 6e-5
    most_moved_part: float = 0.15
    most_kept_per_demand: float = 12.0


@dataclass(frozen=True)
class NearbyParameters:
    """How a structure is answered within a gap from structures nearby (``ColumnGeneration.answer_nearby``).

    Attributes
    ----------
    most_rounds, most_iterations : int
        Rounds of its masters, and simplex iterations of all of them, before it is given up.
    room : int
        As in ``ShortlistParameters``.

    Notes
    -----
    Ranges in which the work of ``benchmarks.tuning`` does not change: ``most_rounds`` 2 to 24, ``most_iterations`` 1500
    to 24000, ``room`` 2 to 40.
    """

    most_rounds: int = 6
    most_iterations: int = 6_000
    room: int = 10


@dataclass(frozen=True)
class ColumnGenerationParameters:
    """All parameters of column generation.

    Attributes
    ----------
    path : PathParameters
    descent : DescentParameters
    shortlist : ShortlistParameters
    master : MasterParameters
    warm_start : WarmStartParameters
    nearby : NearbyParameters
    effort : EffortParameters
    least_shared_cells : int
        Threads share the work if classes have at least this many cells (origin, site, period) on average. NumPy steps
        through the arrays of smaller ones in microseconds, and threads take about as long to hand over to each other.

    Notes
    -----
    The work of ``benchmarks.tuning`` does not change for ``least_shared_cells`` 125000 to 2000000.
    """

    path: PathParameters = PATH
    descent: DescentParameters = DescentParameters()
    shortlist: ShortlistParameters = ShortlistParameters()
    master: MasterParameters = MasterParameters()
    warm_start: WarmStartParameters = WarmStartParameters()
    nearby: NearbyParameters = NearbyParameters()
    effort: EffortParameters = EFFORT
    least_shared_cells: int = 500_000


#: The defaults, for functions that take parameters.
DEFAULTS = ColumnGenerationParameters()
