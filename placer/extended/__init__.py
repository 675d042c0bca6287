"""Rows and columns of one's own on the program of an instance: limits that no table states, fixed costs, on and off."""
