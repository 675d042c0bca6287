"""Fronts: the least cost over a green share, carbon or water, and what each flexibility saves at one share."""
