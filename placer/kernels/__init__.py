"""Loops over all columns, compiled where numba is installed and a problem is large."""
