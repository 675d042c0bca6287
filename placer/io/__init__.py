"""Foreign formats: graph files, tables, PyPSA networks."""
