"""Seeded random problems: demand sets of an instance, and synthetic networks."""

from placer.synthetic.demand import DemandSets, SetsAround, demand_sets
from placer.synthetic.networks import network
from placer.synthetic.uncertainty import CERTAIN, Uncertainty

__all__ = ["CERTAIN", "DemandSets", "SetsAround", "Uncertainty", "demand_sets", "network"]
