"""All placements of least cost, not only the one a solver found: second objectives over them."""
