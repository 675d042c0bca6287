"""Second objectives over all placements of least cost, not only the one that a solver found."""
