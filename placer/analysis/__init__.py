"""Analyses of a placement: naive rules for comparison, and shortages explained and cured."""

from placer.analysis import baselines

__all__ = ["baselines"]
