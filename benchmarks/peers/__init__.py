"""The peers of placer: one module for each, listed by name in ``PEERS``.

A peer works in steps that are timed separately: ``prepare`` reads the instance into the usual data of the peer's users,
and is never timed; ``build`` makes the peer's model from these data; ``solve`` returns the minimum cost.
"""

from __future__ import annotations

from . import arrays, highs_arrays, linopy_arrays, pulp_solvers, pulp_terms, pypsa_network, whole
from .peer import Peer

__all__ = ["OF_PROGRAMS", "PEERS", "REFERENCE", "Peer"]

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        *whole.PEERS,
        *pulp_terms.PEERS,
        *linopy_arrays.PEERS,
        *highs_arrays.PEERS,
        *arrays.PEERS,
        *pypsa_network.PEERS,
        *pulp_solvers.PEERS,
    )
}
#: Those that take a linear program from a file; the first is the reference there.
OF_PROGRAMS = [name for name, peer in PEERS.items() if peer.of_program is not None]
#: The reference with which the others are compared.
REFERENCE = whole.REFERENCE
