"""Solve a structure of several blocks, such as a year of days, block by block on several cores."""
