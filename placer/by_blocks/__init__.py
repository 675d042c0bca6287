"""Structures of several blocks, such as a year of days: solved block by block, side by side on several cores."""
