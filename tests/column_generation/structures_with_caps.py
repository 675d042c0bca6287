"""Random caps that each count at one site in one period, beside the caps of a structure."""

from dataclasses import replace

import numpy as np

from placer.model.cap_rows import CapRows


def with_caps_by_period(structure, seed, most=3, sign=1.0):
    """Return the structure with up to ``most`` caps at every site in every period.

    They count work of two thirds of the classes, supply of the tiers, or both, times a sign, and leave about what each
    place has to do if all are alike; one in ten leaves nothing.
    """
    random = np.random.default_rng([seed, 4])
    (sites, periods), classes, tiers = structure.capacity.shape, structure.classes, len(structure.tier_site)
    site, period = np.divmod(
        np.repeat(np.arange(sites * periods), random.integers(0, most + 1, sites * periods)), periods
    )
    caps, each = len(site), float(structure.demand_amount.sum()) / (sites * periods)
    of_work, of_tiers = random.random(caps) < 0.8, random.random(caps) < 0.3
    work, tier = np.zeros((caps, classes, sites, periods)), np.zeros((caps, tiers, periods))
    counted = random.uniform(0.5, 2.0, (caps, classes)) * (random.random((caps, classes)) < 0.67)
    work[np.arange(caps), :, site, period] = sign * counted * of_work[:, None]
    drawn = random.uniform(0.5, 2.0, (caps, tiers)) * (structure.tier_site == site[:, None])
    tier[np.arange(caps), :, period] = sign * drawn * of_tiers[:, None]
    limit = sign * each * random.uniform(0.1, 1.5, caps) * (random.random(caps) < 0.9)
    nothing = np.zeros((caps, structure.cap_send.shape[1]))
    return replace(
        structure,
        cap_limit=np.concatenate([structure.cap_limit, limit]),
        cap_work=structure.cap_work.joined(CapRows.of(work)),
        cap_tier=structure.cap_tier.joined(CapRows.of(tier)),
        cap_send=np.concatenate([structure.cap_send, nothing]),
        cap_route=structure.cap_route.joined(CapRows.nothing(caps, structure.cap_route.axes)),
        cap_arrival=structure.cap_arrival.joined(CapRows.nothing(caps, structure.cap_arrival.axes)),
    )
