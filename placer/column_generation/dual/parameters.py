"""Parameters of the smoothed dual, of its Newton steps, of the path that uses both, and of its estimated time.

None of them changes an answer, which is proven elsewhere: a poor value costs time only. mu_k is the width of class k,
``width * weight_k``, in units of its price; a *column* is an assignment (period of arrival t, site s, origin h).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SmoothedDualParameters:
    """How the softmax over assignments is computed.

    Attributes
    ----------
    single_precision_part : float
        Arrays are in double precision where ``mu_k`` is below this part of the prices' range, which single precision
        could not resolve.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``single_precision_part`` 2.5e-6 to
    4e-5.
    """

    single_precision_part: float = 1e-5


@dataclass(frozen=True)
class NewtonParameters:
    """How a Newton step is solved for.

    Attributes
    ----------
    most_pin_rounds : int
        Rounds of pinning prices to zero and releasing them; most steps settle in two or three.
    least_iterated : int
        Free prices from which conjugate gradients solve for a step, not a Cholesky factor over all periods.
    residual : float
        Relative residual at which conjugate gradients end.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``most_pin_rounds`` 6 to 24,
    ``least_iterated`` 100 to 1.6e3, ``residual`` 0.00025 to 0.004.
    """

    most_pin_rounds: int = 6
    least_iterated: int = 400
    residual: float = 1e-3


@dataclass(frozen=True)
class PathParameters:
    """How the maximiser of the smoothed dual is followed as the width falls (``dual.path``).

    Attributes
    ----------
    first_width_in_penalties, first_width_in_spreads : float
        The path starts at the smaller of ``first_width_in_penalties`` times the lowest penalty (per unit of the median
        class) and ``first_width_in_spreads`` cost spreads.
    shrink : float
        Factor by which one width is divided at most to give the next.
    imbalance_tolerance : float
        A width is done only when no resource with a price that moves is off its limit by this part of the limit or
        more.
    gain_tolerance : float
        A width is done only when the next step gains less than this part of the width, per unit of demand of the
        median class. The imbalance alone would leave prices far off along flat directions.
    most_steps_at_width : int
        Newton steps after which the path moves on, inexact: a safety.
    settling_decrease : float
        From a warm start every step must promise less than this part of the gain of the step before; otherwise the
        start is too far from the path.
    least_shift : float
        Shift of the Hessian's diagonal, in units of ``limit / width``: at first and at least; its inverse at most.
    refused_shift : float
        Lower bound of the shift after a refused step, in the same units.
    shift_factor : float
        Factor by which the shift rises after a step refused twice or poor, and falls after one taken at once.
    most_trials : int
        Trials of one step, every second with a larger shift, before the width ends where it is.
    refused_ratio, good_ratio : float
        A step is refused if its gain is at most ``refused_ratio`` of the gain that the quadratic model predicts, and
        half of it is tried before the shift is raised. It is poor below ``good_ratio``.
    overshoot_tolerance : float
        A tangent went too far if the dual falls along it, at its end, by more than this per width and unit of demand.
    zero_widths : float
        A price below this part of the width is set to zero.
    dual : SmoothedDualParameters
        How the smoothed dual is evaluated.
    newton : NewtonParameters
        How a Newton step is solved for.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``first_width_in_penalties`` 0.0625
    to 0.25, ``first_width_in_spreads`` 2.5e3 to 4e4, ``shrink`` 2 to 2, ``imbalance_tolerance`` 0.05 to 0.4,
    ``gain_tolerance`` 0.00025 to 0.001, ``most_steps_at_width`` 10 to 160, ``settling_decrease`` 0.125 to 2,
    ``least_shift`` 2.5e-8 to 4e-7, ``refused_shift`` 2.5e-5 to 0.0001, ``shift_factor`` 8 to 8, ``most_trials`` 7
    to 56, ``refused_ratio`` 0.025 to 0.2, ``good_ratio`` 0.125 to 0.5, ``overshoot_tolerance`` 0.0025 to 0.01,
    ``zero_widths`` 2.5e-10 to 4e-9.
    """

    first_width_in_penalties: float = 1 / 16
    first_width_in_spreads: float = 1e4
    shrink: float = 2.0
    imbalance_tolerance: float = 0.2
    gain_tolerance: float = 1e-3
    most_steps_at_width: int = 40
    settling_decrease: float = 0.5
    least_shift: float = 1e-7
    refused_shift: float = 1e-4
    shift_factor: float = 8.0
    most_trials: int = 14
    refused_ratio: float = 0.1
    good_ratio: float = 0.5
    overshoot_tolerance: float = 1e-2
    zero_widths: float = 1e-9
    dual: SmoothedDualParameters = SmoothedDualParameters()
    newton: NewtonParameters = NewtonParameters()


@dataclass(frozen=True)
class EffortParameters:
    """When column generation gives up (``deadline``), and the estimated time of its path (``dual.effort``).

    Attributes
    ----------
    seconds_per_step, seconds_per_cell, seconds_per_operation : float
        Estimated time of a step: of each, of each cell (class, origin, site, period), and of each multiplication in
        Cholesky factors of periods and in the sums over pairs of links.
    seconds_per_pair : float
        Estimated time before the first step, of each pair of links and route.
    usual_steps : int
        Steps that a path takes at most on instances that column generation suits.
    dear_multiple : float
        Steps are dear if ``usual_steps`` of them take more than this multiple of the patience.
    usual_rounds : int
        Masters solved at most on instances that column generation suits.
    most_master_part : float
        A later master is given up if it holds more than this part of all assignments: the whole program is then no
        harder, and is solved once.

    Notes
    -----
    Ranges in which the work of ``benchmarks.tuning`` does not change: ``seconds_per_step`` 0.0005 to 0.008,
    ``seconds_per_cell`` 5e-9 to 8e-8, ``seconds_per_operation`` 7.5e-11 to 1.2e-9, ``seconds_per_pair`` 1e-9 to 1.6e-8,
    ``usual_steps`` 12 to 200, ``dear_multiple`` 1.25 to 20, ``usual_rounds`` 1 to 16, ``most_master_part`` 0.083 to
    1.33.
    """

    seconds_per_step: float = 2e-3
    seconds_per_cell: float = 2e-8
    seconds_per_operation: float = 3e-10
    seconds_per_pair: float = 4e-9
    usual_steps: int = 50
    dear_multiple: float = 5.0
    usual_rounds: int = 4
    most_master_part: float = 1 / 3


#: The defaults, for functions that take parameters.
SMOOTHED_DUAL = SmoothedDualParameters()
NEWTON, PATH = NewtonParameters(), PathParameters()
EFFORT = EffortParameters()
