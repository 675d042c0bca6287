"""The peers of placer: one module for each, listed by name in ``PEERS``.

A peer is asked in steps, so that they can be timed apart: ``prepare`` reads the instance into what the peer's users
would have at hand, and is never timed; ``build`` makes the peer's model of that; ``solve`` answers with the least cost.
"""

from __future__ import annotations

from . import arrays, linopy_arrays, pulp_terms, pypsa_network, whole
from .peer import Peer

__all__ = ["PEERS", "REFERENCE", "Peer"]

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        *whole.PEERS,
        *pulp_terms.PEERS,
        *linopy_arrays.PEERS,
        *arrays.PEERS,
        *pypsa_network.PEERS,
    )
}
#: The reference with which the others are compared.
REFERENCE = whole.REFERENCE
