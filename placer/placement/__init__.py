"""The answer: where what runs, its cost, its prices, its tables."""

from placer.placement.result import Placement

__all__ = ["Placement"]
