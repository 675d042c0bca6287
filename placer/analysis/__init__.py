"""What is read off a placement: naive rules beside it, shortages explained and cured."""

from placer.analysis import baselines

__all__ = ["baselines"]
