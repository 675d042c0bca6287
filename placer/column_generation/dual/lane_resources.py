"""From blocks over the lanes of a class to blocks over resources, where a site has several lanes.

Lanes of a site take its resources, each in coefficients of its own. With F the coefficients (lanes, kinds * sites), 0
where a lane is not at the site, blocks B over lanes and C of links and lanes become ``F' B F / mu`` and ``C F / mu``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.column_generation.dual.class_dual import Shares
    from placer.column_generation.dual.places import EitherArray
    from placer.column_generation.market.definition import Market
    from placer.column_generation.market.groups import Group
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LaneResources:
    """Takes blocks over lanes to blocks over the resources of some sites, kind by kind, then the links.

    Attributes
    ----------
    fold : (lanes, kinds * sites) array
        ``F``.
    links : int
        Number of links of the market.
    link_use : float
    of_links : (t, links, lanes + links) array
        Rows of the covariance over lanes, then links; without rows where the class uses no link.
    mu : float
        Width of the class.
    """

    fold: FloatArray
    links: int
    link_use: float
    of_links: FloatArray
    mu: float

    def blocks(self, lag: int, service: EitherArray, phi: FloatArray | None) -> EitherArray:
        """Return the blocks of a lag, given those over lanes and ``phi`` (t, lanes) at that delay.

        ``phi`` is None where all is served on arrival, and where no link is charged at that delay.
        """
        lanes, count = self.fold.shape
        size = count + self.links
        result = np.zeros((len(service), size, size), service.dtype)
        fold = self.fold.astype(service.dtype)
        result[:, :count, :count] = (fold.T / self.mu).astype(service.dtype) @ service @ fold
        if self.of_links.shape[1] and (phi is not None or lag == 0):
            cross = self.of_links[:, :, :lanes]
            charged = (cross if phi is None else cross * phi[:, None]) @ self.fold * (self.link_use / self.mu)
            result[:, count:, :count] = charged
            if lag == 0:
                result[:, :count, count:] = charged.transpose(0, 2, 1)
                result[:, count:, count:] = self.of_links[:, :, lanes:] * (self.link_use**2 / self.mu)
        return result


def lane_resources(market: Market, group: Group, shares: Shares, sites: IntArray) -> LaneResources:
    """Return the resources of some sites; the covariance of the shares is over their lanes, then the links."""
    lanes = group.lanes.at(sites)
    member = group.lanes.member[lanes][:, sites]
    needs = (group.use, *([group.draw] if market.supplied else []))
    return LaneResources(
        fold=np.concatenate([member * each[lanes, None] for each in needs], axis=1),
        links=len(market.link),
        link_use=group.link_use,
        of_links=shares.softmax.covariance[:, len(lanes) :],
        mu=shares.mu,
    )
