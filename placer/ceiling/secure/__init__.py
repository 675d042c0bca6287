"""Secure export ceilings: the most that can leave and survives each contingency."""
