"""Proven costs of states at some units, and the cuts that their prices make."""
