"""How far the search for prices of shared caps goes, and how it begins.

An answer is proven whatever the values are. Prices of caps are measured as shares: at 1 the limit of a cap is worth the
whole cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from placer.decomposition.bundle_parameters import BundleParameters


@dataclass(frozen=True)
class SharedCapsParameters(BundleParameters):
    """Parameters of the bundle method, and of what is particular to caps.

    Attributes
    ----------
    gap : float
        Relative gap, of the cost without penalty, at which to stop.
    part_of_gap : float
        The search ends at a gap that the certificate allows if other prices in the trust region would close at most
        this part of it.
    most_sample, sample_part : int, float
        Blocks that give the first prices: ``sample_part`` of all, at most ``most_sample``.

    Notes
    -----
    Ranges in which the programs of ``benchmarks.tuning`` change in number by less than 5 %: ``gap`` 1e-7 to 4e-7,
    ``part_of_gap`` 0.075 to 1.2, ``most_sample`` 14 to 56, ``sample_part`` 0.5 to 0.5, ``first_radius`` 0.005 to 0.04,
    ``way`` 0.25 to 4. ``neglected`` measured there: from 0 to 0.4 nothing changes.
    """

    gap: float = 1e-7
    part_of_gap: float = 0.3
    most_sample: int = 14
    sample_part: float = 0.5
    neglected: float = 0.0
    first_radius: float = 0.02
    way: float = 1.0


#: The defaults.
DEFAULT = SharedCapsParameters()
