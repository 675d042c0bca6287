"""Batches of demand sets: solved in processes, kept in a store, and reported."""

from placer.batch import report as batch_report
from placer.batch.runner import solve_many

__all__ = ["batch_report", "solve_many"]
