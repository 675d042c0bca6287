"""The parameters of the search for a plan; poor values cost time only."""

from __future__ import annotations

from dataclasses import dataclass

from placer.decomposition.bundle_parameters import BundleParameters


@dataclass(frozen=True)
class SearchParameters(BundleParameters):
    """Parameters of the bundle method, and of the searches before it.

    Attributes
    ----------
    few_gap : float
        Relative gap at which the search over a few states ends.
    inexact_gap, inexact_part : float
        The search over inexact costs of all states ends at this relative gap, or at this part of the gap that is asked
        for if that is more: its plan is then likely to be proven without another solve of every state.
    placed_from : int
        Columns of all states together from which every state gets a placement before it is solved, under a time limit;
        fewer are solved within seconds.
    rough_time_part : float
        Part of a time limit after which inexact pricing ends, so that every state gets a placement in the rest.
    sure_radius : float
        Radius of the trust region after that search.
    few_shares : tuple of float
        Exponents of the numbers of states of the searches before the last: ``states ** share``.

    Notes
    -----
    Ranges in which the work of ``benchmarks.tuning`` does not change: ``few_gap`` 0.00025 to 0.004, ``inexact_gap``
    1.25e-5 to 0.0002, ``inexact_part`` 0.075 to 1.2, ``placed_from`` 2.5e6 to 4e7, ``rough_time_part`` 0.175 to 2.8,
    ``sure_radius`` 0.025 to 0.4.
    """

    few_gap: float = 1e-3
    inexact_gap: float = 5e-5
    inexact_part: float = 0.3
    placed_from: int = 10_000_000
    rough_time_part: float = 0.7
    sure_radius: float = 0.1
    few_shares: tuple[float, ...] = (0.5, 0.75)


DEFAULT = SearchParameters()
