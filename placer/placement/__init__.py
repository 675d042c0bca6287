"""The answer: flows, cost, prices and tables."""

from placer.placement.result import Placement

__all__ = ["Placement"]
